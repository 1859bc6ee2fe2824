"""No arrow runs back: who may import whom."""

import ast
from pathlib import Path

import pytest

from tests.places import ROOT

MAY_IMPORT = {
    "embeddings": set(),
    "knowledge": {"embeddings"},
    "actions": {"knowledge"},
    "bot": set(),
    "web": {"knowledge", "embeddings"},  # embeddings: only the words of a ranking and its errors
}
OF_EMBEDDINGS_FOR_WEB = {"embeddings.index", "embeddings.errors", "embeddings.encoders"}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    wrong = []
    for path in (ROOT / room).rglob("*.py"):
        for module in imports(path):
            top = module.split(".")[0]
            if top in MAY_IMPORT and top != room and top not in MAY_IMPORT[room]:
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
            if room == "web" and top == "embeddings" and module not in OF_EMBEDDINGS_FOR_WEB:
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert wrong == []


def test_files_fit_in_one_look() -> None:
    long = [
        str(path.relative_to(ROOT))
        for room in MAY_IMPORT
        for path in (ROOT / room).rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > 300
        and "migrations" not in path.parts
    ]
    assert long == []
