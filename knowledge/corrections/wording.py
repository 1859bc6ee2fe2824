"""Kinds and states of corrections, and what reporters are told."""

from datetime import datetime, time, timedelta
from enum import StrEnum

from knowledge import clock
from knowledge.settings import Settings


class Kind(StrEnum):
    """What is said of the entry."""

    WRONG = "wrong"
    OUTDATED = "outdated"
    UNCLEAR = "unclear"
    INCOMPLETE = "incomplete"


class State(StrEnum):
    """Where a correction stands."""

    OPEN = "open"
    ADOPTED = "adopted"
    DECLINED = "declined"
    DUPLICATE = "duplicate"


KIND_NAMES = {
    Kind.WRONG: "有误",
    Kind.OUTDATED: "过期",
    Kind.UNCLEAR: "不清楚",
    Kind.INCOMPLETE: "不完整",
}
STATE_NAMES = {
    State.OPEN: "待核实",
    State.ADOPTED: "已采纳",
    State.DECLINED: "不采纳",
    State.DUPLICATE: "重复",
}


def deadline(kind: Kind, settings: Settings) -> datetime:
    """Return when a report made now must be decided: a day's end in Asia/Shanghai."""
    days = {
        Kind.WRONG: settings.correction_days_wrong,
        Kind.OUTDATED: settings.correction_days_outdated,
        Kind.UNCLEAR: settings.correction_days_unclear,
        Kind.INCOMPLETE: settings.correction_days_incomplete,
    }[kind]
    day = clock.today() + timedelta(days=days + 1)
    return datetime.combine(day, time.min, tzinfo=clock.SHANGHAI)


def last_day(due: datetime) -> str:
    """Return the last day on which a decision is in time, as people read it."""
    day = clock.local(due - timedelta(seconds=1))
    return f"{day.month}月{day.day}日"


def outcome(question: str, state: State, reason: str) -> str:
    """Return what the citizen who reported is told."""
    told = {
        State.ADOPTED: "责任部门核实后已经改正，再问一次就能看到新的答案。",
        State.DECLINED: f"责任部门核实后没有改动。说明：{reason}",
        State.DUPLICATE: "您说的问题别人也提过，责任部门已一并处理。",
    }[state]
    return f"您对“{question}”提出的纠错有结果了：{told}谢谢您帮助我们改进。"
