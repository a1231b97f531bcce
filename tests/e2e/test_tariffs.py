"""The tariff editor as a finance clerk uses it: cells from a spreadsheet, tiers, findings, a new table."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Member, Visit, Visits
from tests.support.browsing import take_picture

TIERS = "0 → 5% | 50,000 → 8% | 100,000 → 12%"
CELLS = {
    "zh": [
        ["行", "区域", "计价方式", "计量", "单价", "档位"],
        ["华东 阶梯", "华东", "阶梯 · 全额比例", "销售额", "", TIERS],
        ["华北 固定服务费", "华北", "按量", "单量", "35", ""],
        ["全国 混合", "", "保底 + 超额", "单量", "3,000", "80 → 28"],
    ],
    "en": [
        ["Row", "Region", "Model", "Counts", "Price", "Tiers"],
        ["East, tiers", "East China", "Volume percentage", "Sales", "", TIERS],
        ["North, fixed fee", "North China", "Per unit", "Tickets", "35", ""],
        ["Everywhere, mixed", "", "Guarantee plus excess", "Tickets", "3,000", "80 → 28"],
    ],
}


def make_tariff(member: Member, key: str) -> str:
    """A monthly table of one row."""
    document = {
        "format": "tierflow.tariff/1",
        "key": key,
        "name": {"zh": "四季度提成", "en": "Commission Q4"},
        "currency": "CNY",
        "accumulation": "period",
        "period": "month",
        "measures": {
            "sales": {"label": {"zh": "销售额", "en": "Sales"}, "kind": "money"},
            "tickets": {"label": {"zh": "单量", "en": "Tickets"}, "kind": "number"},
        },
        "rows": [
            {
                "id": "row_1",
                "match": {},
                "charge": {"model": "per_unit", "measure": "tickets", "rate": "3000"},
                "pays": {"party": "assignee"},
                "from": {"party": "region_pool"},
            }
        ],
    }
    made: dict[str, Any] = member.post("/tariffs", {"document": document})
    return str(made["id"])


def cell(page: Page, line: int, column: str) -> Locator:
    return page.locator(f"#tariff-cell-{line}-{column}")


def paste(page: Page, cells: list[list[str]]) -> None:
    """As a spreadsheet hands it to the field that has the focus."""
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const event = { clipboardData: data, bubbles: true, cancelable: true };
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", event));
        }""",
        "\n".join("\t".join(line) for line in cells),
    )


def wait_saved(page: Page) -> None:
    expect(page.locator("[data-saving=saved]")).to_be_visible()


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_cells_of_a_spreadsheet_become_rows_and_a_finding_opens_its_cell(
    visits: Visits, member: FindMember, locale: str
) -> None:
    finance = member("finance")
    tariff_id = make_tariff(finance, f"pasted_{locale}")
    visit = visits.start(finance, locale)
    page = visit.open(f"/settlement/tariffs/{tariff_id}")
    cell(page, 0, "name").click()
    paste(page, CELLS[locale])
    expect(cell(page, 2, "tiers")).to_contain_text("80 → 28")
    wait_saved(page)
    cliff = page.locator("[data-finding=pay_cliff]").first
    cliff.click()
    expect(cell(page, 0, "tiers")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("¥50.00").first).to_be_visible()
    take_picture(page, f"tariff-editor.{locale}")

    page.keyboard.press("F2")
    page.keyboard.type("0 → 5% | 60,000 → 9%")
    page.keyboard.press("Enter")
    cell(page, 0, "pays").click()
    page.keyboard.type(visit.t("tariffs.party.region_pool"))
    page.keyboard.press("Enter")
    cell(page, 0, "from").click()
    page.keyboard.type(f"{visit.t('tariffs.party.department')}: sales")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    cell(page, 0, "pays").click()
    cell(page, 2, "from").click(modifiers=["Shift"])
    page.keyboard.press("Control+d")
    expect(cell(page, 2, "from")).to_contain_text("sales")
    page.keyboard.press("Control+z")
    expect(cell(page, 2, "from")).not_to_contain_text("sales")
    page.keyboard.press("Control+y")
    expect(cell(page, 2, "from")).to_contain_text("sales")
    wait_saved(page)

    rows = finance.get(f"/tariffs/{tariff_id}")["draft"]["document"]["rows"]
    assert [row["charge"]["model"] for row in rows] == [
        "volume_percentage",
        "per_unit",
        "guarantee_plus_excess",
    ]
    assert rows[0]["charge"]["tiers"] == [
        {"from": "0", "to": "6000000", "rate": "0.05"},
        {"from": "6000000", "to": None, "rate": "0.09"},
    ]
    assert (rows[1]["charge"]["rate"], rows[2]["charge"]["guarantee"]) == ("3500", 300_000)
    assert [row["from"] for row in rows] == [{"party": "department", "key": "sales"}] * 3


def test_a_bad_cell_is_named_and_nothing_changes(visits: Visits, member: FindMember) -> None:
    finance = member("finance")
    tariff_id = make_tariff(finance, "refused")
    page = visits.start(finance).open(f"/settlement/tariffs/{tariff_id}")
    cell(page, 0, "region").click()
    paste(page, [["火星"]])
    expect(page.get_by_role("status").filter(has_text="火星")).to_be_visible()
    assert finance.get(f"/tariffs/{tariff_id}")["draft"] is None


def test_a_new_table_begins_with_a_pattern_in_a_currency_that_some_region_uses(
    visits: Visits, member: FindMember
) -> None:
    visit: Visit = visits.start(member("finance"))
    page, t = visit.open("/settlement/tariffs"), visit.t
    visit.button("tariffs.new").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(t("tariffs.new.name"), exact=True).fill("东南亚 按单")
    dialog.get_by_text(t("tariffs.pattern.orders"), exact=True).click()
    dialog.get_by_label(t("tariffs.currency")).fill("USD")
    visit.button("tariffs.new.create").click()
    expect(dialog.get_by_role("alert")).to_contain_text("USD")
    dialog.get_by_label(t("tariffs.currency")).fill("CNY")
    visit.button("tariffs.new.create").click()
    expect(cell(page, 0, "tiers")).to_contain_text("0 → 4 | 100 → 3.6")
