"""What a test before publish costs: frozen questions, many, against a base of many phrasings."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from embeddings.cache import VectorCache
from embeddings.encoders import load_encoder
from embeddings.index import Document, SearchIndex
from knowledge.benchmarks.made import PHRASINGS, MadeBase
from knowledge.checks.trial import RANKED
from knowledge.settings import Settings

TRIED = 5  # entries, spread over the base
SHOWN = 5
Say = Callable[[str], None]


def measure(settings: Settings, real: Sequence[str], size: int, say: Say) -> dict[str, Any]:
    """Try new wordings on `size` stored phrasings and as many other questions; seconds.

    The stored phrasings are real as far as `real` goes; the questions are further copies,
    each for another place, with vectors of noise as `MadeBase` tells, and lie in the cache
    before the time begins. Made of few matters, far more of them are near an entry than in
    a grown base: this is the worst case.
    """
    specs = [settings.encoder, settings.second_encoder]
    encoders = [load_encoder(one, settings.threads) for one in specs if one not in {"", "none"}]
    settings.home.mkdir(parents=True, exist_ok=True)
    known = VectorCache(settings.home / "vectors.db")
    base, stored = MadeBase(real[:size], 2 * size), MadeBase(real[:size], size)
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=settings.home) as folder:
        cache = VectorCache(Path(folder) / "vectors.db")
        say(f"试问 {size:,} 题：向量 …")
        for encoder in encoders:
            base.keep_vectors(encoder, known, cache)
        index = SearchIndex(encoders[0], encoders[1] if len(encoders) > 1 else None, cache)
        say(f"试问 {size:,} 题：建索引、试问 …")
        documents = list(stored.documents())
        index.rebuild(documents)
        asked = [base.text(at) for at in range(size, 2 * size)]
        tried = [_tried(index, one, asked) for one in documents[:: len(documents) // TRIED]]
        cache.close()
    known.close()
    return {
        "questions": len(asked) + index.phrasings,
        "near": [near for near, _, _ in tried],
        "ranked_at_most": RANKED,
        "seconds": [round(seconds, 2) for _, seconds, _ in tried],
        "processor_seconds": [round(seconds, 2) for _, _, seconds in tried],
    }


def _tried(
    index: SearchIndex, document: Document, asked: Sequence[str]
) -> tuple[int, float, float]:
    """Try the entry with a phrasing more; returns how many are near, seconds, and of processors."""
    added = f"{document.phrasings[-1]}（{PHRASINGS + 1}）"
    started, worked = time.perf_counter(), time.process_time()
    swap = index.beside(Document(document.id, (*document.phrasings, added)))
    near = [*swap.phrasings(), *swap.near(asked)]
    near.sort(key=lambda one: -one.likeness)
    for one in near[:RANKED]:
        swap.rankings(one, SHOWN, lambda _: True, lambda _: True)
    return len(near), time.perf_counter() - started, time.process_time() - worked
