"""No arrow runs back: who may import whom; and files fit in one look."""

import ast
from pathlib import Path

import pytest

from tests.places import ROOT

MAY_IMPORT: dict[str, set[str]] = {
    "embeddings": set(),
    "knowledge": {"embeddings"},
    "actions": {"knowledge"},
    "bot": set(),
    "web": {"knowledge", "embeddings"},  # embeddings: only the words of a ranking and its errors
}
OF_EMBEDDINGS_FOR_WEB = {
    "Decision",
    "Document",
    "EncoderError",
    "Rehearsal",
    "SHOWN",
    "SnapshotError",
}
LONGEST = 300


def imports(path: Path) -> set[tuple[str, str]]:
    """Return (module, name) of everything that a file imports, also inside functions."""
    found: set[tuple[str, str]] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "*") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found |= {(node.module or "", alias.name) for alias in node.names}
    return found


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    ours = {*MAY_IMPORT, "tests"}
    wrong = []
    for path in (ROOT / room).rglob("*.py"):
        for module, name in imports(path):
            top = module.split(".")[0]
            if top in ours and top != room and top not in MAY_IMPORT[room]:
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
            if room == "web" and top == "embeddings" and name not in OF_EMBEDDINGS_FOR_WEB:
                wrong.append(f"{path.relative_to(ROOT)} imports {name} of {module}")
    assert wrong == []


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_files_fit_in_one_look(room: str) -> None:
    paths = [path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]
    assert paths
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in paths
    }
    assert {name: count for name, count in lines.items() if count >= LONGEST} == {}
