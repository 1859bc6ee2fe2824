"""Structured logs: one JSON object a line, with ids and never with people's texts."""

import logging
import sys

import structlog

# The action SDK's DEBUG writes messages down; the others only chatter.
NOISY = ("httpx", "httpcore", "sentence_transformers", "jieba", "sanic", "rasa_sdk")


def configure(level: str) -> None:
    """Send structlog's and the libraries' records to standard error as JSON.

    Of exceptions the trace is kept, without the values of local variables.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared)
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
