"""jieba and its dictionary: which words there are, and how a text is cut into them."""

import logging
import os
import tempfile
from pathlib import Path
from threading import Lock
from typing import Any

LEAST_FREQUENCY = 10

_lock = Lock()
_jieba: Any = None


def cut(text: str) -> list[str]:
    """Return the dictionary's words one after the other; what is none stands alone.

    Together they are `text`, punctuation and all.
    """
    found: list[str] = _loaded().lcut(text, HMM=False)
    return found


def cut_for_search(text: str) -> list[str]:
    """Return jieba's words and the shorter words in long ones."""
    found: list[str] = _loaded().lcut_for_search(text)
    return found


def is_word(text: str) -> bool:
    """Tell whether jieba's dictionary has `text`."""
    return bool(_loaded().dt.FREQ.get(text))


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
