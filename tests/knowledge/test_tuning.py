"""A tuned encoder serves, is undone, and gives way when it is damaged."""

from pathlib import Path

import pytest

from embeddings.encoders.blob import Blob
from embeddings.encoders.unpacking import bundled
from embeddings.index import Document
from embeddings.tuning.judging import Figures
from knowledge.database import Database
from knowledge.errors import ConflictError
from knowledge.people.actor import system
from knowledge.search import encoders
from knowledge.search.service import SearchService
from knowledge.seed.loader import load
from knowledge.settings import Settings
from knowledge.tuning.base import SmallBaseError, part
from knowledge.tuning.service import tune
from knowledge.tuning.store import TunedModelError, TunedModels
from tests.waiting import within


def altered() -> bytes:
    blob = Blob.read(bundled())
    return blob.with_({"l11.oln.b": blob.values("l11.oln.b") + 0.01})


@pytest.fixture(scope="module")
def weights() -> bytes:
    return altered()


def test_a_process_changes_over_while_it_serves_and_back(
    tmp_path: Path, database: Database, weights: bytes
) -> None:
    settings, models = Settings(home=tmp_path, second_encoder="none"), TunedModels(tmp_path)
    service = SearchService(settings, database)
    service.start()
    try:
        before = service.replica.index.model_ids
        with models.locked():
            model = models.keep(weights, {})
        assert within(60, lambda: service.replica.index.model_ids != before)
        assert service.replica.index.model_ids[0].endswith(f"tuned-{model}")
        assert service.ready
        assert models.undo() == ""
        assert within(60, lambda: service.replica.index.model_ids == before)
        with pytest.raises(ConflictError, match="没有可以撤销的微调"):
            models.undo()
    finally:
        service.close()


def test_a_damaged_or_missing_model_gives_way_to_the_bundled_one(
    tmp_path: Path, weights: bytes
) -> None:
    settings, models = Settings(home=tmp_path), TunedModels(tmp_path)
    model = models.keep(weights, {})
    path = models.weights(model)
    assert encoders.first(settings).model_id.endswith(f"tuned-{model}")
    damaged = bytearray(weights)
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(bytes(damaged))
    with pytest.raises(TunedModelError, match="已损坏"):
        models.weights(model)
    assert encoders.first(settings).model_id.endswith("/query")
    path.unlink()
    assert encoders.first(settings).model_id.endswith("/query")
    (models.folder / "serving").write_text("../../etc", encoding="ascii")
    assert encoders.first(settings).model_id.endswith("/query")


def test_two_cannot_tune_at_once_and_a_small_base_is_told_so(
    tmp_path: Path, database: Database
) -> None:
    settings = Settings(home=tmp_path)
    quiet = (1.0, lambda _: None, lambda *_: None)
    with TunedModels(tmp_path).locked(), pytest.raises(ConflictError, match="另一次微调"):
        tune(settings, database, *quiet)
    with pytest.raises(SmallBaseError, match="只有 0 条，至少要 50 条"):
        tune(settings, database, *quiet)


def test_held_out_phrasings_are_not_shown() -> None:
    base = [Document(at, (f"标准问{at}", f"相似问{at}", f"再问{at}")) for at in range(60)]
    found = part(base)
    shown = {text for one in found.shown for text in one.phrasings}
    assert len(found.held) == 20
    assert all(text not in shown and text == f"再问{owner}" for text, owner in found.held)
    assert {f"标准问{at}" for at in range(60)} <= shown


def test_a_model_is_kept_only_if_nothing_that_counts_got_worse() -> None:
    before = Figures(0.7, 0.9, 0.99, 0.95)
    assert Figures(0.8, 0.9, 0.99, 0.95).better_than(before)
    assert not before.better_than(before)
    for worse in ((0.8, 0.8, 0.99, 0.95), (0.8, 0.9, 0.98, 0.95), (0.8, 0.9, 0.99, 0.9)):
        assert not Figures(*worse).better_than(before)


@pytest.mark.filterwarnings("ignore")  # of the libraries of training, not of ours
def test_a_real_base_is_tuned_or_left_as_it_was(tmp_path: Path, database: Database) -> None:
    load(database, system("test"))
    settings, models = Settings(home=tmp_path, second_encoder="none"), TunedModels(tmp_path)
    stages: list[str] = []
    found = tune(settings, database, 2.0, stages.append, lambda *_: None, steps=2)
    assert len(stages) == 3
    assert found.held >= 20
    assert (found.model != "") == found.after.better_than(found.before)
    assert models.serving == found.model
    assert not [one for one in models.folder.iterdir() if one.name.startswith(".")]
