"""Errors of this room; importing them costs nothing. Their messages are shown to people."""


class EncoderError(Exception):
    """A model is missing or cannot be used; the message says which and what to do."""


class SnapshotError(Exception):
    """A snapshot is missing, damaged or foreign; the message says which."""
