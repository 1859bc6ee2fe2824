"""Notes in the log when the hotline starts with other settings than before."""

from typing import Any

from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from knowledge.audit.models import AuditRecord
from knowledge.audit.service import record
from knowledge.people.actor import Actor
from knowledge.settings import Settings

ACTION = "settings_changed"
SUBJECT = "settings"
WITH_PASSWORDS = ("database_url", "rate_storage")


def note_settings(session: Session, actor: Actor, settings: Settings) -> bool:
    """Note the settings that differ from those noted last; tells whether there were any.

    The newest row holds all of them, so that each start compares with one row.
    """
    newest = session.scalars(
        select(AuditRecord.after)
        .where(AuditRecord.action == ACTION)
        .order_by(AuditRecord.id.desc())
        .limit(1)
    ).first()
    now = _told(settings)
    if newest == now:
        return False
    record(session, actor, ACTION, SUBJECT, before=newest, after=now)
    return True


def _told(settings: Settings) -> dict[str, Any]:
    told = settings.model_dump(mode="json")
    for name in WITH_PASSWORDS:
        told[name] = _without_password(str(told[name]))
    return {f"HOTLINE_{name.upper()}": value for name, value in told.items()}


def _without_password(url: str) -> str:
    """Return a URL of SQLAlchemy or Redis with `***` for its password."""
    return make_url(url).render_as_string(hide_password=True) if "@" in url else url
