"""Tunes the encoder on the published phrasings; keeps it only where it is better."""

import errno
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from embeddings.cache import VectorCache
from embeddings.encoders import Encoder, load_tuned
from embeddings.encoders.blob import Blob
from embeddings.encoders.unpacking import bundled, unpacked
from embeddings.index.segment import Segment
from embeddings.index.segment import build as build_segment
from embeddings.index.twins import Twins
from embeddings.index.twins import learn as learn_twins
from embeddings.text.normalise import normalise
from embeddings.tuning.judging import Figures, judge
from embeddings.tuning.training import STEPS, train
from knowledge import clock
from knowledge.database import Database
from knowledge.entries.cards import searchable
from knowledge.errors import KnowledgeError
from knowledge.feed.service import Head, head
from knowledge.search import encoders
from knowledge.settings import Settings
from knowledge.tuning.base import Parted, part
from knowledge.tuning.store import TunedModels, model_of

log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
Stage = Callable[[str], None]


class TuningError(KnowledgeError):
    """Tuning cannot be done here."""


@dataclass(frozen=True)
class Tuning:
    """What came of it; `model` is the id of the encoder that serves from now on, if one does."""

    before: Figures
    after: Figures
    held: int
    model: str = ""


def tune(
    settings: Settings,
    database: Database,
    minutes: float,
    stage: Stage,
    progress: Progress,
    steps: int = STEPS,
) -> Tuning:
    """Tune on what is published now, compare, and keep the new encoder if it is better.

    It starts from the bundled encoder and is compared with the one that serves. Nothing
    that serves changes before the end: an interruption leaves all as it was.

    Raises:
        SmallBaseError: there are too few phrasings.
        ConflictError: another tuning runs.
        TuningError: another encoder than the bundled one serves, or the disk is full.
    """
    if settings.encoder != encoders.TUNABLE:
        raise TuningError(
            f"只能微调自带的编码器：HOTLINE_ENCODER 现为“{settings.encoder}”，应为 e5"
        )
    models = TunedModels(settings.home)
    try:
        with models.locked():
            return _tuned(settings, database, models, _Told(minutes, stage, progress, steps))
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise TuningError(
            f"磁盘已满，没有微调，原来的编码器照常使用。请在 {settings.home} 所在的磁盘腾出 1 GB"
        ) from error


@dataclass(frozen=True)
class _Told:
    minutes: float
    stage: Stage
    progress: Progress
    steps: int


def _tuned(settings: Settings, database: Database, models: TunedModels, told: _Told) -> Tuning:
    with database.read() as session:
        newest = head(session)
        documents = [found.document for found in searchable(session)]
    parted = part(documents)
    cache = VectorCache(settings.home / "vectors.db")
    try:
        serving, second = encoders.first(settings), encoders.second(settings)
        others = [second] if second is not None else []
        told.stage("检验现在的编码器")
        segment = build_segment(parted.shown, [serving, *others], cache)
        alike = _Alike(segment, learn_twins(segment))
        held = [(text, frozenset({owner})) for text, owner in parted.held]
        before = judge([serving, *others], cache, parted.shown, held)
        told.stage("训练")
        weights = _trained(models, parted, alike, told)
        told.stage("检验新的编码器")
        after = _judged(weights, settings, others, cache, parted, held)
        if not after.better_than(before):
            return Tuning(before, after, len(held))
        model = models.keep(weights, _manifest(newest, before, after, len(held)))
        log.info("encoder_tuned", model=model, revision=newest.revision)
        return Tuning(before, after, len(held), model)
    finally:
        cache.close()


def _trained(models: TunedModels, parted: Parted, alike: "_Alike", told: _Told) -> bytes:
    entries = [[normalise(text) for text in one.phrasings] for one in parted.shown]
    folder = unpacked(models.folder)
    blob = Blob.read(bundled())
    return train(folder, blob, entries, alike, told.minutes, told.progress, told.steps)


def _judged(
    weights: bytes,
    settings: Settings,
    others: Sequence[Encoder],
    cache: VectorCache,
    parted: Parted,
    held: Sequence[tuple[str, frozenset[int]]],
) -> Figures:
    """Judge what would serve: the file of weights in the engine, not the network in training."""
    path = _written(settings.home / "models", weights)
    try:
        encoder = load_tuned(path, path.name.strip("."), settings.threads)
        return judge([encoder, *others], cache, parted.shown, held)
    finally:
        path.unlink()


def _written(folder: Path, weights: bytes) -> Path:
    path = folder / f".tuned-{model_of(weights)}"
    path.write_bytes(weights)
    return path


def _manifest(newest: Head, before: Figures, after: Figures, held: int) -> dict[str, Any]:
    return {
        "base": newest.base_id,
        "revision": newest.revision,
        "date": clock.now().isoformat(),
        "held": held,
        "before": asdict(before),
        "after": asdict(after),
    }


class _Alike:
    """Tells which entries ask the same, by their numbers in the base."""

    def __init__(self, segment: Segment, twins: Twins) -> None:
        self._segment = segment
        self._twins = twins

    def __call__(self, entry: int, others: Sequence[int]) -> bool:
        if not len(others):
            return False
        return bool(self._twins.of(entry, np.asarray(others, dtype=np.int64)).any())
