"""Which encoders serve: those of the settings, the bundled one tuned if there is such a one."""

import structlog

from embeddings.encoders import Encoder, EncoderError, load_encoder, load_tuned
from knowledge.settings import Settings
from knowledge.tuning.store import UNTUNED, TunedModelError, TunedModels

log = structlog.get_logger(__name__)

TUNABLE = "e5"


def wanted(settings: Settings) -> str:
    """Return the id of the tuned encoder that should serve; empty for an untuned one."""
    return TunedModels(settings.home).serving if settings.encoder == TUNABLE else UNTUNED


def first(settings: Settings) -> Encoder:
    """Return the main encoder. A tuned one that is damaged gives way to the bundled one.

    Raises:
        EncoderError: a model is missing or cannot be used.
    """
    model = wanted(settings)
    if model:
        try:
            weights = TunedModels(settings.home).weights(model)
            return load_tuned(weights, f"tuned-{model}", settings.threads)
        except (TunedModelError, EncoderError) as error:
            log.warning("tuned_encoder_refused", model=model, reason=str(error))
    return load_encoder(settings.encoder, settings.threads)


def second(settings: Settings) -> Encoder | None:
    """Return the second encoder, if there is one.

    Raises:
        EncoderError: a model is missing or cannot be used.
    """
    if settings.second_encoder in {"", "none"}:
        return None
    return load_encoder(settings.second_encoder, settings.threads)
