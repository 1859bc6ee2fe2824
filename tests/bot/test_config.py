"""What Rasa reads fits together, and says what it should to people."""

import re
from typing import Any

import pytest
import yaml

from tests.bot.conftest import ROOT, RasaSide

UTTERED_BY_ACTIONS = {
    "utter_no_options",
    "utter_which_option",
    "utter_not_helped",
    "utter_out_of_scope",
    "utter_default",
}


def _read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def domain() -> dict[str, Any]:
    found: dict[str, Any] = _read("bot/domain.yml")
    return found


def _texts(domain: dict[str, Any]) -> list[str]:
    return [variant["text"] for each in domain["responses"].values() for variant in each]


def test_every_intent_has_exactly_one_rule(domain: dict[str, Any]) -> None:
    steps = [rule["steps"] for rule in _read("bot/data/rules.yml")["rules"]]
    ruled = [step["intent"] for rule in steps for step in rule if "intent" in step]
    assert sorted(ruled) == sorted(next(iter(intent)) for intent in domain["intents"])


@pytest.mark.parametrize("intent", ["question", "out_of_scope", "nlu_fallback"])
def test_whatever_may_be_a_question_is_searched(intent: str) -> None:
    rules = [rule["steps"] for rule in _read("bot/data/rules.yml")["rules"]]
    assert [{"intent": intent}, {"action": "action_search"}] in rules


def test_texts_are_polite_and_name_no_district(domain: dict[str, Any]) -> None:
    for text in _texts(domain):
        assert not re.search("厦门|海沧|你(?!好)", text), text
        assert len(text) <= 80, text
    everything = "".join(_texts(domain))
    assert set(re.findall(r"\d+", everything)) == {"12345"}


def test_it_does_not_pass_for_a_person(domain: dict[str, Any]) -> None:
    [who] = domain["responses"]["utter_who_are_you"]
    assert "自动" in who["text"]
    assert "不是真人" in who["text"]
    assert "转人工" in who["text"]


def test_endpoints_stay_on_this_machine() -> None:
    endpoints = _read("bot/endpoints.yml")
    url = endpoints["action_endpoint"]["url"]
    assert url == "http://127.0.0.1:${HOTLINE_ACTIONS_PORT}/webhook"
    assert set(_read("bot/credentials.yml")) == {"rest"}


def test_no_neural_classifier_is_needed() -> None:
    names = [component["name"] for component in _read("config.yml")["pipeline"]]
    assert "DIETClassifier" not in names
    assert names[-1] == "bot.whole_sentence.WholeSentence"


def test_the_lock_pins_everything() -> None:
    lines = (ROOT / "bot" / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert pins["rasa"] == "3.6.21"
    assert "jieba" in pins
    assert int(pins["setuptools"].split(".")[0]) < 81
    assert not [line for line in lines if "://" in line or " @ " in line]


def test_rasa_finds_the_data_valid(rasa: RasaSide) -> None:
    done = rasa.run(
        *("-m", "rasa", "data", "validate"),
        *("--config", "config.yml", "--domain", "bot/domain.yml", "--data", "bot/data"),
        RASA_TELEMETRY_ENABLED="false",
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    assert "No story structure conflicts found" in said
    assert set(re.findall(r"utterance '(\w+)' is not used", said)) == UTTERED_BY_ACTIONS
    assert "UserWarning: The intent" not in said
