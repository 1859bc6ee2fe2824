"""The page of synonyms: the hotline's manager tries, saves and deletes; others read."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from knowledge.database import Database
from knowledge.lexicon.service import items, lexicon, revision
from knowledge.lexicon.shipped import load_shipped, shipped
from knowledge.lexicon.text_file import LexiconFileError
from knowledge.people.actor import system
from tests.waiting import within_a_second
from tests.web.conftest import Colleague
from web.cli import lexicon as command
from web.services import Services

PAGE = "/department/lexicon/"
NEW = "/department/lexicon/new"


@pytest.fixture
def manager(colleague: Callable[[str], Colleague]) -> Colleague:
    return colleague("manager")


def id_of(held: Services, term: str) -> int:
    with held.database.read() as session:
        return items(session, None, term).rows[0].id


def add(person: Colleague, terms: str, kind: str = "group") -> None:
    path = f"{NEW}?kind={kind}"
    answer = person.submit(path, path, terms=terms, action="save")
    assert answer.status_code == 302, answer.text


def first_of(person: Colleague, text: str) -> tuple[str, float]:
    found = person.client.get("/api/v1/search", query_string={"q": text}).get_json()["results"]
    return (found[0]["entry_id"], found[0]["score"]) if found else ("", 0.0)


def columns(page: str) -> tuple[list[str], list[str]]:
    """Return the entries' codes before and after, as the page lists them."""
    lists = re.findall(r"<ol>(.*?)</ol>", page, re.DOTALL)
    before, after = (re.findall(r"/department/entries/([^\"]+)", one) for one in lists[:2])
    return before, after


def test_the_shipped_list_is_there_and_is_searched(manager: Colleague) -> None:
    listed = manager.client.get(PAGE, query_string={"q": "厝契"}).text
    assert "<strong>不动产权证</strong>" in listed
    assert "1 条" in listed
    assert "同义词" in manager.client.get("/department").text
    words = manager.client.get(PAGE, query_string={"kind": "word"}).text
    assert "近邻党建" in words
    assert "厝契" not in words
    assert "没有含“没有的词”的词" in manager.client.get(PAGE, query_string={"q": "没有的词"}).text
    assert "第 2 / " in manager.client.get(PAGE, query_string={"page": 2}).text


def test_a_group_is_tried_before_it_is_saved_and_then_counts_at_once(
    manager: Colleague, held: Services
) -> None:
    question = "无人柜台怎么弄"
    with held.database.read() as session:
        before = lexicon(session)
    now = first_of(manager, question)
    terms = "自助区\n无人柜台"
    tried = manager.submit(NEW, NEW, terms=terms, question=question, action="try")
    assert tried.status_code == 200
    assert "保存后会不同" in tried.text
    assert "无人柜台" in tried.text
    left, right = columns(tried.text)
    assert left != right
    assert re.search("新进前五|升 . 位", tried.text)
    with held.database.read() as session:
        assert lexicon(session) == before
    assert first_of(manager, question) == now
    add(manager, terms)
    assert within_a_second(lambda: first_of(manager, question)[0] == right[0])
    path = f"{PAGE}{id_of(held, '无人柜台')}"
    assert "新增" in manager.client.get(path).text
    assert manager.submit(f"{path}/remove", path).status_code == 302
    assert within_a_second(lambda: first_of(manager, question) == now)
    assert manager.client.get(path).status_code == 404


def test_a_word_is_tried_and_saved(manager: Colleague, held: Services) -> None:
    tried = manager.submit(
        f"{NEW}?kind=word", NEW, terms="政务小站", question="政务小站在哪里", action="try"
    )
    assert "已经是专用词" in html.unescape(tried.text)
    tried = manager.submit(
        f"{NEW}?kind=word", NEW, terms="有疑就问", question="有疑就问", action="try"
    )
    assert tried.status_code == 200
    assert "现在" in tried.text
    add(manager, "有疑就问", "word")
    path = f"{PAGE}{id_of(held, '有疑就问')}"
    assert manager.submit(f"{path}/remove", path).status_code == 302


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    manager: Colleague, held: Services
) -> None:
    with held.database.read() as session:
        before = revision(session)
    for terms, told in (
        ("", "请填写词语"),
        ("孤零零的词", "至少要有两个不同的说法"),
        ("另一个说法\n厝契", "“厝契”已在“不动产权证、"),
    ):
        for action in ("save", "try"):
            answer = manager.submit(NEW, NEW, terms=terms, question="厝契", action=action)
            assert answer.status_code == 422
            assert told in answer.text
            assert f">{terms}</textarea>" in answer.text
    for question in ("", " ", "长" * 201):
        answer = manager.submit(NEW, NEW, terms="甲乙\n丙丁", question=question, action="try")
        assert answer.status_code == 422
        assert "请写一个市民会问的问题（200 字以内）" in answer.text
    with held.database.read() as session:
        assert revision(session) == before


def test_what_is_typed_is_shown_as_text(manager: Colleague) -> None:
    sharp = "<script>alert(1)</script>"
    answer = manager.submit(NEW, NEW, terms=f"{sharp}\n乙乙", question=sharp, action="try")
    assert sharp not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_of_two_managers_the_second_sees_what_the_first_saved(
    manager: Colleague, held: Services, colleague: Callable[[str], Colleague]
) -> None:
    add(manager, "阿婆菜场\n阿婆市场")
    path = f"{PAGE}{id_of(held, '阿婆菜场')}"
    second = colleague("admin")
    seen = second.hidden(path)
    manager.submit(path, path, terms="阿婆菜场\n阿婆集市", action="save")
    late = second.client.post(path, data=seen | {"terms": "阿婆菜场\n阿婆墟", "action": "save"})
    assert late.status_code == 409
    assert "阿婆菜场、阿婆集市" in late.text
    assert "阿婆墟</textarea>" in late.text
    assert second.client.post(f"{path}/remove", data=seen).location == path
    assert second.submit(path, path, terms="阿婆菜场\n阿婆墟", action="save").status_code == 302
    page = second.client.get(path).text
    assert "原来：阿婆菜场、阿婆集市" in page
    assert second.submit(f"{path}/remove", path).status_code == 302


@pytest.mark.parametrize("who", ["editor", "reviewer", "operator"])
def test_others_read_and_change_nothing(
    who: str, colleague: Callable[[str], Colleague], held: Services
) -> None:
    person = colleague(who)
    path = f"{PAGE}{id_of(held, '厝契')}"
    with held.database.read() as session:
        before = lexicon(session)
    assert "新增一组" not in person.client.get(PAGE).text
    page = person.client.get(path)
    assert page.status_code == 200
    assert "厝契" in page.text
    assert "<textarea" not in page.text
    assert person.client.get(NEW).status_code == 403
    for target in (NEW, path, f"{path}/remove"):
        for action in ("try", "save"):
            answer = person.submit(target, path, terms="甲乙\n丙丁", question="甲乙", action=action)
            assert answer.status_code == 403
    with held.database.read() as session:
        assert lexicon(session) == before


def test_the_list_goes_out_and_comes_in_at_the_command_line(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database.url.render_as_string(False))
    load_shipped(database, system())
    out = tmp_path / "词表.txt"
    done = CliRunner().invoke(command.export_file, [str(out)])
    assert f"已导出 {len(shipped().groups)} 组同义词" in done.output
    again = CliRunner().invoke(command.export_file, [str(out)])
    assert isinstance(again.exception, LexiconFileError)
    out.write_text(out.read_text("utf-8") + "多多评价\n", "utf-8")
    done = CliRunner().invoke(command.import_file, [str(out)])
    assert f"新增 1 条，补充 0 条，未变 {len(shipped().groups) + len(shipped().words)} 条" in (
        done.output
    )
    out.write_text("房产证、身份证", "utf-8")
    wrong = CliRunner().invoke(command.import_file, [str(out)])
    assert "分在不同的组里" in str(wrong.exception)
    assert CliRunner().invoke(command.export_file, [str(out), "--force"]).exit_code == 0
    assert "多多评价" in out.read_text("utf-8")
