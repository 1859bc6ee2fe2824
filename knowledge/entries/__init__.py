"""Entries: written, versioned, listed; whoever imports any of it keeps the listing in step."""

from knowledge.entries import listing

__all__ = ["listing"]
