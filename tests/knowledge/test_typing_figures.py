"""What synonyms and mended slips are worth on a real city's questions, typed as people type."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from embeddings.cache import VectorCache
from embeddings.encoders import load_encoder
from embeddings.encoders.interface import Encoder, Vectors
from embeddings.index import SearchIndex
from embeddings.text import spelling
from embeddings.text.dictionary import cut, is_word
from embeddings.text.glyphs import look_alike, sound_alike
from embeddings.text.lexicon import EMPTY
from embeddings.text.normalise import normalise
from knowledge.evaluation.cases import Case, Corpus, read_cases, read_corpus
from knowledge.evaluation.service import outcomes, report
from knowledge.lexicon.shipped import shipped
from tests.places import evaluation_data

pytestmark = pytest.mark.timeout(900)  # thousands of texts by two encoders, on a busy machine


class Remembering:
    """An encoder that encodes no text twice: the same questions are asked again and again."""

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        self.model_id, self.dimension = encoder.model_id, encoder.dimension
        self._encoder, self._cache = encoder, cache

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self._cache.encode(self._encoder, texts)


@dataclass(frozen=True)
class City:
    """A real city's base, indexed, its citizens' questions and those that it cannot answer."""

    index: SearchIndex
    corpus: Corpus
    cases: list[Case]
    outside: list[Case]

    def figures(self, asked: Sequence[Case]) -> dict[str, Any]:
        return report(self.corpus, outcomes(self.index, self.corpus, asked), None)

    def with_refusals(self) -> dict[str, Any]:
        refused = outcomes(self.index, self.corpus, self.outside)
        return report(self.corpus, outcomes(self.index, self.corpus, self.cases), refused)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    data = evaluation_data() / "eval" / "gov_dev"
    corpus = read_corpus(data / "corpus.jsonl")
    cases = read_cases(data / "queries.jsonl", frozenset(corpus.names.values()))
    outside = read_cases(data / "out_of_scope.jsonl", frozenset())[::2]
    cache = VectorCache(tmp_path_factory.mktemp("typing") / "v.db")
    encoders = [Remembering(load_encoder(name), cache) for name in ("e5", "use")]
    index = SearchIndex(encoders[0], encoders[1], cache)
    index.rebuild(corpus.documents)
    return City(index, corpus, cases, outside)


def in_other_words(case: Case, phrasings: str) -> list[Case]:
    """Return the question with one term replaced, wherever the base lacks the new term."""
    list_, form = shipped(), normalise(case.text)
    found = []
    for variant in list_.variants(form):
        back = list_.rewritten(variant, lambda term: term in phrasings)
        if back is not None:
            found.append(replace(case, text=variant))
    return found


def with_a_slip(case: Case, alphabet: str, chance: random.Random) -> Case | None:
    """Return the question with one character of a word wrong; None if it has no word.

    Two of three slips sound right, as from a keyboard; one looks right, as from a finger.
    """
    pieces = cut(normalise(case.text))
    places = [
        (at, inside)
        for at, piece in enumerate(pieces)
        if len(piece) > 1 and not piece.isascii()
        for inside in range(len(piece))
    ]
    chance.shuffle(places)
    alike = look_alike if chance.random() < 1 / 3 else sound_alike
    for at, inside in places:
        piece, right = pieces[at], pieces[at][inside]
        wrong = [
            made
            for one in alphabet
            if one != right and alike(right, one)
            if not is_word(made := piece[:inside] + one + piece[inside + 1 :])
        ]
        if wrong:
            return replace(
                case, text="".join([*pieces[:at], chance.choice(wrong[:8]), *pieces[at + 1 :]])
            )
    return None


def harms_nothing(after: dict[str, Any], before: dict[str, Any]) -> None:
    for name in ("lenient_at_1", "recall_at_5"):
        assert after[name] >= before[name]
    assert after["out_of_scope"]["auroc"] >= before["out_of_scope"]["auroc"] - 0.001
    assert after["out_of_scope"]["refused"] >= before["out_of_scope"]["refused"] - 0.01
    assert after["decisions"]["answer"]["precision"] >= 0.92


def test_the_shipped_list_helps_where_it_is_needed_and_harms_nowhere(city: City) -> None:
    texts = [text for document in city.corpus.documents for text in document.phrasings]
    phrasings = "\n".join(map(normalise, texts))
    other = [variant for case in city.cases for variant in in_other_words(case, phrasings)]
    assert len(other) >= 50
    plain, plain_other = city.with_refusals(), city.figures(other)
    city.index.use(shipped())
    with_list, other_with_list = city.with_refusals(), city.figures(other)
    city.index.use(EMPTY)
    assert other_with_list["lenient_at_1"] >= plain_other["lenient_at_1"] + 0.02
    direct = other_with_list["decisions"]["answer"]
    assert direct["share"] >= plain_other["decisions"]["answer"]["share"] + 0.05
    assert direct["precision"] >= 0.92
    harms_nothing(with_list, plain)


def test_slips_are_mended_and_questions_without_any_are_left_alone(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = [one for text in city.corpus.documents for one in "".join(text.phrasings)]
    alphabet = "".join(dict.fromkeys(one for one in common if is_word(one)))
    chance = random.Random(12)
    mistyped = [
        slip for case in city.cases * 2 if (slip := with_a_slip(case, alphabet, chance)) is not None
    ]
    assert len(mistyped) >= 250
    mended, well_typed = city.figures(mistyped), city.with_refusals()
    monkeypatch.setattr(spelling, "_meant", lambda *_: None)
    left, well_typed_left = city.figures(mistyped), city.with_refusals()
    assert mended["lenient_at_1"] >= left["lenient_at_1"] + 0.02
    assert mended["decisions"]["answer"]["share"] >= left["decisions"]["answer"]["share"] + 0.05
    assert mended["decisions"]["answer"]["precision"] >= 0.9
    harms_nothing(well_typed, well_typed_left)
