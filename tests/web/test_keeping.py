"""Administrators keep people and departments, the manager keeps categories, all their passwords."""

import re
from collections.abc import Callable

import pytest

from knowledge.categories.keeping import Fields as CategoryFields
from knowledge.categories.keeping import create_category
from knowledge.departments.service import Fields, create_department, department_named, departments
from knowledge.people.actor import system
from knowledge.people.service import set_active, user_named
from tests.conftest import Served
from tests.web.conftest import Colleague
from web.services import Services

PEOPLE = "/admin/people"


@pytest.fixture
def admin(colleague: Callable[[str], Colleague]) -> Colleague:
    return colleague("admin")


@pytest.fixture
def bureau(held: Services) -> int:
    """A department of the test's own, below the district."""
    with held.database.write() as session:
        above = department_named(session, "haicang").id
        number = len(departments(session, closed=True))
        fields = Fields(f"试验局{number}", parent_id=above)
        return create_department(session, system(), fields).id


def added(admin: Colleague, username: str, **more: str) -> tuple[str, str]:
    """Add an account; returns its page and its password."""
    data = {"username": username, "display_name": "林新人", "role": "operator"} | {
        "department": "", "category": "",
    } | more  # fmt: skip
    page = admin.submit(f"{PEOPLE}/new", f"{PEOPLE}/new", **data)
    assert page.status_code == 200, page.text
    password = re.search(r'class="secret">([^<]+)<', page.text)
    where = re.search(rf'href="({PEOPLE}/\d+)"', page.text)
    assert password is not None
    assert where is not None
    return where.group(1), password.group(1)


def test_a_new_colleague_signs_in_with_a_password_shown_once_and_must_change_it(
    served: Served, admin: Colleague
) -> None:
    where, password = added(admin, "lin-new")
    assert password not in admin.client.get(where).text
    lin = Colleague(served.app)
    assert lin.sign_in("lin-new", password).status_code == 303
    for path in ("/department", "/desk/notes"):
        answer = lin.client.get(path)
        assert (answer.status_code, answer.location) == (302, "/account/")
    page = lin.client.get("/account/")
    assert "请先改成自己的密码" in page.text
    assert "请联系系统管理员" not in page.text
    token = lin.hidden("/account/")
    for fields, said in (
        (("wrong", "a-sentence-of-mine", "a-sentence-of-mine"), "现在的密码不对"),
        ((password, password, password), "新密码和现在的一样"),
        ((password, "my-lin-new-word", "my-lin-new-word"), "不能有用户名"),
        ((password, "short", "short"), "密码长度须为"),
        ((password, "a-sentence-of-mine", "another"), "两次写的新密码不一样"),
    ):
        data = token | dict(zip(("current", "password", "again"), fields, strict=True))
        answer = lin.client.post("/account/password", data=data)
        assert answer.status_code == 422
        assert said in answer.text
        assert lin.client.get("/department").status_code == 302
    data = token | {
        "current": password, "password": "a-sentence-of-mine", "again": "a-sentence-of-mine",
    }  # fmt: skip
    assert lin.client.post("/account/password", data=data).status_code == 302
    assert lin.client.get("/department").status_code == 200
    assert Colleague(served.app).sign_in("lin-new", password).status_code == 401


def test_a_reset_ends_sessions_and_other_browsers_can_be_signed_out(
    served: Served, admin: Colleague, held: Services
) -> None:
    where, _ = added(admin, "two-places")
    page = admin.submit(f"{where}/password", where)
    password = re.search(r'class="secret">([^<]+)<', page.text)
    assert password is not None
    with held.database.write() as session:
        user_named(session, "two-places").must_change_password = False
    here, there = Colleague(served.app), Colleague(served.app)
    for one in (here, there):
        one.sign_in("two-places", password.group(1))
    assert "结束其他 1 处登录" in here.client.get("/account").text
    here.submit("/account/sessions/end", "/account")
    assert there.client.get("/account").status_code == 302
    assert "结束其他" not in here.client.get("/account").text
    admin.submit(f"{where}/close", where)
    assert here.client.get("/account").status_code == 302
    page = admin.client.get(f"{PEOPLE}?q=two-places&state=closed")
    assert "已停用" in page.text
    assert admin.submit(f"{where}/reopen", where).status_code == 302


def test_a_grant_for_the_district_reaches_the_bureau_and_ends_at_once(
    served: Served, admin: Colleague, held: Services
) -> None:
    with held.database.read() as session:
        district = department_named(session, "haicang").id
        bureau = department_named(session, "approval").id
    where, password = added(admin, "district", role="editor", department=str(district))
    with held.database.write() as session:
        user_named(session, "district").must_change_password = False
    person = Colleague(served.app)
    person.sign_in("district", password)
    form = 'name="answer"'
    entry = "/department/entries/hc-hall-01"
    assert form in person.client.get(entry).text
    assert f'value="{bureau}"' in person.client.get("/department/entries/new").text
    data = {"display_name": "林新人", "role": "operator", "department": "", "category": ""}
    assert admin.submit(where, where, **data).status_code == 302
    assert form not in person.client.get(entry).text
    assert person.client.get("/department/entries/new").status_code == 403


def test_the_second_of_two_administrators_is_told_and_loses_nothing(admin: Colleague) -> None:
    where, _ = added(admin, "contended")
    data = {"role": "operator", "department": "", "category": ""}
    before = admin.hidden(where)
    admin.client.post(where, data=before | data | {"display_name": "第一位改的"})
    answer = admin.client.post(where, data=before | data | {"display_name": "第二位改的"})
    assert answer.status_code == 409
    assert "已被别人修改" in answer.text
    assert "现在保存着的：第一位改的" in answer.text
    assert 'value="第二位改的"' in answer.text
    again = re.search(r'name="lock_version" value="(\d+)"', answer.text)
    assert again is not None
    data |= {"display_name": "第二位改的", "lock_version": again.group(1)}
    assert admin.client.post(where, data=before | data).status_code == 302
    assert "第二位改的" in admin.client.get(where).text


def test_an_administrator_cannot_lock_out_the_house(admin: Colleague, held: Services) -> None:
    with held.database.read() as session:
        own = f"{PEOPLE}/{user_named(session, 'admin').id}"
    data = {"display_name": "管理", "role": "operator", "department": "", "category": ""}
    answer = admin.submit(own, own, **data)
    assert answer.status_code == 422
    assert "不能取消自己的系统管理员角色" in answer.text
    admin.submit(f"{own}/close", own)
    assert "不能停用自己的账号" in admin.client.get(own).text
    assert admin.submit(f"{own}/password", own).location == "/account/"


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": ""},
        {"username": "Ü" * 300},
        {"username": "editor"},
        {"display_name": " "},
        {"display_name": "名" * 500},
        {"role": ""},
        {"role": "emperor"},
        {"role": "editor"},
        {"home": "999999"},
        {"role": "editor", "department": "999999"},
        {"role": "operator", "department": "1"},
        {"category": "999999", "role": "manager"},
    ],
)
def test_a_bad_account_is_told_and_what_was_written_stays(
    admin: Colleague, wrong: dict[str, str]
) -> None:
    data = {"username": "never", "display_name": "<b>陈</b>", "role": "operator"} | {
        "department": "", "category": "",
    } | wrong  # fmt: skip
    answer = admin.submit(f"{PEOPLE}/new", f"{PEOPLE}/new", **data)
    assert answer.status_code in {409, 422}
    assert 'id="summary"' in answer.text
    assert "<b>陈" not in answer.text
    if "display_name" not in wrong:
        assert "&lt;b&gt;陈&lt;/b&gt;" in answer.text
    assert "never" not in admin.client.get(PEOPLE).text


def test_a_department_is_renamed_merged_and_leads_on(
    admin: Colleague, held: Services, bureau: int
) -> None:
    where = f"/admin/departments/{bureau}"
    with held.database.read() as session:
        into = department_named(session, "streets").id
    seen = admin.hidden(where)
    fields = {"name": "改名局", "code": f"renamed-{bureau}", "kind": "section", "position": "7"}
    assert admin.client.post(where, data=seen | fields).status_code == 302
    answer = admin.client.post(where, data=seen | fields | {"name": "另一个名字"})
    assert answer.status_code == 409
    assert "改名局" in answer.text
    assert 'value="另一个名字"' in answer.text
    answer = admin.submit(where, where, **(fields | {"position": "第一"}))
    assert answer.status_code == 422
    assert "排序号须为" in answer.text
    admin.submit(f"{where}/merge", where, into="")
    assert "请选择并入哪个部门" in admin.client.get(where).text
    assert admin.submit(f"{where}/merge", where, into=str(into)).location.endswith(f"/{into}")
    assert "已并入“<a" in admin.client.get(where).text
    assert "改名局" not in admin.client.get("/admin/departments").text
    assert "改名局" in admin.client.get("/admin/departments?closed=1").text
    admin.submit(f"{where}/close", where)
    assert "已经停用" in admin.client.get(where).text


def test_the_manager_keeps_categories(
    colleague: Callable[[str], Colleague], held: Services
) -> None:
    manager = colleague("manager")
    with held.database.write() as session:
        top = create_category(session, system(), CategoryFields("试验大类")).id
    new = "/admin/categories/new"
    answer = manager.submit(new, new, name="甲类", parent=str(top), review_months="6")
    where = answer.location
    assert "6 个月" in manager.client.get("/admin/categories?q=甲类").text
    answer = manager.submit(where, where, name="甲类", parent=str(top), review_months="半年")
    assert answer.status_code == 422
    assert 'value="半年"' in answer.text
    manager.submit(f"{where}/merge", where, into="")
    assert "另一个末级分类" in manager.client.get(where).text
    manager.submit(f"{where}/remove", where)
    assert manager.client.get(where).status_code == 404
    manager.submit(f"/admin/categories/{top}/remove", f"/admin/categories/{top}")
    used = re.search(
        r"/admin/categories/(\d+)", manager.client.get("/admin/categories?q=hall-guide").text
    )
    assert used is not None
    manager.submit(f"{used.group(0)}/remove", used.group(0))
    assert "里面还有条目" in manager.client.get(used.group(0)).text


def test_the_rail_holds_what_the_person_may_open(
    served: Served, colleague: Callable[[str], Colleague]
) -> None:
    for who in ("editor", "reviewer", "manager", "operator", "admin"):
        person = colleague(who)
        html = person.client.get("/department").text
        rail = html.partition('<div class="places">')[2].partition("</nav>")[0]
        links = re.findall(r'<a href="(/[^"]+)"', rail)
        assert links
        assert {link: person.client.get(link).status_code for link in links} == dict.fromkeys(
            links, 200
        )
        assert ("/admin/people/" in links) is (who == "admin")
        assert ("/admin/categories/" in links) is (who == "manager")
        assert rail.count('aria-current="page"') == 1


def test_a_closed_account_is_out_at_once(served: Served, admin: Colleague, held: Services) -> None:
    _, password = added(admin, "leaving")
    person = Colleague(served.app)
    person.sign_in("leaving", password)
    with held.database.write() as session:
        set_active(session, system(), "leaving", False)
    assert person.client.get("/account").location.startswith("/login")
