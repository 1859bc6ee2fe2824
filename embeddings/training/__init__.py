"""Fits the numbers in `embeddings/index/ranker.json`; nothing here runs when the index serves."""
