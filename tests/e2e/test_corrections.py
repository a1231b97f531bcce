"""Finance takes a booking back: both sides stay to be seen, and why."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Member, Visits
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


@pytest.mark.parametrize(("locale", "size"), [("zh", PHONE), ("en", DESKTOP)])
def test_finance_books_a_completed_ticket_again_by_other_figures(
    visits: Visits, member: FindMember, locale: str, size: dict[str, int]
) -> None:
    finance = member("finance")
    ticket, posting, measure = find_completed(finance)
    visit = visits.start(finance, locale, size)
    page, t = visit.open(f"/tickets/{ticket}"), visit.t
    card = page.locator("section").filter(has=page.get_by_role("heading", name=t("tickets.money.booked")))
    card.get_by_role("button", name=t("corrections.figures"), exact=True).click()
    dialog = page.get_by_role("dialog")
    if dialog.locator(f"option[value='{posting}']").count():
        dialog.locator("select").first.select_option(posting)
    field = dialog.locator(f"input[name='{measure}']")
    expect(field).not_to_have_value("")
    field.fill("77777.77")
    dialog.get_by_role("button", name=t("corrections.figures.look"), exact=True).click()
    told = dialog.get_by_role("status")
    expect(told).to_contain_text(t("corrections.figures.after"))
    take_picture(page, f"figures.{locale}")
    book = dialog.get_by_role("button", name=t("corrections.figures.book"), exact=True)
    field.fill("88888.88")
    expect(told).to_be_hidden()
    dialog.get_by_role("button", name=t("corrections.figures.look"), exact=True).click()
    dialog.locator("textarea").fill(REASONS[locale])
    book.click()
    expect(dialog).to_be_hidden()
    expect(card).to_contain_text(REASONS[locale])
    postings = finance.get(f"/tickets/{ticket}/postings")["items"]
    (new,) = [each for each in postings if each["replaces"] == posting]
    figures = finance.get(f"/tickets/{ticket}/postings/{new['id']}/figures")
    assert {each["name"]: each["value"] for each in figures["measures"]}[measure] == "8888888"
    page.goto("/settlement/corrections")
    page.locator("#main section li a").first.click()
    expect(page.locator("#main")).to_contain_text("88,888.88")


def find_completed(finance: Member) -> tuple[str, str, str]:
    """A ticket that is over, its booking and a measure of money that it was worked out from."""
    for line in finance.get("/settlement/lines", limit=200)["items"]:
        if line["kind"] != "booking" or line["reversed_by"] or not line["ticket_id"] or not line["tariff"]:
            continue
        if finance.get(f"/tickets/{line['ticket_id']}")["status"] != "completed":
            continue
        figures = finance.get(f"/tickets/{line['ticket_id']}/postings/{line['posting_id']}/figures")
        for each in figures["measures"]:
            if each["kind"] == "money" and each["value"] and each["name"] in line["inputs"]:
                return line["ticket_id"], line["posting_id"], each["name"]
    raise AssertionError("no completed ticket has booked by an amount")


def test_a_question_is_accepted_by_reversing_the_amount(visits: Visits, member: FindMember) -> None:
    agent, finance = member("agent"), member("finance")
    asked = {each["line_id"] for each in agent.get("/disputes", view="all")["items"]}
    lines = agent.get("/settlement/lines", limit=100)["items"]
    line = next(
        each
        for each in lines
        if each["kind"] == "booking"
        and not each["reversed_by"]
        and each["amount"]
        and each["id"] not in asked
    )
    words = "Returned the day after."
    staff = visits.start(agent, "en", PHONE)
    page, t = staff.open(f"/settlement/lines/{line['id']}?ask=1"), staff.t
    page.locator("input[name=expected]").fill("1,234.50")
    page.get_by_label(t("disputes.what")).fill(words)
    page.get_by_role("button", name=t("disputes.send")).click()
    expect(page.locator("#main").get_by_role("link", name=words)).to_be_visible()
    (found,) = agent.get("/disputes", view="open", line_id=line["id"])["items"]
    assert found["expected"] == 123_450
    desk = visits.start(finance, "en", PHONE).open(f"/settlement/disputes/{found['id']}")
    desk.get_by_role("button", name=t("corrections.reverse.posting")).click()
    dialog = desk.get_by_role("dialog")
    expect(dialog.locator("textarea")).to_have_value(words)
    dialog.get_by_role("button", name=t("corrections.reverse.accept")).click()
    expect(desk.get_by_text(t("disputes.state.accepted")).first).to_be_visible()
    closed = finance.get(f"/disputes/{found['id']}")
    (taken,) = [
        each
        for each in finance.get(f"/tickets/{line['ticket_id']}/postings")["items"]
        if each["reversal_of"] == line["posting_id"]
    ]
    assert (closed["item"]["state"], closed["correction_id"], taken["reason"]) == (
        "accepted",
        taken["id"],
        words,
    )
