"""The staff's pages when something is odd: addresses, dates, scripts, cookies, two windows."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from knowledge import clock
from knowledge.entries.service import entry_coded
from knowledge.entries.versions import content_of
from tests.conftest import Served
from tests.waiting import within_a_second
from tests.web.conftest import Colleague, Visitor, own_address
from web.services import Services

HUGE = "9" * 40


@pytest.fixture
def category(held: Services) -> str:
    with held.database.read() as session:
        published = entry_coded(session, "hc-hall-01").published
        assert published is not None
        return str(published.category_id)


def written(category: str, **changed: Any) -> dict[str, Any]:
    return {
        "standard_question": "嵩屿码头末班船几点？",
        "answer": "末班船 21:30。",
        "category": category,
        "audience": ["个人"],
        "action": "draft",
    } | changed


def add(clerk: Colleague, category: str, **changed: Any) -> str:
    """Write an entry; returns its page."""
    page = "/department/entries/new"
    made = clerk.submit(page, page, **written(category, **changed))
    assert made.status_code == 302, made.text
    path: str = made.location
    return path


def codes(served: Served, question: str) -> list[str]:
    found = served.app.test_client().get("/api/v1/search", query_string={"q": question})
    return [hit["entry_id"] for hit in found.get_json()["results"]]


@pytest.mark.parametrize(
    "query",
    [
        {"page": "0"},
        {"page": "-7"},
        {"page": "x"},
        {"page": HUGE},
        {"category": "x"},
        {"category": HUGE},
        {"department": "x"},
        {"department": "999999999"},
        {"department": HUGE},
        {"state": "x"},
        {"q": "'"},
        {"q": "%_\\"},
        {"q": "词 " * 200},
        {"q": "\x00"},
    ],
)
def test_no_address_line_breaks_the_list(
    colleague: Callable[[str], Colleague], query: dict[str, str]
) -> None:
    answer = colleague("operator").client.get("/department", query_string=query)
    assert answer.status_code == 200
    assert "知识条目" in answer.text


@pytest.mark.parametrize("step", ["contact", "close"])
@pytest.mark.parametrize("number", ["999999999", HUGE])
def test_a_number_that_no_note_can_have_is_not_found(
    colleague: Callable[[str], Colleague], number: str, step: str
) -> None:
    clerk = colleague("operator")
    answer = clerk.submit(f"/desk/notes/{number}/{step}", "/department", outcome="x")
    assert answer.status_code == 404


@pytest.mark.parametrize("department", ["999999999", HUGE])
def test_a_department_that_cannot_be_is_refused(
    colleague: Callable[[str], Colleague], category: str, department: str
) -> None:
    manager = colleague("manager")
    page = "/department/entries/new"
    answer = manager.submit(page, page, **written(category, department=department))
    assert 400 <= answer.status_code < 500


def test_after_half_an_hour_of_nothing_one_signs_in_again(
    served: Served, colleague: Callable[[str], Colleague], category: str
) -> None:
    clerk = colleague("editor")
    page = "/department/entries/new"
    form = clerk.hidden(page)
    later = clock.now() + timedelta(minutes=31)
    with clock.frozen(lambda: later):
        answer = clerk.client.post(page, data=form | written(category))
        assert answer.status_code == 302
        assert answer.location.startswith("/login")
        assert "没有保存" in clerk.client.get("/login").text


def test_a_script_in_an_entry_is_only_text(
    served: Served,
    colleague: Callable[[str], Colleague],
    pass_review: Callable[[str], None],
    category: str,
) -> None:
    clerk = colleague("editor")
    page = add(
        clerk,
        category,
        standard_question="<img src=x onerror=alert(1)>码头几点关？",
        answer="<script>alert(1)</script>[看](javascript:alert(1)) ![x](//evil.example/p.png)",
        similar_questions="<b>码头</b>关门",
        action="submit",
    )
    code = page.rsplit("/", 1)[1]
    pass_review(page)
    for who, path in ((clerk, page), (colleague("operator"), page), (clerk, "/department")):
        html = who.client.get(path).text
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert 'href="javascript:' not in html
    assert within_a_second(lambda: code in codes(served, "码头几点关"))
    found = served.app.test_client().get("/api/v1/search", query_string={"q": "码头几点关"})
    html = next(hit for hit in found.get_json()["results"] if hit["entry_id"] == code)[
        "answer_html"
    ]
    assert "<script" not in html
    assert "<img" not in html
    assert "href=" not in html
    clerk.submit(f"{page}/withdraw", page, reason="测试")


def test_the_new_wording_is_found_and_the_old_one_no_more(
    served: Served,
    colleague: Callable[[str], Colleague],
    pass_review: Callable[[str], None],
    category: str,
) -> None:
    clerk = colleague("editor")
    page = add(clerk, category, similar_questions="轮渡末班", action="submit")
    pass_review(page)
    code = page.rsplit("/", 1)[1]
    assert within_a_second(lambda: codes(served, "嵩屿码头末班船几点")[:1] == [code])
    changed = written(
        category, standard_question="火烧屿露营要预约吗？", answer="要。", action="submit"
    )
    assert clerk.submit(page, page, **changed).status_code == 302
    pass_review(page)
    assert within_a_second(lambda: codes(served, "火烧屿露营要预约吗")[:1] == [code])
    old = served.app.test_client().get("/api/v1/search", query_string={"q": "嵩屿码头末班船几点"})
    body = old.get_json()
    assert not (body["decision"] == "answer" and body["results"][0]["entry_id"] == code)
    clerk.submit(f"{page}/withdraw", page, reason="测试")
    assert within_a_second(lambda: code not in codes(served, "火烧屿露营要预约吗"))


def test_an_entry_of_the_future_is_published_and_not_yet_found(
    served: Served,
    colleague: Callable[[str], Colleague],
    pass_review: Callable[[str], None],
    category: str,
) -> None:
    clerk = colleague("editor")
    first = (clock.today() + timedelta(days=3)).isoformat()
    page = add(
        clerk,
        category,
        standard_question="东屿龙舟赛怎么报名？",
        valid_from=first,
        action="submit",
    )
    pass_review(page)
    assert "未到生效日" in clerk.client.get(page).text
    time.sleep(0.6)
    code = page.rsplit("/", 1)[1]
    assert code not in codes(served, "东屿龙舟赛怎么报名")
    later = clock.now() + timedelta(days=4)
    with clock.frozen(lambda: later):
        assert codes(served, "东屿龙舟赛怎么报名")[:1] == [code]
    clerk.submit(f"{page}/withdraw", page, reason="测试")


def test_a_conflict_on_withdrawing_withdraws_nothing(
    served: Served,
    colleague: Callable[[str], Colleague],
    pass_review: Callable[[str], None],
    category: str,
    held: Services,
) -> None:
    clerk, manager = colleague("editor"), colleague("manager")
    page = add(clerk, category, action="submit")
    pass_review(page)
    seen = clerk.hidden(page)
    saved = manager.submit(page, page, **written(category, answer="末班船 22:00。"))
    assert saved.status_code == 302
    answer = clerk.client.post(f"{page}/withdraw", data=seen | {"reason": "停航"})
    assert answer.status_code == 302
    assert "已被别人修改" in clerk.client.get(page).text
    with held.database.read() as session:
        entry = entry_coded(session, page.rsplit("/", 1)[1])
        assert entry.published is not None
        assert entry.draft is not None
        assert entry.draft.answer == "末班船 22:00。"
    clerk.submit(f"{page}/withdraw", page, reason="测试")


@pytest.mark.parametrize("tampered", ["", "0", "-1", "abc", HUGE])
def test_a_form_that_does_not_know_its_version_overwrites_nothing(
    colleague: Callable[[str], Colleague], category: str, held: Services, tampered: str
) -> None:
    with held.database.read() as session:
        entry = entry_coded(session, "hc-hall-02")
        current = entry.draft or entry.published
        assert current is not None
        before = content_of(current)
    clerk = colleague("editor")
    page = "/department/entries/hc-hall-02"
    form = clerk.hidden(page) | written(category, answer="覆盖") | {"lock_version": tampered}
    assert clerk.client.post(page, data=form).status_code == 409
    with held.database.read() as session:
        entry = entry_coded(session, "hc-hall-02")
        current = entry.draft or entry.published
        assert current is not None
        assert content_of(current) == before


def test_a_wrong_form_says_what_is_wrong_beside_what_was_typed(
    colleague: Callable[[str], Colleague], category: str
) -> None:
    clerk = colleague("editor")
    for page in ("/department/entries/new", "/department/entries/hc-hall-03"):
        answer = clerk.submit(
            page,
            page,
            **written(
                category,
                answer="写了很久的答案",
                standard_question="字" * 129,
                similar_questions="第一种问法\n？？",
                valid_from="2026-05-02",
                valid_until="2026-05-01",
                audience=[],
            ),
        )
        assert answer.status_code == 422
        for words in (
            "129 个字，最多 128 个",
            "第 2 条没有文字",
            "早于有效期起",
            "适用对象请选择",
            "写了很久的答案",
            "第一种问法",
            "2026-05-02",
        ):
            assert words in answer.text, words


def test_the_preview_shows_what_citizens_will_see(
    colleague: Callable[[str], Colleague],
) -> None:
    clerk = colleague("editor")
    token = clerk.hidden("/department")
    answer = clerk.client.post(
        "/department/preview", data=token | {"answer": "**带**身份证，打 12345\n<script>x</script>"}
    )
    assert "<strong>带</strong>" in answer.text
    assert '<a href="tel:12345"' in answer.text
    assert "<script>" not in answer.text


def test_an_operator_closes_a_note_and_the_next_one_is_told(
    visitor: Visitor, colleague: Callable[[str], Colleague]
) -> None:
    visitor.client.post(
        f"{visitor.path}/notes",
        json={"text": "窗口没人<b>吗</b>", "contact": "13600002222"},
        headers=visitor.headers,
    )
    first, second = colleague("operator"), colleague("manager")
    page = first.client.get("/desk/notes").text
    assert "<b>吗" not in page
    number = max(map(int, re.findall(r'id="note-(\d+)"', page)))
    path = f"/desk/notes/{number}/close"
    first.submit(path, "/desk/notes", outcome="")
    assert "请写明处理结果" in first.client.get("/desk/notes").text
    first.submit(path, "/desk/notes", outcome="已回电")
    second.submit(path, "/department", outcome="又回了一次")
    assert "已由话务员" in second.client.get("/desk/notes").text
    handled = second.client.get("/desk/notes?handled=1").text
    assert "已回电" in handled
    assert "又回了一次" not in handled
    assert f'id="note-{number}"' not in second.client.get("/desk/notes").text


def test_the_view_for_the_elderly_is_remembered(served: Served) -> None:
    client = own_address(served.app)
    plain = client.get("/").text
    client.get("/view/elder")
    assert client.get("/").text != plain
    client.get("/view/nothing")
    assert client.get("/").text != plain
    client.get("/view/standard")
    assert client.get("/").text == plain
