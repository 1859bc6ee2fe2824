"""Tokens for the lexical index: jieba words, and characters with their bigrams."""

import logging
import os
import re
import tempfile
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

_RUNS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
_lock = Lock()
_jieba: Any = None


def characters(text: str) -> list[str]:
    """Return Chinese characters, their bigrams, and runs of letters or digits as they are."""
    tokens: list[str] = []
    for run in _RUNS.findall(text):
        if run[0] <= "z":
            tokens.append(run)
            continue
        tokens.extend(run)
        tokens.extend(run[at : at + 2] for at in range(len(run) - 1))
    return tokens


@lru_cache(maxsize=65_536)
def character_set(text: str) -> frozenset[str]:
    """Return the distinct tokens of `characters`."""
    return frozenset(characters(text))


def words(text: str) -> list[str]:
    """Return jieba's words (search mode) without punctuation."""
    return [word for word in _loaded().lcut_for_search(text) if _RUNS.match(word)]


def _loaded() -> Any:
    """Load jieba once, with a cache that nobody else can write."""
    global _jieba  # noqa: PLW0603 - one dictionary a process
    with _lock:
        if _jieba is None:
            import jieba

            jieba.setLogLevel(logging.WARNING)
            folder = Path(tempfile.gettempdir()) / f"lianxinqiao-{os.getuid()}"
            folder.mkdir(mode=0o700, exist_ok=True)
            if folder.stat().st_uid == os.getuid() and not folder.is_symlink():
                folder.chmod(0o700)
                jieba.dt.tmp_dir = str(folder)
            else:  # somebody else made it first: go without a cache on disk
                jieba.dt.tmp_dir = tempfile.mkdtemp(prefix="lianxinqiao-")
            jieba.initialize()
            _jieba = jieba
    return _jieba
