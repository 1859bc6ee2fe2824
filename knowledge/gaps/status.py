"""Where a knowledge gap stands."""

from enum import StrEnum


class Status(StrEnum):
    """What was decided about a group of questions."""

    OPEN = "open"
    DRAFTING = "drafting"  # an entry is written or gets phrasings; closes by itself
    ANSWERED = "answered"
    OUT_OF_REMIT = "out_of_remit"
    IGNORED = "ignored"
    MERGED = "merged"


STATUS_NAMES = {
    Status.OPEN: "待处理",
    Status.DRAFTING: "在补充",
    Status.ANSWERED: "已解答",
    Status.OUT_OF_REMIT: "不属于本级受理范围",
    Status.IGNORED: "已忽略",
    Status.MERGED: "已合并",
}
CLOSED = frozenset({Status.ANSWERED, Status.OUT_OF_REMIT, Status.IGNORED, Status.MERGED})
