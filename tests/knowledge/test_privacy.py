"""Personal data is replaced; public numbers stay."""

import pytest

from knowledge.privacy.redaction import redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("打我13812345678", "打我[手机号]"),
        ("打我１３８１２３４５６７８", "打我[手机号]"),
        ("138 1234 5678", "[手机号]"),
        ("138-1234-5678。", "[手机号]。"),
        ("座机0592-6051234", "座机[电话号码]"),
        ("身份证35020319900101123X", "身份证[身份证号]"),
        ("３５０２０３１９９００１０１１２３４", "[身份证号]"),
        ("卡号6222 0212 3456 7890 123", "卡号[银行卡号]"),
        ("微信wx13812345678", "微信wx[手机号]"),
        ("tel13812345678", "tel[手机号]"),
        ("008613812345678", "[手机号]"),
        ("+86 138 - 1234 - 5678", "[手机号]"),
        ("1381234\u200b5678", "[手机号]"),
        ("1381234\x005678", "[手机号]"),
        ("350203900101123", "[身份证号]"),
        ("写信到 wang.li@example.com 吧", "写信到 [邮箱] 吧"),
    ],
)
def test_personal_data_is_replaced(text: str, expected: str) -> None:
    assert redact(text).text == expected


@pytest.mark.parametrize("text", ["打12345", "110和119", "12333怎么打", "2026年3月1日", "第5号"])
def test_what_is_public_stays(text: str) -> None:
    assert redact(text).text == text
