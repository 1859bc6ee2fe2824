"""Synonyms and custom words: listed, changed, and tried before they are saved."""

from dataclasses import dataclass, field

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from embeddings.index import Decision
from knowledge.audit.service import history
from knowledge.errors import ConflictError, ContentError
from knowledge.lexicon import service as lexicon_service
from knowledge.lexicon.models import TERM_LENGTH, Kind, LexiconItem
from knowledge.lexicon.rules import TERMS_IN_GROUP, separated
from knowledge.lexicon.trial import QUESTION_LENGTH, Trial, tried
from knowledge.people.actor import Right
from web.access import actor, staff
from web.services import services

blueprint = Blueprint("lexicon", __name__, url_prefix="/department/lexicon")

KINDS = {Kind.GROUP: "同义词", Kind.WORD: "专用词"}
DECISIONS = {
    Decision.ANSWER: "直接回答第一条",
    Decision.CLARIFY: "列出来请市民选",
    Decision.NO_ANSWER: "告诉市民没有可靠的答案",
}
ACTIONS = {"added": "新增", "changed": "修改", "removed": "删除"}
ITEM = "/<int(max=2147483647):item_id>"


@dataclass
class Typed:
    """What the person wrote into the form of an item."""

    kind: Kind
    terms: str
    seen: int = 0
    question: str = ""
    problems: dict[str, str] = field(default_factory=dict)
    conflict: str = ""

    @property
    def texts(self) -> list[str]:
        """The terms, one by one."""
        return separated(self.terms)


@blueprint.get("")
@blueprint.get("/")
@staff(Right.READ_ENTRIES)
def items() -> str:
    """List groups and words; those last changed first."""
    kind, text = request.args.get("kind", ""), request.args.get("q", "")[:100].strip()
    wanted = Kind(kind) if kind in set(Kind) else None
    with services().database.read() as session:
        number = request.args.get("page", 1, type=int)
        page = lexicon_service.items(session, wanted, text, number)
    return render_template(
        "department/lexicon.html",
        page=page,
        text=text,
        kind=wanted,
        kinds=KINDS,
        may_edit=actor().may(Right.EDIT_LEXICON),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@staff(Right.EDIT_LEXICON)
def new() -> Response | tuple[str, int] | str:
    """Write a new group or word."""
    asked = request.values.get("kind", "")
    typed = _typed(Kind(asked) if asked in set(Kind) else Kind.GROUP)
    if request.method == "GET":
        return _page(typed)
    if request.form.get("action") == "try":
        return _tried(typed)
    try:
        with services().database.write() as session:
            added = lexicon_service.add(session, actor(), typed.kind, typed.texts)
    except ContentError as error:
        typed.problems = error.problems
        return _page(typed), 422
    flash(f"已新增“{'、'.join(added.texts)}”，马上生效。", "good")
    return redirect(url_for("lexicon.items"))  # type: ignore[return-value]


@blueprint.get(ITEM)
@staff(Right.READ_ENTRIES)
def item(item_id: int) -> str:
    """Show an item: as a form to those who keep the list, to others as text."""
    found = _found(item_id)
    return _page(Typed(Kind(found.kind), "\n".join(found.texts), found.lock_version), found)


@blueprint.post(ITEM)
@staff(Right.EDIT_LEXICON)
def change(item_id: int) -> Response | tuple[str, int] | str:
    """Save an item's terms, or try them on a question."""
    found = _found(item_id)
    typed = _typed(Kind(found.kind))
    if request.form.get("action") == "try":
        return _tried(typed, found)
    try:
        with services().database.write() as session:
            saved = lexicon_service.change(session, actor(), item_id, typed.texts, typed.seen)
    except ContentError as error:
        typed.problems = error.problems
        return _page(typed, found), 422
    except ConflictError as error:
        typed.conflict, typed.seen = str(error), _found(item_id).lock_version
        return _page(typed, _found(item_id)), 409
    flash(f"已保存“{'、'.join(saved.texts)}”，马上生效。", "good")
    return redirect(url_for("lexicon.items"))  # type: ignore[return-value]


@blueprint.post(f"{ITEM}/remove")
@staff(Right.EDIT_LEXICON)
def remove(item_id: int) -> Response:
    """Delete an item."""
    seen = request.form.get("lock_version", 0, type=int)
    texts = "、".join(_found(item_id).texts)
    try:
        with services().database.write() as session:
            lexicon_service.remove(session, actor(), item_id, seen)
    except ConflictError as error:
        flash(f"没有删除：{error}", "bad")
        return redirect(url_for("lexicon.item", item_id=item_id))  # type: ignore[return-value]
    flash(f"已删除“{texts}”，马上生效。", "good")
    return redirect(url_for("lexicon.items"))  # type: ignore[return-value]


def _found(item_id: int) -> LexiconItem:
    with services().database.read() as session:
        return lexicon_service.item(session, item_id)


def _typed(kind: Kind) -> Typed:
    form = request.form
    seen = form.get("lock_version", 0, type=int)
    return Typed(kind, form.get("terms", ""), seen, form.get("question", ""))


def _tried(typed: Typed, found: LexiconItem | None = None) -> tuple[str, int] | str:
    held = services()
    item_id = found.id if found else None
    try:
        if not held.search.ready:
            raise ContentError({"question": "检索正在启动，请过一会儿再试"})
        with held.database.read() as session:
            trial = tried(session, held.search, typed.question, typed.kind, typed.texts, item_id)
    except ContentError as error:
        typed.problems = error.problems
        return _page(typed, found), 422
    return _page(typed, found, trial)


def _page(typed: Typed, found: LexiconItem | None = None, trial: Trial | None = None) -> str:
    with services().database.read() as session:
        told = history(session, f"lexicon:{found.id}", 12) if found else []
    return render_template(
        "department/lexicon_item.html",
        typed=typed,
        item=found,
        trial=trial,
        kinds=KINDS,
        decisions=DECISIONS,
        history=told,
        actions=ACTIONS,
        editable=actor().may(Right.EDIT_LEXICON),
        term_length=TERM_LENGTH,
        terms_in_group=TERMS_IN_GROUP,
        question_length=QUESTION_LENGTH,
    )
