"""The tree of categories, kept by the hotline's manager."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from knowledge.audit.service import history
from knowledge.categories import keeping
from knowledge.categories.models import Category
from knowledge.categories.tree import Tree
from knowledge.errors import ConflictError, ContentError, NotFoundError
from knowledge.people.actor import Right
from web.access import actor, staff
from web.admin.forms import Typed, number, typed
from web.services import services

blueprint = Blueprint("categories", __name__, url_prefix="/admin/categories")

ONE = "/<int(max=2147483647):category_id>"
FIELDS = ("name", "code", "parent", "position", "review_months")
ACTIONS = {
    "category_created": "新增",
    "category_changed": "修改",
    "category_merged": "合并",
    "category_deleted": "删除",
}


@blueprint.get("")
@blueprint.get("/")
@staff(Right.MANAGE_CATEGORIES)
def home() -> str:
    """Show the tree."""
    text = request.args.get("q", "")[:100].strip()
    with services().database.read() as session:
        nodes = list(Tree(session).nodes())
        counts = keeping.counts(session)
    shown = [
        node
        for node in nodes
        if all(
            word.lower() in f"{'/'.join(node.path)} {node.category.code}".lower()
            for word in text.split()
        )
    ]
    return render_template("admin/categories.html", nodes=shown, counts=counts, text=text)


@blueprint.route("/new", methods=["GET", "POST"])
@staff(Right.MANAGE_CATEGORIES)
def new() -> Response | str | tuple[str, int]:
    """Add a category."""
    if request.method == "GET":
        return _page(Typed({"position": "0", "parent": request.args.get("parent", "")[:10]}))
    wrote = typed(*FIELDS)
    try:
        with services().database.write() as session:
            added = keeping.create_category(session, actor(), _fields(wrote)).id
    except ContentError as error:
        wrote.problems = error.problems
        return _page(wrote), 422
    flash(f"已新增“{wrote.fields['name'].strip()}”。", "good")
    return _to(added)


@blueprint.get(ONE)
@staff(Right.MANAGE_CATEGORIES)
def one(category_id: int) -> str:
    """Show a category."""
    return _page(_as_typed(_found(category_id)), category_id)


@blueprint.post(ONE)
@staff(Right.MANAGE_CATEGORIES)
def change(category_id: int) -> Response | tuple[str, int]:
    """Save a category."""
    wrote = typed(*FIELDS)
    try:
        with services().database.write() as session:
            changed = keeping.change_category(
                session, actor(), category_id, wrote.seen, _fields(wrote)
            )
    except ContentError as error:
        wrote.problems = error.problems
        return _page(wrote, category_id), 422
    except ConflictError as error:
        wrote.conflict = str(error)
        return _page(wrote, category_id), 409
    flash("已保存，马上生效。" if changed else "没有改动。", "good")
    return _to(category_id)


@blueprint.post(f"{ONE}/merge")
@staff(Right.MANAGE_CATEGORIES)
def merge(category_id: int) -> Response:
    """Merge a leaf into another, with its entries."""
    wrote = typed("into")
    into = number(wrote.fields["into"]) or 0
    try:
        with services().database.write() as session:
            count = keeping.merge_category(session, actor(), category_id, into, wrote.seen)
    except (ContentError, ConflictError) as error:
        flash(f"没有合并：{error}", "bad")
        return _to(category_id)
    flash(f"已并入“{_found(into).name}”，移过来 {count} 条知识。", "good")
    return _to(into)


@blueprint.post(f"{ONE}/remove")
@staff(Right.MANAGE_CATEGORIES)
def remove(category_id: int) -> Response:
    """Delete a category in which nothing is."""
    seen = request.form.get("lock_version", 0, type=int)
    try:
        with services().database.write() as session:
            keeping.delete_category(session, actor(), category_id, seen)
    except ConflictError as error:
        flash(f"没有删除：{error}", "bad")
        return _to(category_id)
    flash("已删除。", "good")
    return redirect(url_for("categories.home"))  # type: ignore[return-value]


def _to(category_id: int) -> Response:
    return redirect(url_for("categories.one", category_id=category_id))  # type: ignore[return-value]


def _found(category_id: int) -> Category:
    with services().database.read() as session:
        found = session.get(Category, category_id)
    if found is None:
        raise NotFoundError("没有这个分类，它可能已被合并或删除")
    return found


def _fields(wrote: Typed) -> keeping.Fields:
    return keeping.Fields(
        name=wrote.fields["name"],
        code=wrote.fields["code"],
        parent_id=wrote.number("parent"),
        position=wrote.number("position") or 0,
        review_months=wrote.number("review_months"),
    )


def _as_typed(one: Category) -> Typed:
    fields = {
        "name": one.name,
        "code": one.code,
        "parent": str(one.parent_id or ""),
        "position": str(one.position),
        "review_months": str(one.review_months or ""),
    }
    return Typed(fields, one.lock_version)


def _page(wrote: Typed, category_id: int | None = None) -> str:
    found = _found(category_id) if category_id is not None else None
    if wrote.conflict and found is not None:
        wrote.seen = found.lock_version
    with services().database.read() as session:
        tree = Tree(session)
        below = tree.below(found.id) if found else set()
        nodes = list(tree.nodes())
        here = next((node for node in nodes if found and node.category.id == found.id), None)
        counts = keeping.counts(session)
        return render_template(
            "admin/category.html",
            one=found,
            node=here,
            leaf=found is None or tree.is_leaf(found.id),
            typed=wrote,
            current=_as_typed(found).fields if found else {},
            parents=[node for node in nodes if node.category.id not in below],
            targets=[
                node
                for node in nodes
                if tree.is_leaf(node.category.id) and node.category.id not in below
            ],
            names={node.category.id: "/".join(node.path) for node in nodes},
            count=counts.get(found.id, 0) if found else 0,
            history=history(session, f"category:{found.id}", 12) if found else [],
            actions=ACTIONS,
        )
