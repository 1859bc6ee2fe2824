"""Citizens and clerks at real pages, over the real Rasa, action server and index."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from web.serving.stack import Stack

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@contextmanager
def visit(browser: Browser, stack: Stack, size: dict[str, int], path: str = "/") -> Iterator[Page]:
    """Open a page as a new person; nothing may be asked of another host, no script may fail."""
    context = browser.new_context(viewport={"width": size["width"], "height": size["height"]})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((stack.url, "data:")) else wrong.append(request.url)
        ),
    )
    page.goto(stack.url + path)
    yield page
    assert wrong == []
    context.close()


def no_violations(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_citizen_asks_with_the_keyboard_alone(
    browser: Browser, stack: Stack, size: dict[str, int]
) -> None:
    with visit(browser, stack, size) as page:
        no_violations(page)
        page.locator("#question").focus()
        page.keyboard.type("发生火灾打什么")
        expect(page.locator("#suggestions li").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        card = page.locator(".card").first
        expect(card).to_contain_text("119")
        expect(card).to_contain_text("国办发〔2020〕53号")
        expect(card.get_by_role("link", name="119").first).to_have_attribute("href", "tel:119")
        no_violations(page)
        fits(page)
        card.get_by_role("button", name="没用").focus()
        page.keyboard.press("Enter")
        card.get_by_label("看不明白").check()
        card.get_by_role("button", name="提交评价").click()
        expect(card.locator(".thanks")).to_contain_text("谢谢")
        page.reload()
        expect(page.locator(".card").first).to_contain_text("119")


def test_asking_back_and_not_knowing(browser: Browser, stack: Stack) -> None:
    with visit(browser, stack, PHONE) as page:
        page.fill("#question", "惠企政策")
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        expect(page.locator(".option").first).to_be_visible()
        no_violations(page)
        label = page.locator(".option").nth(1).inner_text().split("\n")[-1]
        page.locator(".option").nth(1).click()
        expect(page.locator(".card .matched").last).to_have_text(label.split(". ")[-1].strip())
        page.fill("#question", "居住证积分怎么查成绩单")
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="留言给热线").first).to_be_visible()


def test_the_elder_view_stays_and_fits(browser: Browser, stack: Stack) -> None:
    with visit(browser, stack, PHONE) as page:
        page.get_by_role("button", name="大字版").click()
        page.reload()
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "24px"
        box = page.get_by_role("button", name="发送").bounding_box()
        assert box is not None
        assert box["height"] >= 60
        assert box["x"] + box["width"] <= 390
        page.locator(".ask").first.click()
        expect(page.locator(".card, .said.bot").first).to_be_visible()
        fits(page)
        no_violations(page)


def test_a_note_reaches_the_hotline(
    browser: Browser, stack: Stack, passwords: dict[str, str]
) -> None:
    with visit(browser, stack, PHONE) as page:
        page.get_by_role("link", name="转人工").click()
        no_violations(page)
        page.fill("#note-text", "窗口没有人")
        page.get_by_role("button", name="留言给热线").click()
        expect(page.locator("#note-contact-error")).to_contain_text("电话")
        page.fill("#note-contact", "13712345678")
        page.get_by_role("button", name="留言给热线").click()
        expect(page.locator("#note-done")).to_contain_text("已收到")
    with visit(browser, stack, DESKTOP, "/desk/notes") as page:
        sign_in(page, "operator", passwords)
        expect(page.get_by_text("窗口没有人")).to_be_visible()
        expect(page.get_by_text("137****5678")).to_be_visible()
        no_violations(page)


def sign_in(page: Page, who: str, passwords: dict[str, str]) -> None:
    page.fill("#username", who)
    page.fill("#password", passwords[who])
    page.get_by_role("button", name="登录").click()


def test_an_answer_goes_from_editor_over_reviewer_and_manager_to_the_citizen(
    browser: Browser, stack: Stack, passwords: dict[str, str]
) -> None:
    path = "/department/entries/hc-hall-01"
    with visit(browser, stack, DESKTOP, "/department") as page:
        no_violations(page)
        sign_in(page, "editor", passwords)
        no_violations(page)
        page.goto(stack.url + path)
        no_violations(page)
        question = page.locator("#standard_question").input_value()
        page.fill("#answer", "新的答案：请到一楼。")
        page.get_by_role("button", name="提交审核").click()
        expect(page.locator(".flash")).to_contain_text("已提交审核")
        expect(page.locator(".standing")).to_contain_text("部门审核员手里")
        no_violations(page)
    for who, button, told in (
        ("reviewer", "通过，交热线终审", "交给热线终审"),
        ("manager", "终审通过并发布", "已发布"),
    ):
        with visit(browser, stack, PHONE, "/department/tasks") as page:
            sign_in(page, who, passwords)
            no_violations(page)
            page.get_by_role("link", name=question).click()
            expect(page.locator(".difference ins").first).to_contain_text("新的答案")
            no_violations(page)
            fits(page)
            page.get_by_role("button", name=button).click()
            expect(page.locator(".flash")).to_contain_text(told)
    time.sleep(1)
    with visit(browser, stack, PHONE) as page:
        page.fill("#question", question)
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        expect(page.locator(".card .answer")).to_have_text("新的答案：请到一楼。")
    with visit(browser, stack, PHONE, f"{path}/versions") as page:
        sign_in(page, "editor2", passwords)
        page.goto(f"{stack.url}{path}/versions/compare?a=1&b=2")
        expect(page.locator(".difference ins").first).to_contain_text("新的答案")
        no_violations(page)
        fits(page)
        page.goto(stack.url + path)
        expect(page.get_by_text("不能修改")).to_be_visible()
        no_violations(page)
        fits(page)


def test_dialogue_goes_through_rasa(stack: Stack) -> None:
    with httpx.Client(base_url=f"{stack.url}/api/v1", trust_env=False) as client:
        opened = client.post("/conversations").json()
        headers = {"Authorization": f"Bearer {opened['token']}"}

        def ask(text: str) -> dict[str, object]:
            path = f"/conversations/{opened['id']}/messages"
            answer = client.post(path, json={"text": text}, headers=headers, timeout=10)
            last: dict[str, object] = answer.json()["messages"][-1]
            return last

        assert "12345" in str(ask("你好")["text"])
        assert ask("转人工")["contact"] is True
        assert ask("/restart")["text"]
        kinds = httpx.get(f"{stack.url}/metrics", trust_env=False).text
        assert "hotline_fallbacks_total{" not in kinds


def test_z_killed_processes_come_back_and_nobody_is_left_without_an_answer(stack: Stack) -> None:
    """Runs last: it kills Rasa and the action server."""
    children = psutil.Process(stack.pid).children(recursive=True)
    hit = [p for p in children if {"bot.launcher", "actions.server"} & set(p.cmdline())]
    assert len(hit) == 2
    for process in hit:
        os.kill(process.pid, signal.SIGKILL)
    with httpx.Client(base_url=f"{stack.url}/api/v1", trust_env=False) as client:
        opened = client.post("/conversations").json()
        answer = client.post(
            f"/conversations/{opened['id']}/messages",
            json={"text": "发生火灾打什么电话"},
            headers={"Authorization": f"Bearer {opened['token']}"},
            timeout=10,
        )
        assert "119" in answer.json()["messages"][0]["text"]
    until = time.monotonic() + 90
    while not stack.ready():
        assert time.monotonic() < until, stack.said()
        time.sleep(0.5)
    assert "正在重新启动" in stack.said()
    assert stack.stop() == 0
    assert not [process for process in children if process.is_running()]
