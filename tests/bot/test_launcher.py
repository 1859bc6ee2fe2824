"""The launcher opens nothing outward, refuses a strange Rasa, and keeps texts out of logs."""

from pathlib import Path
from typing import Any

import pytest

from bot import launcher
from tests.bot.conftest import RasaSide


@pytest.fixture(scope="module")
def facts(rasa: RasaSide) -> dict[str, Any]:
    return rasa.facts("patches.py")


def test_rasa_listens_on_the_loopback_address_without_its_api() -> None:
    arguments = launcher.rasa_arguments(Path("var/rasa/model.tar.gz"), 5005)
    assert arguments[arguments.index("--interface") + 1] == "127.0.0.1"
    assert arguments[arguments.index("--port") + 1] == "5005"
    assert "--enable-api" not in arguments
    assert "--cors" not in arguments


def test_an_answer_is_still_checked_but_the_schema_is_compiled_once(
    facts: dict[str, Any],
) -> None:
    assert facts["validation"]["good"] is True
    assert facts["validation"]["refused"] is True
    assert facts["validation"]["ms"] < 5  # compiling it anew takes about 50 ms


def test_a_rasa_without_the_method_is_refused(facts: dict[str, Any]) -> None:
    assert "_validate_action_result" in facts["validation"]["message"]
    assert "版本不符" in facts["validation"]["message"]


def test_no_message_reaches_the_log(facts: dict[str, Any]) -> None:
    lines: list[str] = facts["logs"]["lines"]
    assert len(lines) == 3
    assert not [line for line in lines if "身份证" in line or "\\u8eab" in line]
    assert "rest.message.received.failure" in lines[0]
    assert "ValueError" in lines[0]
    assert "ValueError" in lines[1]
    assert "Traceback" not in lines[1]
    assert '"turns": 3' in lines[2]


def test_a_missing_model_is_explained(rasa: RasaSide, tmp_path: Path) -> None:
    done = rasa.run("-m", "bot.launcher", "--model", str(tmp_path))
    assert done.returncode == 1
    assert "没有找到模型" in done.stderr
    assert "python -m bot.train" in done.stderr


def test_another_version_of_rasa_is_refused(rasa: RasaSide, model: Path) -> None:
    code = (
        "import bot.launcher as launcher; launcher.RASA_VERSION = '3.7.0'; "
        f"launcher.main(['--model', {str(model)!r}])"
    )
    done = rasa.run("-c", code)
    assert done.returncode == 1
    assert "需要 Rasa 3.7.0，装的是 3.6.21" in done.stderr


@pytest.mark.parametrize(
    ("wished", "level"), [("", "INFO"), ("DEBUG", "INFO"), ("warning", "WARNING"), ("x", "INFO")]
)
def test_the_hotlines_log_level_never_makes_rasa_talkative(wished: str, level: str) -> None:
    assert launcher._level(wished) == level


def test_debug_is_refused_for_it_would_log_messages(rasa: RasaSide, model: Path) -> None:
    done = rasa.run("-m", "bot.launcher", "--model", str(model), "--log-level", "DEBUG")
    assert done.returncode == 2
    assert "invalid choice" in done.stderr
