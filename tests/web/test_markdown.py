"""Answers become HTML that can do no harm, with numbers that can be dialled."""

import re

import pytest

from web.markdown import to_html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[看](javascript:alert(1))",
        "[看](JaVaScRiPt:alert(1))",
        "[看](data:text/html;base64,PHNjcmlwdD4=)",
        "[看](vbscript:x)",
        "![图](https://evil.example/pixel.png)",
        "<a href='https://a' onclick='x()'>a</a>",
        "<iframe src=//evil.example></iframe>",
        "<style>*{display:none}</style>",
        '[看](https://a.example "x\\" onmouseover=\\"alert(1)")',
        "`<script>`",
        "<svg/onload=alert(1)>",
    ],
)
def test_nothing_runs(text: str) -> None:
    html = to_html(text)
    tags = re.findall(r"<(/?\w+)([^>]*)>", html)
    assert {name.strip("/") for name, _ in tags} <= {"p", "a", "code", "em", "strong", "br"}
    for _, attributes in tags:
        assert re.fullmatch(
            r'(?: (?:href="https?://[^"]*"|rel="noopener noreferrer"|target="_blank"|title="[^"<>]*"))*', attributes
        ), attributes


def test_what_editors_write_looks_as_they_mean_it() -> None:
    html = to_html("# 材料\n\n1. **身份证**\n2. 照片\n\n- 一\n- 二\n\n|甲|乙|\n|-|-|\n|1|2|")
    for part in ("<h3>材料</h3>", "<ol>", "<strong>身份证</strong>", "<ul>", "<td>1</td>"):
        assert part in html
    assert "<br" in to_html("第一行\n第二行")
    assert to_html("") == ""


def test_a_link_to_a_site_stays_and_tells_it_nothing() -> None:
    html = to_html("[网上办](https://www.gov.cn/a?b=1&c=2)")
    assert 'href="https://www.gov.cn/a?b=1&amp;c=2"' in html
    assert 'rel="noopener noreferrer"' in html


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("请打12345。", "12345"),
        ("火警119", "119"),
        ("座机0592-6051234转1", "05926051234"),
        ("手机13812345678", "13812345678"),
        ("**12333**（人社）", "12333"),
    ],
)
def test_a_telephone_number_can_be_dialled(text: str, number: str) -> None:
    assert f'<a href="tel:{number}"' in to_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "12345元",
        "第120条",
        "2026-12-12",
        "厦海审管〔2022〕110号",
        "112.5平方米",
        "110000元",
        "120%",
    ],
)
def test_other_numbers_are_no_telephone_numbers(text: str) -> None:
    assert "tel:" not in to_html(text)


def test_a_number_within_a_link_is_not_linked_again() -> None:
    html = to_html("[打 12345](tel:12345) 或看 [说明](https://a.example/12345)")
    assert html.count("<a ") == 2
