"""`hotline lexicon import FILE`, `hotline lexicon export FILE`."""

from pathlib import Path

import click

from knowledge.audit.service import record
from knowledge.lexicon.exchange import put_in
from knowledge.lexicon.service import lexicon as stored
from knowledge.lexicon.text_file import LexiconFileError, read, write
from knowledge.people.actor import system
from web.cli.context import open_database

FILE = click.Path(path_type=Path)


@click.group()
def lexicon() -> None:
    """导入、导出同义词和专用词（纯文本，一行一组，词之间用“、”或“|”分开）。"""


@lexicon.command("import")
@click.argument("file", type=FILE)
def import_file(file: Path) -> None:
    """从 FILE 加入同义词和专用词：已有的组补上新说法，不删任何词；有错就一条不动。

    “# 专用词”这一行以后，一行一个专用词。
    """
    lines = read(file)
    with open_database() as database, database.write() as session:
        report = put_in(session, system("命令行"), lines)
    click.echo(
        f"新增 {report.added} 条，补充 {report.filled} 条，未变 {report.unchanged} 条；马上生效。"
    )


@lexicon.command("export")
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="文件已存在时覆盖")
def export_file(file: Path, force: bool) -> None:
    """把同义词和专用词写到 FILE，可以再导入。"""
    with open_database() as database, database.write() as session:
        found = stored(session)
        after = {"file": file.name, "groups": len(found.groups), "words": len(found.words)}
        record(session, system("命令行"), "lexicon_exported", "lexicon", after=after)
    try:
        with file.open("w" if force else "x", encoding="utf-8") as opened:
            opened.write(write(found))
    except FileExistsError as error:
        raise LexiconFileError(f"{file} 已存在；要覆盖请加 --force") from error
    except OSError as error:
        raise LexiconFileError(f"无法写入 {file}：{error.strerror}") from error
    click.echo(f"已导出 {len(found.groups)} 组同义词、{len(found.words)} 个专用词到 {file}。")
