"""An administrator runs the hit test at the command line."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from knowledge.errors import KnowledgeError
from tests.conftest import Served
from tests.knowledge.sheets import csv_file, jsonl, xlsx
from web.cli.evaluate import evaluate
from web.services import KEY

CORPUS = (
    {"id": "card", "question": "怎么办老年证？", "similar_questions": ["办老人卡", "老年证在哪办"]},
    {"id": "fire", "question": "发生火灾打什么电话？", "similar_questions": ["着火了打哪个号码"]},
)


@pytest.fixture
def base(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The base that the settings name."""
    monkeypatch.setenv("HOTLINE_HOME", str(served.settings.home))
    return served


def run(*words: Any) -> Result:
    return CliRunner().invoke(evaluate, [str(word) for word in words])


def refused(*words: Any) -> str:
    result = run(*words)
    assert isinstance(result.exception, KnowledgeError), result.output
    return str(result.exception)


def test_a_corpus_gives_the_figures_that_it_always_gave(base: Served, tmp_path: Path) -> None:
    corpus = jsonl(tmp_path / "corpus.jsonl", *CORPUS)
    asked = {"text": "老年证在哪办", "gold": ["card"], "also_ok": []}
    words = ["--corpus", corpus, "--queries", jsonl(tmp_path / "q.jsonl", asked)]
    words += ["--out-of-scope", jsonl(tmp_path / "o.jsonl", {"text": "花生怎么种", "gold": []})]
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert list(told) == [
        "entries", "phrasings", "queries", "recall_at_1", "lenient_at_1", "recall_at_5",
        "recall_at_10", "mrr_at_10", "out_of_scope", "decisions", "latency_ms", "calibration",
    ]  # fmt: skip
    assert list(told["calibration"]) == ["ece", "bins"]
    assert (told["entries"], told["phrasings"], told["queries"]) == (2, 5, 1)
    assert told["recall_at_1"] == 1.0
    assert told["out_of_scope"]["queries"] == 1
    table = [{"问题": "老年证在哪办", "应命中": "怎么办老年证"}, {"问题": "花生怎么种"}]
    words = ["--corpus", corpus, "--queries", xlsx(tmp_path / "q.xlsx", *table), "--json"]
    again = json.loads(run(*words).stdout)
    for figures in (told, again):
        figures.pop("latency_ms")
    assert again == told


def test_the_published_base_is_tested_reported_kept_and_compared(
    base: Served, tmp_path: Path
) -> None:
    code = base.app.extensions[KEY].search.search("发生火灾打什么电话").hits[0].code
    rows = [{"问题": "发生火灾打什么电话", "应命中": code}, {"问题": "花生怎么种"}]
    path = csv_file(tmp_path / "题.csv", *rows)
    page, sheet = tmp_path / "r.html", tmp_path / "r.xlsx"
    result = run("--queries", path, "--keep", "第一次", "--report", page, "--report", sheet)
    assert result.exit_code == 0, result.output
    assert "已记入评测历史，编号" in result.output
    assert "命中  1（50.0%）" in result.output
    assert "第一次" in page.read_text(encoding="utf-8")
    told = openpyxl.load_workbook(sheet)["逐题结果"]
    assert [row[-1] for row in told.iter_rows(min_row=2, values_only=True)] == ["命中", "正确拒答"]
    second = run("--queries", path, "--json")
    assert json.loads(second.stdout)["lenient_at_1"] == 1.0
    listed = json.loads(run("--history", "--json").stdout)
    assert [one["name"] for one in listed[:2]] == ["题.csv", "第一次"]
    assert listed[0]["revision"] is not None
    assert "第一次" in run("--history").output
    out = tmp_path / "c.xlsx"
    compared = run("--compare", listed[1]["id"], "last", "--report", out)
    assert "变好 0 题，变差 0 题，不变 2 题。" in compared.output
    assert openpyxl.load_workbook(out).sheetnames == ["指标", "得失"]
    assert json.loads(run("--compare", listed[1]["id"], "last", "--json").stdout)["same"] == 2


def test_what_cannot_be_done_is_told_before_the_work_begins(base: Served, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "a.csv", {"问题": "问", "应命中": "nowhere"})
    assert "第 2 行“应命中”：“nowhere”没有这个条目" in refused("--queries", path)
    assert "格式不认识" in refused("--queries", path, "--report", tmp_path / "a.pdf")
    assert "没有文件夹" in refused("--queries", path, "--report", tmp_path / "no" / "a.html")
    assert "101 个字" in refused("--queries", path, "--keep", "长" * 101)
    assert "没有编号为 99999 的评测" in refused("--compare", "99999", "last")
    assert "缺少 --queries" in run().output
