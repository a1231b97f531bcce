"""Finance takes a booking back: both sides stay to be seen, and why."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Visits
from tests.support.browsing import DESKTOP, PHONE, take_picture

REASONS = {"zh": "客户退货，重复结算", "en": "Returned, booked twice"}


@pytest.mark.parametrize(("locale", "size"), [("zh", DESKTOP), ("en", PHONE)])
def test_finance_reverses_a_ticket_and_both_sides_and_the_reason_stay(
    visits: Visits, member: FindMember, locale: str, size: dict[str, int]
) -> None:
    finance = member("finance")
    lines = finance.get("/settlement/lines", limit=100)["items"]
    ticket = next(
        line["ticket_id"]
        for line in lines
        if line["kind"] == "booking" and not line["reversed_by"] and line["amount"] and line["ticket_id"]
    )
    visit = visits.start(finance, locale, size)
    page, t = visit.open(f"/tickets/{ticket}"), visit.t
    card = page.locator("section").filter(has=page.get_by_role("heading", name=t("tickets.money.booked")))
    card.get_by_role("button", name=t("corrections.reverse"), exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").fill(REASONS[locale])
    dialog.get_by_role("button", name=t("corrections.reverse"), exact=True).click()
    expect(dialog).to_be_hidden()
    expect(card).to_contain_text(REASONS[locale])
    expect(card.locator(".line-through").first).to_be_visible()
    expect(card.get_by_text(re.compile(t("corrections.reversed"))).first).to_be_visible()
    take_picture(page, f"reversal.{locale}")
    booked = finance.get(f"/tickets/{ticket}")["lines"]
    assert sum(line["amount"] for line in booked) == 0
    page.goto("/settlement/corrections")
    expect(page.locator("#main")).to_contain_text(REASONS[locale])
    page.locator("#main section li a").first.click()
    expect(page.get_by_role("heading", name=t("corrections.differences"))).to_be_visible()
    take_picture(page, f"correction.{locale}")
