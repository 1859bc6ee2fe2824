"""Answers become HTML that can do no harm, with numbers that can be dialled."""

import re

import pytest

from web.markdown import line_html, to_html

SAFE = re.compile(
    r'(?: (?:href="(?:https?:)?//[^"]*"|rel="noopener noreferrer"|target="_blank"'
    r'|title="[^"<>]*"))*'
)
OWN = f"/pictures/{'0a' * 32}"


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
        "<ScRiPt>alert(1)</sCrIpT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "![图](data:image/svg+xml;base64,PHN2Zz4=)",
        "![图](data:image/png;base64,AAAA)",
        "![图](JAVASCRIPT:alert(1))",
        "[![图](javascript:a)](javascript:b)",
        f"![图]({OWN}/../../admin)",
        f"![图](https://evil.example{OWN})",
        "[视频：看](javascript:alert(1))",
        "[视频：看](http://a.example/)",
        "[看](java&#x73;cript:alert(1))",
        "<a href=java\tscript:alert(1)>x</a>",
        "[看](//evil.example/x)",
    ],
)
def test_nothing_runs(text: str) -> None:
    html = to_html(text)
    tags = re.findall(r"<(/?\w+)([^>]*)>", html)
    assert {name.strip("/") for name, _ in tags} <= {"p", "a", "code", "em", "strong", "br"}
    for _, attributes in tags:
        assert SAFE.fullmatch(attributes), attributes


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


def test_own_pictures_videos_and_wide_tables() -> None:
    html = to_html(f'![大厅" onerror="x]({OWN}) [视频：三步](https://v.example/1)')
    assert f'<img src="{OWN}" alt="大厅&quot; onerror=&quot;x" loading="lazy">' in html
    assert 'href="https://v.example/1" target="_blank" class="video"' in html
    assert "video" not in to_html("[三步](https://v.example/1)")
    assert '<div class="table"><table>' in to_html("|甲|乙|\n|-|-|\n|1|2|")
    assert 'tabindex="0"' in to_html("|1|2|3|4|\n|-|-|-|-|\n|a|b|c|d|")


def test_a_line_is_text_with_telephones() -> None:
    assert line_html('<b onclick="x">大厅</b>，0592-6051234') == (
        '&lt;b onclick=&quot;x&quot;&gt;大厅&lt;/b&gt;，<a href="tel:05926051234">0592-6051234</a>'
    )
