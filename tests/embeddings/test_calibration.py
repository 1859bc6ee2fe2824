"""The base's own metric, its twins, and the calibration that rests on both."""

from pathlib import Path

import numpy as np
import pytest

from embeddings.cache import VectorCache
from embeddings.index import Document, SearchIndex, metric, twins
from embeddings.index.calibration import calibrate, cross_judged, fit, rehearse
from embeddings.index.ranker import load
from embeddings.index.segment import build
from embeddings.index.trials import Trial
from embeddings.index.types import Promises
from embeddings.metrics import reliability
from tests.embeddings.encoder import NgramEncoder

RANDOM = np.random.default_rng(5)


def trials(count: int, right: float, apart: float = 6.0) -> list[Trial]:
    """Make trials of which the base knows four fifths, and is `right` about these so often."""
    made = []
    for at in range(count):
        inside = at % 5 > 0
        share = float(RANDOM.uniform(0.3, 0.99))
        hit = inside and RANDOM.random() < right * (0.6 + 0.4 * share)
        logit = float(RANDOM.normal(apart / 2 if inside else -apart / 2, 1.5))
        shares = (share, (1 - share) / 2)
        made.append(Trial(logit, shares, (bool(hit), inside), inside, not inside, 1 / count))
    return made


def test_an_adapted_cosine_needs_no_moved_candidate() -> None:
    vectors = RANDOM.normal(size=(40, 12)).astype(np.float32)
    owners = np.repeat(np.arange(10), 4)
    starts = np.arange(0, 41, 4)
    learned = metric.learn(vectors, owners)
    found = metric.measure(learned, vectors, starts)
    asked = RANDOM.normal(size=12).astype(np.float32)
    toward, level = learned.asked(asked)
    plain = learned.adapt(vectors) @ learned.adapt(asked[None])[0]
    assert np.allclose((vectors @ toward - level) / found.lengths, plain, atol=1e-4)
    sums = np.add.reduceat(learned.adapt(vectors), starts[:-1])
    assert np.allclose(found.sums, np.linalg.norm(sums, axis=1), atol=1e-4)


def test_directions_of_wording_count_less() -> None:
    meaning = np.repeat(RANDOM.normal(size=(60, 1)), 5, axis=0)
    wording = RANDOM.normal(size=(300, 1)) * 3
    vectors = np.hstack([meaning, wording]).astype(np.float32)
    learned = metric.learn(vectors, np.repeat(np.arange(60), 5))
    stretched = np.linalg.norm(learned.transform, axis=1)
    assert stretched[0] > 1.5 * stretched[1]


def test_nothing_to_learn_from_leaves_vectors_as_they_are() -> None:
    lone = metric.learn(np.eye(3, dtype=np.float32), np.arange(3))
    assert np.array_equal(lone.transform, np.eye(3, dtype=np.float32))
    assert metric.learn(np.empty((0, 3), np.float32), np.arange(0)).mean.shape == (3,)


def test_entries_that_say_the_same_are_twins(tmp_path: Path) -> None:
    documents = [
        Document(1, ("居住证怎么办", "居住证如何办", "怎么办居住证")),
        Document(2, ("居住证怎么办理", "如何办居住证", "居住证怎么办呢")),
        Document(3, ("公积金提取", "提取公积金", "公积金怎样提取")),
    ]
    segment = build(documents, [NgramEncoder()], VectorCache(tmp_path / "v.db"))
    alike = twins.learn(segment)
    assert alike.of(0, np.arange(3)).tolist()[0]
    assert not alike.of(0, np.arange(3)).tolist()[2]


def test_thresholds_keep_what_was_promised() -> None:
    found = calibrate(trials(4000, 0.95), Promises(0.9, 0.9, 0.98))
    assert found.problem == ""
    again = trials(4000, 0.95)
    answered = [
        one for one in again
        if found.answerable(one.logit) * found.right(np.array(one.shares))[0] >= found.answer_from
    ]  # fmt: skip
    assert len(answered) > 100
    assert np.mean([one.right[0] for one in answered]) >= 0.88
    assert 0.1 <= found.clarify_from <= found.answer_from


def test_more_is_promised_less_is_answered() -> None:
    asked = trials(3000, 0.95)
    strict, lax = (calibrate(asked, Promises(promise, 0.9)) for promise in (0.95, 0.8))
    assert strict.answer_from > lax.answer_from


def test_probabilities_are_what_they_say() -> None:
    bins, error = reliability(cross_judged(trials(4000, 0.9)))
    assert error < 0.05
    assert sum(one.share for one in bins) == pytest.approx(1)
    fitted = fit(trials(4000, 0.9))
    assert fitted.answerable(4.0) > 0.9
    assert fitted.answerable(-4.0) < 0.1


@pytest.mark.parametrize(
    ("asked", "told"),
    [([], "问法太少"), (trials(400, 0.9, apart=0.2), "区分不开")],
    ids=["small", "mixed"],
)
def test_what_cannot_be_calibrated_is_said_and_changes_nothing(
    asked: list[Trial], told: str
) -> None:
    found = rehearse(asked, Promises())
    assert told in found.calibration.problem
    assert found.bins == ()
    assert (found.calibration.answer_from, found.calibration.clarify_from) == (0.75, 0.35)


def test_a_small_base_says_why_it_keeps_the_shipped_thresholds(tmp_path: Path) -> None:
    index = SearchIndex(NgramEncoder(), None, VectorCache(tmp_path / "v.db"))
    index.rebuild([Document(1, ("居住证怎么办", "办居住证"))])
    assert "问法太少" in index.calibration.problem
    assert "问法太少" in index.calibrate().calibration.problem
    index.save(tmp_path / "snapshot", "base", 1)
    index.load(tmp_path / "snapshot", "base")
    assert "问法太少" in index.calibration.problem


@pytest.mark.parametrize("encoders", [1, 2])
def test_the_shipped_numbers_fit_the_features(encoders: int) -> None:
    ranker = load(encoders)
    assert (ranker.scoring.spread > 0).all()
    assert (ranker.scoring.weights >= 0).all()
    assert ranker.scoring.weights.any()
    assert ranker.answering.weights.any()
