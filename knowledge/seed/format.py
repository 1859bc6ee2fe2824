"""The shape of the seed files: YAML that people can read and compare."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from knowledge.entries.content import AUDIENCES, EntryContent
from knowledge.errors import KnowledgeError

Shape = TypeVar("Shape", bound=BaseModel)
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Text = Annotated[str, StringConstraints(min_length=1)]

# What pydantic found wrong, in the words of those who write the files.
PROBLEMS = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这个字段，请检查拼写",
    "string_type": "应是文字（全是数字的要加引号）",
    "string_too_short": "不能为空",
    "string_too_long": "太长，最多 {max_length} 个字",
    "string_pattern_mismatch": "编号只能用小写字母、数字和连字符",
    "list_type": "应是一个列表",
    "dict_type": "应是“字段: 内容”的形式",
    "model_type": "应是“字段: 内容”的形式",
    "too_short": "只有 {actual_length} 条，至少 {min_length} 条",
    "too_long": "有 {actual_length} 条，最多 {max_length} 条",
    "date_type": "应是日期，写成 2022-08-15",
    "bool_type": "应是 true 或 false",
}


class SeedError(KnowledgeError):
    """A seed file is wrong; the message names file, entry and field."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SeedDepartment(_Strict):
    """A department; `parent` is the code of one that stands above it in the file."""

    code: Code
    name: Text
    kind: Text = "bureau"
    phone: str | None = None
    parent: str | None = None


class SeedCategory(_Strict):
    """A category; `leaves` maps the codes of its leaves to their names."""

    code: Code
    name: Text
    leaves: dict[Code, Text] = Field(min_length=1)


class SeedEntry(_Strict):
    """An entry; `department` and `category` (a leaf) are codes."""

    code: Code
    question: Text
    similar: list[Text] = Field(min_length=4, max_length=8)
    negative: list[Text] = Field(default_factory=list)
    answer: Text
    spoken: Text
    department: Text
    category: Text
    issuing_body: Text
    basis: Text
    region: Text
    audience: list[str] = Field(default_factory=lambda: list(AUDIENCES))
    valid_from: date | None = None
    valid_until: date | None = None
    materials: list[Text] = Field(default_factory=list)
    steps: list[Text] = Field(default_factory=list)
    fees: str = ""
    time_limit: str = ""
    places: list[Text] = Field(default_factory=list)
    keywords: list[Text] = Field(default_factory=list)
    featured: bool = False

    def content(self, category_id: int) -> EntryContent:
        """Return what the entry says, as the base keeps it."""
        return EntryContent(
            standard_question=self.question,
            answer=self.answer,
            category_id=category_id,
            similar_questions=tuple(self.similar),
            negative_questions=tuple(self.negative),
            spoken_answer=self.spoken,
            issuing_body=self.issuing_body,
            legal_basis=self.basis,
            region=self.region,
            audience=tuple(self.audience),
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            materials=tuple(self.materials),
            steps=tuple(self.steps),
            fees=self.fees,
            time_limit=self.time_limit,
            places=tuple(self.places),
            keywords=tuple(self.keywords),
        )


# The fields of EntryContent that the files call otherwise.
FILE_FIELDS = {
    "standard_question": "question",
    "similar_questions": "similar",
    "negative_questions": "negative",
    "spoken_answer": "spoken",
    "legal_basis": "basis",
}


class SeedTopic(_Strict):
    """A file of entries; what `common` says holds for each entry that does not say otherwise."""

    system: Text
    common: dict[str, Any] = Field(default_factory=dict)
    entries: list[dict[str, Any]]


def validated(shape: type[Shape], row: Any, where: str) -> Shape:
    """Return `row` as `shape`.

    Raises:
        SeedError: names `where` and each field that is wrong.
    """
    try:
        return shape.model_validate(row)
    except ValidationError as error:
        problems = {
            ".".join(map(str, one["loc"])) or "内容": PROBLEMS.get(one["type"], one["msg"]).format(
                **one.get("ctx", {})
            )
            for one in error.errors()
        }
        raise wrong(where, problems) from error


def wrong(where: str, problems: Mapping[str, str]) -> SeedError:
    """Return the error that says what is wrong with the fields of `where`."""
    return SeedError(f"{where}：" + "；".join(f"{name}：{text}" for name, text in problems.items()))
