"""Checks what an encoder returned before it reaches an index: one NaN would spoil every sum."""

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.interface import Encoder, Vectors
from embeddings.errors import EncoderError


def sound(encoder: Encoder, vectors: Vectors, count: int) -> NDArray[np.bool_]:
    """Tell which of `count` vectors have only finite numbers, (count,).

    Raises:
        EncoderError: they are not (count, encoder.dimension).
    """
    shape = np.shape(vectors)
    if shape != (count, encoder.dimension):
        raise EncoderError(
            f"编码器 {encoder.model_id} 应返回 {count} 个 {encoder.dimension} 维的向量，"
            f"却返回了形状 {shape}，请检查 HOTLINE_ENCODER 和 HOTLINE_SECOND_ENCODER 所指的模型"
        )
    return np.asarray(np.isfinite(vectors).all(axis=1), dtype=np.bool_)
