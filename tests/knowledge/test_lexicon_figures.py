"""What the shipped list is worth on a real city's questions, asked in other words."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from embeddings.cache import VectorCache
from embeddings.encoders import load_encoder
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.index import SearchIndex
from embeddings.text.normalise import normalise
from knowledge.evaluation.cases import Case, read_cases, read_corpus
from knowledge.evaluation.service import outcomes, report
from knowledge.lexicon.shipped import shipped
from tests.places import evaluation_data


class Remembering:
    """An encoder that encodes no text twice: the same questions are asked again and again."""

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        self.model_id, self.dimension = encoder.model_id, encoder.dimension
        self._encoder, self._cache = encoder, cache

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self._cache.encode(self._encoder, texts)


def in_other_words(case: Case, phrasings: str) -> list[Case]:
    """Return the question with one term replaced, wherever the base lacks the new term."""
    list_, form = shipped(), normalise(case.text)
    found = []
    for variant in list_.variants(form):
        back = list_.rewritten(variant, lambda term: term in phrasings)
        if back is not None:
            found.append(replace(case, text=variant))
    return found


@pytest.mark.timeout(900)  # nearly two thousand texts by two encoders, on a busy machine
def test_the_shipped_list_helps_where_it_is_needed_and_harms_nowhere(tmp_path: Path) -> None:
    data = evaluation_data() / "eval" / "gov_dev"
    corpus = read_corpus(data / "corpus.jsonl")
    cases = read_cases(data / "queries.jsonl", frozenset(corpus.names.values()))
    outside = read_cases(data / "out_of_scope.jsonl", frozenset())[::2]
    texts = [text for document in corpus.documents for text in document.phrasings]
    phrasings = "\n".join(map(normalise, texts))
    other = [variant for case in cases for variant in in_other_words(case, phrasings)]
    assert len(other) >= 50
    cache = VectorCache(tmp_path / "v.db")
    encoders = [Remembering(load_encoder(name), cache) for name in ("e5", "use")]
    index = SearchIndex(encoders[0], encoders[1], cache)
    index.rebuild(corpus.documents)

    def figures() -> tuple[dict[str, Any], dict[str, Any]]:
        refused = outcomes(index, corpus, outside)
        asked = report(corpus, outcomes(index, corpus, cases), refused)
        return asked, report(corpus, outcomes(index, corpus, other), None)

    plain, plain_other = figures()
    index.use(shipped())
    with_list, other_with_list = figures()
    assert other_with_list["lenient_at_1"] >= plain_other["lenient_at_1"] + 0.02
    direct = other_with_list["decisions"]["answer"]
    assert direct["share"] >= plain_other["decisions"]["answer"]["share"] + 0.05
    assert direct["precision"] >= 0.92
    for name in ("lenient_at_1", "recall_at_5"):
        assert with_list[name] >= plain[name]
    assert with_list["out_of_scope"]["auroc"] >= plain["out_of_scope"]["auroc"] - 0.001
    assert with_list["out_of_scope"]["refused"] >= plain["out_of_scope"]["refused"] - 0.01
    assert with_list["decisions"]["answer"]["precision"] >= 0.92
