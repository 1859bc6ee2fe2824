"""The editor in a real browser: toolbar, paste, lists of lines, previews, autosave, leaving."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.test_pages import DESKTOP, PHONE, fits, no_violations, sign_in, visit
from web.serving.stack import Stack

PATH = "/department/entries/hc-hall-03"
PASTE = """([html, plain]) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", plain);
  const field = document.getElementById("answer");
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  const more = { clipboardData: data, bubbles: true, cancelable: true };
  field.dispatchEvent(new ClipboardEvent("paste", more));
}"""
FROM_WORD = """<html><head><style>p{}</style></head><body>
<script>window.hacked = 1</script>
<h2>办理<b>条件</b></h2><p>须 <b>本人</b>到场<img src=x onerror="window.hacked = 2">
<a href="JavaScript:alert(1)">坏</a> <a href="https://a.example/(x)">好</a></p>
<ul><li>一<ul><li>甲</li></ul></li><li>二</li></ul>
<table><tr><th>材料</th><th>份|数</th></tr><tr><td>身份证</td><td>1</td></tr></table>
<p><span style='mso-list:Ignore'>1.<span>&nbsp;</span></span>先</p>
<p><span style='mso-list:Ignore'>2.</span>后</p>
<iframe src="//evil.example"></iframe></body></html>"""
PASTED = """### 办理条件

须 **本人**到场 坏 [好](https://a.example/%28x%29)

- 一
   - 甲
- 二

| 材料 | 份\\|数 |
| --- | --- |
| 身份证 | 1 |

1. 先
2. 后"""


def test_an_editor_writes_with_the_tools_and_loses_nothing(
    browser: Browser, stack: Stack, passwords: dict[str, str], tmp_path: Path
) -> None:
    with visit(browser, stack, DESKTOP, PATH) as page:
        sign_in(page, "editor", passwords)
        expect(page.get_by_role("toolbar")).to_be_visible()
        write_the_answer(page, tmp_path)
        fill_the_lines(page)
        look_at_the_previews(page)
        expect(page.locator("[data-autosave-state]")).to_contain_text("已自动保存", timeout=10_000)
        asked: list[str] = []

        def leave(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.accept()

        page.on("dialog", leave)
        page.goto(stack.url + PATH)
        assert asked == ["beforeunload"]
        expect(page.locator("[data-autosave-offer]")).to_contain_text("没保存的内容")
        no_violations(page)
        page.get_by_role("button", name="恢复").click()
        expect(page.locator("#answer")).to_have_value("**结论**")
        expect(page.locator("#materials input")).to_have_count(2)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        fits(page)
        no_violations(page)
        page.get_by_role("button", name="保存草稿").click()
        expect(page.locator(".flash")).to_contain_text("草稿已保存")
        expect(page.locator("[data-autosave-offer]")).to_be_hidden()


def test_the_network_goes_and_comes_back(
    browser: Browser, stack: Stack, passwords: dict[str, str]
) -> None:
    with visit(browser, stack, DESKTOP, "/department/entries/new") as page:
        sign_in(page, "editor", passwords)
        expect(page.get_by_role("toolbar")).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.context.set_offline(True)
        page.fill("#standard_question", "断网时写的？")
        expect(page.locator("[data-autosave-state]")).to_contain_text("没有连上", timeout=10_000)
        page.context.set_offline(False)
        expect(page.locator("[data-autosave-state]")).to_contain_text("已自动保存", timeout=10_000)
        page.on("dialog", lambda dialog: dialog.accept())
        page.reload()
        page.get_by_role("button", name="丢弃").click()
        expect(page.locator("#standard_question")).to_have_value("")


def write_the_answer(page: Page, folder: Path) -> None:
    """Use the keys, the dialogs and the clipboard."""
    answer = page.locator("#answer")
    answer.fill("")
    page.keyboard.press("Control+b")
    page.keyboard.type("结论")
    expect(answer).to_have_value("**结论**")
    answer.fill("")
    page.keyboard.press("Control+k")
    page.fill("#ask-link-text-input", "官网")
    page.fill("#ask-link-address-input", "javascript:alert(1)")
    page.keyboard.press("Enter")
    expect(page.locator("#ask-link-error")).to_contain_text("https://")
    no_violations(page)
    page.fill("#ask-link-address-input", "https://a.example/x")
    page.keyboard.press("Enter")
    expect(answer).to_have_value("[官网](https://a.example/x)")
    answer.fill("")
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (9, 9, 200)).save(out, "PNG")
    (folder / "hall.png").write_bytes(out.getvalue())
    page.get_by_role("button", name="图片", exact=True).click()
    page.set_input_files("#ask-picture-file-input", folder / "hall.png")
    page.get_by_role("button", name="上传并插入").click()
    expect(page.locator("#ask-picture-error")).to_contain_text("图上是什么")
    page.fill("#ask-picture-alt-input", "大厅")
    page.get_by_role("button", name="上传并插入").click()
    expect(page.locator("#ask-picture")).to_be_hidden()
    assert answer.input_value().startswith("![大厅](/pictures/")
    answer.fill("")
    page.evaluate(PASTE, [FROM_WORD, "x"])
    expect(answer).to_have_value(PASTED + "\n\n")
    expect(page.locator("#pasted")).to_contain_text("1 张图片没有贴进来")
    assert page.evaluate("window.hacked") is None
    answer.fill("**结论**")


def fill_the_lines(page: Page) -> None:
    """Add, move and remove with the keyboard."""
    page.get_by_role("button", name="添加一项").click()
    for key in ("照片", "Enter", "身份证", "Alt+ArrowUp", "Enter", "Backspace"):
        if key.isascii():
            page.keyboard.press(key)
        else:
            page.keyboard.type(key)
    expect(page.locator("textarea[name=materials]")).to_have_value("身份证\n照片")
    page.fill("#spoken_answer", "念" * 300)
    expect(page.locator(".warned")).to_contain_text("超过 60 秒")
    page.fill("#category-find", "hotline-service")
    assert page.locator("#category optgroup").count() <= 2
    page.fill("#category-find", "")


def look_at_the_previews(page: Page) -> None:
    """All three say what was typed."""
    page.locator("[data-preview]").scroll_into_view_if_needed()
    expect(page.locator("#panel-web strong")).to_have_text("结论")
    expect(page.locator("#panel-web summary")).to_contain_text("办理材料")
    no_violations(page)
    page.get_by_role("tab", name="网页卡片").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#panel-wechat .bubble")).to_contain_text("1. 身份证")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#panel-operator .spoken")).to_contain_text("念念")
    no_violations(page)
