"""Times of actions, in milliseconds."""

import time
from collections.abc import Callable, Sequence

import numpy as np


def times(actions: Sequence[Callable[[str], object]], texts: Sequence[str]) -> list[list[float]]:
    """Time actions in turn, so that what slows the machine slows all of them."""
    taken: list[list[float]] = [[] for _ in actions]
    for text in texts:
        for action, found in zip(actions, taken, strict=True):
            started = time.perf_counter()
            action(text)
            found.append((time.perf_counter() - started) * 1000)
    return taken


def spread(taken: Sequence[float]) -> dict[str, float]:
    """Return median and 95th percentile."""
    return {
        "p50": round(float(np.percentile(taken, 50)), 2),
        "p95": round(float(np.percentile(taken, 95)), 2),
    }
