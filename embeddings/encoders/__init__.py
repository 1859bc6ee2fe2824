"""Encoders: text to vectors, all behind `sentence_transformers.SentenceTransformer`."""

from embeddings.encoders.interface import Encoder, EncoderError
from embeddings.encoders.loading import load_encoder

__all__ = ["Encoder", "EncoderError", "load_encoder"]
