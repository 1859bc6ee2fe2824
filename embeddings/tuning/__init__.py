"""Fine-tuning of the bundled encoder on the phrasings of one base."""
