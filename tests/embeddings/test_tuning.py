"""The bundled weights unpacked, trained with the real trainer, and packed for the engine again."""

from pathlib import Path

import pytest

from embeddings.cache import VectorCache
from embeddings.encoders import EncoderError, load_encoder, load_tuned
from embeddings.encoders.blob import Blob
from embeddings.encoders.unpacking import bundled, unpack, unpacked
from embeddings.index import Document, SearchIndex
from embeddings.tuning.pairs import batches
from embeddings.tuning.training import train
from tests.embeddings.encoder import NgramEncoder

TEXTS = ["身份证丢了怎么补办", "公积金怎么提取", "3岁小孩打疫苗要带什么", "ＶＩＰ ｃａｒｄ①"]
ENTRIES = [
    ("身份证丢了怎么补办", "补办身份证", "身份证遗失"),
    ("公积金怎么提取", "取公积金"),
    ("营业执照在哪里办", "办执照"),
]


@pytest.mark.filterwarnings("ignore")  # of the libraries of training, not of ours
def test_what_was_trained_is_served_by_the_engine_as_it_is(tmp_path: Path) -> None:
    folder = unpacked(tmp_path)
    plain, engine = load_encoder(str(folder)), load_encoder("e5")
    assert ((plain.encode(TEXTS) * engine.encode(TEXTS)).sum(axis=1) > 0.9995).all()
    blob = Blob.read(bundled())
    told: list[tuple[int, int]] = []
    weights = train(
        folder, blob, ENTRIES, lambda *_: False, 5, lambda *at: told.append(at), steps=3
    )
    assert told[-1] == (3, 3)
    assert len(weights) == bundled().stat().st_size
    path = tmp_path / "weights.bin"
    path.write_bytes(weights)
    tuned = load_tuned(path, "tuned-x")
    assert tuned.model_id != engine.model_id
    moved = (tuned.encode(TEXTS) * engine.encode(TEXTS)).sum(axis=1)
    assert (moved < 0.99999).all()
    unpack(Blob(weights), tmp_path / "again")
    again = load_encoder(str(tmp_path / "again"))
    assert ((again.encode(TEXTS) * tuned.encode(TEXTS)).sum(axis=1) > 0.9995).all()


def test_a_cut_off_file_of_weights_is_refused() -> None:
    data = bundled().read_bytes()
    for wrong in (b"", data[:100], data[: len(data) // 2], b"NOPE" + data[4:200]):
        with pytest.raises(EncoderError, match="不完整"):
            Blob(wrong)


def test_no_batch_holds_an_entry_twice_or_entries_that_ask_the_same() -> None:
    entries = [(f"问{at}", f"怎么问{at}") for at in range(20)] + [("只有一条",), ("同", "同")]
    found = list(
        batches(entries, lambda one, others: any(one // 2 == o // 2 for o in others), 8, 9)
    )
    assert len(found) == 9
    for batch in found:
        owners = [pair.owner for pair in batch]
        assert len({owner // 2 for owner in owners}) == len(owners) == 8
        assert all(pair.anchor != pair.positive and pair.owner < 20 for pair in batch)
    assert list(batches([("只有一条",)], lambda *_: False, 8, 9)) == []


def test_a_bulk_change_is_found_before_the_strong_encoder_has_seen_it(tmp_path: Path) -> None:
    strong, fast = NgramEncoder("strong", 96), NgramEncoder("fast", 64)
    index = SearchIndex(strong, fast, VectorCache(tmp_path / "vectors.db"))
    index.rebuild([Document(at, one) for at, one in enumerate(ENTRIES)])
    fresh = Document(9, ("老年证怎么办理", "办老年证"), negatives=("老年证怎么注销",))
    strong.asked.clear()
    index.upsert([fresh], early=True)
    assert strong.asked == []
    assert index.search("老年证在哪里办理").hits[0].id == 9
    assert index.search("公积金提取").hits[0].id == 1
    assert index.search("老年证怎么注销").hits[0].score < 0.1  # a negative question
    assert index.state.early == [fresh]
    index.encode_ahead([*fresh.phrasings, *fresh.negatives])
    strong.asked.clear()
    index.upsert([fresh])
    assert strong.asked == []
    assert (index.state.early, index.documents) == ([], 4)
    assert index.search("老年证在哪里办理").hits[0].id == 9
