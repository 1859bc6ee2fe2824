"""An administrator imports and exports at the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from knowledge.database import Database
from knowledge.exchange.errors import ExchangeError
from tests.knowledge.sheets import founded, row, xlsx
from web.cli import exchange


@pytest.fixture
def base(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The base that the settings name."""
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database.url.render_as_string(False))
    return founded(database)


def run(command: str, *words: str) -> Result:
    return CliRunner().invoke(getattr(exchange, f"{command}_file"), words)


def test_a_file_goes_in_and_comes_out(base: Database, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "民政.xlsx", row("问一？", 编号="a"), row("问二？"))
    checked = run("import", str(path), "--check")
    assert checked.exit_code == 0
    assert "检查通过，没有写入；导入后会：新增 2 条，修改 0 条，未变 0 条。" in checked.output
    done = run("import", str(path))
    assert done.exit_code == 0
    assert "已导入：新增 2 条，修改 0 条，未变 0 条。" in done.output
    out = tmp_path / "全部.csv"
    assert f"已导出 2 条到 {out}。" in run("export", str(out)).output
    assert "未变 2 条" in run("import", str(out)).output
    refused = run("export", str(out))
    assert isinstance(refused.exception, ExchangeError)
    assert run("export", str(out), "--force", "--state", "草稿").output.endswith(
        f"0 条到 {out}。\n"
    )


def test_wrong_rows_are_listed_and_the_exit_code_is_one(base: Database, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", row("问一？"), row("问二？", 答案="=1+1", 责任部门="天文局"))
    result = run("import", str(path))
    assert result.exit_code == 1
    assert "第 3 行“答案”是公式，请改成文字" in result.output
    assert "第 3 行“责任部门”填的“天文局”没有这个部门" in result.output
    assert "a.xlsx 有 1 行不对，没有写入任何内容" in result.output
    assert "已导出 0 条" in run("export", str(tmp_path / "o.jsonl")).output


def test_defaults_and_new_places(base: Database, tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "a.xlsx", {"标准问": "问？", "答案": "答", "分类": "用水/报修", "备注": "x"}
    )
    words = ["--department", "水务局", "--create-departments", "--create-categories"]
    refused = run("import", str(path), *words)
    assert isinstance(refused.exception, ExchangeError)
    assert "不认识的列：“备注”" in str(refused.exception)
    result = run("import", str(path), *words, "--ignore", "备注")
    assert result.exit_code == 0
    assert "注意：没有导入这些列：备注。" in result.output
    assert "新建了部门“水务局”、分类“用水/报修”。" in result.output
