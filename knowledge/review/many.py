"""Many versions handed to the departments' reviews at once, as an import does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from knowledge.audit.service import record
from knowledge.entries.batch import flush
from knowledge.entries.lifecycle import Move, Step, require
from knowledge.entries.models import Entry, EntryVersion
from knowledge.entries.pending import note, place, sign, standing, touch
from knowledge.errors import ConflictError
from knowledge.people.actor import Actor


def hand_in(version: EntryVersion, actor: Actor, due: datetime) -> dict[str, Any]:
    """Put a version before its department's review; returns that for the audit log."""
    sign(version, actor)
    version.submitter_id, version.submitter_name = actor.user_id, actor.name
    place(version, Step.DEPARTMENT, due)
    return {"version": version.number, "step": version.step}


def submit_all(session: Session, actor: Actor, entries: Sequence[Entry], due: datetime) -> None:
    """Hand the drafts of entries to their departments' reviews.

    Raises:
        NotAllowedError: not this actor's department.
        ConflictError: an entry has no draft to submit, or somebody changed it meanwhile.
    """
    for entry in entries:
        require(actor, Move.SUBMIT, standing(entry))
        version = entry.draft
        if version is None:
            raise ConflictError("没有待发布的修改：这一条已经是最新的发布版本")
        before = {"version": version.number, "step": version.step}
        after = hand_in(version, actor, due)
        note(session, actor, version, "submitted")
        touch(entry)
        record(session, actor, "version_submitted", f"entry:{entry.id}", before=before, after=after)
    flush(session)
