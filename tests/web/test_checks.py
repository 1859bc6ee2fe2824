"""Before it is published: what stands in the way, who lets it pass, what it would take."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from knowledge.checks.lists import Name, kept
from knowledge.entries.content import EntryContent
from knowledge.entries.service import entry_coded
from knowledge.entries.versions import content_of
from knowledge.evaluation.history import Subject, keep
from knowledge.evaluation.result import Verdict
from knowledge.people.actor import Actor, Role
from tests.knowledge.questions import finished, result
from tests.web.conftest import Colleague
from web.services import Services

CODE, OTHER = "hc-hall-05", "hc-hall-01"
PAGE = f"/department/entries/{CODE}"
Sign = Callable[[str], Colleague]


@pytest.fixture
def content(held: Services) -> EntryContent:
    return published(held, CODE)


@pytest.fixture
def editor(colleague: Sign) -> Iterator[Colleague]:
    """An editor whose draft is given up at the end."""
    person = colleague("editor")
    yield person
    for step in ("recall", "discard"):
        person.submit(f"{PAGE}/{step}", PAGE)


def published(held: Services, code: str) -> EntryContent:
    with held.database.read() as session:
        version = entry_coded(session, code).published
        assert version is not None
        return content_of(version)


def fields(content: EntryContent, **changed: Any) -> dict[str, Any]:
    return {
        "standard_question": content.standard_question,
        "similar_questions": "\n".join(content.similar_questions),
        "answer": content.answer,
        "spoken_answer": content.spoken_answer,
        "legal_basis": content.legal_basis,
        "region": content.region,
        "category": str(content.category_id),
        "audience": list(content.audience),
        "action": "submit",
    } | changed


def test_what_must_be_dealt_with_stops_a_submission_until_a_manager_lets_it_pass(
    editor: Colleague, colleague: Sign, content: EntryContent, held: Services
) -> None:
    answer = f"{content.answer}\n\n请打 13800138000 找<b>王</b>科长。"
    tried = editor.submit(PAGE, PAGE, **fields(content, answer=answer))
    assert tried.status_code == 302
    assert tried.location.endswith("#checks")
    page = editor.client.get(PAGE).text
    assert "草稿已保存，没有提交审核：发布前检查有 1 处必须处理" in page
    assert "这里像是手机号码" in page
    assert "138****00" in page
    assert "&lt;b&gt;王" in page
    assert "放行理由" not in page
    refused = editor.submit(f"{PAGE}/submit", PAGE)
    assert refused.status_code == 409
    digest = re.search(r'name="digest" value="(\w+)"', colleague("manager").client.get(PAGE).text)
    assert digest is not None
    passing = {"digest": digest.group(1), "reason": "值班手机，已核实"}
    assert editor.submit(f"{PAGE}/checks/pass", PAGE, **passing).status_code == 403
    manager = colleague("manager")
    empty = passing | {"reason": " "}
    manager.submit(f"{PAGE}/checks/pass", PAGE, **empty)
    assert editor.submit(f"{PAGE}/submit", PAGE).status_code == 409
    manager.submit(f"{PAGE}/checks/pass", PAGE, **passing)
    assert "发布前检查放行" in manager.client.get(PAGE).text
    assert editor.submit(f"{PAGE}/submit", PAGE).status_code == 302
    reviewer = colleague("reviewer").client.get(PAGE).text
    assert "值班手机，已核实" in reviewer
    editor.submit(f"{PAGE}/recall", PAGE)
    other = editor.submit(PAGE, PAGE, **fields(content, answer=answer + "再改"))
    assert other.location.endswith("#checks")  # it was this wording that passed, no other
    with held.database.read() as session:
        assert entry_coded(session, CODE).draft.step == "writing"  # type: ignore[union-attr]


def test_what_is_being_written_is_examined_against_all_others_and_nothing_is_kept(
    editor: Colleague, content: EntryContent, held: Services, colleague: Sign
) -> None:
    theirs = published(held, OTHER)
    tried = fields(
        content,
        standard_question=theirs.standard_question,
        similar_questions="\n".join(theirs.similar_questions),
        answer="请打 0592-6050000，收费 300 元。",
    )
    answer = editor.submit("/department/checks/try", PAGE, **tried, code=CODE)
    assert answer.status_code == 200
    assert f"《{theirs.standard_question}》" in answer.text
    assert "问法一字不差" in answer.text
    assert "从别的条目转来的问题" in answer.text or "变差的问题" in answer.text
    with held.database.read() as session:
        assert entry_coded(session, CODE).draft is None
    wrong = editor.submit("/department/checks/try", PAGE, **fields(content, answer=""), code=CODE)
    assert wrong.status_code == 422
    assert "请填写答案" in wrong.text
    stranger = colleague("editor2")
    assert stranger.submit(f"{PAGE}/checks", PAGE).status_code == 403


def test_frozen_questions_that_get_worse_are_told(
    editor: Colleague, colleague: Sign, content: EntryContent, held: Services
) -> None:
    question = "起火了该打哪个电话呀"
    theirs = published(held, OTHER)
    chen = Actor(1, "陈管理", None, frozenset({Role.MANAGER}))
    asked = finished(result(question, Verdict.HIT, "fire"))
    wanted = result(question, Verdict.HIT, "fire")
    assert wanted.expected
    with held.database.write() as session:
        one = wanted.as_json() | {"expected": [{"code": OTHER, "question": ""}]}
        run = type(asked)(asked.metrics, (type(wanted).from_json(one),))
        number = keep(session, chen, Subject("必测.csv", 1, ("e5",), 1), run).id
    manager, rules = colleague("manager"), "/department/checks"
    manager.submit(f"{rules}/frozen", rules, action="add", evaluation=str(number))
    assert "必测.csv：1 道" in manager.client.get(rules).text
    try:
        tried = fields(content, similar_questions=f"{question}\n{theirs.standard_question}")
        answer = editor.submit("/department/checks/try", PAGE, **tried, code=CODE).text
        assert question in answer
        assert "变差的问题" in answer
        assert f"应答：{theirs.standard_question}" in answer
    finally:
        manager.submit(f"{rules}/frozen", rules, action="clear")
    assert "还没有必测题" in manager.client.get(rules).text


def test_the_lists_are_kept_on_a_page(colleague: Sign, held: Services) -> None:
    manager, rules = colleague("manager"), "/department/checks"
    with held.database.read() as session:
        before = kept(session, Name.REPEALED).lock_version
    token = manager.hidden(rules)["csrf_token"]

    def send(text: str, seen: int) -> Any:
        data = {"csrf_token": token, "lock_version": str(seen), "text": text}
        return manager.client.post(f"{rules}/lists/repealed", data=data)

    wrong = send("<i>厦海〔2019〕5号</i> | 去年", before)
    assert wrong.status_code == 422
    assert "&lt;i&gt;厦海" in wrong.text
    assert "第 1 行" in wrong.text
    assert send("厦海政办〔2019〕5号 | 2024-01-01", before).status_code == 302
    late = send("别的文件名称", before)
    assert late.status_code == 409
    assert "别的文件名称" in late.text
    assert send("", before + 1).status_code == 302
    assert "readonly" in colleague("editor").client.get(rules).text
