"""Everything that must be there before the processes start; each step does nothing twice."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from knowledge.database import Database
from knowledge.database.migrate import upgrade
from knowledge.entries.models import Entry
from knowledge.errors import KnowledgeError
from knowledge.people.actor import system
from knowledge.settings import ROOT, Settings
from web.serving.accounts import NewAccount, first_accounts

Say = Callable[[str], None]


class PrepareError(KnowledgeError):
    """Something that is needed is not there."""


def prepare_base(settings: Settings, say: Say) -> list[NewAccount]:
    """Make folder and tables, load the first knowledge and words, make first accounts.

    Raises:
        PrepareError: the folder cannot be written.
        SchemaError: the database is from a newer release.
    """
    from knowledge.audit.settings_in_force import note_settings
    from knowledge.lexicon.shipped import load_shipped
    from knowledge.seed.loader import load

    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise PrepareError(
            f"无法建立数据文件夹 {settings.home}（{error.strerror}），请检查 HOTLINE_HOME 和权限"
        ) from error
    database = Database(settings.database)
    try:
        upgrade(database)
        with database.read() as session:
            empty = session.scalar(select(func.count()).select_from(Entry)) == 0
        if empty:
            report = load(database, system("初始知识"))
            say(f"已导入初始知识 {report.added} 条。")
        words = load_shipped(database, system("初始知识"))
        if words:
            say(f"已导入自带的同义词和专用词 {words} 条。")
        with database.write() as session:
            note_settings(session, system("启动"), settings)
        return first_accounts(database)
    finally:
        database.close()


def prepare_bot(settings: Settings, say: Say) -> Path:
    """Train the dialogue model unless its inputs are unchanged; returns the model's folder.

    Raises:
        PrepareError: Rasa's environment is missing or the training failed.
    """
    if not settings.rasa_python.exists():
        raise PrepareError(
            f"没有找到 Rasa 环境 {settings.rasa_python}。请运行 make setup，"
            "或用 HOTLINE_RASA_PYTHON 指明它的 Python"
        )
    folder = settings.home / "rasa"
    done = subprocess.run(
        [str(settings.rasa_python), "-m", "bot.train", "--output", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    log = settings.home / "logs" / "train.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode != 0:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise PrepareError(f"对话模型训练失败，详见 {log}：\n{tail}")
    for line in done.stdout.splitlines()[-1:]:
        say(line)
    return folder
