"""Examines what is about to be published; keeps what was found with the version."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from embeddings.index import Document
from knowledge import clock
from knowledge.audit.service import record
from knowledge.checks import form, frozen, links, neighbours
from knowledge.checks.findings import Finding, blocking, notice
from knowledge.checks.links import Site
from knowledge.checks.lists import lists
from knowledge.checks.models import VersionCheck
from knowledge.checks.neighbours import Neighbour
from knowledge.checks.trial import Trial, Trier
from knowledge.database import Database
from knowledge.entries.content import EntryContent, window
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.service import reason_given
from knowledge.entries.versions import content_of, summary
from knowledge.errors import ConflictError, NotAllowedError
from knowledge.people.actor import Actor, Right
from knowledge.search.catalogue import Listing
from knowledge.search.service import SearchService

WHAT_NEXT = "列在页面的“发布前检查”里，请改好再来；确实没有问题的，请热线知识管理员写明理由放行"
UNSAVED = 0  # the id of an entry that is not stored yet; those of stored ones begin at 1


@dataclass(frozen=True)
class Report:
    """What was found; `trial` is None where it was not run."""

    findings: tuple[Finding, ...]
    neighbours: tuple[Neighbour, ...]
    trial: Trial | None

    @property
    def blocking(self) -> list[Finding]:
        """What stands in the way of a publication."""
        return [one for one in self.findings if one.blocks]

    @property
    def notices(self) -> list[Finding]:
        """What asks for a look."""
        return [one for one in self.findings if not one.blocks]

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` understands."""
        return {
            "findings": [one.as_json() for one in self.findings],
            "neighbours": [one.as_json() for one in self.neighbours],
            "trial": self.trial.as_json() if self.trial else None,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Report":
        """Return the report that was kept."""
        return cls(
            tuple(map(Finding.from_json, kept["findings"])),
            tuple(map(Neighbour.from_json, kept["neighbours"])),
            Trial.from_json(kept["trial"]) if kept["trial"] else None,
        )


@dataclass(frozen=True)
class Checker:
    """The checks of this process: its base, its index, its pages, what may get worse."""

    database: Database
    search: SearchService
    site: Site
    worse_allowed: int

    def examine(
        self, content: EntryContent, entry_id: int = UNSAVED, code: str = "", *, trial: bool = True
    ) -> Report:
        """Return what is found in `content`; nothing is kept.

        Raises:
            ConflictError: the index is not open yet.
        """
        if not self.search.ready:
            raise ConflictError("检索正在启动，请过一会儿再检查")
        with self.database.read() as session:
            found = form.check(content, lists(session), clock.today())
            found += links.check(session, content, self.site)
            swap = self.search.replica.index.beside(_document(entry_id, content))
            near = neighbours.neighbours(session, self.search, swap, content)
            asked = frozen.questions(session) if trial else []
        tried = None
        if trial:
            mine = Listing(code, content.standard_question, window(None, None))
            tried = Trier(self.search, swap, mine).run(asked)
        found += neighbours.findings(near, content) + self._tried(tried)
        found.sort(key=lambda one: not one.blocks)
        return Report(tuple(found), tuple(near), tried)

    def check(self, actor: Actor, entry: Entry) -> VersionCheck | None:
        """Examine the pending version, keep what was found, and return it; None: nothing pends."""
        if entry.draft is None:
            return None
        report = self.examine(content_of(entry.draft), entry.id, entry.code)
        with self.database.write() as session:
            return self.keep(session, actor, entry.draft, report)

    def keep(
        self, session: Session, actor: Actor, version: EntryVersion, report: Report
    ) -> VersionCheck:
        """Keep, in the caller's transaction, what was found in a version.

        What a manager let pass stays so while the wording is the same.
        """
        mine = select(EntryVersion.id).where(EntryVersion.id == version.id)
        session.execute(mine.with_for_update())  # two who examine it at once wait here
        row = session.get(VersionCheck, version.id) or VersionCheck(version_id=version.id)
        digest = digest_of(content_of(version))
        if row.digest != digest:
            row.override_reason = row.override_by = row.override_at = None
        row.digest, row.revision, row.at = digest, self.search.replica.revision, clock.now()
        row.lists, row.actor_name = lists(session).digest, actor.name
        row.blocked, row.report = bool(report.blocking), report.as_json()
        session.add(row)
        session.flush()
        return row

    def require(self, actor: Actor, entry: Entry) -> None:
        """Refuse the pending version where something stands in the way; examine it if need be.

        Raises:
            ConflictError: says how much, and what to do; or the index is not open yet.
        """
        with self.database.read() as session:
            row = kept(session, entry)
            row = row if row is not None and self.is_current(session, entry, row) else None
        row = row or self.check(actor, entry)
        if row is not None and stands_in_the_way(row):
            number = len(Report.from_json(row.report).blocking)
            raise ConflictError(f"发布前检查有 {number} 处必须处理，{WHAT_NEXT}")

    def is_current(self, session: Session, entry: Entry, row: VersionCheck) -> bool:
        """Tell whether what was found is so still: same wording, base, lists and day."""
        return (
            self.same_text(entry, row)
            and row.revision == self.search.replica.revision
            and row.lists == lists(session).digest
            and clock.local(row.at).date() == clock.today()
        )

    def same_text(self, entry: Entry, row: VersionCheck) -> bool:
        """Tell whether the pending version still has the wording that was examined."""
        return entry.draft is not None and row.digest == digest_of(content_of(entry.draft))

    def _tried(self, tried: Trial | None) -> list[Finding]:
        """Return what the trial asks for."""
        if tried is None:
            return []
        found = []
        worse, taken = tried.counts["worse"], tried.counts["taken"]
        if worse:
            grave = blocking if worse > self.worse_allowed else notice
            problem = f"{worse} 个知道该由谁回答的问题，换上这一版就答不上或答错了"
            remedy = "看下面的“发布前试问”，改相似问，或给这一条写负例问"
            found.append(grave("similar_questions", "", problem, remedy))
        if taken:
            problem = f"有 {taken} 个问题会从别的条目转到这一条"
            found.append(notice("similar_questions", "", problem, "看下面的“发布前试问”是否应该"))
        hit, asked = tried.own
        if asked >= 2 and hit * 2 < asked:
            problem = f"这一版自己的 {asked} 个问法，各自不看本句再问，只有 {hit} 个找得到"
            remedy = "相似问写得更像市民说的话，或去掉容易和别条混的"
            found.append(notice("similar_questions", "", problem, remedy))
        return found


def stands_in_the_way(row: VersionCheck) -> bool:
    """Tell whether what was found keeps a version from being submitted and published."""
    return row.blocked and row.override_reason is None


def kept(session: Session, entry: Entry) -> VersionCheck | None:
    """Return what was found in the pending version, also in an older wording of it."""
    if entry.draft_version_id is None:
        return None
    return session.get(VersionCheck, entry.draft_version_id)


def let_pass(session: Session, actor: Actor, entry: Entry, seen: str, reason: str) -> VersionCheck:
    """Let the pending version pass although something stands in the way; recorded.

    Args:
        seen: the digest of the wording that the manager saw.

    Raises:
        NotAllowedError: not a manager.
        ContentError: no reason.
        ConflictError: the wording was changed meanwhile, or nothing stands in the way.
    """
    version = entry.draft
    category = version.category_id if version else None
    if not actor.may(Right.PUBLISH_ENTRIES, entry.department_id, category):
        raise NotAllowedError("只有热线知识管理员可以放行")
    reason = reason_given(reason, "放行")
    row = kept(session, entry)
    if version is None or row is None or digest_of(content_of(version)) != seen:
        raise ConflictError("您打开之后，这一版已被别人修改，请重新检查")
    if row.digest != seen or not row.blocked:
        raise ConflictError("这一版现在没有必须处理的，不用放行；请重新检查看看")
    row.override_reason, row.override_by, row.override_at = reason, actor.name, clock.now()
    blocked = [f"{one.label}：{one.problem}" for one in Report.from_json(row.report).blocking]
    after = {"version": version.number, "reason": reason, "findings": blocked[:20]}
    record(session, actor, "check_let_pass", f"entry:{entry.id}", after=after)
    return row


def digest_of(content: EntryContent) -> str:
    """Return what tells one wording from another, 64 hexadecimal digits."""
    text = json.dumps(summary(content), ensure_ascii=False, sort_keys=True, default=list)
    return hashlib.sha256(text.encode()).hexdigest()


def _document(entry_id: int, content: EntryContent) -> Document:
    return Document(
        entry_id,
        (content.standard_question, *content.similar_questions),
        content.negative_questions,
        content.answer,
    )
