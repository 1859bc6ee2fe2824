"""`hotline mail`: try the mail server."""

import sys

import click

from knowledge.reminders.mail import Mail, MailError, send
from knowledge.settings import load_settings


@click.group()
def mail() -> None:
    """提醒邮件：试发一封。"""


@mail.command()
@click.argument("address")
def test(address: str) -> None:
    """按现在的设置，给 ADDRESS 发一封测试邮件。"""
    settings = load_settings()
    text = f"这是{settings.site_name}的测试邮件。收到它，说明提醒邮件能发出来。\n"
    try:
        send(settings, Mail(address, "知识库提醒：测试邮件", text + f"\n{settings.public_url}\n"))
    except MailError as error:
        click.echo(f"✗ 没有发出：{error}", err=True)
        sys.exit(1)
    click.echo(f"已交给 {settings.smtp_host}:{settings.smtp_port}，请到收件箱（和垃圾箱）里看。")
