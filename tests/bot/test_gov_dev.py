"""Real questions of citizens: at most one in a hundred may miss the search."""

import json
import os
from pathlib import Path

import pytest

from tests.bot.conftest import ROOT, Parser
from tests.bot.phrases import SEARCHED

DATA = Path(os.environ.get("HOTLINE_EVAL_DATA", ROOT.parent / "shared" / "data")) / "eval/gov_dev"


def _texts(name: str) -> list[str]:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"evaluation data not here: {path} (set HOTLINE_EVAL_DATA)")
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"].replace("\n", " ") for line in lines]


@pytest.mark.parametrize("name", ["queries.jsonl", "out_of_scope.jsonl"])
def test_real_questions_reach_the_search(parse: Parser, name: str) -> None:
    texts = _texts(name)
    missed = [(text, parse(text)["intent"]) for text in texts]
    missed = [(text, intent) for text, intent in missed if intent not in SEARCHED]
    assert len(missed) <= 0.01 * len(texts), missed
    # Who writes 人工客服 among the questions does ask for a person.
    assert {intent for _, intent in missed} <= {"ask_for_person"}


def test_no_question_of_the_evaluation_is_training_data() -> None:
    known = set(_texts("queries.jsonl")) | set(_texts("out_of_scope.jsonl"))
    lines = (ROOT / "bot" / "data" / "nlu_question.yml").read_text(encoding="utf-8").splitlines()
    examples = {line.strip()[2:] for line in lines if line.startswith("      - ")}
    assert not {text for text in known & examples if len(text) > 6}
