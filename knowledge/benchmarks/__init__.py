"""Measures what the index costs, and compares it with plain ways to search."""
