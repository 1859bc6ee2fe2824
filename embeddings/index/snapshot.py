"""A segment on disk: written aside, checked by SHA-256, renamed into place, mapped when read."""

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.errors import SnapshotError
from embeddings.index.calibration import Calibration
from embeddings.index.dense import release
from embeddings.index.lexical import Postings
from embeddings.index.metric import Adapted, Metric
from embeddings.index.segment import Dense, Segment, owners_of
from embeddings.index.texts import Documents, Keys, Texts

FORMAT = 5
MANIFEST = "manifest.json"
MAPPED_FROM = 1 << 16  # bytes; smaller files are read, their pages are not worth sharing
READERS = 2
PORTION = 1 << 16  # rows written at once

Arrays = dict[str, NDArray[Any]]
Held = TypeVar("Held", Texts, Postings)


@dataclass(frozen=True)
class Snapshot:
    """What a snapshot holds; its words were cut by a lexicon that keeps `kept_words` whole."""

    segment: Segment
    calibration: Calibration
    revision: int
    kept_words: tuple[str, ...] = ()


def save(folder: Path, snapshot: Snapshot, source: str, models: Sequence[str]) -> None:
    """Write `snapshot` so that `folder` holds either the old one or the new one, whole."""
    aside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    aside.mkdir(parents=True)
    try:
        _write(aside, snapshot.segment)
        paths = sorted(aside.iterdir())
        manifest = {
            "format": FORMAT,
            "source": source,
            "revision": snapshot.revision,
            "models": list(models),
            "kept_words": list(snapshot.kept_words),
            "calibration": snapshot.calibration.as_dict(),
            "documents": len(snapshot.segment.documents),
            "files": dict(zip((path.name for path in paths), _digests(paths), strict=True)),
        }
        manifest["seal"] = _seal(manifest)
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        (aside / MANIFEST).write_text(text, encoding="utf-8")
        _put_in_place(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def load(folder: Path, source: str, models: Sequence[str]) -> Snapshot:
    """Read the snapshot in `folder`: small files into memory, large ones mapped.

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
    paths = [folder / name for name in manifest["files"]]
    for path, digest in zip(paths, _digests(paths), strict=True):
        if digest != manifest["files"][path.name]:
            raise SnapshotError(f"索引快照的文件 {path.name} 缺失或已损坏，将重建")
    try:
        segment = _read(folder, len(models))
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise SnapshotError(f"索引快照无法读取（{type(error).__name__}），将重建") from error
    return Snapshot(
        segment,
        Calibration(**manifest["calibration"]),
        manifest["revision"],
        tuple(manifest["kept_words"]),
    )


def revision_in(folder: Path, source: str, models: Sequence[str]) -> int | None:
    """Return at which revision the snapshot stands, None if there is none of this base."""
    try:
        manifest = _manifest(folder)
    except SnapshotError:
        return None
    fits = (manifest["format"], manifest["source"], manifest["models"]) == (
        FORMAT,
        source,
        list(models),
    )
    return int(manifest["revision"]) if fits else None


def mend(folder: Path) -> None:
    """Put right what a process that was killed left; nobody else may be writing."""
    if not folder.exists() and _before(folder).exists():
        _before(folder).rename(folder)  # it was killed between the two renames
    for left in folder.parent.glob(f".{folder.name}.*"):
        shutil.rmtree(left, ignore_errors=True)


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
    for name, array in _arrays(segment).items():
        _save(folder / f"{name}.npy", array)
    for at, view in enumerate(segment.dense):
        faiss.write_index(view.index, str(folder / f"dense_{at}.faiss"))


def _arrays(segment: Segment) -> Arrays:
    documents = segment.documents
    arrays: Arrays = {
        "ids": documents.ids,
        "starts": documents.starts,
        "negative_starts": documents.negative_starts,
    }
    texts: dict[str, Texts | Postings] = {
        "phrasings": documents.phrasings,
        "negatives": documents.negatives,
        "answers": documents.answers,
        "forms": segment.forms,
        "vocabulary": segment.vocabulary,
        "characters": segment.characters,
        "words": segment.words,
    }
    for name, held in texts.items():
        arrays |= {f"{name}.{field.name}": getattr(held, field.name) for field in fields(held)}
    for name, keys in (("exact", segment.exact), ("refused", segment.refused)):
        arrays |= {f"{name}.hashes": keys.hashes, f"{name}.rows": keys.rows}
    for at, view in enumerate(segment.dense):
        arrays |= {
            f"vectors_{at}": view.vectors,
            f"norms_{at}": view.norms,
            f"mean_{at}": view.adapted.metric.mean,
            f"transform_{at}": view.adapted.metric.transform,
            f"adapted_lengths_{at}": view.adapted.lengths,
            f"adapted_sums_{at}": view.adapted.sums,
            f"negatives_{at}": view.negatives,
        }
    return arrays


def _read(folder: Path, encoders: int) -> Segment:
    arrays = {path.stem: _mapped(path) for path in folder.glob("*.npy")}

    def put(kind: type[Held], name: str) -> Held:
        return kind(**{field.name: arrays[f"{name}.{field.name}"] for field in fields(kind)})

    documents = Documents(
        ids=arrays["ids"],
        starts=arrays["starts"],
        negative_starts=arrays["negative_starts"],
        phrasings=put(Texts, "phrasings"),
        negatives=put(Texts, "negatives"),
        answers=put(Texts, "answers"),
    )
    owners, refused = owners_of(documents.starts), owners_of(documents.negative_starts)
    views = tuple(
        Dense(
            vectors=arrays[f"vectors_{at}"],
            norms=arrays[f"norms_{at}"],
            negatives=arrays[f"negatives_{at}"],
            index=faiss.read_index(str(folder / f"dense_{at}.faiss"), faiss.IO_FLAG_MMAP_IFC),
            adapted=Adapted(
                Metric(arrays[f"mean_{at}"], arrays[f"transform_{at}"]),
                arrays[f"adapted_lengths_{at}"],
                arrays[f"adapted_sums_{at}"],
            ),
        )
        for at in range(encoders)
    )
    if any(view.index.ntotal != len(documents.phrasings) for view in views):
        raise ValueError("the vectors are not as many as the phrasings")
    return Segment(
        documents=documents,
        forms=put(Texts, "forms"),
        owners=owners,
        dense=views,
        characters=put(Postings, "characters"),
        words=put(Postings, "words"),
        exact=Keys(arrays["exact.hashes"], arrays["exact.rows"], documents.phrasings, owners),
        refused=Keys(
            arrays["refused.hashes"], arrays["refused.rows"], documents.negatives, refused
        ),
        vocabulary=put(Texts, "vocabulary"),
    )


def _save(path: Path, array: NDArray[Any]) -> None:
    """Write as `np.save` does, without holding all of a mapped array's pages at once."""
    with path.open("wb") as file:
        header = np.lib.format.header_data_from_array_1_0(np.ascontiguousarray(array[:0]))
        header["shape"] = array.shape
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, len(array), PORTION):
            file.write(np.ascontiguousarray(array[start : start + PORTION]).data)
            release(array)


def _mapped(path: Path) -> NDArray[Any]:
    if path.stat().st_size < MAPPED_FROM:
        return np.asarray(np.load(path, allow_pickle=False))
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _before(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _put_in_place(aside: Path, folder: Path) -> None:
    """A folder cannot replace a full one in one step: the old one steps aside first."""
    old = _before(folder)
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _digests(paths: Iterable[Path]) -> list[str]:
    """Return the SHA-256 of files, side by side: hashing lets go of the interpreter."""
    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(_digest, paths))


def _digest(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _seal(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
