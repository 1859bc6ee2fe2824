"""The editor: parts reach citizens; pictures; previews; what is typed is kept."""

import io
from collections.abc import Callable
from typing import Any

from PIL import Image

from knowledge.categories.service import leaf_paths
from knowledge.entries.service import entry_coded
from knowledge.entries.versions import content_of
from tests.conftest import Served
from tests.waiting import within_a_second
from tests.web.conftest import Colleague
from web.services import Services

Sign = Callable[[str], Colleague]
CODE = "hc-hall-05"
PAGE = f"/department/entries/{CODE}"
AUTOSAVE = "/department/autosave"


def filled(held: Services, code: str = CODE, **changed: Any) -> dict[str, Any]:
    """Return the form of an entry as its page would send it."""
    with held.database.read() as session:
        entry = entry_coded(session, code)
        version = entry.draft or entry.published
        assert version is not None
        content = content_of(version)
    fields: dict[str, Any] = {
        name: value for name, value in vars(content).items() if isinstance(value, str)
    }
    fields |= {
        "similar_questions": "\n".join(content.similar_questions),
        "category": str(content.category_id),
        "audience": list(content.audience),
    }
    return fields | changed


def png(colour: int = 1) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), (colour, 0, 0)).save(out, "PNG")
    out.seek(0)
    return out


def test_how_a_matter_is_handled_reaches_the_citizen(
    served: Served, held: Services, colleague: Sign, pass_review: Callable[[str], None]
) -> None:
    editor = colleague("editor")
    fields = filled(
        held,
        materials="身份证原件\n<b>照片</b>",
        steps="1. 取号\n2. 交材料",
        fees="不收费",
        time_limit="当场",
        places="一楼，0592-6051234",
        keywords="大厅，取号",
        action="submit",
    )
    assert editor.submit(PAGE, PAGE, **fields).status_code == 302
    page = colleague("reviewer").client.get(PAGE).text
    assert "<ins>&lt;b&gt;照片&lt;/b&gt;</ins>" in page
    pass_review(PAGE)
    question = fields["standard_question"]

    def shown() -> dict[str, Any]:
        found = served.app.test_client().get("/api/v1/search", query_string={"q": question})
        first: dict[str, Any] = found.get_json()["results"][0]
        return first

    within_a_second(lambda: shown()["materials"] != [])
    result = shown()
    assert result["steps"] == ["取号", "交材料"]
    html = result["guide_html"]
    assert "<summary>办理材料<span>（2 项）</span></summary>" in html
    assert "&lt;b&gt;照片&lt;/b&gt;" in html
    assert 'href="tel:05926051234"' in html
    page = editor.client.get(PAGE).text
    assert "身份证原件\n&lt;b&gt;照片" in page
    assert 'value="大厅，取号"' in page


def test_wrong_fields_are_named_and_nothing_typed_is_lost(held: Services, colleague: Sign) -> None:
    editor = colleague("editor")
    fields = filled(held, "hc-hall-06", keywords="长" * 21, materials="甲\n乙", action="draft")
    page = "/department/entries/hc-hall-06"
    answer = editor.submit(page, page, **fields)
    assert answer.status_code == 422
    assert 'href="#keywords"' in answer.text
    assert "甲\n乙" in answer.text
    assert "data-changed" in answer.text


def test_categories_show_their_codes_in_their_tree(held: Services, colleague: Sign) -> None:
    page = colleague("editor").client.get("/department/entries/new").text
    with held.database.read() as session:
        leaf, path = next(iter(leaf_paths(session).items()))
    assert f'<optgroup label="{path.split("/")[0]}">' in page
    assert f'<option value="{leaf}">{path}（' in page


def test_three_views_of_what_is_being_typed(held: Services, colleague: Sign) -> None:
    editor = colleague("editor")
    typed = filled(
        held,
        answer="**带**身份证。<script>x</script>" + "这是一句话。" * 200,
        spoken_answer="念这一句。",
        materials="照片\n<i>表</i>",
        code=CODE,
    )
    html = editor.submit("/department/preview", PAGE, **typed).text
    assert "<script" not in html
    assert "<i>" not in html
    assert "<strong>带</strong>" in html
    assert "区行政审批管理局" in html
    assert '<p class="bubble">（1/2）带身份证。' in html
    assert '<p class="spoken">念这一句。</p>' in html
    assert '<details class="part" open>' in html
    empty = editor.submit("/department/preview", PAGE)
    assert empty.status_code == 200


def test_a_picture_is_served_so_that_nothing_in_it_runs(served: Served, colleague: Sign) -> None:
    editor = colleague("editor")

    def send(file: io.BytesIO, name: str) -> Any:
        token = editor.hidden(PAGE)["csrf_token"]
        return editor.client.post(
            "/department/pictures", data={"csrf_token": token, "file": (file, name)}
        )

    answer = send(png(), "a.svg")
    assert answer.status_code == 201
    address = answer.get_json()["address"]
    assert send(png(), "b.png").get_json()["address"] == address
    got = served.app.test_client().get(address)
    assert got.content_type == "image/png"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in got.headers["Cache-Control"]
    again = served.app.test_client().get(address, headers={"If-None-Match": got.headers["ETag"]})
    assert again.status_code == 304
    refused = send(io.BytesIO(b"<html><script>alert(1)</script>"), "a.png")
    assert refused.status_code == 422
    assert "这不是" in refused.get_json()["detail"]
    assert (
        editor.client.post("/department/pictures", data={"file": (png(), "a.png")}).status_code
        == 400
    )
    for name in ("0" * 64, "..%2f..%2fsecrets", "x"):
        assert served.app.test_client().get(f"/pictures/{name}").status_code == 404


def test_what_is_typed_is_offered_again_and_gone_once_saved(
    held: Services, colleague: Sign
) -> None:
    editor = colleague("editor")
    page = "/department/entries/hc-hall-07"
    fields = filled(held, "hc-hall-07", answer="写到一半，还没有保存")

    def offered(person: Colleague, subject: str = "hc-hall-07") -> Any:
        return person.client.get(AUTOSAVE, query_string={"subject": subject})

    kept = editor.submit(AUTOSAVE, page, **fields, subject="hc-hall-07")
    assert kept.status_code == 200
    assert ":" in kept.get_json()["at"]
    saved = offered(editor).get_json()["saved"]
    assert saved["fields"]["answer"] == ["写到一半，还没有保存"]
    assert "csrf_token" not in saved["fields"]
    assert offered(colleague("manager")).get_json() == {"saved": None}
    assert offered(colleague("editor2")).status_code == 403
    assert "写到一半" not in colleague("manager").client.get(page).text
    assert editor.submit(page, page, **fields, action="draft").status_code == 302
    assert offered(editor).get_json() == {"saved": None}
    editor.submit(AUTOSAVE, page, **fields, subject="new")
    assert offered(editor, "new").get_json()["saved"] is not None
    editor.submit(f"{AUTOSAVE}/discard", page, subject="new")
    assert offered(editor, "new").get_json() == {"saved": None}
    huge = editor.submit(AUTOSAVE, page, answer="字" * 130_000, subject="new")
    assert huge.status_code == 422
    editor.submit(f"{page}/discard", page)
