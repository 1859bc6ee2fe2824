"""The one clock. Times are stored in UTC and shown in Asia/Shanghai."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_time


def now() -> datetime:
    """Return the present instant, timezone-aware, in UTC."""
    return _source()


def today() -> date:
    """Return the present calendar day in Asia/Shanghai."""
    return now().astimezone(SHANGHAI).date()


def local(instant: datetime) -> datetime:
    """Return `instant` as wall-clock time in Asia/Shanghai."""
    return instant.astimezone(SHANGHAI)


@contextmanager
def frozen(instant: Callable[[], datetime]) -> Iterator[None]:
    """Let tests move the clock: within the block `now()` returns `instant()`."""
    global _source  # noqa: PLW0603 - one clock for the whole process is the point
    before, _source = _source, instant
    try:
        yield
    finally:
        _source = before
