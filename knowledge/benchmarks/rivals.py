"""Plain ways to search the same entries, to compare with: dense alone, BM25, SQLite's full text."""

import sqlite3
from collections.abc import Callable, Sequence

import faiss

from embeddings.cache import VectorCache
from embeddings.encoders.interface import Encoder
from embeddings.index import Document
from embeddings.text.normalise import normalise
from embeddings.text.segment import words

DEPTH = 100  # phrasings looked at; an entry counts as its best one
Found = list[tuple[int, float]]  # documents with their scores, best first
Search = Callable[[str], Found]


class Phrasings:
    """The phrasings of a base with the documents that they lead to."""

    def __init__(self, documents: Sequence[Document]) -> None:
        pairs = [(text, one.id) for one in documents for text in one.phrasings]
        self.forms = [normalise(text) for text, _ in pairs]
        self.owners = [owner for _, owner in pairs]

    def best(self, rows: Sequence[int], scores: Sequence[float]) -> Found:
        """Return documents by their best phrasing; `rows` are best first."""
        found: dict[int, float] = {}
        for row, score in zip(rows, scores, strict=True):
            found.setdefault(self.owners[row], float(score))
        return list(found.items())


def dense_alone(base: Phrasings, encoder: Encoder, cache: VectorCache) -> Search:
    """One encoder, every vector compared (FAISS IndexFlatIP)."""
    vectors = cache.encode(encoder, base.forms)
    index = faiss.IndexFlatIP(encoder.dimension)
    index.add(vectors)

    def search(text: str) -> Found:
        depth = min(DEPTH, index.ntotal)
        scores, rows = index.search(encoder.encode([normalise(text)]), depth)
        return base.best(rows[0].tolist(), scores[0].tolist())

    return search


def bm25_alone(base: Phrasings) -> Search:
    """BM25 (Lucene's, the defaults of bm25s) over jieba's words.

    Raises:
        ModuleNotFoundError: bm25s is not installed; it is needed for comparing alone.
    """
    import bm25s

    index = bm25s.BM25()
    index.index([words(form) for form in base.forms], show_progress=False)
    depth = min(DEPTH, len(base.forms))

    def search(text: str) -> Found:
        asked = [words(normalise(text))]
        rows, scores = index.retrieve(asked, k=depth, show_progress=False)
        kept = scores[0] > 0  # it also returns texts that share no word
        return base.best(rows[0][kept].tolist(), scores[0][kept].tolist())

    return search


def full_text_alone(base: Phrasings) -> Search:
    """SQLite's FTS5 over words segmented beforehand, ranked by its bm25()."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE texts USING fts5(words, tokenize = 'unicode61')")
    connection.executemany(
        "INSERT INTO texts (rowid, words) VALUES (?, ?)",
        ((row, " ".join(words(form))) for row, form in enumerate(base.forms)),
    )

    def search(text: str) -> Found:
        asked = " OR ".join(f'"{word}"' for word in dict.fromkeys(words(normalise(text))))
        if not asked:
            return []
        rows = connection.execute(
            "SELECT rowid, -bm25(texts) FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?",
            (asked, DEPTH),
        ).fetchall()
        return base.best([row for row, _ in rows], [score for _, score in rows])

    return search
