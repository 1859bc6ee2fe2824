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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+86 138 1234 5678", "[手机号]"),
        ("0086-13812345678", "[手机号]"),
        ("138—1234—5678", "[手机号]"),
        ("1 3 8 1 2 3 4 5 6 7 8", "[手机号]"),
        ("138\n1234\n5678", "[手机号]"),
        ("13812345678/13987654321", "[手机号]/[手机号]"),
        ("13812345678abc", "[手机号]abc"),
        ("（0592）605 1234", "[电话号码]"),
        ("021-61234567", "[电话号码]"),
        ("350203 1990 0101 1234", "[身份证号]"),
        ("wang＠qq.com", "[邮箱]"),
    ],
)
def test_however_people_write_it(text: str, expected: str) -> None:
    assert redact(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "我的微信是wx13812345678",
        "tel13812345678",
        "008613812345678",
        "138 - 1234 - 5678",
    ],
)
def test_no_way_of_writing_a_number_keeps_its_end(text: str) -> None:
    assert "5678" not in redact(text).text


def test_an_identity_number_of_fifteen_digits_is_called_one() -> None:
    assert redact("身份证350203900101123").text == "身份证[身份证号]"


def test_what_was_found_is_named_in_its_order() -> None:
    found = redact("王 13812345678，信箱 a.b@c.cn，座机 0592-6051234")
    assert found.text == "王 [手机号]，信箱 [邮箱]，座机 [电话号码]"
    assert found.kinds == ("mobile", "email", "landline")


@pytest.mark.parametrize(
    "text",
    [
        "12345热线12333",
        "厦海审管〔2022〕5号",
        "400-123-4567",
        "拨打0592-12345",
        "119 110 120 12345",
        "2026年3月1日至2026年12月31日",
        "统一社会信用代码91350200MA31ABCD12",
        "补贴3000元，满10000元减1500元",
    ],
)
def test_numbers_that_belong_to_nobody_stay(text: str) -> None:
    assert redact(text).text == text


def test_what_was_replaced_stays_as_it_is() -> None:
    once = redact("打13812345678，身份证35020319900101123X").text
    assert redact(once).text == once
