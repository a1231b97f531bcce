"""The form builder: fields in, around, changed, out; a rule; a try."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import PATIENCE, Member, Visits
from tests.support.browsing import take_picture


def read_form(member: Member, workflow: str) -> dict[str, Any]:
    form: dict[str, Any] = member.get(f"/workflows/{workflow}/draft")["definition"]["forms"]["visit"]
    return form


def make_form(member: Member) -> str:
    made = member.post("/workflows", {"name": {"zh": "表单试验", "en": "Form trial"}})
    form = {"title": {"zh": "上门报告", "en": "Visit report"}, "schema": {"type": "object"}, "ui": {}}
    member.edit_draft(made["id"], {"forms": {"visit": form}})
    return str(made["id"])


def wait_for_form(member: Member, workflow: str, is_there: Callable[[dict[str, Any]], bool]) -> None:
    """The builder saves by itself, after a pause."""
    until = time.monotonic() + PATIENCE / 1000
    while not is_there(read_form(member, workflow)):
        assert time.monotonic() < until, read_form(member, workflow)
        time.sleep(0.1)


def move_up_by_keyboard(page: Page, grip: Locator, is_up: Callable[[], bool]) -> None:
    """Take, one place up, put down. Keys faster than the page draws are lost, so it may take a second try."""
    for _ in range(5):
        grip.focus()
        page.keyboard.press("Space")
        page.locator("main .opacity-80").wait_for()
        page.wait_for_timeout(400)
        page.keyboard.press("ArrowUp")
        page.wait_for_timeout(400)
        page.keyboard.press("Space")
        until = time.monotonic() + 6
        while time.monotonic() < until:
            if is_up():
                return
            time.sleep(0.1)
    raise AssertionError("the field did not move")


def is_ruled(form: dict[str, Any]) -> bool:
    """One field shows by a rule and is required."""
    ruled = [name for name, ui in form["ui"].items() if isinstance(ui, dict) and "ui:showIf" in ui]
    return len(ruled) == 1 and ruled[0] in form["schema"].get("required", ())


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_build_a_form(visits: Visits, member: FindMember, locale: str) -> None:
    admin = member("admin")
    workflow = make_form(admin)
    visit = visits.start(admin, locale)
    page, t = visit.open(f"/workflows/{workflow}/forms/visit"), visit.t
    palette = page.get_by_role("navigation", name=t("formbuilder.palette.title"))
    panel = page.get_by_role("complementary", name=t("formbuilder.properties.title"))
    names = "#settings_title" if page.locator("#settings_title").count() else "input[lang]"

    for kind in ("choice", "money", "photos", "text"):
        palette.get_by_role("button", name=t(f"formbuilder.kind.{kind}"), exact=True).click()
        expect(panel.get_by_role("heading").first).to_contain_text(t(f"formbuilder.kind.{kind}"))
    panel.locator(names).first.fill("原因")
    panel.locator(names).nth(1).fill("原因")
    wait_for_form(admin, workflow, lambda form: len(form["schema"].get("properties", ())) == 4)

    grip = page.get_by_role("button", name=t("formbuilder.preview.move", label="原因"), exact=True)
    move_up_by_keyboard(page, grip, lambda: read_form(admin, workflow)["ui"]["ui:order"].index("text_1") < 3)

    panel.get_by_label(t("formbuilder.field.required")).first.check(force=True)
    rule = panel.locator("select").filter(has_text=t("formbuilder.rule.always"))
    rule.select_option(index=1)
    panel.get_by_label(t("formbuilder.rule.value")).select_option(index=1)
    wait_for_form(admin, workflow, is_ruled)
    take_picture(page, f"form-builder.{locale}")

    page.get_by_role("button", name=t("formbuilder.mode.try"), exact=True).click()
    expect(page.get_by_label("原因")).to_have_count(0)  # hidden until the rule holds
    option = {"zh": "选项一", "en": "Option 1"}[locale]
    page.locator("main select").filter(has_text=option).first.select_option(label=option)
    expect(page.get_by_label("原因")).to_be_visible()
    visit.button("form.submit.default").click()
    expect(page.get_by_role("status").filter(has_text=t("form.submit.invalid", count=1))).to_be_visible()
    visit.button("formbuilder.view.phone").click()

    page.get_by_role("button", name=t("formbuilder.mode.edit"), exact=True).click()
    page.get_by_role("button", name=t("formbuilder.preview.select", label="原因"), exact=True).click()
    page.get_by_role("button", name=t("formbuilder.preview.remove", label="原因"), exact=True).click()
    expect(
        page.get_by_role("button", name=t("formbuilder.preview.select", label="原因"), exact=True)
    ).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(
        page.get_by_role("button", name=t("formbuilder.preview.select", label="原因"), exact=True)
    ).to_be_visible()
    wait_for_form(admin, workflow, is_ruled)
