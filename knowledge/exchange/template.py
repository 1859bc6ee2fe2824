"""The empty sheet that people fill in: drop-down lists, notes, and examples beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from knowledge.entries.content import (
    ANSWER_LENGTH,
    AUDIENCES,
    FEES_LENGTH,
    PHRASINGS,
    QUESTION_LENGTH,
    SPOKEN_LENGTH,
    TIME_LIMIT_LENGTH,
)
from knowledge.entries.guide import KEYWORD_LENGTH, KEYWORDS, LINES
from knowledge.exchange.bounds import ROWS
from knowledge.exchange.cells import DRAFT, NO, PUBLISHED, YES
from knowledge.exchange.columns import COLUMNS, Column
from knowledge.exchange.escaping import xlsx_escaped
from knowledge.exchange.writing import AS_DAY, AS_TEXT, BOLD, WRAPPED
from knowledge.exchange.xlsx_file import OWN_SHEETS

GUIDE, EXAMPLES, CHOICES = OWN_SHEETS
DAYS = ("valid_from", "valid_until")
MUST = PatternFill("solid", fgColor="FDF1D9")
MAY = PatternFill("solid", fgColor="E8F0F9")
SOFT = Font(color="5C5952")

NOTES = {
    "code": "新条目留空。修改已有的条目时照抄导出表里的编号，不要改：系统靠它认出是哪一条。",
    "standard_question": f"市民最可能的完整问法，一句话，最多 {QUESTION_LENGTH} 个字，不能重复。",
    "similar_questions": f"别的问法，一条占一行（按 Alt+Enter 换行），最多 {PHRASINGS} 条。",
    "negative_questions": "看着像、但不该由这一条回答的问法，一条占一行。",
    "answer": f"先说结论，再说步骤、材料、时间、地点。最多 {ANSWER_LENGTH} 个字。",
    "spoken_answer": f"话务员能直接念出来的一两句话，最多 {SPOKEN_LENGTH} 个字。",
    "department": "从下拉列表里选。只能写您能采编的部门。",
    "category": "从下拉列表里选末级分类，写法是“上级/下级”。",
    "issuing_body": "文件的发文单位，最多 128 个字。",
    "legal_basis": "文件名称和文号，最多 255 个字。",
    "region": "例如：厦门市海沧区。",
    "audience": "个人、企业，或两项都写“个人、企业”。留空就是两项。",
    "valid_from": "写成 2026-03-01。从这一天零点起能查到；留空就是发布后马上。",
    "valid_until": "写成 2026-12-31。这一天还能查到，过后自动停用；留空就是长期。",
    "materials": f"要带什么，一条占一行，最多 {LINES} 行。",
    "steps": f"怎么办，一步占一行，最多 {LINES} 行，不用写序号。",
    "fees": f"收多少，怎么收；不收费就写“不收费”。最多 {FEES_LENGTH} 个字。",
    "time_limit": f"多久办好，最多 {TIME_LIMIT_LENGTH} 个字。",
    "places": f"到哪里办，一处占一行，最多 {LINES} 行。",
    "keywords": f"用逗号隔开，最多 {KEYWORDS} 个，每个最多 {KEYWORD_LENGTH} 个字。",
    "state": f"{PUBLISHED}（留空也是）：希望发布，上传时可选择提交审核；{DRAFT}：先存着。",
    "featured": f"要不要放进市民首页的常问：{YES}或{NO}。",
}
EXAMPLE = {
    "standard_question": "居住证丢了怎么补办？",
    "similar_questions": "居住证掉了咋办\n居住证遗失补领",
    "answer": "带身份证到居住地派出所申请补领，15 日内领取新证。",
    "spoken_answer": "带身份证到居住地派出所补领。",
    "issuing_body": "国务院",
    "legal_basis": "《居住证暂行条例》第十条",
    "audience": "个人",
    "valid_from": "2026-03-01",
    "state": PUBLISHED,
    "featured": NO,
}
RULES = (
    "第一张表“知识条目”，一行写一条。列名是黄色的必须填，蓝色的可以不填。",
    f"一个文件最多 {ROWS:,} 行。不要合并单元格，不要写公式，不要改列名；不用的列可以整列删去。",
    "删去一列：已有条目的这一项不变。留着列、格子是空的：这一项清空。",
    "上传后先检查，告诉您哪些新增、修改、没有变化、有错误；看过以后再导入。有一行不对，整份都不导入。",
    "导入的内容先是草稿，或者提交审核；审核通过才发布。",
    "这张表、“示例”和“选项”都不会被导入。",
)


def write_template(path: Path, departments: Sequence[str], categories: Sequence[str]) -> None:
    """Write the template; the lists are those that the person may choose from."""
    lists: dict[str, Sequence[str]] = {
        "department": departments,
        "category": categories,
        "audience": [*AUDIENCES, "、".join(AUDIENCES)],
        "state": (PUBLISHED, DRAFT),
        "featured": (YES, NO),
    }
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "知识条目"
    _head(sheet)
    _examples(book.create_sheet(EXAMPLES), lists)
    _guide(book.create_sheet(GUIDE))
    _choices(book, sheet, lists)
    book.save(path)


def _head(sheet: Any) -> None:
    sheet.freeze_panes = "A2"
    for at, column in enumerate(COLUMNS, start=1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = column.width
        if column.name == "code":
            sheet.column_dimensions[letter].number_format = AS_TEXT
        if column.name in DAYS:
            sheet.column_dimensions[letter].number_format = AS_DAY
            sheet.add_data_validation(_day(f"{letter}2:{letter}{ROWS + 1}"))
        cell = sheet.cell(1, at, _title(column))
        cell.font, cell.alignment = BOLD, WRAPPED
        cell.fill = MUST if column.obligatory else MAY
        cell.comment = Comment(NOTES[column.name], "连心桥", height=90, width=260)


def _examples(sheet: Any, lists: Mapping[str, Sequence[str]]) -> None:
    _head(sheet)
    for at, column in enumerate(COLUMNS, start=1):
        offered = [*lists.get(column.name, ()), ""]
        cell = sheet.cell(2, at, xlsx_escaped(EXAMPLE.get(column.name, offered[0])) or None)
        cell.alignment, cell.number_format = WRAPPED, AS_TEXT


def _guide(sheet: Any) -> None:
    sheet.column_dimensions["A"].width = 18
    sheet.column_dimensions["B"].width = 10
    sheet.column_dimensions["C"].width = 90
    for rule in RULES:
        sheet.append([rule])
    sheet.append([])
    sheet.append(["列名", "必填", "怎么写"])
    for cell in sheet[sheet.max_row]:
        cell.font = BOLD
    for column in COLUMNS:
        sheet.append([column.title, "必填" if column.obligatory else "", NOTES[column.name]])
        for cell in sheet[sheet.max_row]:
            cell.alignment = WRAPPED


def _choices(book: Workbook, sheet: Any, lists: Mapping[str, Sequence[str]]) -> None:
    """Excel takes long lists only from cells: they stand on a sheet of their own, hidden."""
    offered = book.create_sheet(CHOICES)
    offered.sheet_state = "hidden"
    for at, (name, values) in enumerate(lists.items(), start=1):
        for row, value in enumerate(values, start=1):
            cell = offered.cell(row, at, xlsx_escaped(value))
            cell.data_type = "s"
        letter = get_column_letter(at)
        place = next(i for i, column in enumerate(COLUMNS, start=1) if column.name == name)
        source = f"{CHOICES}!${letter}$1:${letter}${max(1, len(values))}"
        rule = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=True)
        rule.errorTitle, rule.error = "请从列表里选", "点格子右边的箭头，从列表里选一项。"
        rule.add(f"{get_column_letter(place)}2:{get_column_letter(place)}{ROWS + 1}")
        sheet.add_data_validation(rule)


def _day(area: str) -> DataValidation:
    rule = DataValidation(
        type="date",
        operator="between",
        formula1="DATE(1990,1,1)",
        formula2="DATE(2199,12,31)",
        allow_blank=True,
        showErrorMessage=True,
    )
    rule.errorTitle, rule.error = "不是日期", "请写成 2026-03-01 这样；长期有效请留空。"
    rule.add(area)
    return rule


def _title(column: Column) -> str:
    return f"{column.title}*" if column.obligatory else column.title
