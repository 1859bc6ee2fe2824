"""Tuned encoders on disk: `models/tuned-<id>/` each, and `models/serving` with the id in use."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from knowledge.errors import ConflictError, KnowledgeError

WEIGHTS = "weights.bin"
MANIFEST = "manifest.json"
UNTUNED = ""


class TunedModelError(KnowledgeError):
    """A tuned encoder is missing or damaged."""


def model_of(weights: bytes) -> str:
    """Return the id of a model with these weights."""
    return hashlib.sha256(weights).hexdigest()[:10]


class TunedModels:
    """The tuned encoders of one machine, shared by its processes."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "models"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder while tuning or changing what serves.

        Raises:
            ConflictError: another process holds it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "tuning.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ConflictError("另一次微调正在进行，请等它结束再试") from error
            yield

    @property
    def serving(self) -> str:
        """The id of the tuned encoder in use; empty for the bundled one."""
        try:
            return (self.folder / "serving").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return UNTUNED

    def weights(self, model: str) -> Path:
        """Return the file of weights of `model`, once it is known to be whole.

        Raises:
            TunedModelError: it is missing or damaged.
        """
        path = self._of(model) / WEIGHTS
        wanted = self.manifest(model).get("sha256")
        try:
            found = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise TunedModelError(f"微调模型 {path} 无法读取（{error.strerror}）") from error
        if found != wanted:
            raise TunedModelError(f"微调模型 {path} 已损坏：内容与记录的校验和不符")
        return path

    def manifest(self, model: str) -> dict[str, Any]:
        """Return what was written down of `model`.

        Raises:
            TunedModelError: it is missing or damaged.
        """
        path = self._of(model) / MANIFEST
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise TunedModelError(f"微调模型的说明 {path} 不存在或已损坏") from error
        if not isinstance(found, dict):
            raise TunedModelError(f"微调模型的说明 {path} 不存在或已损坏")
        return found

    def keep(self, weights: bytes, manifest: dict[str, Any]) -> str:
        """Write a model aside, put it in place, let it serve; returns its id."""
        digest = hashlib.sha256(weights).hexdigest()
        model = model_of(weights)
        aside = self.folder / f".{model}.{secrets.token_hex(4)}"
        aside.mkdir(parents=True)
        try:
            told = manifest | {"id": model, "sha256": digest, "former": self.serving}
            text = json.dumps(told, ensure_ascii=False, indent=1)
            (aside / WEIGHTS).write_bytes(weights)
            (aside / MANIFEST).write_text(text, encoding="utf-8")
            if not self._of(model).exists():
                aside.rename(self._of(model))
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        self._serve(model)
        return model

    def undo(self) -> str:
        """Let the former encoder serve again; returns its id, empty for the bundled one.

        Raises:
            ConflictError: none that was tuned serves.
        """
        model = self.serving
        if not model:
            raise ConflictError("现在用的就是自带的编码器，没有可以撤销的微调")
        try:
            former = str(self.manifest(model).get("former", UNTUNED))
            if former:
                self.weights(former)
        except TunedModelError:
            former = UNTUNED  # what is damaged leads back to what ships with the package
        self._serve(former)
        return former

    def _serve(self, model: str) -> None:
        aside = self.folder / f".serving.{os.getpid()}.{secrets.token_hex(4)}"
        aside.write_text(model, encoding="ascii")
        aside.replace(self.folder / "serving")

    def _of(self, model: str) -> Path:
        if not model.isalnum():
            raise TunedModelError(f"“{model}”不是微调模型的编号")
        return self.folder / f"tuned-{model}"
