"""Slips of the keyboard are mended by sound and look; what is a word is left alone."""

import pytest

from embeddings.text.glyphs import look_alike, sound_alike
from embeddings.text.lexicon import Lexicon
from embeddings.text.spelling import Spelling, corrected

WORDS = ("养老金", "社保", "公积金", "居住证", "身份证", "营业执照", "户口簿", "福利院")


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return Spelling(WORDS)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("养老今怎么领", "养老金怎么领"),
        ("社宝怎么交", "社保怎么交"),
        ("居主证到期了", "居住证到期了"),
        ("公鸡金提取", "公积金提取"),
        ("营业执昭丢了", "营业执照丢了"),
        ("户口薄在哪里补", "户口簿在哪里补"),
        ("胡利院怎么去", "福利院怎么去"),  # f and h are one sound in the south
        ("shebao断了两个月", "社保断了两个月"),
        ("gjj能取吗", "公积金能取吗"),
    ],
)
def test_a_slip_gives_way_to_the_word_that_was_meant(
    spelling: Spelling, written: str, meant: str
) -> None:
    assert corrected(written, [spelling]) == meant


@pytest.mark.parametrize(
    "text",
    [
        "养老金怎么领",
        "医保报销比例是多少",
        "我是外地人",
        "etc怎么办理",  # letters that stand for none of the words
        "ab",
        "",
        "？！",
        "12345",
        "😀😀",
        "今今今今今今今今",
    ],
)
def test_what_is_right_or_means_nothing_stays(spelling: Spelling, text: str) -> None:
    assert corrected(text, [spelling]) is None


def test_a_text_as_long_as_a_message_may_be_is_mended_too(spelling: Spelling) -> None:
    text = corrected("社宝" + "，我交了很久" * 80, [spelling])
    assert text is not None
    assert text.startswith("社保，")


def test_terms_of_the_staffs_list_are_words_too() -> None:
    lexicon = Lexicon((("落户", "迁户口"),), ("白鹭分",))
    assert corrected("白路分怎么算", [lexicon.spelling]) == "白鹭分怎么算"
    assert corrected("落互要什么材料", [lexicon.spelling]) == "落户要什么材料"


def test_characters_are_alike_by_sound_or_by_look() -> None:
    assert sound_alike("今", "金")
    assert not sound_alike("今", "银")
    assert not sound_alike("四", "十")
    assert sound_alike("四", "是", loosely=True)
    assert look_alike("请", "清")
    assert look_alike("己", "已")
    assert not look_alike("江", "海")  # a radical in common tells nothing
