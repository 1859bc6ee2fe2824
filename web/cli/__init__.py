"""The command line `hotline`. A command's module is imported when it is called."""

import sys
from importlib import import_module

import click
from flask.cli import FlaskGroup

from embeddings.errors import EncoderError
from knowledge.errors import KnowledgeError

# name: (module, attribute, what `hotline --help` says)
COMMANDS = {
    "setup": ("run", "setup", "建立数据库、导入初始知识、训练对话模型"),
    "run": ("run", "run", "启动全部进程，按 Ctrl-C 结束"),
    "search": ("search", "search", "在知识库里检索一个问题"),
    "import": ("exchange", "import_file", "从 xlsx、csv、jsonl 导入条目"),
    "export": ("exchange", "export_file", "把条目导出为 xlsx、csv、jsonl"),
    "lexicon": ("lexicon", "lexicon", "导入、导出同义词和专用词"),
    "user": ("people", "user", "管理工作人员账号"),
    "seed": ("search", "seed", "导入或补齐初始知识"),
    "reindex": ("search", "reindex", "由数据库重建检索索引"),
    "calibrate": ("search", "calibrate", "让知识库检验自己，定概率和门槛"),
    "audit": ("audit", "audit", "检验操作记录，打印它的头"),
    "tune": ("tune", "tune_command", "用自己的问法微调编码器，更好才采用"),
    "mail": ("mail", "mail", "试发提醒邮件"),
    "doctor": ("doctor", "doctor", "体检：哪里不对、怎么修"),
    "eval": ("evaluate", "evaluate", "在评测文件上给检索打分"),
    "bench": ("bench", "bench", "测速：编码、检索、发布、对话、启动、内存"),
}


class HotlineGroup(FlaskGroup):
    """Flask's group, with commands that load their libraries only when they run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands' names, in the order in which they are needed."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command."""
        if name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[name]
        command: click.Command = getattr(import_module(f"web.cli.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing any."""
        with formatter.section("命令"):
            formatter.write_dl([(name, told) for name, (_, _, told) in COMMANDS.items()])


hotline = HotlineGroup(
    name="hotline",
    help="连心桥：12345 热线知识库和问答机器人。设置见环境变量 HOTLINE_*。",
    add_default_commands=False,
    add_version_option=False,
    load_dotenv=False,
)
hotline.params = []  # Flask's own options choose an app; there is one app here


def main() -> None:
    """Run the command line; an error of the domain is a message, not a traceback."""
    try:
        hotline.main(prog_name="hotline")
    except (KnowledgeError, EncoderError) as error:
        click.echo(f"✗ {error}", err=True)
        sys.exit(1)
