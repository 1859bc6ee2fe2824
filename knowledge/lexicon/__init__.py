"""Synonyms and custom words that the hotline keeps, for search to use."""
