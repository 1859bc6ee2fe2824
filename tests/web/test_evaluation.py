"""The hotline's knowledge manager tests the base with a file of questions."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from knowledge import clock
from knowledge.audit.models import AuditRecord
from knowledge.evaluation import history
from knowledge.evaluation.history import SILENT, State, Subject, begin, give_up
from knowledge.people.actor import system
from tests.conftest import Served
from tests.knowledge.sheets import csv_file, xlsx
from tests.web.conftest import Colleague
from web.admin.runner import Runner
from web.admin.upload import Upload
from web.services import Services

HOME = "/admin/evaluation"
ROWS: tuple[dict[str, Any], ...] = (
    {"问题": "发生火灾打什么电话", "应命中": "hc-numbers-03"},
    {"问题": "充电宝一般多少钱一个", "应命中": ""},
    {"问题": "花生怎么种", "应命中": ""},
)


@pytest.fixture
def fire(held: Services) -> str:
    """The code of the entry that answers when a house burns."""
    return held.search.search("发生火灾打什么电话").hits[0].code


@pytest.fixture
def rows(fire: str) -> tuple[dict[str, Any], ...]:
    return ({"问题": "发生火灾打什么电话", "应命中": fire}, *ROWS[1:])


def send(person: Colleague, path: Path, name: str = "") -> Any:
    data = {"file": (io.BytesIO(path.read_bytes()), path.name), "name": name}
    return person.submit(HOME, "/department", **data)


def evaluated(person: Colleague, held: Services, path: Path, name: str = "") -> str:
    """Send a file and wait for the end; returns the result's address."""
    answer = send(person, path, name)
    assert answer.status_code == 303, answer.text
    assert held.evaluations.wait(60)
    return str(answer.location)


def test_a_file_goes_up_and_its_verdicts_come_down(
    colleague: Callable[[str], Colleague],
    held: Services,
    rows: tuple[dict[str, Any], ...],
    tmp_path: Path,
) -> None:
    manager = colleague("manager")
    where = evaluated(manager, held, xlsx(tmp_path / "十一月.xlsx", *rows), "火灾的题")
    page = manager.client.get(where).text
    assert "火灾的题" in page
    assert re.search(r'verdict hit">命中<', page)
    assert page.count('verdict refused">正确拒答<') == 2
    assert page.count('<svg class="chart"') == 3
    assert "期望校准误差（ECE，10 档）" in page
    only = manager.client.get(f"{where}?verdict=refused").text
    assert "充电宝一般多少钱一个" in only
    assert 'verdict hit">' not in only
    assert manager.client.get(f"{where}/progress").get_json() == {
        "state": "done", "done": 3, "total": 3,
    }  # fmt: skip
    listed = manager.client.get(HOME).text
    assert "火灾的题" in listed
    assert "100.0%（3 题）" in listed
    with held.database.read() as session:
        found = session.query(AuditRecord).filter_by(action="evaluation_started").all()
    assert found[-1].after == {"name": "火灾的题", "file": "十一月.xlsx", "questions": 3}
    assert found[-1].actor_name == "热线知识管理员（示例）"


def test_reports_come_down_as_files_that_need_nothing_else(
    colleague: Callable[[str], Colleague],
    held: Services,
    rows: tuple[dict[str, Any], ...],
    tmp_path: Path,
) -> None:
    admin = colleague("admin")
    risky = {"问题": "<script>alert(1)</script>", "应命中": ""}
    where = evaluated(admin, held, xlsx(tmp_path / "a.xlsx", *rows, risky))
    answer = admin.client.get(f"{where}/report.html")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    page = Page.read(answer.text)
    assert not {"script", "link", "img", "iframe"} & page.tags
    assert page.links == []
    assert "<style>" in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert answer.text.count('<svg class="chart"') == 3
    sheet = admin.client.get(f"{where}/report.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(sheet.data))
    told = [row[-1] for row in book["逐题结果"].iter_rows(min_row=2, values_only=True)]
    assert told[:3] == ["命中", "正确拒答", "正确拒答"]
    assert admin.client.get(f"{where}/report.exe").status_code == 404


class Page(HTMLParser):
    """The tags of a page, and the addresses that it asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []

    @classmethod
    def read(cls, html: str) -> "Page":
        page = cls()
        page.feed(html)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [str(value) for name, value in attrs if name in {"href", "src", "action"}]


def test_two_evaluations_are_compared(
    colleague: Callable[[str], Colleague],
    held: Services,
    rows: tuple[dict[str, Any], ...],
    tmp_path: Path,
) -> None:
    manager = colleague("manager")
    first = evaluated(manager, held, csv_file(tmp_path / "a.csv", *rows), "之前的")
    wrong = {"问题": "花生怎么种", "应命中": "hc-hall-01"}
    second = evaluated(manager, held, csv_file(tmp_path / "b.csv", *rows[:2], wrong), "之后的")
    a, b = (where.rsplit("/", 1)[1] for where in (first, second))
    page = manager.client.get(f"{HOME}/compare?a={a}&b={b}").text
    assert "变好 0 题，变差 0 题，不变 2 题" in page
    assert "应命中改过的，不计得失" in page
    for kind in ("xlsx", "html"):
        path = f"{HOME}/compare/report.{kind}?a={a}&b={b}"
        assert manager.client.get(path).status_code == 200
    for bad in ("", "?a=1", f"?a={a}&b=999999", "?a=x&b=y"):
        assert manager.client.get(f"{HOME}/compare{bad}").status_code == 404, bad


def test_what_is_wrong_with_a_file_is_told_and_nothing_begins(
    colleague: Callable[[str], Colleague], held: Services, tmp_path: Path
) -> None:
    manager = colleague("manager")
    bad = {"问题": "<b>问</b>", "应命中": "nowhere"}
    answer = send(manager, csv_file(tmp_path / "a.csv", *ROWS[1:], bad), "题")
    assert answer.status_code == 422
    assert "a.csv 有 1 行不对，没有开始评测" in answer.text
    assert "第 4 行“应命中”：“nowhere”没有这个条目" in answer.text
    assert 'value="题"' in answer.text  # what was typed is still there
    assert "请选择问题文件" in manager.submit(HOME, "/department", name="").text
    word = tmp_path / "题.docx"
    word.write_bytes(b"x")
    assert "请用 .xlsx、.csv、.jsonl" in send(manager, word).text
    good = csv_file(tmp_path / "b.csv", *ROWS[1:])
    assert send(manager, good, "长" * 101).status_code == 422
    form = "multipart/form-data; boundary=x"
    large = manager.client.post(HOME, data=b"x" * (3 * 2**20), content_type=form)
    assert large.status_code == 413
    with held.database.read() as session:
        states = {one.state for one in history.evaluations(session, system())}
    assert states <= {"done", "interrupted"}


@contextmanager
def another_runs(held: Services) -> Iterator[int]:
    """Another process runs an evaluation."""
    with held.database.write() as session:
        number = begin(session, system(), Subject("别的.csv", 10, (), 1)).id
    yield number
    with held.database.write() as session:
        give_up(session, number, State.FAILED, "完了")


def test_only_one_runs_at_once(
    colleague: Callable[[str], Colleague], held: Services, tmp_path: Path
) -> None:
    manager = colleague("manager")
    path = csv_file(tmp_path / "a.csv", *ROWS[1:])
    with another_runs(held) as number:
        assert "有一次评测正在进行" in manager.client.get(HOME).text
        refused = send(manager, path)
        assert refused.status_code == 409
        assert "已有一次评测在进行" in refused.text
        page = manager.client.get(f"{HOME}/{number}").text
        assert f'data-progress="{HOME}/{number}/progress"' in page
        assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
        assert '<progress id="bar" max="10" value="0"' in page
        assert manager.client.get(f"{HOME}/{number}/report.xlsx").status_code == 409
    assert "完了" in manager.client.get(f"{HOME}/{number}").text
    evaluated(manager, held, path)


def test_an_evaluation_that_a_restart_broke_off_is_shown_so(
    colleague: Callable[[str], Colleague], held: Services, tmp_path: Path
) -> None:
    manager = colleague("manager")
    many = [{"问题": f"第{number}个问题怎么办", "应命中": ""} for number in range(2000)]
    path = csv_file(tmp_path / "a.csv", *many)
    process = Runner(held.database, held.search)
    number = process.start(system(), Upload(path, path.name), "被打断的")
    assert manager.client.get(f"{HOME}/{number}/progress").get_json()["state"] == "running"
    process.close()  # as at the end of the web process
    page = manager.client.get(f"{HOME}/{number}").text
    assert "中断" in page
    assert "服务重新启动" in page
    assert "被打断的" in manager.client.get(HOME).text


def test_an_evaluation_whose_process_was_killed_is_shown_so(
    colleague: Callable[[str], Colleague], held: Services, tmp_path: Path
) -> None:
    past = clock.now() - SILENT - timedelta(seconds=1)
    with clock.frozen(lambda: past), held.database.write() as session:
        number = begin(session, system(), Subject("杀掉的.csv", 10, (), 1)).id
    manager = colleague("manager")
    page = manager.client.get(f"{HOME}/{number}").text
    assert "中断" in page
    assert "没有结果。请重新开始" in page
    evaluated(manager, held, csv_file(tmp_path / "a.csv", *ROWS[1:]))  # nothing stands in the way


def test_an_evaluation_that_fails_says_so_and_lets_the_next_one_begin(
    colleague: Callable[[str], Colleague],
    held: Services,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space left")

    manager = colleague("manager")
    path = csv_file(tmp_path / "a.csv", *ROWS[1:])
    with monkeypatch.context() as patch:
        patch.setattr("web.admin.runner.run_live", broken)
        where = evaluated(manager, held, path)
    page = manager.client.get(where).text
    assert "失败" in page
    assert "系统出错了，已经记录下来" in page
    assert "space" not in page
    assert "正确拒答" in manager.client.get(evaluated(manager, held, path)).text


@pytest.mark.parametrize("who", ["editor", "reviewer", "operator"])
def test_others_neither_see_nor_begin_evaluations(
    colleague: Callable[[str], Colleague], held: Services, who: str, tmp_path: Path
) -> None:
    with held.database.read() as session:
        number = history.evaluations(session, system())
    person = colleague(who)
    assert HOME not in person.client.get("/department").text
    paths = [HOME, f"{HOME}/template.xlsx", f"{HOME}/compare?a=1&b=1"]
    paths += [f"{HOME}/{one.id}{end}" for one in number[:1] for end in ("", "/report.xlsx")]
    for path in paths:
        assert person.client.get(path).status_code == 403, path
    assert send(person, csv_file(tmp_path / "a.csv", *ROWS[1:])).status_code == 403


def test_a_file_may_be_called_anything(
    served: Served, colleague: Callable[[str], Colleague], held: Services, tmp_path: Path
) -> None:
    manager = colleague("manager")
    content = csv_file(tmp_path / "a.csv", *ROWS[1:]).read_bytes()
    for name, shown in {
        "../../etc/题.csv": "题.csv",
        f"{'长' * 200}.CSV": f"{'长' * 60}.CSV",
        ".csv": "问题.csv",
    }.items():
        answer = manager.submit(HOME, "/department", file=(io.BytesIO(content), name))
        assert answer.status_code == 303, name
        assert held.evaluations.wait(60)
        assert f"<dd>{shown}</dd>" in manager.client.get(answer.location).text
