"""The list of gaps as xlsx: a sheet of groups, a sheet of their questions."""

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.exchange.tables import table
from knowledge.gaps.collecting import REASON_NAMES, Reason
from knowledge.gaps.lists import Row
from knowledge.gaps.models import GapQuestion
from knowledge.gaps.status import STATUS_NAMES, Status

MOST_ROWS = 2000
PORTION = 500
_GROUPS = (("组号", 8), ("问题", 44), ("次数", 8), ("人数", 8), ("近 7 天", 8), ("前 7 天", 8),
           ("最近一次", 18), ("部门", 24), ("分派", 8), ("状态", 18), ("说明", 40))  # fmt: skip
_QUESTIONS = (("组号", 8), ("市民的问法", 60), ("怎么结束的", 18), ("时间", 18))


def write(session: Session, path: Path, rows: Sequence[Row]) -> None:
    """Write the groups and all that was asked in them."""
    book = Workbook(write_only=True)
    groups = [
        [
            row.gap.id, row.gap.title, row.asked, row.people, row.week, row.before,
            f"{clock.local(row.last_at):%Y-%m-%d %H:%M}", row.department,
            "已分派" if row.assigned else "建议", STATUS_NAMES[Status(row.gap.status)],
            row.gap.reason,
        ]
        for row in rows
    ]  # fmt: skip
    table(book, "知识缺口", _GROUPS, groups, filtered=len(groups))
    asked = []
    ids = [row.gap.id for row in rows]
    for start in range(0, len(ids), PORTION):
        found = session.scalars(
            select(GapQuestion)
            .where(GapQuestion.gap_id.in_(ids[start : start + PORTION]))
            .order_by(GapQuestion.gap_id, GapQuestion.id)
        )
        asked += [
            [
                one.gap_id, one.text, REASON_NAMES[Reason(one.reason)],
                f"{clock.local(one.at):%Y-%m-%d %H:%M}",
            ]
            for one in found
        ]  # fmt: skip
    table(book, "问题", _QUESTIONS, asked, filtered=len(asked))
    book.save(path)
