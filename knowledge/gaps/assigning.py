"""Put collected questions into groups: new ones as they come, or all that nobody decided on."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.database import Database
from knowledge.entries.content import phrasing_key
from knowledge.gaps.collecting import Reason
from knowledge.gaps.grouping import Group, Vectors, central, grow, inherit
from knowledge.gaps.models import Gap, GapQuestion
from knowledge.gaps.status import Status

REMEMBERED = timedelta(days=365)
PORTION = 500
TITLE_LENGTH = 128

Encode = Callable[[list[str]], Vectors]


@dataclass
class Asked:
    """All questions with the same words: the group they are in, how they ended.

    `loose` are the rows that are in no group yet, or in one that may be taken apart.
    """

    text: str
    gap_id: int | None
    loose: list[int] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)


def assign(database: Database, encode: Encode, *, anew: bool = False) -> int:
    """Group what is not in a group yet; returns how many groups are new.

    Groups that staff decided on keep what they have and take in what is like them. `anew`
    takes all others apart first: each new group bears the id of the old one with which it
    shares the most, and of the old ones only what is empty then goes.
    """
    with database.read() as session:
        free = _undecided(session) if anew else set()
        asked = _asked(session, free)
    fresh = [at for at, one in enumerate(asked) if one.gap_id is None or one.gap_id in free]
    if not any(one.loose for one in asked):
        return 0
    vectors = encode([one.text for one in asked])
    taken = set(fresh)
    groups: dict[int, Group] = {}
    for at, one in enumerate(asked):
        if at not in taken and one.gap_id is not None:
            groups.setdefault(one.gap_id, Group(one.gap_id)).add(at, vectors[at])
    kept = list(groups.values())
    made = grow(kept, vectors, fresh)
    if anew:
        before: dict[int, set[int]] = {}
        for at in fresh:
            gap_id = asked[at].gap_id
            if gap_id is not None:
                before.setdefault(gap_id, set()).add(at)
        inherit(made, before)
    with database.write() as session:
        return _write(session, asked, vectors, [*kept, *made])


def _undecided(session: Session) -> set[int]:
    wanted = select(Gap.id).where(Gap.status == Status.OPEN.value, Gap.lock_version == 1)
    return set(session.scalars(wanted))


def _asked(session: Session, free: set[int]) -> list[Asked]:
    """Return the questions of the last year by their words; the same words are in one group."""
    rows = session.execute(
        select(GapQuestion.id, GapQuestion.text, GapQuestion.gap_id, GapQuestion.reason)
        .where(GapQuestion.at > clock.now() - REMEMBERED)
        .order_by(GapQuestion.id)
    ).all()
    found: dict[str, Asked] = {}
    for row in rows:
        one = found.setdefault(phrasing_key(row.text), Asked(row.text, row.gap_id))
        settled = row.gap_id is not None and row.gap_id not in free
        if settled or one.gap_id is None:
            one.gap_id = row.gap_id
        if not settled:
            one.loose.append(row.id)
        one.reasons[row.reason] += 1
    return list(found.values())


def _write(session: Session, asked: list[Asked], vectors: Vectors, groups: list[Group]) -> int:
    """Store who is in which group; what staff decided meanwhile stays."""
    free = _undecided(session)
    instant, new = clock.now(), 0
    moves: list[dict[str, object]] = []
    titles: list[dict[str, object]] = []
    for group in groups:
        added = [row for at in group.members for row in asked[at].loose]
        if not added:
            continue
        title = _title(asked, vectors, group)
        if group.id is None:
            group.id = session.scalars(
                insert(Gap)
                .values(title=title, status=Status.OPEN.value, created_at=instant)
                .returning(Gap.id)
            ).one()
            new += 1
        elif group.id in free:
            titles.append({"id": group.id, "title": title})
        target = _standing(session, group.id)
        moves += [{"id": row, "gap_id": target} for row in added]
    if titles:
        session.execute(update(Gap), titles)
    _move(session, moves, free)
    return new


def _move(session: Session, moves: list[dict[str, object]], free: set[int]) -> None:
    """Move questions, but none out of a group that staff decided on meanwhile."""
    decided: set[int] = set()
    ids = [move["id"] for move in moves]
    for start in range(0, len(ids), PORTION):
        rows = session.execute(
            select(GapQuestion.id, GapQuestion.gap_id).where(
                GapQuestion.id.in_(ids[start : start + PORTION])
            )
        )
        decided |= {row.id for row in rows if row.gap_id is not None and row.gap_id not in free}
    wanted = [move for move in moves if move["id"] not in decided]
    if wanted:
        session.execute(update(GapQuestion), wanted)
    filled = select(GapQuestion.gap_id).where(GapQuestion.gap_id.is_not(None))
    session.execute(
        delete(Gap).where(
            Gap.status == Status.OPEN.value, Gap.lock_version == 1, Gap.id.not_in(filled)
        )
    )


def _standing(session: Session, gap_id: int) -> int:
    """Return the group into which this one was merged, or itself."""
    while True:
        merged = session.scalar(select(Gap.merged_into).where(Gap.id == gap_id))
        if merged is None:
            return gap_id
        gap_id = merged


def _title(asked: list[Asked], vectors: Vectors, group: Group) -> str:
    """Return the most central question; a note tells a story, and is the last resort."""
    members = [
        at
        for at in group.members
        if len(asked[at].text) <= TITLE_LENGTH and set(asked[at].reasons) != {Reason.NOTE.value}
    ] or group.members
    times = [sum(asked[at].reasons.values()) for at in members]
    return asked[central(np.asarray(vectors), members, times)].text
