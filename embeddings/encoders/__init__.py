"""Encoders: text to vectors, all behind `sentence_transformers.SentenceTransformer`."""

from embeddings.encoders.interface import Encoder
from embeddings.encoders.loading import load_encoder, load_tuned
from embeddings.errors import EncoderError

__all__ = ["Encoder", "EncoderError", "load_encoder", "load_tuned"]
