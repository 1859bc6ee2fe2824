"""Vectors are computed once, for every thread and process; a damaged file is set aside."""

import contextlib
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import embeddings.cache as cache_module
from embeddings.cache import VectorCache
from tests.embeddings.encoder import NgramEncoder
from tests.places import ROOT

IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from embeddings.cache import VectorCache
from tests.embeddings.encoder import NgramEncoder

encoder = NgramEncoder()
cache = VectorCache(Path(sys.argv[1]))
cache.encode(encoder, [f"第{number}号事项" for number in range(int(sys.argv[2]), int(sys.argv[3]))])
print(len(encoder.asked))
"""


def process(path: Path, start: int, end: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", IN_ANOTHER_PROCESS, str(path), str(start), str(end)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def test_what_was_encoded_is_not_encoded_again(tmp_path: Path) -> None:
    encoder = NgramEncoder()
    cache = VectorCache(tmp_path / "v.db")
    first = cache.encode(encoder, ["甲", "乙", "甲"])
    assert encoder.asked == ["甲", "乙"]
    second = cache.encode(encoder, ["乙", "丙", "甲"])
    assert encoder.asked == ["甲", "乙", "丙"]
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(second[0], first[1])
    assert second.dtype == np.float32
    assert np.allclose(np.linalg.norm(second, axis=1), 1, atol=1e-5)
    cache.close()


def test_another_model_has_vectors_of_its_own(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "v.db")
    small, large = NgramEncoder("small", 16), NgramEncoder("large", 32)
    assert cache.encode(small, ["甲"]).shape == (1, 16)
    assert cache.encode(large, ["甲"]).shape == (1, 32)
    assert large.asked == ["甲"]
    assert cache.encode(NgramEncoder("small", 16), []).shape == (0, 16)
    cache.close()


def test_vectors_of_another_length_under_the_same_name_are_not_used(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "v.db")
    cache.encode(NgramEncoder("model", 16), ["甲"])
    changed = NgramEncoder("model", 32)
    assert cache.encode(changed, ["甲"]).shape == (1, 32)
    assert changed.asked == ["甲"]
    cache.close()


def test_processes_share_what_they_encoded(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    both = [process(path, 0, 400), process(path, 200, 600)]
    asked = [int(one.communicate(timeout=120)[0]) for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert all(200 <= number <= 400 for number in asked)
    third = process(path, 0, 600)
    assert third.communicate(timeout=120)[0].strip() == "0"
    here = NgramEncoder()
    cache = VectorCache(path)
    found = cache.encode(here, ["第7号事项", "第599号事项"])
    cache.close()
    assert here.asked == []
    assert np.array_equal(found, NgramEncoder().encode(["第7号事项", "第599号事项"]))


def test_threads_share_a_cache(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "v.db")
    expected = NgramEncoder().encode(["共同"])
    wrong: list[str] = []

    def work(name: str) -> None:
        for number in range(30):
            found = cache.encode(NgramEncoder(), ["共同", f"{name}{number}"])
            if not np.array_equal(found[:1], expected):
                wrong.append(name)

    threads = [threading.Thread(target=work, args=(name,)) for name in "甲乙丙丁"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    untouched = NgramEncoder()
    cache.encode(untouched, [f"{name}{number}" for name in "甲乙丙丁" for number in range(30)])
    assert untouched.asked == []
    cache.close()


def test_a_damaged_file_is_set_aside_and_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    path.write_bytes(b"this is no database, whatever its name says" * 100)
    cache = VectorCache(path)
    assert cache.encode(NgramEncoder(), ["甲"]).shape == (1, 96)
    cache.close()
    assert (tmp_path / "v.damaged").read_bytes().startswith(b"this is no database")


def test_progress_is_told_in_portions(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    cache = VectorCache(tmp_path / "v.db")
    texts = [f"第{number}号" for number in range(150)]
    cache.encode(NgramEncoder(), texts, lambda done, total: told.append((done, total)))
    assert told == [(64, 150), (128, 150), (150, 150)]
    cache.close()


def test_a_file_that_another_process_holds_is_not_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "v.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(cache_module, "WAIT_SECONDS", 0.1)
        with pytest.raises(sqlite3.OperationalError):
            VectorCache(path)
        assert path.exists()
        assert not path.with_suffix(".damaged").exists()
