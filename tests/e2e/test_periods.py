"""Finance reviews, closes with progress, sees the sealed totals, and takes the close back with a reason."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Visits
from tests.support.browsing import DESKTOP, PHONE, take_picture


@pytest.mark.parametrize(("locale", "size"), [("zh", DESKTOP), ("en", PHONE)])
def test_a_month_is_closed_and_taken_back(
    visits: Visits, member: FindMember, locale: str, size: dict[str, int]
) -> None:
    finance = member("finance")
    visit = visits.start(finance, locale, size)
    page, t = visit.open("/settlement/periods"), visit.t
    main = page.locator("#main")
    take_picture(page, f"periods.{locale}")
    main.locator("section[data-unit] li a").first.click()
    card = main.locator("section[data-state]")
    expect(card).to_have_attribute("data-state", "open")
    card.get_by_role("button", name=t("periods.do.review")).click()
    expect(card).to_have_attribute("data-state", "review")
    close = card.get_by_role("button", name=t("periods.do.close"), exact=True)
    boxes = card.get_by_role("checkbox")
    for at in range(boxes.count()):
        expect(close).to_be_disabled()
        boxes.nth(at).click()
        expect(boxes.nth(at)).to_be_checked()
    take_picture(page, f"period-review.{locale}")
    close.click()
    expect(card).to_have_attribute("data-state", "closed")
    expect(card.locator("[data-seal]")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    take_picture(page, f"period-closed.{locale}")
    period = finance.get("/settlement/periods")["items"][0]
    totals = finance.get(f"/settlement/periods/{period['id']}/kinds")["items"]
    expect(main).to_contain_text(f"{max(kind['received'] for kind in totals) / 100:,.2f}")

    card.get_by_role("button", name=t("periods.do.reopen")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("补一张单 · one more")
    dialog.get_by_role("button", name=t("periods.do.back_review")).last.click()
    expect(card).to_have_attribute("data-state", "review")
    expect(main).to_contain_text("补一张单 · one more")
    card.get_by_role("button", name=t("periods.do.open")).click()
    dialog.get_by_role("textbox").fill("…")
    dialog.get_by_role("button", name=t("periods.do.back_open")).last.click()
    expect(card).to_have_attribute("data-state", "open")
