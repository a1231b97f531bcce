"""Every sum opens down to the line, and the line says why."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Visits
from tests.support.browsing import DESKTOP, PHONE, take_picture


@pytest.mark.parametrize(("locale", "size"), [("zh", DESKTOP), ("en", PHONE)])
def test_a_sum_by_region_opens_down_to_the_line_and_its_why(
    visits: Visits, member: FindMember, locale: str, size: dict[str, int]
) -> None:
    visit = visits.start(member("finance"), locale, size)
    page, t = visit.open("/settlement?by=region&period=all"), visit.t
    main = page.locator("#main")
    expect(main).to_contain_text({"zh": "华东", "en": "East China"}[locale])
    take_picture(page, f"settlement.{locale}")
    for _ in range(6):  # down the tree of regions, until a sum opens its lines
        link = main.locator("section li a").first
        href = link.get_attribute("href") or ""
        link.click()
        expect(link).not_to_have_attribute("href", href)
        visit.settle()
        if "/settlement/lines" in page.url:
            break
    expect(page).to_have_url(re.compile("/settlement/lines"))
    expect(main.get_by_role("heading", name=t("settlement.lines"))).to_be_visible()
    main.locator("section li a").last.click()
    expect(main.get_by_role("heading", name=t("settlement.why"))).to_be_visible()
    expect(main).to_contain_text(t("settlement.why.rule"))
    expect(main.get_by_role("link", name=re.compile(r"^T-\d{4}-\d+"))).to_be_visible()
    take_picture(page, f"settlement-line.{locale}")


@pytest.mark.parametrize("by", ["person", "period", "service", "channel"])
def test_the_same_money_by_person_month_service_and_channel(
    visits: Visits, member: FindMember, by: str
) -> None:
    finance = member("finance")
    total = finance.get("/settlement/summary", by="region")["totals"][0]["amount"]
    assert finance.get("/settlement/summary", by=by)["totals"][0]["amount"] == total
    visit = visits.start(finance, "zh")
    page = visit.open("/settlement?period=all")
    page.get_by_role("link", name=visit.t(f"settlement.by.{by}"), exact=True).click()
    expect(page.locator("#main section li").first).to_be_visible()
    expect(page.locator("#main")).to_contain_text(f"{total / 100:,.2f}")


@pytest.mark.parametrize(("locale", "size"), [("zh", PHONE), ("en", DESKTOP)])
def test_staff_see_what_they_earn_and_why(
    visits: Visits, member: FindMember, locale: str, size: dict[str, int]
) -> None:
    agent = member("agent")
    visit = visits.start(agent, locale, size)
    page, t = visit.open("/me/earnings"), visit.t
    earned = agent.get("/me/earnings")
    main = page.locator("#main")
    expect(main).to_contain_text(f"{earned['totals'][0]['amount'] / 100:,.2f}")
    lines = main.locator("section").filter(has_text=t("earnings.days")).last
    lines.locator("summary").first.click()
    lines.locator("details details summary").first.click()
    expect(lines).to_contain_text(t("settlement.why.rule"))
    take_picture(page, f"earnings.{locale}")
    page.goto("/settlement")
    expect(page.get_by_text(t("shell.forbidden.title"))).to_be_visible()


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_tariff_says_what_an_imagined_ticket_would_book(
    visits: Visits, member: FindMember, locale: str
) -> None:
    visit = visits.start(member("finance"), locale)
    page = visit.open("/settlement/tariffs")
    page.get_by_role("link", name=re.compile("客诉处理结算|Complaint handling")).first.click()
    visit.settle()
    expect(page.locator("#main")).to_contain_text(visit.t("tariffs.try"))
    expect(page.locator("#main")).to_contain_text(visit.t("tariffs.findings"))
