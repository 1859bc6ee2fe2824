"""Scripts that run in Rasa's Python and print what they found as JSON."""
