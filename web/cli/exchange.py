"""`hotline import`, `hotline export`."""

import sys
from pathlib import Path
from typing import Any

import click

from knowledge.audit.service import record
from knowledge.exchange.cells import DRAFT, PUBLISHED
from knowledge.exchange.export import export
from knowledge.exchange.service import Report, apply, check
from knowledge.exchange.sheet import Options
from knowledge.people.actor import system
from web.cli.context import open_database
from web.cli.progress import progress

FILE = click.Path(path_type=Path)
ACTOR = system("命令行")


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--department", default="", help="没有写责任部门的行归这个部门（名称或代码）")
@click.option("--category", default="", help="没有写分类的行归这个末级分类（名称、路径或代码）")
@click.option("--create-departments", is_flag=True, help="新建文件里写了、库里没有的部门")
@click.option("--create-categories", is_flag=True, help="新建文件里写了、库里没有的分类")
@click.option("--ignore", "ignored", multiple=True, metavar="列名", help="不导入这一列，可多次")
@click.option("--check", "only_check", is_flag=True, help="只检查，不写入")
def import_file(file: Path, only_check: bool, **given: Any) -> None:
    """从 FILE（xlsx、csv、jsonl）导入条目：要么全部写入，要么一条不动。

    写入时别人的保存要等它结束：几千行的文件请在业务少时导入。
    """
    wanted = Options(**given)
    with open_database() as database:
        if only_check:
            report = check(database, ACTOR, file, wanted)
        else:
            with progress("导入") as told:
                report = apply(database, ACTOR, file, told, wanted)
            if report.written:
                counts = {"file": file.name, "new": report.new, "changed": report.changed}
                with database.write() as session:
                    record(session, ACTOR, "entries_imported", "entries", after=counts)
    _tell(file, report)
    if report.wrong:
        sys.exit(1)


@click.command("export")
@click.argument("file", type=FILE)
@click.option("--department", help="只导出这个部门的条目（名称或代码）")
@click.option("--state", type=click.Choice([PUBLISHED, DRAFT]), help="只导出这种状态的条目")
@click.option("--force", is_flag=True, help="文件已存在时覆盖")
def export_file(file: Path, department: str | None, state: str | None, force: bool) -> None:
    """把条目导出到 FILE（xlsx、csv、jsonl）：导出发布的内容，没有发布过的导出草稿。"""
    with open_database() as database:
        with progress("导出") as told:
            count = export(database, file, told, department=department, state=state, force=force)
        after = {"file": file.name, "rows": count, "department": department, "state": state}
        with database.write() as session:
            record(session, ACTOR, "entries_exported", "entries", after=after)
    click.echo(f"已导出 {count} 条到 {file}。")


def _tell(file: Path, report: Report) -> None:
    for notice in report.notices:
        click.echo(f"注意：{notice}。", err=True)
    for wrong in report.wrong:
        click.echo(f"  {wrong}", err=True)
    if report.wrong:
        rows = len({wrong.row for wrong in report.wrong})
        click.echo(f"✗ {file.name} 有 {rows} 行不对，没有写入任何内容。请改好后再导入。", err=True)
        return
    counts = f"新增 {report.new} 条，修改 {report.changed} 条，未变 {report.unchanged} 条"
    done = "已导入" if report.written else "检查通过，没有写入；导入后会"
    click.echo(f"{done}：{counts}。")
    if report.added:
        click.echo(f"新建了{'、'.join(report.added)}。")
