"""Accounts: listed, added, changed, closed; grants and new passwords."""

from dataclasses import dataclass, field

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from knowledge.audit.service import history
from knowledge.categories.tree import Tree as CategoryTree
from knowledge.departments.models import Department
from knowledge.departments.tree import Tree
from knowledge.errors import ConflictError, ContentError, NotFoundError
from knowledge.people import service
from knowledge.people.actor import ROLE_NAMES, Right, Role
from knowledge.people.email import set_email
from knowledge.people.grants import Granting, granting_of
from knowledge.people.lists import Wanted, listed
from knowledge.people.models import User
from knowledge.people.passwords import random_password
from knowledge.reminders.service import troubles
from web.access import actor, staff
from web.admin.forms import number
from web.services import services

blueprint = Blueprint("people", __name__, url_prefix="/admin/people")

PERSON = "/<int(max=2147483647):user_id>"
SPARE_ROWS = 2
ACTIONS = {
    "user_added": "新增账号",
    "user_changed": "修改",
    "user_closed": "停用",
    "user_reopened": "重新启用",
    "password_changed": "重设密码",
    "own_password_changed": "自己改了密码",
    "other_sessions_ended": "结束了别处的登录",
    "signed_in": "登录",
}


@dataclass
class Typed:
    """What the administrator wrote into the form of an account."""

    username: str = ""
    display_name: str = ""
    email: str = ""
    department_id: int | None = None
    grants: list[Granting] = field(default_factory=list)
    seen: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    conflict: str = ""


@blueprint.get("")
@blueprint.get("/")
@staff(Right.MANAGE_USERS)
def home() -> str:
    """List the accounts."""
    role, state = request.args.get("role", ""), request.args.get("state", "")
    wanted = Wanted(
        text=request.args.get("q", "")[:100].strip(),
        department_id=number(request.args.get("department")),
        role=Role(role) if role in set(Role) else None,
        active={"active": True, "closed": False}.get(state),
    )
    with services().database.read() as session:
        page = listed(session, actor(), wanted, request.args.get("page", 1, type=int))
        return render_template(
            "admin/people.html",
            page=page,
            wanted=wanted,
            state=state,
            troubles=troubles(session),
            **_choices(session),
        )


@blueprint.route("/new", methods=["GET", "POST"])
@staff(Right.MANAGE_USERS)
def new() -> str | tuple[str, int]:
    """Add an account; its password is made here and shown once."""
    if request.method == "GET":
        return _page(Typed(department_id=number(request.args.get("department"))))
    typed = _typed()
    password = random_password()
    try:
        with services().database.write() as session:
            user = service.add_user(
                session,
                actor(),
                username=typed.username,
                display_name=typed.display_name,
                password=password,
                roles=typed.grants,
                department=_department(session, typed),
            )
            user.must_change_password = True
            set_email(session, actor(), user, typed.email)
            user_id = user.id
    except ContentError as error:
        typed.problems = _named(error.problems)
        return _page(typed), 422
    except ConflictError as error:
        typed.problems = {"username": str(error)}
        return _page(typed), 409
    return _shown_once(user_id, password, "已新增账号")


@blueprint.get(PERSON)
@staff(Right.MANAGE_USERS)
def person(user_id: int) -> str:
    """Show an account."""
    with services().database.read() as session:
        return _page(_as_typed(_user(session, user_id)), user_id)


@blueprint.post(PERSON)
@staff(Right.MANAGE_USERS)
def change(user_id: int) -> Response | tuple[str, int]:
    """Save name, home department and grants."""
    typed = _typed()
    try:
        with services().database.write() as session:
            user = _user(session, user_id)
            typed.username = user.username
            changed = service.change_user(
                session,
                actor(),
                user,
                typed.seen,
                display_name=typed.display_name,
                department=_department(session, typed),
                grants=typed.grants,
            )
            changed = set_email(session, actor(), user, typed.email) or changed
            name = user.display_name
    except ContentError as error:
        typed.problems = _named(error.problems)
        return _page(typed, user_id), 422
    except ConflictError as error:
        typed.conflict = str(error)
        return _page(typed, user_id), 409
    told = f"已保存“{name}”的账号和授权，马上生效。" if changed else "没有改动。"
    flash(told, "good")
    return redirect(url_for("people.person", user_id=user_id))  # type: ignore[return-value]


@blueprint.post(f"{PERSON}/password")
@staff(Right.MANAGE_USERS)
def password(user_id: int) -> Response | str:
    """Give an account a password that is shown once and must be changed."""
    if user_id == actor().user_id:
        flash("自己的密码请在“我的账号”里修改。", "bad")
        return redirect(url_for("account.home"))  # type: ignore[return-value]
    made = random_password()
    with services().database.write() as session:
        user = _user(session, user_id)
        service.set_password(session, actor(), user.username, made, must_change=True)
    return _shown_once(user_id, made, "已重设密码，原来的登录都已结束")


@blueprint.post(f"{PERSON}/close")
@staff(Right.MANAGE_USERS)
def close(user_id: int) -> Response:
    """Close an account."""
    return _set_active(user_id, False)


@blueprint.post(f"{PERSON}/reopen")
@staff(Right.MANAGE_USERS)
def reopen(user_id: int) -> Response:
    """Reopen an account."""
    return _set_active(user_id, True)


def _set_active(user_id: int, active: bool) -> Response:
    seen = request.form.get("lock_version", 0, type=int)
    try:
        with services().database.write() as session:
            user = _user(session, user_id)
            service.set_active(session, actor(), user.username, active, seen)
        flash("已重新启用。" if active else "已停用，这个人的登录都已结束。", "good")
    except ConflictError as error:
        flash(f"没有{'启用' if active else '停用'}：{error}", "bad")
    return redirect(url_for("people.person", user_id=user_id))  # type: ignore[return-value]


def _user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError("没有这个账号")
    return user


def _typed() -> Typed:
    form = request.form
    rows = zip(
        form.getlist("role"), form.getlist("department"), form.getlist("category"), strict=False
    )
    return Typed(
        username=form.get("username", "")[:100].strip(),
        display_name=form.get("display_name", "")[:200],
        email=form.get("email", "")[:300],
        department_id=number(form.get("home")),
        grants=[
            Granting(Role(role), number(department) or 0, number(category) or 0)
            for role, department, category in rows
            if role in set(Role)
        ],
        seen=form.get("lock_version", 0, type=int),
    )


def _as_typed(user: User) -> Typed:
    return Typed(
        username=user.username,
        display_name=user.display_name,
        email=user.email or "",
        department_id=user.department_id,
        grants=[granting_of(grant) for grant in user.grants],
        seen=user.lock_version,
    )


def _department(session: Session, typed: Typed) -> Department | None:
    if typed.department_id is None:
        return None
    found = session.get(Department, typed.department_id)
    if found is None:
        raise ContentError({"department": "没有这个部门，请重新选择"})
    return found


def _named(problems: dict[str, str]) -> dict[str, str]:
    """Return the problems by the names of the form's fields."""
    names = {"department": "home", "roles": "grants"}
    return {names.get(name, name): told for name, told in problems.items()}


def _choices(session: Session) -> dict[str, object]:
    tree, categories = Tree(session), CategoryTree(session)
    return {
        "departments": [node for node in tree.nodes() if node.department.active],
        "categories": list(categories.nodes()),
        "department_names": {one.id: one.name for one in tree.by_id.values()},
        "category_names": {node.category.id: "/".join(node.path) for node in categories.nodes()},
        "role_names": ROLE_NAMES,
    }


def _page(typed: Typed, user_id: int | None = None) -> str:
    with services().database.read() as session:
        user = _user(session, user_id) if user_id is not None else None
        current = _as_typed(user) if user is not None else None
        if typed.conflict and user is not None:
            typed.seen = user.lock_version
        return render_template(
            "admin/person.html",
            user=user,
            current=current,
            typed=typed,
            spare=SPARE_ROWS,
            own=user_id == actor().user_id,
            history=history(session, f"user:{user_id}", 12) if user else [],
            actions=ACTIONS,
            **_choices(session),
        )


def _shown_once(user_id: int, password: str, heading: str) -> str:
    with services().database.read() as session:
        user = _user(session, user_id)
        return render_template("admin/password.html", user=user, password=password, heading=heading)
