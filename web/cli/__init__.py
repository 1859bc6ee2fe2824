"""The command line `hotline`."""

import sys

import click
from flask.cli import FlaskGroup

from embeddings.encoders import EncoderError
from knowledge.errors import KnowledgeError
from web.cli.bench import bench
from web.cli.doctor import doctor
from web.cli.evaluate import evaluate
from web.cli.exchange import export_file, import_file
from web.cli.people import user
from web.cli.run import run, setup
from web.cli.search import reindex, search, seed

hotline = FlaskGroup(
    name="hotline",
    help="连心桥：12345 热线知识库和问答机器人。设置见环境变量 HOTLINE_*。",
    add_default_commands=False,
    add_version_option=False,
    load_dotenv=False,
)
for command in (
    setup, run, search, import_file, export_file, user, reindex, seed, doctor, evaluate, bench,
):  # fmt: skip
    hotline.add_command(command)


def main() -> None:
    """Run the command line; an error of the domain is a message, not a traceback."""
    try:
        hotline.main(standalone_mode=True)
    except (KnowledgeError, EncoderError) as error:
        click.echo(f"✗ {error}", err=True)
        sys.exit(1)
