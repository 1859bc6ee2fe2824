"""`hotline calibrate` on a real base: thresholds, a reliability table, or why there is none."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from knowledge.database import Database
from knowledge.database.migrate import upgrade
from knowledge.people.actor import system
from knowledge.seed.loader import load
from knowledge.settings import load_settings
from web.cli.search import calibrate


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    monkeypatch.setenv("HOTLINE_ENCODER", "use")
    monkeypatch.setenv("HOTLINE_SECOND_ENCODER", "none")
    return tmp_path


def migrated() -> Database:
    database = Database(load_settings().database)
    upgrade(database)
    return database


def test_the_seed_calibrates_itself_and_keeps_the_outcome(home: Path) -> None:
    database = migrated()
    load(database, system("test"))
    database.close()
    told = CliRunner().invoke(calibrate, [])
    assert told.exit_code == 0, told.output
    assert "平均误差（ECE）" in told.stdout
    assert "直接回答" in told.stdout
    found = json.loads(CliRunner().invoke(calibrate, ["--json"]).stdout)
    assert found["trials"] > 400
    assert 0.1 <= found["clarify_from"] <= found["answer_from"] <= 0.95
    assert sum(one["share"] for one in found["bins"]) == pytest.approx(1)
    manifest = json.loads(next(home.rglob("manifest.json")).read_text(encoding="utf-8"))
    assert manifest["calibration"]["answer_from"] == pytest.approx(found["answer_from"])


def test_an_empty_base_is_told_what_it_lacks(home: Path) -> None:
    migrated().close()
    told = CliRunner().invoke(calibrate, [])
    assert told.exit_code == 1
    assert "问法太少" in told.output
