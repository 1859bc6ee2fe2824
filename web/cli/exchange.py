"""`hotline import`, `hotline export`."""

import sys
from pathlib import Path

import click

from knowledge.departments.service import department_named
from knowledge.exchange import columns
from knowledge.exchange.planning import Change
from knowledge.exchange.service import export_entries, import_entries
from knowledge.people.actor import system
from web.cli.context import open_database
from web.cli.progress import progress

FILE = click.Path(path_type=Path)
SHOWN = 200


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--department", help="文件里没有“责任部门”时用它")
@click.option("--category", help="文件里没有“分类”时用它")
def import_file(file: Path, department: str | None, category: str | None) -> None:
    """从 FILE（xlsx、csv、jsonl）导入条目；有一行不对就全部不写。"""
    given = {columns.DEPARTMENT: department, columns.CATEGORY: category}
    defaults = {name: value for name, value in given.items() if value}
    with open_database() as database, progress("导入") as told:
        plan = import_entries(database, system("命令行导入"), file, defaults, told)
    if plan.wrong:
        for one in plan.wrong[:SHOWN]:
            click.echo(f"  第 {one.row} 行“{one.column}”：{one.reason}", err=True)
        if len(plan.wrong) > SHOWN:
            click.echo(f"  ……另有 {len(plan.wrong) - SHOWN} 处", err=True)
        click.echo(f"✗ {len(plan.wrong)} 处有误，没有写入任何内容。改正后再导入。", err=True)
        sys.exit(1)
    counts = "，".join(f"{change.value} {plan.count(change)} 条" for change in Change)
    click.echo(f"已导入 {file.name}：{counts}。")


@click.command("export")
@click.argument("file", type=FILE)
@click.option("--department", help="只导出这个部门的条目")
@click.option("--force", is_flag=True, help="文件已存在时覆盖")
def export_file(file: Path, department: str | None, force: bool) -> None:
    """把条目导出到 FILE（xlsx、csv、jsonl）。"""
    with open_database() as database:
        owner = None
        if department:
            with database.read() as session:
                owner = department_named(session, department).id
        count = export_entries(database, file, owner, force)
    click.echo(f"已导出 {count} 条到 {file}。")
