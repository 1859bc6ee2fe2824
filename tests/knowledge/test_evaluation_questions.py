"""A department hands in a file of questions; what is wrong with it is told row by row."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from knowledge.evaluation.cases import Case
from knowledge.evaluation.naming import Names
from knowledge.evaluation.questions import ROWS, QuestionsError, read_questions
from knowledge.evaluation.workbook import write_template
from knowledge.exchange.errors import ExchangeError
from tests.knowledge.questions import GOLD, TITLES
from tests.knowledge.sheets import csv_file, jsonl, xlsx

NAMES = Names(TITLES | {"twin1": "两处一样？", "twin2": "两处一样"}, {"gone"})


def problems(path: Path, *, outside: bool = False) -> tuple[str, ...]:
    with pytest.raises(QuestionsError) as told:
        read_questions(path, NAMES, outside=outside)
    assert path.name in str(told.value)
    return told.value.problems


def test_three_formats_say_the_same(tmp_path: Path) -> None:
    rows = (
        {"问题": "老年证在哪办", GOLD: "card", "也可以": "老人坐公交要钱吗；怎么免费？"},
        {"问题": "着火了", GOLD: "发生火灾打什么电话\ncard", "也可以": "fire"},
        {"问题": "充电宝多少钱", GOLD: "", "也可以": ""},
    )
    asked = [
        {"text": "老年证在哪办", "gold": ["card"], "also_ok": ["bus"]},
        {"text": "着火了", "gold": ["fire", "card"]},
        {"text": "充电宝多少钱", "gold": []},
    ]
    expected = [
        Case("老年证在哪办", frozenset({"card"}), frozenset({"bus"}), 2),
        Case("着火了", frozenset({"card", "fire"}), frozenset(), 3),
        Case("充电宝多少钱", frozenset(), frozenset(), 4, outside=True),
    ]
    for path in (
        xlsx(tmp_path / "a.xlsx", *rows),
        csv_file(tmp_path / "a.csv", *rows),
        csv_file(tmp_path / "b.csv", *rows, encoding="gb18030"),
        jsonl(tmp_path / "a.jsonl", {"text": "占第一行", "gold": ["card"]}, *asked),
    ):
        found = read_questions(path, NAMES).cases
        assert list(found[-3:]) == expected, path.name


def test_semicolons_part_entries_but_not_a_standard_question(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "a.xlsx",
        {"问题": "一", "应命中": "老人坐公交要钱吗；怎么免费？"},
        {"问题": "二", "应命中": "card；fire; bus"},
        {"问题": "三", "应命中": "老人坐公交要钱吗；怎么免费？\nfire"},
    )
    found = [case.gold for case in read_questions(path, NAMES).cases]
    assert found == [{"bus"}, {"card", "fire", "bus"}, {"bus", "fire"}]


def test_every_row_that_is_wrong_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "a.xlsx",
        {"问题": "好的", "应命中": "card", "也可以": ""},
        {"问题": "", "应命中": "card", "也可以": ""},
        {"问题": "？！", "应命中": "card", "也可以": ""},
        {"问题": "长" * 501, "应命中": "card", "也可以": ""},
        {"问题": "一", "应命中": "nowhere", "也可以": ""},
        {"问题": "二", "应命中": "gone", "也可以": ""},
        {"问题": "三", "应命中": "两处一样", "也可以": ""},
        {"问题": "四", "应命中": "", "也可以": "card"},
        {"问题": "=1+1", "应命中": "card", "也可以": ""},
        {"问题": "五", "应命中": "=A1", "也可以": ""},
    )
    assert problems(path) == (
        "第 3 行“问题”是空的，或只有符号，请填写问题，或删去这一行",
        "第 4 行“问题”是空的，或只有符号，请填写问题，或删去这一行",
        "第 5 行“问题”有 501 个字，最多 500 个，请缩短",
        "第 6 行“应命中”：“nowhere”没有这个条目，请填条目的编号或标准问",
        "第 7 行“应命中”：“gone”还没有发布，或已下架，请先发布它，或改填别的条目",
        "第 8 行“应命中”：“两处一样”是几个条目共同的标准问，请改填编号（twin1、twin2）",
        "第 9 行“也可以”填了，“应命中”却是空的，请把条目填到“应命中”，或清空这一格",
        "第 10 行“问题”是公式，请改成文字（复制后用“选择性粘贴”粘贴为值）",
        "第 11 行“应命中”是公式，请改成文字（复制后用“选择性粘贴”粘贴为值）",
    )


def test_a_long_list_of_wrong_rows_is_cut(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "a.csv", *({"问题": "问", "应命中": "x"} for _ in range(30)))
    told = problems(path)
    assert len(told) == 21
    assert told[-1] == "……还有 10 行"


def test_too_many_questions_are_refused_and_as_many_as_may_be_are_not(tmp_path: Path) -> None:
    rows = [{"问题": f"问题{number}", "应命中": "card"} for number in range(ROWS + 1)]
    assert len(read_questions(csv_file(tmp_path / "a.csv", *rows[:-1]), NAMES).cases) == ROWS
    with pytest.raises(QuestionsError, match="超过 5000 个问题"):
        read_questions(csv_file(tmp_path / "b.csv", *rows), NAMES)


def test_columns_that_are_missing_doubled_or_of_no_use(tmp_path: Path) -> None:
    with pytest.raises(QuestionsError, match="缺少列：“应命中”"):
        read_questions(csv_file(tmp_path / "a.csv", {"问题": "问", "答案": "card"}), NAMES)
    twice = {"问题": "问", "问题（改）": "问", "应命中": "card"}
    with pytest.raises(QuestionsError, match="“问题”出现了两次"):
        read_questions(csv_file(tmp_path / "b.csv", twice), NAMES)
    with pytest.raises(QuestionsError, match="没有任何问题"):
        read_questions(csv_file(tmp_path / "c.csv", {"问题": "", "应命中": ""}), NAMES)
    spare = csv_file(tmp_path / "d.csv", {"备注": "x", "问题": "问", "应命中": "card"})
    assert read_questions(spare, NAMES).notices == ("没有用到这些列：备注",)


def test_a_file_of_questions_out_of_scope_may_not_expect_anything(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "a.csv", {"问题": "充电宝多少钱"})
    assert [case.outside for case in read_questions(path, NAMES, outside=True).cases] == [True]
    path = csv_file(tmp_path / "b.csv", {"问题": "充电宝多少钱", "应命中": "card"})
    assert problems(path, outside=True)[0].startswith("第 2 行“应命中”在答不了的问题里应是空的")


def test_forged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 * 2**20))
    with pytest.raises(ExchangeError, match="压缩炸弹"):
        read_questions(bomb, NAMES)
    text = tmp_path / "a.xlsx"
    text.write_text("问题", encoding="utf-8")
    with pytest.raises(ExchangeError, match="不是有效的 xlsx"):
        read_questions(text, NAMES)
    word = tmp_path / "a.docx"
    word.write_text("问题", encoding="utf-8")
    with pytest.raises(ExchangeError, match=r"请用 \.xlsx"):
        read_questions(word, NAMES)


def test_personal_data_is_replaced_before_anything_keeps_it(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "a.csv", {"问题": "我的手机13812345678能查吗", "应命中": ""})
    assert read_questions(path, NAMES).cases[0].text == "我的手机[手机号]能查吗"


def test_the_empty_sheet_that_is_handed_out_can_be_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_template(path)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].append(["老年证在哪办", "card", ""])
    book.save(path)
    assert read_questions(path, NAMES).cases == (Case("老年证在哪办", frozenset({"card"}), row=2),)
