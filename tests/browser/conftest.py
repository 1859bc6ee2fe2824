"""The whole system in child processes, and a real browser."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from knowledge.settings import load_settings
from web.serving.stack import Stack

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`hotline run`: Rasa, action server, index, web; started from nothing."""
    python = os.environ.get("HOTLINE_RASA_PYTHON", str(load_settings().rasa_python))
    running = Stack(
        tmp_path_factory.mktemp("stack"),
        {
            "HOTLINE_RASA_PYTHON": python,
            "HOTLINE_MESSAGES_PER_MINUTE": "10000",
            "HOTLINE_ADDRESS_MESSAGES_PER_MINUTE": "10000",
        },
    )
    running.start(600)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def passwords(stack: Stack) -> dict[str, str]:
    """The accounts as the first start printed them."""
    pairs = re.findall(r"^    (\w+) +(\S{14})  ", stack.said(), re.MULTILINE)
    return dict(pairs)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    assert path is not None, "no Chromium: make browser"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(Path(path)), args=ARGUMENTS)
        yield opened
        opened.close()
