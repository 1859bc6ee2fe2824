"""A progress bar for callbacks `(done, total)`."""

from collections.abc import Callable
from typing import Any

import click


class progress:  # noqa: N801 - reads as `with progress("…")`
    """A bar that is drawn once the total is known."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None
        self._done = 0

    def __enter__(self) -> Callable[[int, int], None]:
        return self._report

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)

    def _report(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = click.progressbar(length=total, label=self._label)
            self._bar.__enter__()
        self._bar.update(done - self._done)
        self._done = done
