"""What was found before a publication: how grave, where, which words, and what to do."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

QUOTED = 60  # characters of a text that a finding repeats

FIELDS = {
    "standard_question": "标准问",
    "similar_questions": "相似问",
    "negative_questions": "负例问",
    "answer": "答案",
    "spoken_answer": "口播答案",
    "issuing_body": "发文单位",
    "legal_basis": "办理依据",
    "region": "适用区域",
    "valid_until": "有效期止",
}


class Severity(StrEnum):
    """Whether something stands in the way, or only asks for a look."""

    BLOCKING = "blocking"
    NOTICE = "notice"


SEVERITY_NAMES = {Severity.BLOCKING: "必须处理", Severity.NOTICE: "请留意"}


@dataclass(frozen=True)
class Finding:
    """One thing that was found; `words` are those of the text that it is about."""

    severity: Severity
    field: str
    words: str
    problem: str
    remedy: str

    @property
    def label(self) -> str:
        """The field as people call it."""
        return FIELDS.get(self.field, "")

    @property
    def blocks(self) -> bool:
        """Whether it stands in the way of a publication."""
        return self.severity is Severity.BLOCKING

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` understands."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Finding":
        """Return the finding that was stored."""
        return cls(**{**stored, "severity": Severity(stored["severity"])})


def blocking(field: str, words: str, problem: str, remedy: str) -> Finding:
    """Return a finding that must be dealt with."""
    return Finding(Severity.BLOCKING, field, quoted(words), problem, remedy)


def notice(field: str, words: str, problem: str, remedy: str) -> Finding:
    """Return a finding that asks for a look."""
    return Finding(Severity.NOTICE, field, quoted(words), problem, remedy)


def quoted(text: str) -> str:
    """Return a text short enough to be repeated."""
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}…"
