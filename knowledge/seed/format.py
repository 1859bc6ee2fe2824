"""The seed files: YAML that people can read and compare."""

from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.errors import KnowledgeError

Shape = TypeVar("Shape", bound=BaseModel)

DATA = Path(__file__).parent / "data"


class SeedError(KnowledgeError):
    """A seed file is wrong; the message names file, entry and field."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SeedDepartment(_Strict):
    """A department; `parent` is another's code."""

    code: str
    name: str
    kind: str = "bureau"
    phone: str | None = None
    parent: str | None = None


class SeedCategory(_Strict):
    """A category with its leaves."""

    code: str
    name: str
    leaves: dict[str, str] = Field(default_factory=dict)


class SeedEntry(_Strict):
    """An entry; `department` and `category` are codes."""

    code: str
    question: str
    similar: list[str] = Field(min_length=4, max_length=8)
    negative: list[str] = Field(default_factory=list)
    answer: str
    spoken: str
    department: str
    category: str
    issuing_body: str
    basis: str
    region: str
    audience: list[str] = Field(default_factory=lambda: ["个人", "企业"])
    valid_from: date | None = None
    valid_until: date | None = None
    featured: bool = False


class _Topic(_Strict):
    """A file of entries; what `common` says holds for each entry that does not say otherwise."""

    system: str
    common: dict[str, Any] = Field(default_factory=dict)
    entries: list[dict[str, Any]]


class Seed(BaseModel):
    """All that the files hold; `systems` maps a file's system to the codes of its entries."""

    departments: list[SeedDepartment]
    categories: list[SeedCategory]
    entries: list[SeedEntry]
    systems: dict[str, list[str]]


def read(folder: Path = DATA) -> Seed:
    """Read the seed files.

    Raises:
        SeedError: a file is not YAML, or a field is missing, unknown or wrong.
    """
    departments = _listed(folder / "departments.yml", SeedDepartment)
    categories = _listed(folder / "categories.yml", SeedCategory)
    entries: list[SeedEntry] = []
    systems: dict[str, list[str]] = {}
    for path in sorted((folder / "entries").glob("*.yml")):
        topic = _validated(_Topic, _yaml(path), path.name)
        for at, row in enumerate(topic.entries, start=1):
            where = f"{path.name} 的条目 {row.get('code') or f'（第 {at} 条）'}"
            entry = _validated(SeedEntry, topic.common | row, where)
            entries.append(entry)
            systems.setdefault(topic.system, []).append(entry.code)
    return Seed(departments=departments, categories=categories, entries=entries, systems=systems)


def _listed(path: Path, shape: type[Shape]) -> list[Shape]:
    rows = _yaml(path)
    if not isinstance(rows, list):
        raise SeedError(f"{path.name}：应是一个列表")
    return [
        _validated(shape, row, f"{path.name} 的第 {at} 项") for at, row in enumerate(rows, start=1)
    ]


def _yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SeedError(f"无法读取 {path}：{error.strerror}") from error
    except yaml.YAMLError as error:
        raise SeedError(f"{path.name} 不是有效的 YAML：{error}") from error


def _validated(shape: type[Shape], row: Any, where: str) -> Shape:
    try:
        return shape.model_validate(row)
    except ValidationError as error:
        problems = "；".join(
            f"{'.'.join(map(str, one['loc'])) or '内容'}：{one['msg']}" for one in error.errors()
        )
        raise SeedError(f"{where}：{problems}") from error
