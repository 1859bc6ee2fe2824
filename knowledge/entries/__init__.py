"""Entries: written, versioned, listed; whoever writes them keeps their listing in step."""

from knowledge.entries import listing as _kept_in_step  # noqa: F401
