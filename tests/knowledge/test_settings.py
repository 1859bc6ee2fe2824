"""One table of settings; each is documented; a bad value stops the start."""

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
