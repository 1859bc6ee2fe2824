"""Reports of evaluations as files: xlsx, or one HTML page that needs nothing else."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from knowledge.errors import KnowledgeError
from knowledge.evaluation import wording
from knowledge.evaluation.account import Account, Difference
from knowledge.evaluation.result import DECISION_NAMES, VERDICT_HELP, VERDICT_NAMES, Verdict
from knowledge.evaluation.service import DEPTH
from knowledge.evaluation.workbook import write_account, write_difference
from web.admin.charts import charts

KINDS = (".xlsx", ".html")
WEB = Path(__file__).resolve().parents[1]
STYLES = ("tokens.css", "evaluation.css")

# What people look for comes first.
ORDER = (
    Verdict.WRONG,
    Verdict.MISTAKEN,
    Verdict.MISSED,
    Verdict.LISTED,
    Verdict.HIT,
    Verdict.REFUSED,
)
WORDS = {
    "verdict_names": VERDICT_NAMES,
    "verdict_help": VERDICT_HELP,
    "decision_names": DECISION_NAMES,
    "verdict_order": ORDER,
    "expected": wording.expected,
    "chance": wording.chance,
    "rank": lambda result: wording.rank(result, DEPTH),
    "verdict_lines": wording.verdicts,
    "figure_lines": wording.lines,
    "charts": charts,
}


class ReportError(KnowledgeError):
    """A report cannot be written there."""


def require_kinds(paths: Sequence[Path]) -> None:
    """Make sure, before the work begins, that each report has a kind and a place.

    Raises:
        ReportError: names the file whose ending or folder cannot be used.
    """
    for path in paths:
        if path.suffix.lower() not in KINDS:
            raise ReportError(f"报告 {path.name} 的格式不认识，请用 {'、'.join(KINDS)}")
        if not path.absolute().parent.is_dir():
            raise ReportError(f"没有文件夹 {path.absolute().parent}，请先建立，或换一个位置")


def write(path: Path, told: Account | Difference) -> None:
    """Write a report whose kind is the path's ending; a file of that name is replaced.

    Raises:
        ReportError: it cannot be written.
    """
    try:
        if path.suffix.lower() == ".html":
            path.write_text(html(told), encoding="utf-8")
        elif isinstance(told, Account):
            write_account(path, told)
        else:
            write_difference(path, told)
    except OSError as error:
        raise ReportError(f"无法写入 {path}：{error.strerror}") from error


def html(told: Account | Difference) -> str:
    """Return a page that needs no other file, runs no script and asks nothing of a network."""
    pages = Environment(loader=FileSystemLoader(WEB / "templates"), autoescape=True)
    pages.globals.update(WORDS)
    styles = "\n".join((WEB / "static" / "css" / name).read_text("utf-8") for name in STYLES)
    template = pages.get_template("admin/report.html")
    return template.render(told=told, is_account=isinstance(told, Account), styles=styles)
