"""Text before it is encoded: one form for what means the same, and the tokens of it."""

import pytest

from embeddings.text.normalise import key, normalise
from embeddings.text.segment import characters, words


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("請問，公積金怎麼提取？", "公积金怎么提取"),
        ("ＡＢＣ１２３", "abc123"),
        ("您好，我想咨询一下 居 住 证 怎么办？谢谢！", "居住证怎么办"),
        ("喂你好请问一下社保卡补办在线等急", "社保卡补办"),
        ("office 365 怎么装", "office 365怎么装"),
        ("身份证\u200b丢了\ufeff", "身份证丢了"),
        ("  多余的   空白  ", "多余的空白"),
        ("㎡和①", "m2和1"),
    ],
)
def test_what_means_the_same_has_one_form(typed: str, form: str) -> None:
    assert normalise(typed) == form


@pytest.mark.parametrize("text", ["你好", "谢谢", "请问", "急", "谢谢谢谢", "喂？", "麻烦您了"])
def test_of_polite_words_alone_something_is_left(text: str) -> None:
    assert key(text)


@pytest.mark.parametrize("text", ["", " ", "？！", "😀", "——", "\u200b\x00"])
def test_what_has_no_letters_has_no_key(text: str) -> None:
    assert key(text) == ""


@pytest.mark.parametrize(
    "text",
    ["請問，公積金怎麼提取？", "您好！", "ＡＢＣ　def", "急急急在线等", "2026年3月1日", "谢谢啦。"],
)
def test_the_form_of_a_form_is_itself(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_the_same_question_in_other_clothes_has_the_same_key() -> None:
    clothes = [
        "公积金，怎么提取？",
        "請問公積金怎麼提取",
        "公 积 金 怎么提取!!",
        "谢谢，公积金怎么提取",
    ]
    assert len({key(text) for text in clothes}) == 2  # thanks at the front is not a filler
    assert len({key(text) for text in clothes[:3]}) == 1


def test_characters_come_with_their_bigrams_and_numbers_whole() -> None:
    assert characters("办abc证12345") == ["办", "abc", "证", "12345"]
    assert characters("居住证") == ["居", "住", "证", "居住", "住证"]
    assert characters("，。") == []


def test_words_are_words_without_punctuation() -> None:
    found = words("公积金怎么提取，12345？")
    assert {"公积金", "提取", "12345"} <= set(found)
    assert not {"，", "？"} & set(found)
