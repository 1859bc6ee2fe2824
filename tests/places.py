"""Where tests find what is not theirs."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def evaluation_data() -> Path:
    """Return the folder with evaluation data, or skip the test, saying so."""
    given = os.environ.get("HOTLINE_EVAL_DATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "data"
    if not (folder / "eval" / "gov_dev").is_dir():
        pytest.skip(f"no evaluation data in {folder} (HOTLINE_EVAL_DATA)")
    return folder
