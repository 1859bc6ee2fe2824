"""Answers as messages for WeChat: nothing of Markdown is left, nothing of the text is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entries.content import EntryContent
from web.plain_text import MESSAGE_BYTES, entry_messages, messages, to_text


def test_markdown_becomes_what_people_would_type() -> None:
    text = to_text(
        "# 材料\n\n先说**结论**，打 [热线](tel:12345)。\n\n1. 取号\n2. 交表\n   - 甲\n\n"
        "|材料|份数|\n|-|-|\n|身份证|1|\n||2|\n\n见[官网](https://a.example/x)\n\n"
        f"[视频：怎么办](https://v.example/1)\n\n![大厅](/pictures/{'0' * 64})"
    )
    assert text == (
        "【材料】\n先说结论，打 热线（12345）。\n\n1. 取号\n2. 交表\n  · 甲\n\n"
        "· 材料：身份证；份数：1\n· 份数：2\n\n见官网（https://a.example/x）\n\n"
        "视频：怎么办（https://v.example/1）\n\n［图片：大厅］"
    )


def test_an_entry_is_told_with_its_parts() -> None:
    content = EntryContent(
        "怎么办？", "到窗口办。", 1, materials=("身份证", "照片"), fees="不收费", places=("大厅",)
    )
    assert entry_messages(content.answer, content) == [
        "到窗口办。\n\n【办理材料】\n1. 身份证\n2. 照片\n\n【收费标准】不收费\n\n【办理地点】大厅"
    ]


@given(st.text(alphabet="字a。！\n 😀，“”", max_size=300), st.integers(60, 200))
def test_messages_fit_and_hold_all(text: str, limit: int) -> None:
    found = messages(text, limit)
    assert all(len(one.encode()) <= limit for one in found)
    bare = "".join(re.sub(r"^（\d+/\d+）", "", one) for one in found)
    assert re.sub(r"\s", "", bare) == re.sub(r"\s", "", text)


def test_it_is_split_behind_sentences() -> None:
    found = messages("这是一句话。" * 200)
    assert len(found) == 2
    assert found[0].startswith("（1/2）这是")
    assert all(one.endswith("。") for one in found)
    assert max(len(one.encode()) for one in found) <= MESSAGE_BYTES
    assert messages("") == []
    with pytest.raises(ValueError, match="bytes"):
        messages("字" * 20, 10)
