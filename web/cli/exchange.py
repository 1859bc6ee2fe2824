"""`hotline import`, `hotline export`."""

import click


@click.command("import")
def import_file() -> None:
    """导入。"""


@click.command("export")
def export_file() -> None:
    """导出。"""
