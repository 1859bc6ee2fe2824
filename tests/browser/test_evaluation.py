"""The knowledge manager tests the base in a real browser, also on a phone and without scripts."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_pages import DESKTOP, PHONE, fits, no_violations, sign_in, visit
from tests.knowledge.sheets import csv_file
from web.serving.stack import Stack

HOME = "/admin/evaluation"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_questions_go_up_and_charts_come_down(
    browser: Browser, stack: Stack, passwords: dict[str, str], size: dict[str, int], tmp_path: Path
) -> None:
    rows = [{"问题": f"花生第{number}天怎么浇水", "应命中": ""} for number in range(150)]
    path = csv_file(
        tmp_path / "题.csv", {"问题": "着火了打什么电话", "应命中": "hc-hall-01"}, *rows
    )
    with visit(browser, stack, size, HOME) as page:
        sign_in(page, "manager", passwords)
        no_violations(page)
        fits(page)
        page.set_input_files("#file", str(path))
        page.get_by_role("button", name="开始评测").click()
        expect(page.locator("#count")).to_contain_text("/ 151 题")
        no_violations(page)
        expect(page.locator("#answers")).to_be_visible(timeout=180_000)  # loaded by the script
        expect(page.locator("svg.chart")).to_have_count(3)
        page.get_by_text("看数字").first.click()
        no_violations(page)
        fits(page)
        with page.expect_download() as download:
            page.get_by_role("link", name="下载 html").click()
        report = tmp_path / "report.html"
        download.value.save_as(report)
        alone = browser.new_context(java_script_enabled=False).new_page()
        alone.set_viewport_size({"width": size["width"], "height": size["height"]})
        asked: list[str] = []
        alone.on("request", lambda request: asked.append(request.url))
        alone.goto(report.as_uri())
        expect(alone.locator("svg.chart")).to_have_count(3)
        box = alone.locator("main").bounding_box()
        assert box is not None
        assert box["width"] <= size["width"]
        assert asked == [report.as_uri()]
        alone.context.close()
