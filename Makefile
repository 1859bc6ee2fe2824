# 连心桥: `make run` serves, `make test` tests. Both set up what they need.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
RASA := .venv-rasa
PYTHON := $(VENV)/bin/python
.PHONY: help run test lint format setup browser lock clean

help: ## 显示这份说明
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: setup ## 准备好一切并启动：知识库、对话模型、全部进程；按 Ctrl-C 结束
	@exec $(VENV)/bin/hotline run

test: setup browser lint ## 安装所需的一切，运行全部检查和测试
	$(PYTHON) -m pytest

lint: setup ## 检查代码：ruff、mypy
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: setup ## 整理代码格式
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

setup: $(VENV)/.ready $(RASA)/.ready ## 建立两个 Python 环境（只在依赖变化时）

$(VENV)/.ready: requirements.lock pyproject.toml
	@bash tools/venv.sh $(VENV) "3.11 3.12 3.13" requirements.lock main
	@touch $@

$(RASA)/.ready: bot/requirements.lock
	@bash tools/venv.sh $(RASA) "3.10" bot/requirements.lock rasa
	@touch $@

browser: ## 测试用的浏览器和中文字体（没有时用 apt 安装）
	@bash tools/browser.sh

lock: setup ## 依照 pyproject.toml 重新生成 requirements.lock
	$(VENV)/bin/pip install --quiet --upgrade --upgrade-strategy eager -e ".[dev]"
	$(VENV)/bin/pip freeze --all --exclude-editable | grep -v "^pip==" | sed "s/+cpu//" > requirements.lock

clean: ## 删除两个环境和缓存；不动 var/ 里的数据
	rm -rf $(VENV) $(RASA) .mypy_cache .ruff_cache .pytest_cache
