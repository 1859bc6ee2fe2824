"""Where an import stands."""

from datetime import timedelta
from enum import StrEnum

from knowledge import clock
from knowledge.imports.models import ImportJob

SILENT = timedelta(seconds=60)  # a process that lives waits at most 30 s for the database


class State(StrEnum):
    """The states of an import."""

    QUEUED = "queued"
    CHECKING = "checking"
    CHECKED = "checked"
    ORDERED = "ordered"
    IMPORTING = "importing"
    DONE = "done"
    STALE = "stale"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


STATE_NAMES = {
    State.QUEUED: "等待检查",
    State.CHECKING: "正在检查",
    State.CHECKED: "检查完了，还没有导入",
    State.ORDERED: "等待导入",
    State.IMPORTING: "正在导入",
    State.DONE: "已导入",
    State.STALE: "要重新检查",
    State.FAILED: "没有成功",
    State.INTERRUPTED: "中断",
}
WAITING = frozenset({State.QUEUED, State.ORDERED})
AT_WORK = frozenset({State.CHECKING, State.IMPORTING})
# From these the file can be checked anew, as long as it is kept.
AT_REST = frozenset({State.CHECKED, State.STALE, State.FAILED, State.INTERRUPTED})


class Stage(StrEnum):
    """What the process does at the moment."""

    READING = "reading"
    COMPARING = "comparing"
    PREPARING = "preparing"
    WRITING = "writing"


STAGE_NAMES = {
    "": "排队等待",
    Stage.READING: "读取文件",
    Stage.COMPARING: "和知识库逐行比较",
    Stage.PREPARING: "准备写入",
    Stage.WRITING: "写入知识库",
}


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


OUTCOME_NAMES = {
    Outcome.WRONG: "有错误",
    Outcome.NEW: "新增",
    Outcome.CHANGED: "修改",
    Outcome.UNCHANGED: "没有变化",
}


def state_of(job: ImportJob) -> State:
    """Return where it stands: whose process is silent for long was interrupted."""
    state = State(job.state)
    if state in AT_WORK and clock.now() - job.seen_at > SILENT:
        return State.INTERRUPTED
    return state
