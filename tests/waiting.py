"""Waits for what other threads and processes do."""

import time
from collections.abc import Callable


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Tell whether `holds` becomes true in so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def within_a_second(holds: Callable[[], bool]) -> bool:
    """Tell whether `holds` becomes true as fast as a published change must count."""
    return within(1.0, holds)
