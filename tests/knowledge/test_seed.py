"""The knowledge that a new base begins with: what it says, and how it gets in."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from knowledge.audit.models import AuditRecord
from knowledge.categories.models import Category
from knowledge.database import Database
from knowledge.database.migrate import upgrade
from knowledge.departments.models import Department
from knowledge.departments.service import add_department
from knowledge.entries.cards import cards, featured
from knowledge.entries.content import checked, phrasing_key
from knowledge.entries.models import Entry
from knowledge.entries.service import entry_coded, publish, save_draft, withdraw
from knowledge.entries.versions import content_of
from knowledge.errors import NotAllowedError
from knowledge.feed.service import head
from knowledge.people.actor import Actor, Role, system
from knowledge.seed.format import SeedEntry, SeedError
from knowledge.seed.loader import Report, load
from knowledge.seed.reading import DATA, read

SEED = read()
COUNT = len(SEED.entries)
NOTICE = "厦海审管〔2022〕5号"
STATE_COUNCIL = "国办发〔2020〕53号"

TWELVE_SYSTEMS = (
    "部门线上帮办",
    "12345统一热线“总客服”",
    "一站式惠企政策",
    "大厅咨询导办",
    "部门窗口辅导",
    "特色专窗和“办不成事”反映窗口",
    "领导干部帮办",
    "投资项目帮办",
    "园区政务小站",
    "就近代办点",
    "监督考核",
    "满意度评价",
)
URGENT = {"110", "119", "120"}
PUBLIC_NUMBERS = URGENT | {
    "12345", "12333", "12366", "12393", "12329", "12315", "12328", "12348", "12367",
}  # fmt: skip
YEAR = re.compile(r"〔20\d\d〕|20\d\d(?=年)")

every_entry = pytest.mark.parametrize("entry", SEED.entries, ids=lambda entry: entry.code)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'hotline.db'}")
    upgrade(made)
    yield made
    made.close()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a copy of the seed files that a test may spoil."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def wording(entry: SeedEntry) -> str:
    return "\n".join([entry.question, entry.answer, entry.spoken, *entry.similar, *entry.negative])


# --- what the files say


def test_each_of_the_twelve_systems_has_four_entries_at_least() -> None:
    counts = {name: len(entries) for name, entries in SEED.systems.items()}
    assert {name: counts.get(name, 0) for name in TWELVE_SYSTEMS if counts.get(name, 0) < 4} == {}
    assert COUNT >= 90


def test_every_public_number_has_an_entry_of_its_own_or_is_in_its_answer() -> None:
    answers = [entry.answer for entry in SEED.systems["公共服务电话"]]
    for number in PUBLIC_NUMBERS:
        assert any(f"**{number}**" in answer for answer in answers), number


@every_entry
def test_an_entry_keeps_the_rules_of_content(entry: SeedEntry) -> None:
    content = entry.content(category_id=1)
    tidy = checked(content)
    assert tidy == content, "checked() would change or drop something"
    assert 4 <= len(content.similar_questions) <= 8
    assert len(content.spoken_answer) <= 120
    assert not re.search(r"[*#\n]", content.spoken_answer), "read out, so no Markdown"
    assert not re.search(r"https?:|www\.", wording(entry)), "no addresses that no source holds"


@every_entry
def test_an_entry_names_only_numbers_that_everybody_may_be_told(entry: SeedEntry) -> None:
    digits = set(re.findall(r"\d{3,}", YEAR.sub("", wording(entry))))
    assert digits <= PUBLIC_NUMBERS


@every_entry
def test_an_entry_rests_on_one_of_the_two_documents(entry: SeedEntry) -> None:
    assert NOTICE in entry.basis or STATE_COUNCIL in entry.basis
    if NOTICE in entry.basis:
        assert entry.region == "厦门市海沧区"
        assert entry.valid_from == date(2022, 8, 15)
        assert re.search(r"[二三四](、（[一二三四五]）\d*)?$|》$", entry.basis)
    assert entry.valid_until is None, "neither document says until when"


def test_codes_name_the_topic_of_their_file() -> None:
    for path in sorted((DATA / "entries").glob("*.yml")):
        codes = re.findall(r"^- code: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert codes == [f"hc-{path.stem}-{number:02}" for number in range(1, len(codes) + 1)]


def test_no_two_entries_share_a_phrasing_or_an_answer() -> None:
    owners = Counter(
        phrasing_key(text) for entry in SEED.entries for text in (entry.question, *entry.similar)
    )
    assert [key for key, times in owners.items() if times > 1] == []
    assert len({entry.answer for entry in SEED.entries}) == COUNT
    assert len({entry.spoken for entry in SEED.entries}) == COUNT


def test_what_the_notice_calls_exploring_is_not_promised() -> None:
    exploring = ("online-04", "leader-01", "park-03", "park-04", "near-02", "near-05")
    answers = {entry.code: entry.answer for entry in SEED.entries}
    for code in exploring:
        assert "探索" in answers[f"hc-{code}"], code


def test_planning_dates_are_called_planned() -> None:
    dated = [entry for entry in SEED.entries if re.search(r"20\d\d年(9|10)月", entry.answer)]
    assert [entry.code for entry in dated] == ["hc-general-04"]
    assert "计划" in dated[0].answer
    assert "核实" in dated[0].answer


def test_every_leaf_and_department_is_of_use() -> None:
    leaves = {code for category in SEED.categories for code in category.leaves}
    parents = {department.parent for department in SEED.departments}
    owners = {department.code for department in SEED.departments} - parents
    assert leaves == {entry.category for entry in SEED.entries}
    assert owners == {entry.department for entry in SEED.entries}
    phones = {department.code: department.phone for department in SEED.departments}
    assert {code for code, phone in phones.items() if phone} == {"hotline"}


# --- how it gets into a base


def test_a_new_base_serves_every_entry(database: Database) -> None:
    assert load(database, system()) == Report(added=COUNT, unchanged=0, kept=0)
    with database.read() as session:
        served = cards(session, session.scalars(select(Entry.id)).all())
        assert len(served) == COUNT
        card = next(card for card in served.values() if card.code == "hc-special-08")
        assert card.department == "区行政审批管理局"
        assert card.category == "特色专窗/办不成事反映"
        assert 6 <= len(featured(session, 20)) <= 8
        tree = parents(session.scalars(select(Department)).all())
        assert [name for name, parent in tree.items() if parent is None] == ["海沧区"]
        assert set(tree.values()) == {None, "海沧区"}
        assert head(session).revision == COUNT
        actions = Counter(session.scalars(select(AuditRecord.action)))
        assert actions == {"entry_created": COUNT, "entry_published": COUNT}


def parents(departments: Sequence[Department]) -> dict[str, str | None]:
    names = {department.id: department.name for department in departments}
    return {
        department.name: names[department.parent_id] if department.parent_id else None
        for department in departments
    }


def test_loading_again_changes_nothing(database: Database) -> None:
    load(database, system())
    before = contents(database)
    assert load(database, system()) == Report(added=0, unchanged=COUNT, kept=0)
    assert contents(database) == before


def contents(database: Database) -> tuple[int, ...]:
    with database.read() as session:
        tables = (Entry, AuditRecord, Department, Category)
        counts = [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
        locks = session.scalar(select(func.sum(Entry.lock_version))) or 0
        return (head(session).revision, locks, *counts)


def test_what_a_department_edited_or_withdrew_stays_as_it_is(database: Database) -> None:
    load(database, system())
    with database.write() as session:
        edited = entry_coded(session, "hc-hall-02")
        assert edited.published is not None
        content = content_of(edited.published)
        ours = type(content)(**(vars(content) | {"answer": "大厅在一楼。"}))
        save_draft(session, system(), edited, ours, edited.lock_version)
        publish(session, system(), edited, edited.lock_version)
        gone = entry_coded(session, "hc-near-05")
        withdraw(session, system(), gone, gone.lock_version, "试点结束")
    before = contents(database)
    assert load(database, system()) == Report(added=0, unchanged=COUNT - 2, kept=2)
    assert contents(database) == before
    with database.read() as session:
        edited = entry_coded(session, "hc-hall-02")
        assert edited.published is not None
        assert edited.published.answer == "大厅在一楼。"
        assert entry_coded(session, "hc-near-05").published is None


def test_entries_that_a_later_release_adds_come_in(database: Database, files: Path) -> None:
    (files / "entries" / "rating.yml").unlink()
    fewer = load(database, system(), files).added
    assert load(database, system()) == Report(added=COUNT - fewer, unchanged=fewer, kept=0)


def test_a_department_that_staff_added_before_is_not_doubled(database: Database) -> None:
    with database.write() as session:
        add_department(session, code="spj", name="区行政审批管理局")
    load(database, system())
    with database.read() as session:
        assert entry_coded(session, "hc-hall-01").department.code == "spj"


def test_who_may_not_edit_everywhere_may_not_load(database: Database) -> None:
    editor = Actor(user_id=None, name="王采编", department_id=3, roles=frozenset({Role.EDITOR}))
    with pytest.raises(NotAllowedError):
        load(database, editor)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Department)) == 0


# --- what a broken file says


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  answer: |-", "  anser: |-", ["answer：缺少这一项", "anser：没有这个字段"]),
        ("  - 意见箱在哪\n", "  - 12345\n", ["similar.4：应是文字（全是数字的要加引号）"]),
        ("  - 意见箱在哪\n", "  - ？！\n", ["similar：相似问第 5 条没有文字"]),
        ("valid_from: 2022-08-15", "valid_from: 八月", ["valid_from：应是日期，写成 2022-08-15"]),
        ("category: supervision-rating", "category: supervision", ["category：", "supervision"]),
        ("department: approval", "department: nobody", ["department：", "“nobody”"]),
        ("code: hc-rating-02", "code: hc-rating-01", ["hc-rating-01", "code：这个编号已被"]),
        ("region: 厦门市海沧区", "region: " + "区" * 65, ["region：适用区域有 65 个字"]),
    ],
)
def test_a_broken_entry_is_named_by_file_code_and_field(
    database: Database, files: Path, old: str, new: str, told: list[str]
) -> None:
    path = files / "entries" / "rating.yml"
    spoil(path, old, new)
    with pytest.raises(SeedError) as caught:
        load(database, system(), files)
    for part in ["rating.yml 的条目 hc-rating-0", *told]:
        assert part in str(caught.value)
    assert contents(database) == (0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("departments.yml", "parent: haicang", "parent: xiamen", "上级“xiamen”应写在它的前面"),
        ("departments.yml", "code: streets", "code: approval", "这个编号已被另一部门使用"),
        ("departments.yml", "name: 海沧区", "title: 海沧区", "第 1 项：name：缺少这一项"),
        ("categories.yml", "hall-self:", "hall-guide2: 问, near:", "分类 near：code：这个编号已被"),
        ("entries/near.yml", "common:", "common", "near.yml 不是有效的 YAML"),
        ("entries/near.yml", "system: 就近代办点", "sistem: x", "near.yml：system：缺少这一项"),
        ("entries/near.yml", "2022-08-15", "2022-02-30", "near.yml 不是有效的 YAML"),
    ],
)
def test_other_broken_files_say_what_is_wrong(
    files: Path, file: str, old: str, new: str, told: str
) -> None:
    spoil(files / file, old, new)
    with pytest.raises(SeedError, match=re.escape(told)):
        read(files)


def test_missing_or_unreadable_files_are_named(files: Path, tmp_path: Path) -> None:
    with pytest.raises(SeedError, match=r"无法读取 .*departments\.yml"):
        read(tmp_path / "nowhere")
    (files / "entries" / "near.yml").write_bytes("system: 就近".encode("gb18030"))
    with pytest.raises(SeedError, match=r"near\.yml 不是 UTF-8"):
        read(files)
    shutil.rmtree(files / "entries")
    with pytest.raises(SeedError, match="没有条目文件"):
        read(files)
