"""Rate limits: by address and by conversation. The numbers are settings."""

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from knowledge.settings import Settings
from web.services import services

limiter = Limiter(key_func=get_remote_address, default_limits=[])


def init_app(app: Flask, settings: Settings) -> None:
    """Count in `HOTLINE_RATE_STORAGE`; when Redis is away, count in this process."""
    app.config.update(
        RATELIMIT_STORAGE_URI=settings.rate_storage,
        RATELIMIT_STRATEGY="moving-window",
        RATELIMIT_HEADERS_ENABLED=True,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=settings.rate_storage != "memory://",
    )
    limiter.init_app(app)


def _conversation() -> str:
    return str((request.view_args or {}).get("conversation_id", ""))


def _settings() -> Settings:
    return services().settings


messages_of_address = limiter.shared_limit(
    lambda: f"{_settings().address_messages_per_minute}/minute", scope="messages"
)
messages_of_conversation = limiter.limit(
    lambda: f"{_settings().messages_per_minute}/minute", key_func=_conversation
)
conversations_of_address = limiter.limit(lambda: f"{_settings().conversations_per_hour}/hour")
searches_of_address = limiter.shared_limit(
    lambda: f"{_settings().searches_per_minute}/minute", scope="searches"
)
corrections_of_address = limiter.limit(lambda: f"{_settings().corrections_per_hour}/hour")
logins_of_address = limiter.limit("30/minute", methods=["POST"])
writes_of_address = limiter.shared_limit("60/minute", scope="writes")
