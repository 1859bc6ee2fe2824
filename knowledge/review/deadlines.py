"""How long a step may take, and until when."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from knowledge import clock


@dataclass(frozen=True)
class Deadlines:
    """Whole days that each review may take; the last one counts until its midnight in Shanghai."""

    department_days: int = 3
    hotline_days: int = 2

    def department_due(self) -> datetime:
        """Return until when the department is to have reviewed what it gets now."""
        return _end_of_day(self.department_days)

    def hotline_due(self) -> datetime:
        """Return until when the hotline is to have reviewed what it gets now."""
        return _end_of_day(self.hotline_days)


def _end_of_day(days: int) -> datetime:
    last = clock.today() + timedelta(days=days + 1)
    return datetime.combine(last, time.min, clock.SHANGHAI)
