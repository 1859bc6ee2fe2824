"""The columns of an exchange file: Chinese headers, English keys."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from knowledge.exchange.errors import ExchangeError


@dataclass(frozen=True)
class Column:
    """A column; `name` is its key in jsonl, `title` its header in xlsx and csv.

    `width` is that of an xlsx column, in characters.
    """

    name: str
    title: str
    width: int = 16
    aliases: tuple[str, ...] = ()
    obligatory: bool = False


# How the sheets of other cities' bases name the path of a category.
CATEGORY_NAMES = ("知识分类", "分类路径", "知识目录", "目录", "所属分类")

COLUMNS = (
    Column("code", "编号", 18, aliases=("id",)),
    Column(
        "standard_question",
        "标准问",
        36,
        aliases=("question", "标题", "知识标题", "title"),
        obligatory=True,
    ),
    Column("similar_questions", "相似问", 40),
    Column("negative_questions", "负例问", 30),
    Column("answer", "答案", 60, aliases=("内容", "知识内容", "content"), obligatory=True),
    Column("spoken_answer", "口播答案", 40),
    Column("department", "责任部门", 22, aliases=("承办单位",), obligatory=True),
    Column("category", "分类", 24, aliases=CATEGORY_NAMES, obligatory=True),
    Column("issuing_body", "发文单位", 24, aliases=("发布单位", "发文机关")),
    Column("legal_basis", "办理依据", 30),
    Column("region", "适用区域", 16, aliases=("area",)),
    Column("audience", "适用对象", 12),
    Column("valid_from", "有效期起", 12),
    Column("valid_until", "有效期止", 12),
    Column("materials", "办理材料", 36),
    Column("steps", "办理流程", 36),
    Column("fees", "收费标准", 24),
    Column("time_limit", "办理时限", 20),
    Column("places", "办理地点", 36),
    Column("keywords", "关键词", 24, aliases=("关键字",)),
    Column("state", "状态", 8),
    Column("featured", "常问", 8),
)
BY_NAME = {column.name: column for column in COLUMNS}
OBLIGATORY = tuple(column for column in COLUMNS if column.obligatory)

# Keys of other systems' files that an entry has no place for.
FOREIGN = frozenset({"task_type", "themes", "source", "note", "conditions_truncated"})
# Headers that other cities' bases have and ours may not, and what a check wrote beside the rows.
PASSED_OVER = frozenset({"资料类型", "材料类型", "知识类型", "类型", "检查结果", "怎么改"})

_KNOWN = {
    label.casefold(): column
    for column in COLUMNS
    for label in (column.name, column.title, *column.aliases)
}


def column_titled(label: str) -> Column | None:
    """Return the column that a header or a key means (“答案*” is “答案”)."""
    return _KNOWN.get(_tidy(label))


def is_ignored(label: str, ignored: Collection[str]) -> bool:
    """Tell whether a column is to be passed over: foreign, or named by the person."""
    return _tidy(label) in FOREIGN | PASSED_OVER | {_tidy(name) for name in ignored}


def require_known(where: str, labels: Sequence[str], ignored: Collection[str]) -> None:
    """Make sure that each label is a column's, and no column comes twice.

    Raises:
        ExchangeError: names what is unknown or doubled, and the columns that there are.
    """
    found = [label for label in labels if not is_ignored(label, ignored)]
    unknown = [label for label in found if column_titled(label) is None]
    if unknown:
        raise ExchangeError(
            f"{where}有不认识的列：{_listed(unknown)}；请改正列名，或删去不需要的列。"
            f"可用的列：{'、'.join(column.title for column in COLUMNS)}"
        )
    meant = [column_titled(label) for label in found]
    doubled = [column.title for column in COLUMNS if meant.count(column) > 1]
    if doubled:
        raise ExchangeError(f"{where}里同一列出现了两次：{_listed(doubled)}；请只留一列")


def require_obligatory(where: str, columns: Collection[Column], given: Collection[str]) -> None:
    """Make sure that no obligatory column is missing (`given`: names that have a default).

    Raises:
        ExchangeError: names what is missing, and what was found.
    """
    missing = [one.title for one in OBLIGATORY if one not in columns and one.name not in given]
    if missing:
        found = "、".join(column.title for column in COLUMNS if column in columns) or "（无）"
        raise ExchangeError(f"{where}缺少必填的列：{_listed(missing)}；找到的列：{found}")


def _tidy(label: str) -> str:
    return label.strip("\ufeff\u200b*＊ \t\r\n\u3000").casefold()


def _listed(labels: Sequence[str]) -> str:
    return "、".join(f"“{label[:32]}”" for label in labels[:20])
