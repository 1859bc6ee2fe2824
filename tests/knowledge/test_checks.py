"""What is seen in an entry's text before it is published, and the lists that staff keep."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from embeddings.index import Decision
from knowledge import clock
from knowledge.checks import form, frozen, links
from knowledge.checks.figures import disagreements, marked
from knowledge.checks.findings import Finding
from knowledge.checks.links import Site
from knowledge.checks.lists import Lists, Name, kept, lists, save
from knowledge.checks.regions import overlap
from knowledge.checks.terms import stands_in
from knowledge.database import Database
from knowledge.entries.content import EntryContent
from knowledge.errors import ConflictError, ContentError, NotAllowedError
from knowledge.evaluation.history import Subject, keep
from knowledge.evaluation.result import Verdict
from knowledge.evaluation.run import Run
from knowledge.queries.service import log_query
from knowledge.search.result import SearchResult
from tests.knowledge.office import Office
from tests.knowledge.questions import METRICS, result

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
CLEAN = EntryContent(
    "老年证怎么办？",
    "带身份证到窗口办，可打 0592-6051234 或 12345。",
    1,
    legal_basis="厦海政办〔2023〕8号",
)


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    with clock.frozen(lambda: NOW):
        yield Office(database)


@pytest.fixture
def shipped(office: Office) -> Lists:
    with office.database.read() as session:
        return lists(session)


def check(found: Lists, **changed: object) -> list[Finding]:
    return form.check(replace(CLEAN, **changed), found, TODAY)  # type: ignore[arg-type]


def problems(found: Lists, **changed: object) -> list[tuple[str, bool, str]]:
    return [(one.field, one.blocks, one.words) for one in check(found, **changed)]


def test_a_sound_entry_has_nothing_to_mend(shipped: Lists) -> None:
    assert check(shipped) == []


@pytest.mark.parametrize(
    ("changed", "field", "blocks"),
    [
        ({"answer": "找王科长，138 0013 8000。"}, "answer", True),
        ({"region": "１１０１０１１９９００３０７１２３４"}, "region", True),
        ({"spoken_answer": "发到 wang@example.com。"}, "spoken_answer", False),
        ({"answer": "闭嘴，自己看。"}, "answer", True),
        ({"answer": "这是全网最低的收费。"}, "answer", False),
        ({"legal_basis": ""}, "legal_basis", False),
        ({"valid_until": date(2026, 3, 1)}, "valid_until", True),
        ({"valid_until": date(2026, 3, 9)}, "valid_until", False),
        ({"spoken_answer": "念" * 290}, "spoken_answer", False),
        ({"answer": "念" * 290}, "spoken_answer", False),
        ({"similar_questions": ("请问老年证怎么办",)}, "similar_questions", False),
        ({"answer": "## 材料\n\n## 时间\n\n周一到周五"}, "answer", False),
        ({"answer": "看这里\n\n##\n\n内容"}, "answer", False),
        ({"answer": "| 项目 | 时限 |\n| --- | --- |\n| 新办 | 3 天 | 免费 |"}, "answer", False),
        ({"answer": "| 项目 | 时限 |\n| 新办 | 3 天 |"}, "answer", False),
    ],
)  # fmt: skip
def test_each_fault_is_found_where_it_is(
    shipped: Lists, changed: dict[str, object], field: str, blocks: bool
) -> None:
    found = problems(shipped, **changed)
    assert [(name, hard) for name, hard, _ in found] == [(field, blocks)]


def test_personal_data_is_not_repeated(shipped: Lists) -> None:
    (found,) = check(shipped, answer="打13800138000。")
    assert found.words == "138****00"
    assert "13800138000" not in str(found.as_json())


def test_only_whole_words_count() -> None:
    assert stands_in("首选", "材料首选身份证")
    assert not stands_in("公安", "办公安排在二楼")
    assert not stands_in("app", "请看 application")
    assert stands_in("ＡＰＰ", "请下载app。")


def test_a_repealed_document_is_known_in_every_dress(office: Office) -> None:
    with office.database.write() as session:
        save(
            session,
            office.zhou,
            Name.REPEALED,
            "厦海政办〔2019〕5号 | 2024-01-01 | 由新文件代替",
            0,
        )
    with office.database.read() as session:
        found = lists(session)
    for told in ("厦海政办[2019]5号", "《厦海政办【２０１９】 5 号》第三条", "厦海政办（2019）5号"):
        (one,) = check(found, legal_basis=told)
        assert one.blocks
        assert "2024-01-01" in one.problem
    assert check(found, legal_basis="厦海政办〔2019〕15号") == []
    assert check(found, legal_basis="厦海政办〔2019〕51号") == []


def test_links_that_lead_nowhere_and_codes_of_entries(office: Office) -> None:
    office.draft("live-card")
    office.publish("live-card")
    office.draft("dead-card", standard_question="旧的？")
    site = Site(frozenset({"faq.example.gov.cn"}), lambda path: path == "/view/elder")
    answer = (
        "[好](https://www.gov.cn/x) [电话](tel:12345) [大字版](/view/elder) "
        "[内](#材料) [页](/nowhere) [本站](https://faq.example.gov.cn/nowhere) "
        "[条目](/department/entries/live-card) [旧](/department/entries/dead-card) "
        "[坏](http://[::1) 另见 dead-card、live-card、wi-fi"
    )
    with office.database.read() as session:
        found = links.check(session, replace(CLEAN, answer=answer), site)
    assert [(one.words, one.blocks) for one in found] == [
        ("内", True), ("页", True), ("本站", True), ("条目", True), ("旧", True), ("坏", True),
        ("dead-card", True), ("live-card", False),
    ]  # fmt: skip


def test_lists_are_the_managers_and_nobody_overwrites_another(office: Office) -> None:
    with office.database.read() as session:
        assert "# 必须处理" in kept(session, Name.WORDS).text
    with office.database.write() as session, pytest.raises(NotAllowedError):
        save(session, office.zhao, Name.WORDS, "胡说", 0)
    with office.database.write() as session, pytest.raises(ContentError, match="第 2 行"):
        save(session, office.zhou, Name.WORDS, "胡说\n好", 0)
    with office.database.write() as session, pytest.raises(ContentError, match="日期"):
        save(session, office.zhou, Name.REPEALED, "厦海政办〔2019〕5号 | 去年", 0)
    with office.database.write() as session:
        save(session, office.zhou, Name.WORDS, "# 请留意\n胡说", 0)
    with office.database.write() as session, pytest.raises(ConflictError):
        save(session, office.zhou, Name.WORDS, "别的", 0)
    with office.database.read() as session:
        assert [(one.text, one.blocking) for one in lists(session).words] == [("胡说", False)]


@pytest.mark.parametrize(
    ("here", "there", "kinds"),
    [
        ("收费300元", "收费 500 元", ["金额"]),
        ("收费三百元", "收费300元", []),
        ("收费300元，3个工作日", "收费300元，五个工作日，打 0592-6051234", ["时限"]),
        ("打0592-6051234", "打0592 6055678", ["电话"]),
        ("2024年3月1日起", "2024-03-01 起", []),
        ("到滨湖北路9号办", "到滨湖南路12号办", ["地址"]),
        ("9:00-12:00", "9：00—12：00", []),
        ("打 12345", "带身份证", []),
    ],
)
def test_figures_that_differ(here: str, there: str, kinds: list[str]) -> None:
    assert [one.kind for one in disagreements(here, there)] == kinds


def test_a_differing_figure_is_marked_in_its_text() -> None:
    pieces = marked("收费３００元，再付20元。", ["300元"])
    assert [(one.text, one.kind) for one in pieces] == [
        ("收费", ""), ("300元", "金额"), (",再付20元。", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "met"),
    [
        ("", "厦门市海沧区", True),
        ("福建省", "厦门市海沧区", True),
        ("厦门市", "厦门市海沧区", True),
        ("海沧区", "福建省厦门市海沧区", True),
        ("厦门市海沧区", "厦门市湖里区", False),
        ("海沧区", "湖里区", False),
        ("厦门市海沧区海沧街道", "厦门市海沧区嵩屿街道", False),
        ("厦门市海沧区", "厦门市海沧区嵩屿街道", True),
    ],
)
def test_regions_that_meet(one: str, other: str, met: bool) -> None:
    assert overlap(one, other) is met
    assert overlap(other, one) is met


def test_a_hit_test_becomes_frozen_questions_once(office: Office) -> None:
    rows = (result("着火打什么", Verdict.HIT, "fire"), result("花生怎么种", Verdict.REFUSED))
    subject = Subject("题.csv", 2, ("e5",), 1)
    with office.database.write() as session:
        number = keep(session, office.zhou, subject, Run(METRICS, rows)).id
    for _ in range(2):
        with office.database.write() as session:
            assert frozen.freeze(session, office.zhou, number) == 2
    with office.database.write() as session, pytest.raises(NotAllowedError):
        frozen.clear(session, office.zhao)
    with office.database.write() as session:
        for text in ("着火打什么", "老年证哪里领"):
            log_query(session, "web", text, SearchResult(text, Decision.CLARIFY, (), 1.0))
    with office.database.read() as session:
        found = {one.text: one.expected for one in frozen.questions(session)}
        assert found == {"着火打什么": frozenset({"fire"}), "花生怎么种": frozenset()}
        assert frozen.sources(session) == [("题.csv", 2)]
    with office.database.write() as session:
        assert frozen.clear(session, office.zhou) == 2
