"""A base tunes its encoder on its own phrasings."""
