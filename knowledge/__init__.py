"""The domain of a 12345 hotline: what it knows, who keeps it, who asked."""
