"""The same questions asked of the ranking and of plain ways to search, side by side."""

import time
from collections.abc import Sequence
from typing import Any

from embeddings.cache import VectorCache
from embeddings.encoders import load_encoder
from embeddings.metrics import auroc, mrr_at_k, recall_at_k
from knowledge.benchmarks.rivals import (
    Found,
    Phrasings,
    Search,
    bm25_alone,
    dense_alone,
    full_text_alone,
)
from knowledge.benchmarks.timing import spread
from knowledge.evaluation.cases import Case, Corpus
from knowledge.search.building import build_index
from knowledge.settings import Settings

DEPTH = 10


def compare(
    settings: Settings, corpus: Corpus, cases: Sequence[Case], outside: Sequence[Case]
) -> dict[str, dict[str, Any]]:
    """Return quality and latency of each way to search, by its name.

    `auroc` tells how well the best hit's score (ours: the probability that the base
    answers) parts the questions that the base answers from `outside`.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    cache = VectorCache(settings.home / "vectors.db")
    encoder = load_encoder(settings.encoder, settings.threads)
    base = Phrasings(corpus.documents)
    ours = build_index(settings)
    ours.rebuild(corpus.documents)

    def ranked(text: str) -> Found:
        ranking = ours.search(text, DEPTH)
        hits = [(hit.id, hit.score) for hit in ranking.hits]
        return [(hits[0][0], ranking.answerable), *hits[1:]] if hits else []

    ways: dict[str, Search] = {
        f"dense ({settings.encoder}, FAISS flat)": dense_alone(base, encoder, cache),
        "BM25 (bm25s, jieba)": bm25_alone(base),
        "FTS5 (SQLite, jieba)": full_text_alone(base),
        "hotline": ranked,
    }
    figures = {name: _figures(search, corpus, cases, outside) for name, search in ways.items()}
    cache.close()
    return figures


def _figures(
    search: Search, corpus: Corpus, cases: Sequence[Case], outside: Sequence[Case]
) -> dict[str, Any]:
    search(cases[0].text)
    taken: list[float] = []

    def asked(case: Case) -> Found:
        started = time.perf_counter()
        found = search(case.text)
        taken.append((time.perf_counter() - started) * 1000)
        return found

    inside = [asked(case) for case in cases]
    beyond = [asked(case) for case in outside]
    names = [[corpus.names[document] for document, _ in found] for found in inside]
    strict = [(found, case.gold) for found, case in zip(names, cases, strict=True)]
    lenient = [(found, case.lenient) for found, case in zip(names, cases, strict=True)]
    return {
        "recall_at_1": round(recall_at_k(strict, 1), 4),
        "lenient_at_1": round(recall_at_k(lenient, 1), 4),
        "recall_at_5": round(recall_at_k(strict, 5), 4),
        "mrr_at_10": round(mrr_at_k(strict, DEPTH), 4),
        "auroc": round(auroc([_top(f) for f in inside], [_top(f) for f in beyond]), 4)
        if beyond
        else None,
        "latency_ms": spread(taken),
    }


def _top(found: Found) -> float:
    return found[0][1] if found else float("-inf")
