"""From the name in the settings to an encoder."""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from embeddings.encoders import engines
from embeddings.encoders.interface import Vectors
from embeddings.errors import EncoderError

log = logging.getLogger(__name__)

BUNDLED: dict[str, Callable[[int], tuple[SentenceTransformer, str]]] = {
    "e5": engines.e5,
    "use": engines.use,
}
QUERY_PROMPT = "query"


class SentenceEncoder:
    """An encoder around a SentenceTransformer; safe to call from many threads."""

    def __init__(self, model: SentenceTransformer, model_id: str, prompt: str | None) -> None:
        self._model = model
        self._prompt = prompt
        self._engine = model[0] if isinstance(model[0], engines.Engine) else None
        self.model_id = model_id
        self.dimension = int(model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dimension), L2-normalised."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        if self._engine is not None and len(texts) == 1:
            # One question on the hot path: the module itself, without the batching around it.
            with torch.inference_mode():
                found = self._engine(self._engine.preprocess(texts))["sentence_embedding"]
            vectors = np.asarray(found.numpy(), dtype=np.float32)
        else:
            vectors = np.asarray(
                self._model.encode(
                    list(texts),
                    batch_size=engines.BATCH,
                    prompt_name=self._prompt,
                    convert_to_numpy=True,
                    show_progress_bar=False,
                ),
                dtype=np.float32,
            )
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(norms, 1e-12)
        return unit


def load_encoder(spec: str, threads: int = 2) -> SentenceEncoder:
    """Return the encoder `spec`: "e5", "use", or a SentenceTransformer's folder or name.

    A named model must be in the local cache already: nothing is downloaded.
    A model with a prompt called "query" is asked with it on both sides, since
    questions are compared with questions.

    Raises:
        EncoderError: the model is not here or cannot be loaded.
    """
    torch.set_num_threads(threads)
    if spec in BUNDLED:
        try:
            model, model_id = BUNDLED[spec](threads)
        except (ImportError, OSError, RuntimeError) as error:
            raise EncoderError(
                f"自带的编码器“{spec}”无法载入（{error}），请重新安装依赖"
            ) from error
        return SentenceEncoder(model, model_id, None)
    return _load_other(spec)


def load_tuned(weights: Path, name: str, threads: int = 2) -> SentenceEncoder:
    """Return the bundled encoder with tuned `weights`; `name` tells them apart in its id.

    The engine believes what the file says of itself: the caller has checked that it is whole.

    Raises:
        EncoderError: the file cannot be loaded.
    """
    torch.set_num_threads(threads)
    try:
        model, model_id = engines.e5(threads, weights)
    except (ImportError, OSError, RuntimeError) as error:
        raise EncoderError(f"微调过的编码器 {weights} 无法载入（{error}）") from error
    return SentenceEncoder(model, f"{model_id}/{name}", None)


def _load_other(spec: str) -> SentenceEncoder:
    looks_like_folder = spec.startswith((".", "/", "~")) or Path(spec).exists()
    path = Path(spec).expanduser()
    if looks_like_folder and not path.is_dir():
        raise EncoderError(f"没有找到编码器文件夹 {spec}，请检查 HOTLINE_ENCODER 的路径")
    try:
        model = SentenceTransformer(
            str(path) if looks_like_folder else spec, device="cpu", local_files_only=True
        )
    except Exception as error:
        log.debug("model not loaded", exc_info=True)
        where = "文件夹里不是可用的模型" if looks_like_folder else "本机没有这个模型，也不会去下载"
        raise EncoderError(f"编码器“{spec}”无法载入：{where}（{type(error).__name__}）") from error
    prompt = QUERY_PROMPT if QUERY_PROMPT in (model.prompts or {}) else None
    name = f"{path.name if looks_like_folder else spec}/{_fingerprint(model, path)}"
    return SentenceEncoder(model, f"{name}/{prompt or 'plain'}", prompt)


def _fingerprint(model: SentenceTransformer, path: Path) -> str:
    """Tell models under one name apart: by their files, or else by their configuration."""
    digest = hashlib.sha256(json.dumps(model.prompts or {}, sort_keys=True).encode())
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file():
                state = file.stat()
                digest.update(
                    f"{file.relative_to(path)} {state.st_size} {state.st_mtime_ns}".encode()
                )
    return digest.hexdigest()[:12]
