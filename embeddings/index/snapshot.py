"""A segment on disk: written aside, checked by SHA-256, renamed into place."""

import hashlib
import json
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from embeddings.encoders.interface import Vectors
from embeddings.errors import SnapshotError
from embeddings.index.calibration import Calibration
from embeddings.index.metric import Adapted, Metric
from embeddings.index.segment import Dense, Segment, assemble
from embeddings.index.types import Document

FORMAT = 4
MANIFEST = "manifest.json"
DOCUMENTS = "documents.jsonl"


@dataclass(frozen=True)
class Snapshot:
    """What a snapshot holds."""

    segment: Segment
    calibration: Calibration
    revision: int


def save(folder: Path, snapshot: Snapshot, source: str, models: Sequence[str]) -> None:
    """Write `snapshot` so that `folder` holds either the old one or the new one, whole."""
    aside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    aside.mkdir(parents=True)
    try:
        _write(aside, snapshot.segment)
        files = {path.name: _digest(path) for path in sorted(aside.iterdir())}
        manifest = {
            "format": FORMAT,
            "source": source,
            "revision": snapshot.revision,
            "models": list(models),
            "calibration": snapshot.calibration.as_dict(),
            "documents": len(snapshot.segment.documents),
            "files": files,
        }
        manifest["seal"] = _seal(manifest)
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        (aside / MANIFEST).write_text(text, encoding="utf-8")
        _put_in_place(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def load(folder: Path, source: str, models: Sequence[str]) -> Snapshot:
    """Read the snapshot in `folder`.

    Raises:
        SnapshotError: none there, damaged, of another base, model or format.
    """
    manifest = _manifest(folder)
    if manifest["format"] != FORMAT:
        raise SnapshotError(f"索引快照的格式是 {manifest['format']}，本程序用 {FORMAT}，将重建")
    if manifest["source"] != source:
        raise SnapshotError("索引快照属于另一个知识库，将重建")
    if manifest["models"] != list(models):
        raise SnapshotError("索引快照由别的编码器生成，将重建")
    for name, digest in manifest["files"].items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise SnapshotError(f"索引快照的文件 {name} 缺失或已损坏，将重建")
    try:
        segment = _read(folder, len(models))
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise SnapshotError(f"索引快照无法读取（{type(error).__name__}），将重建") from error
    return Snapshot(
        segment,
        Calibration(**manifest["calibration"]),
        manifest["revision"],
    )


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise SnapshotError("还没有索引快照")
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        seal = manifest.pop("seal")
    except (ValueError, KeyError, AttributeError) as error:
        raise SnapshotError("索引快照的清单已损坏，将重建") from error
    if seal != _seal(manifest):
        raise SnapshotError("索引快照的清单已损坏，将重建")
    return manifest


def _write(folder: Path, segment: Segment) -> None:
    with (folder / DOCUMENTS).open("w", encoding="utf-8") as file:
        for document in segment.documents:
            row = [document.id, document.phrasings, document.negatives, document.answer]
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    for at, view in enumerate(segment.dense):
        np.save(folder / f"vectors_{at}.npy", view.vectors)
        np.save(folder / f"sums_{at}.npy", view.sums)
        np.save(folder / f"negatives_{at}.npy", view.negatives)
        np.save(folder / f"mean_{at}.npy", view.adapted.metric.mean)
        np.save(folder / f"transform_{at}.npy", view.adapted.metric.transform)
        np.save(folder / f"adapted_lengths_{at}.npy", view.adapted.lengths)
        np.save(folder / f"adapted_sums_{at}.npy", view.adapted.sums)
        faiss.write_index(view.index, str(folder / f"dense_{at}.faiss"))


def _read(folder: Path, encoders: int) -> Segment:
    documents = []
    for line in (folder / DOCUMENTS).read_text(encoding="utf-8").splitlines():
        number, phrasings, negatives, answer = json.loads(line)
        documents.append(Document(number, tuple(phrasings), tuple(negatives), answer))
    texts = tuple(text for document in documents for text in document.phrasings)
    starts = np.zeros(len(documents) + 1, dtype=np.int64)
    np.cumsum([len(document.phrasings) for document in documents], out=starts[1:])
    views = tuple(_read_view(folder, at) for at in range(encoders))
    if any(view.index.ntotal != len(texts) for view in views):
        raise ValueError("the vectors are not as many as the phrasings")
    return assemble(documents, texts, starts, views)


def _read_view(folder: Path, at: int) -> Dense:
    def array(name: str) -> Vectors:
        found: Vectors = np.load(folder / f"{name}_{at}.npy")
        return found

    return Dense(
        vectors=array("vectors"),
        sums=array("sums"),
        negatives=array("negatives"),
        index=faiss.read_index(str(folder / f"dense_{at}.faiss")),
        adapted=Adapted(
            Metric(array("mean"), array("transform")),
            array("adapted_lengths"),
            array("adapted_sums"),
        ),
    )


def _put_in_place(aside: Path, folder: Path) -> None:
    """A folder cannot replace a full one in one step: the old one steps aside first."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _seal(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
