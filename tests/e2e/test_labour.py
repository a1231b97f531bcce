"""Hours entered on the phone cost the project nothing until a second person confirms them."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Visits
from tests.support.browsing import DESKTOP, PHONE


def test_hours_are_entered_on_the_phone_confirmed_by_another_and_cost_the_project(
    visits: Visits, member: FindMember
) -> None:
    finance, agent = member("finance"), member("agent")
    name = f"P{uuid4().hex[:6]}"
    project = {"key": name.lower(), "name": {"zh": name, "en": name}}
    finance.post("/projects", project)
    rate = {"member_id": agent.session["member_id"], "kind": "part_time", "hourly": 3001}
    finance.post("/labour-rates", {**rate, "currency": "CNY", "valid_from": "2026-01-01"})

    phone = visits.start(agent, "zh", PHONE)
    page, t = phone.open("/me/timesheet"), phone.t
    page.get_by_text(name, exact=True).click()
    page.get_by_label(t("labour.mine.minutes")).fill("90")
    page.get_by_role("button", name=t("labour.mine.enter")).click()
    own = page.locator("#main li").filter(has_text=name)
    expect(own.first).to_contain_text(t("labour.state.entered"))

    desk = visits.start(finance, "en", DESKTOP)
    page, t = desk.open("/settlement/labour"), desk.t
    expect(page.locator("#main")).not_to_contain_text(name)
    page.get_by_role("tab", name=t("labour.part.waiting")).click()
    row = page.locator("#main li").filter(has_text=name)
    row.get_by_role("button", name=t("labour.confirm")).click()
    expect(row).to_have_count(0)
    page.get_by_role("tab", name=t("labour.part.cost")).click()
    expect(page.get_by_role("link").filter(has_text=name)).to_contain_text("45.02")
