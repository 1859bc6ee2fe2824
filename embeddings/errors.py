"""Errors of this room; importing them costs nothing. Their messages are shown to people."""


class EncoderError(Exception):
    """A model is missing or cannot be used; the message says which and what to do."""


class VectorsError(EncoderError):
    """An encoder returned vectors that are no numbers for some `texts`; the others are sound."""

    def __init__(self, model_id: str, texts: frozenset[str]) -> None:
        super().__init__(
            f"编码器 {model_id} 对 {len(texts)} 条文本返回了无效的数值（NaN 或无穷），"
            "请检查模型文件是否完整"
        )
        self.texts = texts


class SnapshotError(Exception):
    """A snapshot is missing, damaged or foreign; the message says which."""
