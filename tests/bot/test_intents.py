"""Chatter is recognised; whatever may be a question is searched for."""

import pytest

from tests.bot.conftest import Parser
from tests.bot.phrases import DIALOGUE, QUESTIONS, SEARCHED

SAID = [(intent, text) for intent, texts in DIALOGUE.items() for text in texts]


def test_there_are_enough_phrases() -> None:
    assert len(SAID) >= 60
    assert len(QUESTIONS) >= 40


@pytest.mark.parametrize(("intent", "text"), SAID)
def test_chatter_is_recognised(parse: Parser, intent: str, text: str) -> None:
    assert parse(text)["intent"] == intent


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_is_searched_for(parse: Parser, text: str) -> None:
    assert parse(text)["intent"] in SEARCHED


@pytest.mark.parametrize(
    "text",
    ["给我说个笑话吧", "明天天气怎么样", "推荐一只能涨的股票", "唱首歌来听听", "你有女朋友吗"],
)
def test_what_is_plainly_no_matter_for_a_hotline_is_told_apart(parse: Parser, text: str) -> None:
    assert parse(text)["intent"] == "out_of_scope"


@pytest.mark.parametrize("opening", ["谢谢，", "你好，", "转人工。", "都不是，", "第一个，"])
def test_a_long_message_is_a_question_however_it_begins(parse: Parser, opening: str) -> None:
    story = "我父亲去年从外地搬来同住，户口还在老家，想问在这边看病住院应该先办什么手续"
    assert parse(opening + story)["intent"] == "question"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("2", ["2"]),
        ("３", ["３"]),
        ("第二个", ["第二"]),
        ("就是最后一个", ["最后一个"]),
        ("倒数第二个", ["倒数第二"]),
        ("第12个", ["第12"]),
        ("①", ["①"]),
    ],
)
def test_the_option_meant_is_found_in_the_text(
    parse: Parser, text: str, numbers: list[str]
) -> None:
    found = parse(text)
    assert found["intent"] == "choose_option"
    assert found["option_numbers"] == numbers


@pytest.mark.parametrize("text", ["12345", "110", "20261124", "13800000000"])
def test_a_long_number_is_no_option(parse: Parser, text: str) -> None:
    found = parse(text)
    assert found["intent"] in SEARCHED
    assert found["option_numbers"] == []
