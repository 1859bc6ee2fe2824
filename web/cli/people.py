"""`hotline user`: staff accounts."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.categories.models import Category
from knowledge.departments.service import department_named
from knowledge.errors import ContentError, NotFoundError
from knowledge.people.actor import ROLE_NAMES, Role, system
from knowledge.people.grants import Granting, granting_of, told
from knowledge.people.passwords import random_password
from knowledge.people.service import (
    add_user,
    change_user,
    set_active,
    set_password,
    user_named,
    users,
)
from web.cli.context import open_database

GRANT_HELP = "角色，可多次：editor、editor@部门代码、editor@部门代码#分类代码"


@click.group()
def user() -> None:
    """管理工作人员账号。"""


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="姓名")
@click.option("--role", "roles", multiple=True, required=True, help=GRANT_HELP)
@click.option("--department", help="所在部门的名称或代码；没写 @部门 的采编员和审核员必填")
@click.option("--password", help="不填则随机生成并显示一次")
def add(
    username: str, name: str, roles: tuple[str, ...], department: str | None, password: str | None
) -> None:
    """新增账号 USERNAME。"""
    chosen = password or random_password()
    with open_database() as database, database.write() as session:
        owner = department_named(session, department) if department else None
        added = add_user(
            session,
            system("命令行"),
            username=username,
            display_name=name,
            password=chosen,
            roles=[_granting(session, role) for role in roles],
            department=owner,
        )
        added.must_change_password = password is None
    click.echo(f"已新增账号 {username}。")
    if not password:
        click.echo(f"密码（只显示这一次）：{chosen}")


@user.command()
@click.argument("username")
@click.option("--password", help="不填则随机生成并显示一次")
def password(username: str, password: str | None) -> None:
    """给账号 USERNAME 换密码，并结束它的全部登录。"""
    chosen = password or random_password()
    with open_database() as database, database.write() as session:
        set_password(session, system("命令行"), username, chosen, must_change=password is None)
    click.echo(f"已更换 {username} 的密码，原来的登录都已结束。")
    if not password:
        click.echo(f"密码（只显示这一次）：{chosen}")


@user.command()
@click.argument("username")
def close(username: str) -> None:
    """停用账号 USERNAME。"""
    with open_database() as database, database.write() as session:
        set_active(session, system("命令行"), username, active=False)
    click.echo(f"已停用 {username}。")


@user.command()
@click.argument("username")
def reopen(username: str) -> None:
    """重新启用账号 USERNAME。"""
    with open_database() as database, database.write() as session:
        set_active(session, system("命令行"), username, active=True)
    click.echo(f"已启用 {username}。")


@user.command()
@click.argument("username")
@click.option("--add", "added", multiple=True, help=GRANT_HELP)
@click.option("--remove", "removed", multiple=True, help="写法同 --add")
def grant(username: str, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """给账号 USERNAME 增加、取消授权。"""
    with open_database() as database, database.write() as session:
        one = user_named(session, username)
        held = {granting_of(row) for row in one.grants}
        gone = {_exact(session, text) for text in removed}
        if gone - held:
            raise NotFoundError(f"{username} 没有要取消的授权；现有：{'、'.join(told(one.grants))}")
        change_user(
            session,
            system("命令行"),
            one,
            one.lock_version,
            display_name=one.display_name,
            department=one.department,
            grants=(held | {_exact(session, text) for text in added}) - gone,
        )
        click.echo(f"{username} 现有的授权：{'、'.join(told(one.grants))}")


@user.command("list")
def list_all() -> None:
    """列出全部账号。"""
    with open_database() as database, database.read() as session:
        for one in users(session):
            roles = "、".join(
                ROLE_NAMES[Role(grant.role)] + text.removeprefix(grant.role)
                for grant, text in zip(one.grants, told(one.grants), strict=True)
            )
            where = one.department.name if one.department else "—"
            state = "" if one.active else "（已停用）"
            click.echo(f"{one.username:<16} {one.display_name}  {roles}  {where}{state}")


def _granting(session: Session, text: str) -> Role | Granting:
    """Read “editor” (reaches as far as is usual) or “editor@department#category”."""
    return _role(text) if not {"@", "#"} & set(text) else _exact(session, text)


def _exact(session: Session, text: str) -> Granting:
    rest, _, category = text.partition("#")
    role, _, department = rest.partition("@")
    category_id = None
    if category:
        category_id = session.scalar(select(Category.id).where(Category.code == category))
        if category_id is None:
            raise NotFoundError(f"“{text}”：没有代码为“{category}”的分类")
    department_id = department_named(session, department).id if department else 0
    return Granting(_role(role), department_id, category_id or 0)


def _role(text: str) -> Role:
    if text not in set(Role):
        names = "、".join(f"{role.value}（{ROLE_NAMES[role]}）" for role in Role)
        raise ContentError({"roles": f"没有叫“{text[:40]}”的角色；有：{names}"})
    return Role(text)
