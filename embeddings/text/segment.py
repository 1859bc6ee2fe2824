"""Tokens for the lexical index: jieba words, and characters with their bigrams."""

import logging
import os
import re
import stat
import tempfile
import warnings
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

_RUNS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
_lock = Lock()
_jieba: Any = None


@lru_cache(maxsize=65_536)
def characters(text: str) -> tuple[str, ...]:
    """Return Chinese characters, their bigrams, and runs of letters or digits as they are."""
    tokens: list[str] = []
    for run in _RUNS.findall(text):
        if run[0] <= "z":
            tokens.append(run)
            continue
        tokens.extend(run)
        tokens.extend(run[at : at + 2] for at in range(len(run) - 1))
    return tuple(tokens)


@lru_cache(maxsize=65_536)
def character_set(text: str) -> frozenset[str]:
    """Return the distinct tokens of `characters`."""
    return frozenset(characters(text))


@lru_cache(maxsize=65_536)
def words(text: str) -> tuple[str, ...]:
    """Return jieba's words (search mode) without punctuation."""
    return tuple(word for word in _loaded().lcut_for_search(text) if _RUNS.match(word))


def _loaded() -> Any:
    """Load jieba once, with a cache file that nobody else can write.

    jieba would unmarshal a file of a known name from the shared temporary folder.
    """
    global _jieba  # noqa: PLW0603 - one dictionary a process
    if _jieba is not None:
        return _jieba
    with _lock:
        if _jieba is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # its source has invalid escape sequences
                import jieba
            jieba.setLogLevel(logging.WARNING)
            jieba.dt.tmp_dir = str(_private_folder())
            jieba.initialize()
            _jieba = jieba
    return _jieba


def _private_folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"lianxinqiao-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid():
        folder.chmod(0o700)
        return folder
    return Path(tempfile.mkdtemp(prefix="lianxinqiao-"))  # somebody else made it first
