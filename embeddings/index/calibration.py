"""The base calibrates itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.index.background import Background
from embeddings.index.evidence import Floats
from embeddings.index.segment import Part
from embeddings.index.types import Promises


@dataclass(frozen=True)
class Calibration:
    """Log-odds to probability, and the thresholds on it."""

    slope: float = 1.0
    offset: float = 0.0
    answer: float = 0.8
    clarify: float = 0.3
    margin: float = 0.0


def probabilities(logits: Floats, calibration: Calibration) -> Floats:
    """Return calibrated chances (candidates,)."""
    found: Floats = 1 / (1 + np.exp(-(calibration.slope * logits + calibration.offset)))
    return found


def calibrate(
    part: Part, backgrounds: Sequence[Background], promises: Promises
) -> Calibration:
    """Return the calibration."""
    return Calibration()
