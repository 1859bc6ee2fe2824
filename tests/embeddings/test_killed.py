"""A process that is killed while it writes a snapshot leaves the old one, the new one or none."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from embeddings.cache import VectorCache
from embeddings.errors import SnapshotError
from embeddings.index import Document, SearchIndex
from embeddings.index.snapshot import mend
from tests.embeddings.encoder import NgramEncoder
from tests.places import ROOT

WRITES = """
import sys
from pathlib import Path
from threading import RLock
from embeddings.cache import VectorCache
from embeddings.index import Document, SearchIndex
from embeddings.index import snapshot
from tests.embeddings.encoder import NgramEncoder

folder, stop = Path(sys.argv[1]), int(sys.argv[2])
index = SearchIndex(NgramEncoder(), None, VectorCache(folder.parent / "v.db"))
index.rebuild([Document(at, (f"新的第{at}号事项怎么办",)) for at in range(40)])
done, one = 0, RLock()

def counted(real):
    def call(*args, **kwargs):
        global done
        with one:  # files are hashed side by side: one thread says so, the other waits
            done += 1
            if done > stop:
                print("here", flush=True)
                sys.stdin.read()  # until killed
        return real(*args, **kwargs)
    return call

snapshot._save = counted(snapshot._save)
snapshot.faiss.write_index = counted(snapshot.faiss.write_index)
Path.write_text = counted(Path.write_text)
Path.rename = counted(Path.rename)
snapshot._digest = counted(snapshot._digest)
snapshot.shutil.rmtree = counted(snapshot.shutil.rmtree)
index.save(folder, "base", 2)
print("done", done, flush=True)
"""


def opened(path: Path) -> SearchIndex:
    return SearchIndex(NgramEncoder(), None, VectorCache(path / "v.db"))


def write(folder: Path, stop: int) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITES, str(folder), str(stop)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    return process, process.stdout.readline()


def killed(folder: Path, stop: int) -> None:
    process, said = write(folder, stop)
    assert said == "here\n"
    process.kill()
    process.communicate()
    assert process.returncode == -9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    index = opened(tmp_path)
    index.rebuild([Document(1, ("旧的事项怎么办",))])
    index.save(tmp_path / "index", "base", 1)
    return tmp_path / "index"


def steps(folder: Path) -> int:
    process, said = write(folder, 10_000)
    process.communicate()
    assert said.startswith("done ")
    return int(said.split()[1])


def test_killed_at_any_step_the_old_snapshot_or_the_new_one_is_there(
    folder: Path, tmp_path: Path
) -> None:
    count = steps(tmp_path / "trial")
    last_steps = range(count - 5, count)  # the manifest, both renames, what is removed
    for stop in [0, 1, count // 3, count // 2, *last_steps]:
        killed(folder, stop)
        mend(folder)
        index = opened(tmp_path)
        revision = index.load(folder, "base")
        assert revision in (1, 2)
        wanted = "旧的事项怎么办" if revision == 1 else "新的第7号事项怎么办"
        assert index.search(wanted).hits[0].id == (1 if revision == 1 else 7)
        assert [path.name for path in tmp_path.glob(".index.*")] == []


def test_killed_at_the_first_snapshot_none_is_there_and_that_is_said(tmp_path: Path) -> None:
    killed(tmp_path / "index", 5)
    mend(tmp_path / "index")
    with pytest.raises(SnapshotError, match="还没有索引快照"):
        opened(tmp_path).load(tmp_path / "index", "base")


def test_killed_at_moments_that_nobody_chose(folder: Path, tmp_path: Path) -> None:
    for wait in (0.0, 0.01, 0.03, 0.1):
        process, _ = write(folder, 0)
        assert process.stdin is not None
        process.stdin.close()  # it goes on from its first step
        process.stdin = None
        time.sleep(wait)
        process.kill()
        process.communicate()
        mend(folder)
        assert opened(tmp_path).load(folder, "base") in (1, 2)
