"""Orders come in: a wrong cell is named and mended, and what nobody owns is given with one click."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Visits
from tests.support.browsing import DESKTOP, PHONE, take_picture

HEAD = "订单号,渠道,区域,金额,下单时间"


@pytest.mark.parametrize(("locale", "size"), [("zh", DESKTOP), ("en", PHONE)])
def test_a_file_is_mended_imported_and_its_doubtful_order_given_with_one_click(
    visits: Visits, member: FindMember, locale: str, size: dict[str, int]
) -> None:
    finance = member("finance")
    channel, number = f"c{uuid4().hex[:6]}", f"N{uuid4().hex[:8]}"
    east = next(each for each in finance.get("/regions")["items"] if each["key"] == "east")
    for rule in (
        {"owner_kind": "region", "region_id": east["id"]},
        {"owner_kind": "partner", "owner_id": f"partner-{channel}", "channel": channel},
    ):
        finance.post("/attribution-rules", {**rule, "valid_from": "2026-01-01"})
    visit = visits.start(finance, locale, size)
    page, t = visit.open("/settlement/orders"), visit.t
    cells = page.get_by_label(t("orders.import.cells"))
    cells.fill(f"{HEAD}\n{number},{channel},east,12x,2026-11-05\n")
    page.get_by_role("button", name=t("orders.import.check")).click()
    expect(page.locator("[data-state=refused]")).to_contain_text("D2")
    take_picture(page, f"orders.{locale}")
    cells.fill(f"{HEAD}\n{number},{channel},east,120.50,2026-11-05\n")
    page.get_by_role("button", name=t("orders.import.check")).click()
    page.get_by_role("button", name=t("orders.import.apply", count=1)).click()
    expect(page.locator("[data-state=done]")).to_be_visible(timeout=20_000)
    page = visit.open("/settlement/quarantine")
    item = page.locator("#main li").filter(has_text=number)
    expect(item).to_contain_text("120.50")
    take_picture(page, f"quarantine.{locale}")
    item.get_by_role("button", name=re.compile(f"partner-{channel}")).click()
    expect(page.locator("#main li").filter(has_text=number)).to_have_count(0)
    order = finance.get("/orders", q=number)["items"][0]
    assert (order["state"], order["owner"]["id"]) == ("booked", f"partner-{channel}")
