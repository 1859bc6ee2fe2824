"""The form of an entry, and its way to and from `EntryContent`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.widgets import CheckboxInput, ListWidget

from knowledge.entries.content import AUDIENCES, EntryContent
from web.admin.forms import number

LISTS = ("materials", "steps", "places")


@dataclass(frozen=True)
class Leaf:
    """A category that an entry may have, as the list shows it."""

    id: int
    path: str
    code: str


class EntryForm(FlaskForm):  # type: ignore[misc]
    """One column of fields; the domain's rules are checked by `knowledge.entries`."""

    lock_version = HiddenField()
    standard_question = StringField("标准问")
    similar_questions = TextAreaField("相似问")
    negative_questions = TextAreaField("负例问")
    answer = TextAreaField("答案")
    spoken_answer = TextAreaField("口播答案")
    category = SelectField("分类", coerce=int, validate_choice=False)
    issuing_body = StringField("发文单位")
    legal_basis = StringField("办理依据")
    region = StringField("适用区域")
    audience = SelectMultipleField(
        "适用对象",
        choices=[SelectChoice(name) for name in AUDIENCES],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    valid_from = DateField("有效期起")
    valid_until = DateField("有效期止")
    materials = TextAreaField("办理材料")
    steps = TextAreaField("办理流程")
    fees = TextAreaField("收费标准")
    time_limit = TextAreaField("办理时限")
    places = TextAreaField("办理地点")
    keywords = StringField("关键词")
    groups: Sequence[tuple[str, list[Leaf]]] = ()

    def offer_categories(self, paths: Mapping[int, str], codes: Mapping[int, str]) -> None:
        """Fill the list of categories; `groups` holds it below the names of the first level."""
        leaves = [Leaf(leaf, path, codes.get(leaf, "")) for leaf, path in paths.items()]
        self.groups = [
            (top, list(below)) for top, below in groupby(leaves, lambda one: one.path.split("/")[0])
        ]
        self.category.choices = [
            SelectChoice(0, "请选择"),
            *(SelectChoice(leaf, path) for leaf, path in paths.items()),
        ]

    def show(self, content: EntryContent, lock_version: int) -> None:
        """Put an entry's content into the fields."""
        self.lock_version.data = str(lock_version)
        self.category.data = content.category_id
        self.similar_questions.data = "\n".join(content.similar_questions)
        self.negative_questions.data = "\n".join(content.negative_questions)
        self.audience.data = list(content.audience)
        for name in LISTS:
            self[name].data = "\n".join(getattr(content, name))
        self.keywords.data = "，".join(content.keywords)
        for name in (
            "standard_question",
            "answer",
            "spoken_answer",
            "issuing_body",
            "legal_basis",
            "region",
            "valid_from",
            "valid_until",
            "fees",
            "time_limit",
        ):
            self[name].data = getattr(content, name)

    def content(self) -> EntryContent:
        """Return what the fields say."""
        return EntryContent(
            standard_question=self.standard_question.data or "",
            answer=self.answer.data or "",
            category_id=self.category.data or 0,
            similar_questions=tuple((self.similar_questions.data or "").splitlines()),
            negative_questions=tuple((self.negative_questions.data or "").splitlines()),
            spoken_answer=self.spoken_answer.data or "",
            issuing_body=self.issuing_body.data or "",
            legal_basis=self.legal_basis.data or "",
            region=self.region.data or "",
            audience=tuple(self.audience.data or ()),
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
            fees=self.fees.data or "",
            time_limit=self.time_limit.data or "",
            keywords=(self.keywords.data or "",),
            **{name: tuple((self[name].data or "").splitlines()) for name in LISTS},
        )

    def seen(self) -> int:
        """Return the `lock_version` on which the edit is based, 0 if it was tampered with."""
        return number(self.lock_version.data) or 0

    def date_problems(self) -> dict[str, str]:
        """Name the dates that cannot be read."""
        return {
            name: "请按 2026-03-01 这样的格式填写日期，或留空"
            for name in ("valid_from", "valid_until")
            if self[name].raw_data and any(self[name].raw_data) and self[name].data is None
        }
