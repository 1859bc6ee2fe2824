"""The tree of departments: listed, added, changed, moved, closed, merged."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from knowledge.audit.service import history
from knowledge.departments import closing, service
from knowledge.departments.models import KIND_NAMES, Department
from knowledge.departments.tree import Tree
from knowledge.errors import ConflictError, ContentError
from knowledge.people.actor import Right
from web.access import actor, staff
from web.admin.forms import Typed, number, typed
from web.services import services

blueprint = Blueprint("departments", __name__, url_prefix="/admin/departments")

ONE = "/<int(max=2147483647):department_id>"
FIELDS = ("name", "code", "kind", "phone", "parent", "position")
ACTIONS = {
    "department_created": "新增",
    "department_changed": "修改",
    "department_closed": "停用",
    "department_reopened": "重新启用",
    "department_merged": "合并",
}
MOVED = {"entries": "条知识", "users": "位人员", "grants": "项授权"}


@blueprint.get("")
@blueprint.get("/")
@staff(Right.MANAGE_DEPARTMENTS)
def home() -> str:
    """Show the tree."""
    text, closed = request.args.get("q", "")[:100].strip(), request.args.get("closed") == "1"
    with services().database.read() as session:
        tree = Tree(session)
        counts = closing.entries_of_each(session)
    shown = [
        node
        for node in tree.nodes()
        if (closed or node.department.active) and _matches(node.department, text)
    ]
    return render_template(
        "admin/departments.html",
        nodes=shown,
        by_id=tree.by_id,
        counts=counts,
        text=text,
        closed=closed,
        kinds=KIND_NAMES,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@staff(Right.MANAGE_DEPARTMENTS)
def new() -> Response | str | tuple[str, int]:
    """Add a department."""
    if request.method == "GET":
        parent = request.args.get("parent", "")[:10]
        return _page(Typed({"kind": "bureau", "position": "0", "parent": parent}))
    wrote = typed(*FIELDS)
    try:
        with services().database.write() as session:
            added = service.create_department(session, actor(), _fields(wrote)).id
    except ContentError as error:
        wrote.problems = error.problems
        return _page(wrote), 422
    flash(f"已新增“{wrote.fields['name'].strip()}”。", "good")
    return _to(added)


@blueprint.get(ONE)
@staff(Right.MANAGE_DEPARTMENTS)
def one(department_id: int) -> str:
    """Show a department."""
    return _page(_as_typed(_found(department_id)), department_id)


@blueprint.post(ONE)
@staff(Right.MANAGE_DEPARTMENTS)
def change(department_id: int) -> Response | tuple[str, int]:
    """Save a department."""
    wrote = typed(*FIELDS)
    try:
        with services().database.write() as session:
            changed = service.change_department(
                session, actor(), department_id, wrote.seen, _fields(wrote)
            )
    except ContentError as error:
        wrote.problems = error.problems
        return _page(wrote, department_id), 422
    except ConflictError as error:
        wrote.conflict = str(error)
        return _page(wrote, department_id), 409
    flash("已保存，马上生效。" if changed else "没有改动。", "good")
    return _to(department_id)


@blueprint.post(f"{ONE}/close")
@staff(Right.MANAGE_DEPARTMENTS)
def close(department_id: int) -> Response:
    """Close a department that owns nothing."""
    return _done(department_id, "停用", closing.close_department)


@blueprint.post(f"{ONE}/reopen")
@staff(Right.MANAGE_DEPARTMENTS)
def reopen(department_id: int) -> Response:
    """Reopen a department."""
    return _done(department_id, "启用", closing.reopen_department)


@blueprint.post(f"{ONE}/merge")
@staff(Right.MANAGE_DEPARTMENTS)
def merge(department_id: int) -> Response:
    """Merge a department into another, with all it owns."""
    wrote = typed("into")
    into = number(wrote.fields["into"]) or 0
    try:
        with services().database.write() as session:
            moved = closing.merge_department(session, actor(), department_id, into, wrote.seen)
    except (ContentError, ConflictError) as error:
        flash(f"没有合并：{error}", "bad")
        return _to(department_id)
    listed = "、".join(f"{count} {MOVED[name]}" for name, count in moved.items() if name in MOVED)
    flash(f"已并入“{_found(into).name}”，移过来 {listed or '0 条知识'}。", "good")
    return _to(into)


def _done(department_id: int, name: str, does: Callable[..., None]) -> Response:
    seen = request.form.get("lock_version", 0, type=int)
    try:
        with services().database.write() as session:
            does(session, actor(), department_id, seen)
        flash(f"已{name}。", "good")
    except ConflictError as error:
        flash(f"没有{name}：{error}", "bad")
    return _to(department_id)


def _to(department_id: int) -> Response:
    return redirect(url_for("departments.one", department_id=department_id))  # type: ignore[return-value]


def _found(department_id: int) -> Department:
    with services().database.read() as session:
        return service.department(session, department_id)


def _matches(one: Department, text: str) -> bool:
    return all(word.lower() in f"{one.name} {one.code}".lower() for word in text.split())


def _fields(wrote: Typed) -> service.Fields:
    parent = wrote.number("parent")
    return service.Fields(
        name=wrote.fields["name"],
        code=wrote.fields["code"],
        kind=wrote.fields["kind"],
        phone=wrote.fields["phone"],
        parent_id=parent,
        position=wrote.number("position") or 0,
    )


def _as_typed(one: Department) -> Typed:
    fields = {
        "name": one.name,
        "code": one.code,
        "kind": one.kind,
        "phone": one.phone or "",
        "parent": str(one.parent_id or ""),
        "position": str(one.position),
    }
    return Typed(fields, one.lock_version)


def _page(wrote: Typed, department_id: int | None = None) -> str:
    with services().database.read() as session:
        tree = Tree(session)
        found = service.department(session, department_id) if department_id is not None else None
        if wrote.conflict and found is not None:
            wrote.seen = found.lock_version
        below = tree.below(found.id) if found else set()
        return render_template(
            "admin/department.html",
            one=found,
            typed=wrote,
            current=_as_typed(found).fields if found else {},
            parents=[
                node
                for node in tree.nodes()
                if node.department.active and node.department.id not in below
            ],
            targets=[
                node for node in tree.nodes() if node.department.active and node.department != found
            ],
            by_id=tree.by_id,
            kinds=KIND_NAMES,
            owned=closing.holdings(session, found.id) if found else {},
            history=history(session, f"department:{found.id}", 12) if found else [],
            actions=ACTIONS,
        )
