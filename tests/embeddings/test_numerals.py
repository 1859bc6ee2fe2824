"""Numbers that count something have one form; words with numerals in them stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.text.normalise import key, normalise
from embeddings.text.numerals import arabic, number


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("满六十岁可以办吗", "满60岁可以办吗"),
        ("三十五周岁以下", "35周岁以下"),
        ("交了十二个月社保", "交了12个月社保"),
        ("一百二十万元的房子", "120万元的房子"),
        ("補貼兩萬元", "补贴2万元"),
        ("一万五千元", "15000元"),
        ("十五个工作日", "15个工作日"),
        ("二十四小时自助区", "24小时自助区"),
        ("二〇二四年十一月", "2024年11月"),
        ("三号楼二单元", "3号楼2单元"),
        ("百分之三点五", "3.5%"),
        ("百分之百", "100%"),
        ("一百零五天", "105天"),
        ("两个孩子", "2个孩子"),
        ("１０５天", "105天"),
    ],
)
def test_a_number_before_a_measure_word_is_arabic(typed: str, form: str) -> None:
    assert normalise(typed) == form


@pytest.mark.parametrize(
    "text",
    [
        "一次性补贴", "一般纳税人", "统一年检", "三好学生", "万一年底办不了", "十分着急",
        "一个人怎么办", "周三日间", "四周围墙", "二元结构", "三五年", "七八十岁", "十二三岁",
        "三十几岁", "百岁老人", "双十一", "一网通办", "一万五", "1.5万元", "百分之几", "两会",
    ],
)  # fmt: skip
def test_what_is_a_word_or_no_clear_number_stays(text: str) -> None:
    assert arabic(text) == text


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("零", 0),
        ("十", 10),
        ("一百一十", 110),
        ("一千零一", 1001),
        ("三千零二十", 3020),
        ("两亿", 200_000_000),
        ("一亿二千万", 120_000_000),
        ("十十", None),
        ("百", None),
        ("一百二", None),
        ("万", None),
        ("一九九五", 1995),
    ],
)
def test_numerals_are_read_strictly(numeral: str, value: int | None) -> None:
    assert number(numeral) == value


def test_both_ways_of_writing_ask_the_same() -> None:
    assert key("年满六十岁怎么办敬老卡？") == key("年满60岁怎么办敬老卡")


@given(st.text("零〇一二两三四五六七八九十百千万亿岁年个月天元周分之点%5a统", max_size=12))
def test_the_form_of_any_form_is_itself(text: str) -> None:
    assert arabic(arabic(text)) == arabic(text)
    assert normalise(normalise(text)) == normalise(text)
