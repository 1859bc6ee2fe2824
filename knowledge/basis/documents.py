"""Documents named in a text: by number (厦海审管〔2022〕5号) or by title (《…办法》)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.basis.writing import plain
from knowledge.errors import ContentError

TEXT_LENGTH = 5000
DOCUMENTS = 20
CHARACTERS = 400  # of all documents: the address of the page holds them
SHORTEST_TITLE = 4
LONGEST_TITLE = 60

_CORE = re.compile(r"(?:\((?:19|20)\d{2}\)|令)\d{1,5}号")
_RUN = re.compile(r"[\u4e00-\u9fff]{0,20}$")
_TITLE = re.compile(r"《([^《》]*(?:《[^《》]*》[^《》]*)*)》")
_LIKE_A_TITLE = re.compile(
    r"(?:办法|条例|规定|通知|意见|方案|细则|法|决定|公告|标准|规范|指南|目录|规程|通告|批复)$"
)
# What stands before a document's number in a sentence and is no part of the agency's name.
_LEADS = re.compile(
    r".*(?:根据|依据|按照|依照|参照|以及|执行|落实|印发|废止|文件|贯彻|修订|[见及和与或按的])"
)


@dataclass(frozen=True)
class Document:
    """A document as it was named; `core` is the year and number, `agency` what stands before.

    A document that is known by its title has no core; `agency` is its title then.
    """

    named: str
    agency: str
    core: str = ""

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where `text`, in its one form, cites this document."""
        wanted = self.core or self.agency
        at = text.find(wanted)
        while at >= 0:
            if not self.core:
                yield at, at + len(wanted)
            elif (shared := self._shared(text, at)) is not None:
                yield at - shared, at + len(wanted)
            at = text.find(wanted, at + 1)

    def _shared(self, text: str, at: int) -> int | None:
        """Return how much of the agency stands before a number; None: it is another's number."""
        if not self.agency:
            return 0
        run = _RUN.search(text[max(0, at - 20) : at])
        before = _agency(run.group() if run else "")
        shared = 0
        while shared < min(len(before), len(self.agency)):
            if before[-1 - shared] != self.agency[-1 - shared]:
                break
            shared += 1
        return shared if shared >= 2 and shared in {len(before), len(self.agency)} else None


def documents(text: str) -> list[Document]:
    """Return the documents that a text names, each once, in their order.

    A text that names none is itself taken for a title, line by line.

    Raises:
        ContentError: nothing to look for, too long, or prose that names no document.
    """
    if len(text) > TEXT_LENGTH:
        raise ContentError({"q": f"文字有 {len(text)} 个字，最多 {TEXT_LENGTH} 个，请分几次查"})
    lines = text.replace("\r\n", "\n").split("\n")
    found = [one for line in lines for one in [*_numbered(line), *_titled(line)]]
    found += [
        Document(_tidy(line), plain(line))
        for line in lines
        if (not found or _LIKE_A_TITLE.search(plain(line)))
        and not _names_one(line)
        and _fits(plain(line), 2 if not found else SHORTEST_TITLE)
    ]
    distinct = {(one.agency, one.core): one for one in found}
    if not distinct:
        raise ContentError({"q": _nothing_in(text)})
    return list(distinct.values())


def within_limits(found: list[Document]) -> list[Document]:
    """Return as many of the documents as are looked for at once, from the first on."""
    kept: list[Document] = []
    for one in found[:DOCUMENTS]:
        if kept and sum(len(other.named) for other in [*kept, one]) > CHARACTERS:
            break
        kept.append(one)
    return kept


def _numbered(line: str) -> Iterator[Document]:
    text = plain(line)
    end = 0
    for core in _CORE.finditer(text):
        run = _RUN.search(text[end : core.start()])
        agency = _agency(run.group() if run else "")
        end = core.end()
        named = agency + core.group().replace("(", "〔").replace(")", "〕")
        yield Document(named, agency if len(agency) > 1 else "", core.group())


def _titled(line: str) -> Iterator[Document]:
    for title in _TITLE.findall(line):
        if _fits(plain(title), SHORTEST_TITLE if len(line) > len(title) + 2 else 2):
            yield Document(f"《{_tidy(title)}》", plain(title))


def _names_one(line: str) -> bool:
    return _TITLE.search(line) is not None or _CORE.search(plain(line)) is not None


def _agency(run: str) -> str:
    """Return the agency at the end of what stands before a number."""
    lead = _LEADS.match(run)
    rest = run[lead.end() :] if lead else run
    return rest if len(rest) > 1 else run


def _fits(title: str, shortest: int) -> bool:
    return shortest <= len(title) <= LONGEST_TITLE


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _nothing_in(text: str) -> str:
    if not text.strip():
        return "请写下或粘贴文件的名称、文号"
    return (
        "这段文字里没有找到文号（如 厦海审管〔2022〕5号）或书名号里的文件名。"
        "请直接写文件的名称（2 到 60 字）或文号"
    )
