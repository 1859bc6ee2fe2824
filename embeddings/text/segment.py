"""Tokens for the lexical index: jieba words, and characters with their bigrams."""

import logging
import os
import re
import tempfile
from pathlib import Path
from threading import Lock
from typing import Any

from embeddings.text.lexicon import EMPTY, Lexicon

_RUNS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
LEAST_FREQUENCY = 10

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


def words(text: str, lexicon: Lexicon = EMPTY) -> list[str]:
    """Return jieba's words (search mode) without punctuation.

    A custom word of `lexicon` is a token, besides the words in it. jieba's own dictionary
    is not touched: it is the whole process's, and a list may be tried before it counts.
    """
    cut = _loaded().lcut_for_search
    found: list[str] = []
    for piece, kept in lexicon.split(text):
        inside = [word for word in cut(piece) if _RUNS.match(word)]
        found += [*inside, piece] if kept and piece not in inside else inside
    return found


def _loaded() -> Any:
    """Load jieba once, with its frequent words, from files that nobody else can write."""
    global _jieba  # noqa: PLW0603 - one dictionary a process
    with _lock:
        if _jieba is None:
            import jieba

            jieba.setLogLevel(logging.WARNING)
            folder = _private_folder()
            jieba.dt.tmp_dir = str(folder)
            jieba.set_dictionary(str(_frequent_words(Path(jieba.__file__).parent, folder)))
            jieba.initialize()
            _jieba = jieba
    return _jieba


def _private_folder() -> Path:
    """Return a folder for jieba's cache, which it would trust blindly in the shared one."""
    folder = Path(tempfile.gettempdir()) / f"lianxinqiao-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        return Path(tempfile.mkdtemp(prefix="lianxinqiao-"))
    folder.chmod(0o700)
    return folder


def _frequent_words(package: Path, folder: Path) -> Path:
    """Write jieba's dictionary without its rare words: 50 MB less a process."""
    path = folder / f"frequent-{LEAST_FREQUENCY}.txt"
    if not path.exists():
        lines = (package / "dict.txt").read_text(encoding="utf-8").splitlines(keepends=True)
        aside = folder / f".{path.name}.{os.getpid()}"
        kept = [line for line in lines if int(line.split()[1]) >= LEAST_FREQUENCY]
        aside.write_text("".join(kept), encoding="utf-8")
        aside.replace(path)
    return path
