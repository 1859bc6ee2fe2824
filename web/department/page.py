"""The page of an entry: status, what is pending beside what is in service, the form, comments."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from flask import render_template, request
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import history
from knowledge.audit.wording import action_name
from knowledge.categories.service import leaf_codes, leaf_paths
from knowledge.entries.differences import differences
from knowledge.entries.history import notes_on
from knowledge.entries.lifecycle import IN_REVIEW, Move, may
from knowledge.entries.lists import STATE_NAMES, state_of
from knowledge.entries.models import Entry
from knowledge.entries.pending import standing
from knowledge.entries.versions import content_of
from knowledge.errors import ConflictError, ContentError
from knowledge.rereviews.service import marks_on
from knowledge.review.deadlines import Deadlines
from knowledge.review.periods import Periods, periods
from knowledge.review.service import COMMENT_LENGTH, awaits_review, may_comment
from knowledge.review.status import status
from web.access import actor
from web.department.editor import editor_context
from web.department.forms import EntryForm
from web.services import services

# What is noted on a version.
NOTES = {
    "submitted": "提交审核",
    "recalled": "撤回提交",
    "passed": "部门审核通过",
    "passed_on_behalf": "代部门审核通过",
    "returned": "退回",
    "rewritten": "审核中修改了内容",
    "scheduled": "终审通过，定时发布",
    "published": "发布",
    "emergency": "紧急发布",
    "restored": "由旧版本恢复",
    "discarded": "放弃",
    "comment": "意见",
}


def deadlines() -> Deadlines:
    """Return how long the reviews may take, as the settings say."""
    settings = services().settings
    return Deadlines(settings.department_review_days, settings.hotline_review_days)


def review_periods(session: Session) -> Periods:
    """Return how long a confirmation holds, by category and as the settings say."""
    return periods(session, services().settings.entry_review_days)


def filled_form(session: Session, entry: Entry) -> EntryForm:
    """Return the form with what the entry's newest version says."""
    form = EntryForm()
    form.offer_categories(leaf_paths(session), leaf_codes(session))
    current = entry.draft or entry.published
    if current is not None:
        form.show(content_of(current), entry.lock_version)
    return form


def conflict_with(
    session: Session, entry: Entry, form: EntryForm, error: ConflictError
) -> dict[str, object]:
    """Return both texts: nobody's work is lost, and the second decides with open eyes."""
    current = entry.draft or entry.published
    theirs = content_of(current) if current else form.content()
    newest = history(session, f"entry:{entry.id}", 1)
    form.lock_version.data = str(entry.lock_version)
    return {
        "message": str(error),
        "by": newest[0].actor_name if newest else "",
        "did": action_name(newest[0].action) if newest else "",
        "at": newest[0].at if newest else None,
        "differences": differences(theirs, form.content(), leaf_paths(session)),
    }


def entry_page(
    session: Session,
    entry: Entry,
    form: EntryForm | None = None,
    problems: Mapping[str, str] | None = None,
    conflict: Mapping[str, object] | None = None,
    typed: Mapping[str, str] | None = None,
) -> str:
    """Return the page; `form` is what was typed and not saved, `typed` what was given beside it."""
    at, involved = standing(entry), may_comment(actor(), entry)
    # Who only reads gets what citizens get: an operator must not read out what is not in force.
    newest = entry.draft or entry.published
    shown = newest if involved else entry.published or newest
    paths = leaf_paths(session)
    pending = status(entry)
    compared = None
    if entry.published is not None and entry.draft is not None:
        compared = differences(content_of(entry.published), content_of(entry.draft), paths)
    writing = at.step not in IN_REVIEW or request.args.get("edit") == "1" or form is not None
    return render_template(
        "department/entry.html",
        entry=entry,
        form=form or filled_form(session, entry),
        shown=shown,
        category=paths.get(shown.category_id, "") if shown else "",
        problems=problems or {},
        conflict=conflict,
        typed=typed or {},
        state=state_of(entry.published, entry.draft, entry.withdrawn_at is not None, at.archived),
        states=STATE_NAMES,
        status=pending,
        can={move.value: may(actor(), move, at) for move in Move},
        editing=writing and may(actor(), Move.SAVE, at),
        in_review=at.step in IN_REVIEW and involved,
        own=_own(entry),
        compared=compared,
        trail=notes_on(session, shown) if shown else [],
        may_comment=involved,
        comment_length=COMMENT_LENGTH,
        note_names=NOTES,
        review_by=_review_by(session, entry),
        today=clock.today(),
        marks=marks_on(session, entry.id),
        unreviewed=awaits_review(entry),
        history=history(session, f"entry:{entry.id}", 12),
        action_name=action_name,
        **editor_context(entry.code),
        soonest=clock.local(clock.now()).strftime("%Y-%m-%dT%H:%M"),
    )


def told(error: ContentError | ConflictError) -> int:
    """Return the status code under which an error is shown."""
    return 422 if isinstance(error, ContentError) else 409


def _own(entry: Entry) -> bool:
    """Tell whether the person could review what waits there, had they not written on it."""
    at = standing(entry)
    stranger = replace(at, author_ids=frozenset())
    return any(
        may(actor(), move, stranger) and not may(actor(), move, at)
        for move in (Move.PASS, Move.APPROVE)
    )


def _review_by(session: Session, entry: Entry) -> date | None:
    """Return the last day on which the entry in service is to be confirmed again."""
    if entry.published is None or entry.reviewed_at is None:
        return None
    return review_periods(session).review_by(entry.reviewed_at, entry.published.category_id)
