"""One table of settings; each is documented; a bad value stops the start."""

import re
from pathlib import Path

import pytest

from knowledge.settings import Settings, SettingsError, load_settings
from tests.places import ROOT


def test_every_setting_is_documented() -> None:
    told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [name for name in Settings.model_fields if f"HOTLINE_{name.upper()}" not in told]
    assert missing == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("HOTLINE_PORT", "99999"), ("HOTLINE_LOG_LEVEL", "LOUD"), ("HOTLINE_METRICS_NETWORKS", "x")],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"{name}.*{value}"):
        load_settings()


def test_every_setting_has_a_line_of_help_and_the_document_no_other() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
    told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `HOTLINE_(\w+)`", told, re.MULTILINE))
    assert rows == {name.upper() for name in Settings.model_fields}


def test_the_document_gives_the_defaults_in_force() -> None:
    told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        if name == "rasa_python":
            continue  # depends on where the program lies
        (row,) = re.findall(rf"^\| `HOTLINE_{name.upper()}`.*$", told, re.MULTILINE)
        default = str(field.default).lower() if field.annotation is bool else str(field.default)
        assert f"`{default}`" in row if default else "（空）" in row, row


def test_all_bad_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_PORT", "eighty")
    monkeypatch.setenv("HOTLINE_REPLY_SECONDS", "0")
    with pytest.raises(SettingsError) as told:
        load_settings()
    assert "未启动" in str(told.value)
    assert "HOTLINE_PORT='eighty'" in str(told.value)
    assert "HOTLINE_REPLY_SECONDS='0'" in str(told.value)


def test_what_the_environment_says_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    monkeypatch.setenv("HOTLINE_LOG_LEVEL", "debug")
    monkeypatch.setenv("HOTLINE_SECURE_COOKIES", "true")
    settings = load_settings()
    assert settings.database == f"sqlite:///{tmp_path / 'hotline.db'}"
    assert settings.index_folder == tmp_path / "index"
    assert settings.log_level == "DEBUG"
    assert settings.secure_cookies is True
    monkeypatch.setenv("HOTLINE_DATABASE_URL", "sqlite:////elsewhere.db")
    assert load_settings().database == "sqlite:////elsewhere.db"
