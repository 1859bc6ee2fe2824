"""What the search says of a gap's questions now: what is near, whose it is, what is answered."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from embeddings.index import Decision
from knowledge import clock
from knowledge.audit.service import record
from knowledge.database import Database
from knowledge.entries.content import phrasing_key
from knowledge.entries.models import Entry
from knowledge.feed.models import Change
from knowledge.gaps.models import Gap, GapQuestion
from knowledge.gaps.status import Status
from knowledge.people.actor import system
from knowledge.search.service import SearchService

SUGGESTED_AT_ONCE = 200
CHECKED_QUESTIONS = 40
ENOUGH = 0.8  # of the questions answered: the gap is closed
REOPEN_TIMES = 3
REOPEN_DAYS = 7
NEAREST = 5


@dataclass(frozen=True)
class Near:
    """An entry near a gap; `chance` (0 to 1) that it answers the question."""

    entry_id: int
    code: str
    question: str
    matched_phrasing: str
    chance: float
    department_id: int
    department: str
    category_id: int


def nearest(session: Session, search: SearchService, text: str) -> list[Near]:
    """Return the published entries nearest to a question, best first."""
    hits = search.search(text, NEAREST).hits
    rows = session.scalars(
        select(Entry)
        .where(Entry.id.in_([hit.entry_id for hit in hits]))
        .options(joinedload(Entry.department), joinedload(Entry.published))
    )
    entries = {entry.id: entry for entry in rows}
    return [
        Near(
            hit.entry_id, hit.code, hit.question, hit.matched_phrasing, hit.score,
            entry.department_id, entry.department.name, entry.published.category_id,
        )
        for hit in hits
        if (entry := entries.get(hit.entry_id)) is not None and entry.published is not None
    ]  # fmt: skip


def weighed(near: Sequence[Near]) -> tuple[int | None, int | None]:
    """Return the department and its category that the nearest entries speak for, by chance."""
    owners: Counter[int] = Counter()
    leaves: dict[int, Counter[int]] = defaultdict(Counter)
    for one in near:
        weight = one.chance + 1e-3  # where nothing is likely the order still tells something
        owners[one.department_id] += weight  # type: ignore[assignment]
        leaves[one.department_id][one.category_id] += weight  # type: ignore[assignment]
    if not owners:
        return None, None
    owner = owners.most_common(1)[0][0]
    return owner, leaves[owner].most_common(1)[0][0]


def suggest_departments(database: Database, search: SearchService) -> int:
    """Suggest a department and a category for groups whose title is new; returns how many."""
    with database.read() as session:
        wanted = session.execute(
            select(Gap.id, Gap.title)
            .where(Gap.suggested_for != Gap.title, Gap.status == Status.OPEN.value)
            .order_by(Gap.id.desc())
            .limit(SUGGESTED_AT_ONCE)
        ).all()
        found = [(row, weighed(nearest(session, search, row.title))) for row in wanted]
    with database.write() as session:
        for row, (owner, leaf) in found:
            gap = session.get(Gap, row.id)
            if gap is not None:
                gap.suggested_department_id, gap.suggested_category_id = owner, leaf
                gap.suggested_for = row.title
    return len(found)


def check_bound(database: Database, search: SearchService) -> int:
    """Search again where an entry that was bound to a gap changed; returns how many closed."""
    with database.read() as session:
        newest = select(func.max(Change.revision)).where(Change.entry_id == Gap.entry_id)
        wanted = session.execute(
            select(Gap.id, newest.scalar_subquery().label("revision")).where(
                Gap.status == Status.DRAFTING.value,
                newest.scalar_subquery() > Gap.checked_revision,
                newest.scalar_subquery() <= search.replica.revision,
            )
        ).all()
    return sum(check(database, search, row.id, row.revision) for row in wanted)


def check(database: Database, search: SearchService, gap_id: int, revision: int) -> bool:
    """Count which of the gap's questions its entry answers now; tell whether that closed it."""
    with database.read() as session:
        gap = session.get_one(Gap, gap_id)
        entry_id, texts = gap.entry_id, distinct_texts(session, gap_id)[:CHECKED_QUESTIONS]
    answered = sum(_leads_to(search, text, entry_id) for text in texts)
    with database.write() as session:
        gap = session.get_one(Gap, gap_id)
        if gap.status != Status.DRAFTING.value or gap.entry_id != entry_id:
            return False
        gap.answered, gap.checked, gap.checked_revision = answered, len(texts), revision
        if not texts or answered < ENOUGH * len(texts):
            return False
        gap.status, gap.decided_at = Status.ANSWERED.value, clock.now()
        after = {"answered": answered, "checked": len(texts)}
        record(session, system(), "gap_closed_itself", f"gap:{gap_id}", after=after)
        return True


def reopen_asked(session: Session) -> int:
    """Reopen what counted as answered and is asked again and again; returns how many."""
    since = clock.now() - timedelta(days=REOPEN_DAYS)
    again = (
        select(GapQuestion.gap_id)
        .join(Gap, Gap.id == GapQuestion.gap_id)
        .where(
            Gap.status == Status.ANSWERED.value,
            GapQuestion.at > Gap.decided_at,
            GapQuestion.at > since,
        )
        .group_by(GapQuestion.gap_id)
        .having(func.count() > REOPEN_TIMES)
    )
    gaps = session.scalars(select(Gap).where(Gap.id.in_(again))).all()
    for gap in gaps:
        gap.status, gap.lock_version = Status.OPEN.value, gap.lock_version + 1
        gap.reason = f"标为已解答后，{REOPEN_DAYS} 天内又被问了 {REOPEN_TIMES} 次以上，自动重新打开"
        record(session, system(), "gap_reopened", f"gap:{gap.id}", after={"reason": gap.reason})
    return len(gaps)


def distinct_texts(session: Session, gap_id: int) -> list[str]:
    """Return the group's questions, each wording once, the most asked first."""
    rows = session.scalars(
        select(GapQuestion.text).where(GapQuestion.gap_id == gap_id).order_by(GapQuestion.id)
    ).all()
    counts = Counter(map(phrasing_key, rows))
    first: dict[str, str] = {}
    for text in rows:
        first.setdefault(phrasing_key(text), text)
    return [first[key] for key, _ in counts.most_common()]


def _leads_to(search: SearchService, text: str, entry_id: int | None) -> bool:
    """Whether the entry answers, or stands in the list from which citizens choose."""
    found = search.search(text)
    if found.decision is Decision.ANSWER:
        return bool(found.hits) and found.hits[0].entry_id == entry_id
    return found.decision is Decision.CLARIFY and entry_id in {h.entry_id for h in found.hits}
