"""Text to vectors to neighbours: encoders, indexes, ranking, calibration."""
