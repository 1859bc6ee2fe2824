# mypy: ignore-errors
"""The surroundings in which Rasa runs: no telemetry, no noise, nothing written elsewhere."""

import os
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOISE = (
    r".*pkg_resources.*",
    r".*SQLAlchemy 2\.0.*",
    r".*training data consisting of entity examples.*",  # ours are found by a pattern
)


def prepare(scratch: Path) -> None:
    """Set what Rasa and its libraries read from the environment; `scratch` is theirs.

    Must run before Rasa is imported.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
    os.environ["RASA_CACHE_DIRECTORY"] = str(scratch / "rasa")
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    os.environ["MPLCONFIGDIR"] = str(scratch)
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    silence_warnings()


def silence_warnings() -> None:
    """Hide the warnings known of this pinned set of libraries."""
    import sanic.app  # noqa: F401 - it shows deprecations again when it is imported

    for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
        warnings.filterwarnings("ignore", category=category)
    for message in NOISE:
        warnings.filterwarnings("ignore", message=message)


def load_jieba(scratch: Path) -> None:
    """Load the word list now: lazily it costs the first citizen two seconds.

    Its cache lies in `scratch`, not in the shared temp folder, whose content anybody
    could have written.
    """
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.dt.tmp_dir = str(scratch)
    jieba.initialize()


def log_from(level: str) -> None:
    """Let both kinds of Rasa's logs begin at `level`; unconfigured, structlog prints all."""
    import logging

    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    number = logging.getLevelName(level)
    configure_logging_and_warnings(number)
    configure_structlog(number)
    silence_warnings()
