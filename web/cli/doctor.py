"""`hotline doctor`: compares what must agree, says what is wrong and how to mend it."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import click
import httpx

from embeddings.encoders import EncoderError
from embeddings.index import SnapshotError
from knowledge.audit.verification import Account, verify_newest
from knowledge.database import Database
from knowledge.database.migrate import check
from knowledge.entries.cards import searchable
from knowledge.entries.listing import behind
from knowledge.errors import KnowledgeError
from knowledge.feed.service import head
from knowledge.reminders.mail import is_set_up
from knowledge.reminders.models import Reminder
from knowledge.reminders.service import troubles
from knowledge.search import encoders
from knowledge.search.building import build_index
from knowledge.search.service import SearchService
from knowledge.search.snapshots import SnapshotFolder
from knowledge.settings import ROOT, Settings, load_settings
from knowledge.tuning.store import TunedModelError, TunedModels

PACKAGES = (
    "rasa-sdk", "sentence-transformers", "faiss-cpu", "jieba", "flask", "sqlalchemy", "torch",
)  # fmt: skip
RASA_VERSION = "3.6.21"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` is empty when it is well."""

    name: str
    state: str
    mend: str = ""
    only_a_hint: bool = False


@click.command()
def doctor() -> None:
    """体检：数据库与索引、模型、机器人、版本是否一致，哪里不对、怎么修。"""
    settings = load_settings()
    findings = diagnose(settings)
    for found in findings:
        mark = "✓" if not found.mend else ("–" if found.only_a_hint else "✗")
        click.echo(f"{mark} {found.name}：{found.state}")
        if found.mend:
            click.echo(f"    → {found.mend}")
    bad = [found for found in findings if found.mend and not found.only_a_hint]
    click.echo(f"\n{len(bad)} 处需要处理。" if bad else "\n一切正常。")
    if bad:
        sys.exit(1)


def diagnose(settings: Settings) -> list[Finding]:
    """Look at everything; a part that fails does not hide the others."""
    of_base = _database(settings)
    findings = [_versions(), *of_base]
    if not of_base[0].mend:
        findings += [_index(settings)]
    findings += _tuned(settings)
    findings += [_rasa_environment(settings), _bot_model(settings)]
    return findings + _running(settings)


def _versions() -> Finding:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        mend = "请运行 make setup 重新安装依赖"
        return Finding("依赖包", f"缺少 {'、'.join(missing)}", mend)
    return Finding("依赖包", "，".join(found))


def _database(settings: Settings) -> list[Finding]:
    database = Database(settings.database)
    try:
        check(database)
        with database.read() as session:
            newest = head(session)
            account = verify_newest(session)
            late = troubles(session)
            left = behind(session)
        return [
            Finding("数据库", f"表结构是最新的，修订号 {newest.revision}"),
            _listing(left),
            _audit(account),
            _mail(settings, late),
        ]
    except KnowledgeError as error:
        return [Finding("数据库", str(error), "按上面的提示处理后再运行 hotline doctor")]
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        kind = type(error).__name__
        mend = f"请检查 HOTLINE_DATABASE_URL（现为 {database.url!r}）和文件权限"
        return [Finding("数据库", f"无法打开（{kind}）", mend)]
    finally:
        database.close()


def _listing(left: int) -> Finding:
    if not left:
        return Finding("条目列表", "与条目一致")
    return Finding("条目列表", f"有 {left} 条没有跟上条目", "请运行 hotline reindex")


def _audit(account: Account) -> Finding:
    if account.sound:
        return Finding("操作记录", f"最近 {account.rows} 行完整，没有被改动")
    mend = "请运行 hotline audit verify 检验全部，并保留现场"
    return Finding("操作记录", "；".join(account.faults), mend)


def _mail(settings: Settings, late: Sequence[Reminder]) -> Finding:
    if not is_set_up(settings):
        return Finding("邮件提醒", "没有设置发信服务器，只在网页里提醒")
    if not late:
        return Finding("邮件提醒", f"由 {settings.smtp_host} 发出，最近没有发不出的")
    state = f"最近有 {len(late)} 封没有发出：{late[0].problem}"
    return Finding("邮件提醒", state, "请用 hotline mail test 地址 试发，核对 HOTLINE_SMTP_*")


def _index(settings: Settings) -> Finding:
    database = Database(settings.database)
    try:
        index = build_index(settings)
        with database.read() as session:
            newest = head(session)
            published = {found.document.id for found in searchable(session)}
            try:
                SnapshotFolder(settings.index_folder).load(index, newest)
            except SnapshotError as error:
                mend = "不影响服务（启动时会自动重建）；也可现在运行 hotline reindex"
                return Finding("索引快照", str(error), mend, only_a_hint=True)
        service = SearchService(settings, database)
        service.replica.open()
        listed = {entry for entry in published if service.replica.catalogue.get(entry)}
        if listed != published or service.replica.index.documents != len(published):
            state = (
                f"数据库有 {len(published)} 条已发布，索引有 {service.replica.index.documents} 条"
            )
            return Finding("索引", state, "请运行 hotline reindex，然后重新启动")
        models = "、".join(index.model_ids)
        return Finding("索引", f"{len(published)} 条，与数据库一致；编码器 {models}")
    except EncoderError as error:
        return Finding("编码器", str(error), "请检查 HOTLINE_ENCODER、HOTLINE_SECOND_ENCODER")
    finally:
        database.close()


def _tuned(settings: Settings) -> list[Finding]:
    model, models = encoders.wanted(settings), TunedModels(settings.home)
    if not model:
        return []
    try:
        models.weights(model)
    except TunedModelError as error:
        mend = "现在用自带的编码器服务；请从备份恢复这个文件夹，或运行 hotline tune --undo"
        return [Finding("微调过的编码器", str(error), mend)]
    return [Finding("微调过的编码器", f"编号 {model}，完好")]


def _rasa_environment(settings: Settings) -> Finding:
    if not settings.rasa_python.exists():
        return Finding("Rasa 环境", f"没有 {settings.rasa_python}", "请运行 make setup")
    asked = "import importlib.metadata as m; print(m.version('rasa'))"
    done = subprocess.run(
        [str(settings.rasa_python), "-c", asked], capture_output=True, text=True, check=False
    )
    found = done.stdout.strip()
    if found != RASA_VERSION:
        mend = "请删除 .venv-rasa 后运行 make setup"
        return Finding("Rasa 环境", f"需要 {RASA_VERSION}，装的是 {found or '（没有）'}", mend)
    return Finding("Rasa 环境", f"Rasa {found}")


def _bot_model(settings: Settings) -> Finding:
    asked = (
        "import sys; from pathlib import Path; from bot.train import digest, is_current;"
        "sys.exit(0 if is_current(Path(sys.argv[1]), digest()) else 3)"
    )
    if not settings.rasa_python.exists():
        return Finding("对话模型", "无法检查", "请先装好 Rasa 环境：make setup")
    done = subprocess.run(
        [str(settings.rasa_python), "-c", asked, str(settings.home / "rasa")],
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode == 0:
        return Finding("对话模型", "与配置一致")
    return Finding("对话模型", "还没有训练，或配置改过", "请运行 hotline setup", only_a_hint=True)


def _running(settings: Settings) -> list[Finding]:
    looks: list[tuple[str, str, Callable[[httpx.Response], str]]] = [
        (
            "网页服务",
            f"http://127.0.0.1:{settings.port}/readyz",
            lambda answer: answer.text.strip(),
        ),
        ("Rasa", f"{settings.rasa_url}/", lambda _: "在运行"),
        ("动作服务", f"{settings.actions_url}/ready", lambda _: "在运行"),
    ]
    findings = []
    for name, url, state in looks:
        try:
            answer = httpx.get(url, timeout=3, trust_env=False)
        except httpx.HTTPError:
            mend = "如果应当在运行，请用 make run 启动"
            findings.append(Finding(name, "没有在运行", mend, only_a_hint=True))
            continue
        if answer.status_code == 200:
            findings.append(Finding(name, state(answer)))
        else:
            mend = f"请看日志 {settings.home / 'logs'}"
            findings.append(Finding(name, f"还不能回答：{answer.text.strip()}", mend))
    return findings
