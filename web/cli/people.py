"""`hotline user`: staff accounts."""

import click

from knowledge.departments.service import department_named
from knowledge.people.actor import ROLE_NAMES, Role, system
from knowledge.people.passwords import random_password
from knowledge.people.service import add_user, set_active, set_password, users
from web.cli.context import open_database

ROLES = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """管理工作人员账号。"""


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="姓名")
@click.option("--role", "roles", type=ROLES, multiple=True, required=True, help="角色，可多次")
@click.option("--department", help="部门的名称或代码；采编员和审核员必填")
@click.option("--password", help="不填则随机生成并显示一次")
def add(
    username: str, name: str, roles: tuple[str, ...], department: str | None, password: str | None
) -> None:
    """新增账号 USERNAME。"""
    chosen = password or random_password()
    with open_database() as database, database.write() as session:
        owner = department_named(session, department) if department else None
        add_user(
            session,
            system("命令行"),
            username=username,
            display_name=name,
            password=chosen,
            roles=[Role(role) for role in roles],
            department=owner,
        )
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
        set_password(session, system("命令行"), username, chosen)
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


@user.command("list")
def list_all() -> None:
    """列出全部账号。"""
    with open_database() as database, database.read() as session:
        for one in users(session):
            roles = "、".join(ROLE_NAMES[Role(grant.role)] for grant in one.grants)
            where = one.department.name if one.department else "—"
            state = "" if one.active else "（已停用）"
            click.echo(f"{one.username:<16} {one.display_name}  {roles}  {where}{state}")
