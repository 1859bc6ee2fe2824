"""Reads the seed files and finds what is wrong with them before anything is written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.entries.content import checked
from knowledge.errors import ContentError
from knowledge.seed.format import (
    FILE_FIELDS,
    SeedCategory,
    SeedDepartment,
    SeedEntry,
    SeedError,
    SeedTopic,
    Shape,
    validated,
    wrong,
)

DATA = Path(__file__).parent / "data"
DEPARTMENTS = "departments.yml"
CATEGORIES = "categories.yml"

Check = Callable[[SeedEntry], dict[str, str]]


@dataclass(frozen=True)
class Seed:
    """All that the files hold; `systems` maps the system of a file to its entries."""

    departments: list[SeedDepartment]
    categories: list[SeedCategory]
    systems: dict[str, list[SeedEntry]]

    @property
    def entries(self) -> list[SeedEntry]:
        """All entries, in the order of the files."""
        return [entry for entries in self.systems.values() for entry in entries]


def read(folder: Path = DATA) -> Seed:
    """Read the seed files in `folder`.

    Raises:
        SeedError: not YAML, a field is missing, unknown or wrong, an entry breaks a rule of
            content, a code is used twice or stands for nothing.
    """
    departments = _listed(folder / DEPARTMENTS, SeedDepartment)
    categories = _listed(folder / CATEGORIES, SeedCategory)
    _check_frame(departments, categories)
    check = _entry_check(departments, categories)
    paths = sorted((folder / "entries").glob("*.yml"))
    if not paths:
        raise SeedError(f"{folder / 'entries'} 里没有条目文件（*.yml）")
    systems: dict[str, list[SeedEntry]] = {}
    for path in paths:
        topic = validated(SeedTopic, _yaml(path), path.name)
        systems.setdefault(topic.system, []).extend(_entries(topic, path.name, check))
    return Seed(departments, categories, systems)


def _entries(topic: SeedTopic, file: str, check: Check) -> Iterator[SeedEntry]:
    for at, row in enumerate(topic.entries, start=1):
        where = f"{file} 的条目 {row.get('code') or f'（第 {at} 条，没有编号）'}"
        entry = validated(SeedEntry, topic.common | row, where)
        problems = check(entry)
        if problems:
            raise wrong(where, problems)
        yield entry


def _entry_check(departments: list[SeedDepartment], categories: list[SeedCategory]) -> Check:
    """Return what finds the problems of an entry, given the entries that it saw before."""
    owners = {department.code for department in departments}
    leaves = {code for category in categories for code in category.leaves}
    seen: set[str] = set()

    def check(entry: SeedEntry) -> dict[str, str]:
        problems = _content_problems(entry)
        if entry.code in seen:
            problems["code"] = "这个编号已被另一条目使用"
        if entry.department not in owners:
            problems["department"] = f"{DEPARTMENTS} 里没有编号为“{entry.department}”的部门"
        if entry.category not in leaves:
            problems["category"] = f"{CATEGORIES} 里没有编号为“{entry.category}”的末级分类"
        seen.add(entry.code)
        return problems

    return check


def _content_problems(entry: SeedEntry) -> dict[str, str]:
    try:
        checked(entry.content(category_id=0))
    except ContentError as error:
        return {FILE_FIELDS.get(name, name): text for name, text in error.problems.items()}
    return {}


def _check_frame(departments: list[SeedDepartment], categories: list[SeedCategory]) -> None:
    above: set[str] = set()
    for department in departments:
        where = f"{DEPARTMENTS} 的部门 {department.code}"
        if department.code in above:
            raise wrong(where, {"code": "这个编号已被另一部门使用"})
        if department.parent is not None and department.parent not in above:
            raise wrong(where, {"parent": f"上级“{department.parent}”应写在它的前面"})
        above.add(department.code)
    codes: set[str] = set()
    for category in categories:
        for code in (category.code, *category.leaves):
            if code in codes:
                raise wrong(f"{CATEGORIES} 的分类 {code}", {"code": "这个编号已被另一分类使用"})
            codes.add(code)


def _listed(path: Path, shape: type[Shape]) -> list[Shape]:
    rows = _yaml(path)
    if not isinstance(rows, list):
        raise SeedError(f"{path.name}：应是一个列表")
    return [
        validated(shape, row, f"{path.name} 的第 {at} 项") for at, row in enumerate(rows, start=1)
    ]


def _yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SeedError(f"无法读取 {path}：{error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SeedError(f"{path.name} 不是 UTF-8 编码的文本") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2022-02-30
        raise SeedError(f"{path.name} 不是有效的 YAML：{error}") from error
