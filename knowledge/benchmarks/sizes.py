"""What the index costs at a size: building, loading, searching, memory, what candidates miss."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.cache import VectorCache
from embeddings.encoders import load_encoder
from embeddings.index import SearchIndex
from knowledge.benchmarks.made import MadeBase
from knowledge.benchmarks.timing import spread, times
from knowledge.settings import Settings

DEPTH = 10
Say = Callable[[str], None]


@dataclass(frozen=True)
class Measured:
    """Real phrasings and questions to measure with."""

    real: Sequence[str]
    questions: Sequence[str]


def measure(settings: Settings, size: int, with_: Measured, say: Say) -> dict[str, Any]:
    """Build, save, load and search a base of `size` phrasings; times in seconds and ms.

    Vectors lie in a cache before the build's time begins. Up to as many phrasings as
    are real all is real; the others are copies with noise (`MadeBase`).
    """
    specs = [settings.encoder]
    specs += [settings.second_encoder] if settings.second_encoder not in {"", "none"} else []
    encoders = [load_encoder(spec, settings.threads) for spec in specs]
    settings.home.mkdir(parents=True, exist_ok=True)
    known = VectorCache(settings.home / "vectors.db")
    base = MadeBase(with_.real[:size], size)
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=settings.home) as folder:
        cache = VectorCache(Path(folder) / "vectors.db")
        say(f"{size:,} 条问法：向量 …")
        cosines = [base.keep_vectors(encoder, known, cache) for encoder in encoders]
        index = SearchIndex(encoders[0], encoders[1] if len(encoders) > 1 else None, cache)
        say(f"{size:,} 条问法：建索引、存取快照、检索 …")
        figures = _stored(index, base, Path(folder) / "index")
        figures |= _searched(index, with_.questions)
        cache.close()
    known.close()
    if size > len(with_.real):
        figures["copies_cosine"] = [round(cosine, 3) for cosine in cosines]
    return figures


def _stored(index: SearchIndex, base: MadeBase, folder: Path) -> dict[str, Any]:
    before = _memory("VmRSS")
    _forget_peak()
    started = time.perf_counter()
    index.rebuild(base.documents())
    built = time.perf_counter()
    index.save(folder, "bench", 1)
    saved = time.perf_counter()
    peak = _memory("VmHWM")
    index.load(folder, "bench")
    loaded = time.perf_counter()
    return {
        "build_seconds": round(built - started, 1),
        "save_seconds": round(saved - built, 1),
        "load_seconds": round(loaded - saved, 2),
        "snapshot_mb": sum(path.stat().st_size for path in folder.iterdir()) // 2**20,
        "memory_before_mb": before,
        "build_peak_memory_mb": peak,
    }


def _searched(index: SearchIndex, questions: Sequence[str]) -> dict[str, Any]:
    vectors = {question: index.encode(question) for question in questions}
    actions: list[Callable[[str], object]] = [
        index.encode,
        index.search,
        lambda question: index.search(question, vectors=vectors[question]),
        lambda question: index.suggest(question[:6]),
    ]
    for question in questions:  # the pages of a new mapping come one by one
        actions[2](question)
    encode, search, beyond, suggest = times(actions, questions)
    recall = index.recall(questions, list(vectors.values()), DEPTH)
    return {
        "encode_query_ms": spread(encode),
        "search_ms": spread(search),
        "search_beyond_encoding_ms": spread(beyond),
        "suggest_ms": spread(suggest),
        "memory_own_mb": _memory("RssAnon"),
        "memory_mapped_mb": _memory("RssFile"),
        "recall_at_10_against_exact": {name: round(share, 4) for name, share in recall.items()},
    }


def _memory(field: str) -> int:
    """Return a figure of this process in MB; 0 where the system does not tell."""
    path = Path("/proc/self/status")
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    found = [line.split()[1] for line in lines if line.startswith(f"{field}:")]
    return int(found[0]) // 1024 if found else 0


def _forget_peak() -> None:
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text("5", encoding="ascii")
