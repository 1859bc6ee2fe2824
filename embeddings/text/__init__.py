"""Text before it is encoded or indexed."""
