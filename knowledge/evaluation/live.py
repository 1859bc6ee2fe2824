"""The published base, to evaluate on as it serves at this moment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from knowledge import clock
from knowledge.database import Database
from knowledge.entries.content import Window
from knowledge.entries.models import Entry
from knowledge.evaluation.cases import Case
from knowledge.evaluation.naming import Names
from knowledge.evaluation.run import Run, run
from knowledge.evaluation.service import Progress
from knowledge.search.catalogue import listings
from knowledge.search.replica import Replica


@dataclass(frozen=True)
class Published:
    """The published entries: codes by id, standard questions and validity by code.

    `idle` are the codes of entries that are not published; `revision` is the index's.
    """

    names: dict[int, str]
    titles: dict[str, str]
    windows: dict[str, Window]
    idle: frozenset[str]
    phrasings: int
    revision: int
    models: tuple[str, ...]

    @property
    def entries(self) -> int:
        """How many entries are published."""
        return len(self.names)

    def out_of_service(self, codes: Sequence[str]) -> list[str]:
        """Return those of `codes` that cannot be found today: their validity is over or to come."""
        instant = clock.now()
        return [code for code in codes if not self.windows[code].holds(instant)]


def published(database: Database, replica: Replica) -> Published:
    """Return what is published and what the replica, which must be open, knows of it."""
    with database.read() as session:
        listed = listings(session)
        idle = session.scalars(select(Entry.code).where(Entry.published_version_id.is_(None)))
        return Published(
            names={entry_id: one.code for entry_id, one in listed.items()},
            titles={one.code: one.question for one in listed.values()},
            windows={one.code: one.window for one in listed.values()},
            idle=frozenset(idle),
            phrasings=replica.index.phrasings,
            revision=replica.revision,
            models=replica.index.model_ids,
        )


def names_of(base: Published) -> Names:
    """Return how questions' files may call the published entries."""
    return Names(base.titles, base.idle)


def notice_of_validity(base: Published, cases: Sequence[Case]) -> tuple[str, ...]:
    """Tell which expected entries nobody can find today, if there are any."""
    expected = sorted({code for case in cases for code in case.gold})
    away = base.out_of_service(expected)
    if not away:
        return ()
    more = f" 等 {len(away)} 条" if len(away) > 5 else ""
    return (
        f"应命中的条目 {'、'.join(away[:5])}{more}现在不在有效期内，市民查不到，会算作没有找到",
    )


def run_live(
    replica: Replica, base: Published, cases: Sequence[Case], progress: Progress | None = None
) -> Run:
    """Ask the published base as citizens do: only entries in service are found."""
    return run(replica.index, base, cases, progress, _visible(replica, base))


def _visible(replica: Replica, base: Published) -> Callable[[int], bool]:
    """An entry that is published while this runs has no name here yet: it is left out."""
    return lambda entry_id: entry_id in base.names and replica.catalogue.in_service(entry_id)
