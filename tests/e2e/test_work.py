"""From the customer's phone to the booked money: one ticket through everybody's hands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from backend.features.templates.demo import draw_picture
from tests.e2e.conftest import FindMember
from tests.e2e.visits import Member, Visit, Visits
from tests.support.browsing import DESKTOP, PHONE, take_picture

FOLLOW_UP = {
    "zh": {
        "contacted": "已联系上",
        "finding": "处理结果",
        "found": "已致歉，退还菜金",
        "money": "建议补偿",
        "recovered": "追回金额",
        "done": "完成回访",
    },
    "en": {
        "contacted": "Reached",
        "finding": "What was done",
        "found": "Apologised and refunded the meal",
        "money": "Proposed compensation",
        "recovered": "Amount recovered",
        "done": "Finish the follow-up",
    },
}
COMPLAINT = {
    "zh": {
        "kind": "服务态度",
        "story": "请说说经过",
        "told": "上菜慢，等了一个小时",
        "phone": "联系电话",
        "name": "怎么称呼您",
        "customer": "林女士",
    },
    "en": {
        "kind": "Service",
        "story": "Tell us what happened",
        "told": "We waited an hour for our food",
        "phone": "Phone",
        "name": "Your name",
        "customer": "Lin Yue",
    },
}


def make_link(member: Member) -> str:
    """The token of a new entry link for complaints at the store of the first agent."""
    workflow = next(item for item in member.get("/workflows")["items"] if item["name"]["en"] == RESTAURANT)
    region = next(item for item in member.get("/regions")["items"] if item["key"] == "jingan")
    wanted = {"region_id": region["id"], "channel": "qr", "name": "Table 5"}
    return str(member.post(f"/workflows/{workflow['id']}/entry-links", wanted)["token"])


RESTAURANT = "Chain restaurant complaint"


def submit_complaint(member: Member, story: str) -> Any:
    """As a customer would, without the browser; answers with number and tracking token."""
    data = {"kind": "service", "description": story, "contact_phone": "13800000099"}
    return member.post(f"/public/forms/{make_link(member)}", {"data": data})


def find_row(page: Page, text: str) -> Locator:
    return page.locator("aside li a").filter(has_text=text).first


def fill_follow_up(page: Page, locale: str, finding: str, money: str = "") -> None:
    words = FOLLOW_UP[locale]
    page.get_by_text(words["contacted"], exact=True).click()
    page.get_by_label(words["finding"]).fill(finding)
    if money:
        page.get_by_label(words["money"]).fill(money)
        page.get_by_label(words["recovered"]).fill("200")  # a share of it is booked, however quick the hands


def send_complaint(visit: Visit, token: str, story: str) -> str:
    """The customer's side, with a photo. Answers with the path of the progress page."""
    page, words = visit.page, COMPLAINT[visit.locale]
    page.goto(f"/f/{token}")
    page.get_by_text(words["kind"], exact=True).click()
    page.get_by_label(words["story"]).fill(story)
    photo = {"name": "dish.jpg", "mimeType": "image/jpeg", "buffer": draw_picture("dish")}
    page.locator("input[type=file]").set_input_files(photo)  # type: ignore[arg-type]
    expect(page.locator("figure img")).to_be_visible()
    expect(page.locator("figure progress")).to_have_count(0)
    page.get_by_label(words["name"]).fill(words["customer"])
    page.get_by_label(words["phone"]).fill("13800001234")
    take_picture(page, f"customer-form.{visit.locale}")
    page.locator("button.btn-primary").click()
    expect(page.get_by_role("heading", name=visit.t("public.sent.title"))).to_be_visible()
    take_picture(page, f"customer-sent.{visit.locale}")
    link = page.get_by_role("link", name=visit.t("public.sent.follow"))
    return str(link.get_attribute("href"))


@pytest.mark.parametrize(("locale", "size"), [("zh", DESKTOP), ("en", PHONE)])
def test_a_ticket_from_the_first_word_to_the_money(
    visits: Visits, member: FindMember, locale: str, size: dict[str, int]
) -> None:
    token, story = make_link(member("admin")), COMPLAINT[locale]["told"]
    agent = visits.start(member("agent"), locale, size)
    desk = agent.open("/tickets")
    customer = visits.start(None, locale, PHONE)
    progress = send_complaint(customer, token, story)

    row = find_row(desk, story)
    expect(row).to_be_visible()  # without a reload
    take_picture(desk, f"queue.{locale}")
    row.click()
    fill_follow_up(desk, locale, FOLLOW_UP[locale]["found"], "300")
    take_picture(desk, f"ticket-task.{locale}")
    desk.get_by_role("button", name=FOLLOW_UP[locale]["done"], exact=True).click()
    waiting = desk.get_by_text(re.compile("补偿审批|Approve the compensation"))
    expect(waiting.first).to_be_visible()

    approve(visits, member("regional_manager"), locale, story)
    rate(customer, progress)

    expect(desk.get_by_role("heading", name=agent.t("tickets.over.completed"))).to_be_visible()
    booked = desk.locator("section").filter(has_text=agent.t("tickets.money.booked")).last
    booked.locator("summary").first.click()
    expect(booked).to_contain_text(agent.t("settlement.why.rule"))
    expect(booked).to_contain_text({"zh": "客诉处理结算", "en": "Complaint handling"}[locale])
    take_picture(desk, f"ticket-done.{locale}")


def approve(visits: Visits, manager: Member, locale: str, story: str) -> None:
    """The regional manager finds it among the team's tasks and says yes."""
    visit = visits.start(manager, locale, PHONE)
    page = visit.open("/tickets?view=team")
    find_row(page, story).click()
    agree = page.get_by_role("button", name=re.compile("^(通过|Approve)$"))
    expect(agree).to_be_visible()
    take_picture(page, f"approval.{locale}")
    agree.click()
    expect(agree).to_have_count(0)


def rate(visit: Visit, progress: str) -> None:
    page = visit.page
    page.goto(progress)
    page.get_by_label(visit.t("form.rating.stars", count=5)).check(force=True)
    take_picture(page, f"customer-progress.{visit.locale}")
    page.locator("button.btn-primary").click()
    expect(page.get_by_text(visit.t("public.progress.completed"), exact=True)).to_be_visible()


def test_a_click_before_the_router_has_loaded_is_not_lost(visits: Visits, member: FindMember) -> None:
    submit_complaint(member("admin"), "很早就点开了")
    visit = visits.start(member("agent"), "zh")
    page, held = visit.page, list[Route]()
    page.route("**/reactpy/modules/**", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks the function
    page.goto("/tickets?view=all")
    find_row(page, "很早就点开了").click()
    expect(page.get_by_role("heading", name="很早就点开了")).to_have_count(0)
    assert held, "the router's module was not asked for"
    for route in held:
        route.continue_()
    expect(page.get_by_role("heading", name="很早就点开了").first).to_be_visible()


def test_the_board_leads_to_a_task(visits: Visits, member: FindMember) -> None:
    submit_complaint(member("admin"), "从看板点开")
    visit = visits.start(member("agent"), "zh", PHONE)
    page = visit.open("/tickets")
    page.get_by_role("link", name=visit.t("tickets.board"), exact=True).click()
    workflow = next(
        item for item in member("agent").get("/workflows")["items"] if item["name"]["en"] == RESTAURANT
    )
    page.get_by_label(visit.t("tickets.board.workflow")).select_option(value=workflow["id"])
    expect(page).to_have_url(re.compile(f"workflow={workflow['id']}"))
    column = page.get_by_role("region", name="门店回访")
    column.get_by_role("link").filter(has_text="从看板点开").click()
    expect(page.get_by_role("button", name="完成回访", exact=True)).to_be_visible()


def test_a_double_click_completes_once(visits: Visits, member: FindMember) -> None:
    sent = submit_complaint(member("admin"), "点错了两次也只算一次")
    visit = visits.start(member("agent"), "zh", PHONE)
    page = visit.open("/tickets")
    find_row(page, "点错了两次也只算一次").click()
    fill_follow_up(page, "zh", "已说明情况")
    page.get_by_role("button", name="完成回访", exact=True).dblclick()
    expect(page.get_by_role("button", name="完成回访", exact=True)).to_have_count(0)
    found = member("agent").get("/tickets", view="all", q=sent["number"])["items"][0]
    ticket = member("agent").get(f"/tickets/{found['id']}")
    done = [each for each in ticket["timeline"] if each["kind"] == "task_completed"]
    assert len(done) == 1


def test_the_second_of_two_people_hears_who_was_first_and_keeps_what_was_typed(
    visits: Visits, member: FindMember
) -> None:
    story = "两位经理同时审批"
    submit_complaint(member("admin"), story)
    agent, manager, other = member("agent"), member("regional_manager"), member("admin")
    found = next(item for item in agent.get("/tasks", view="mine")["items"] if story in item["title"])
    data = {"contacted": "reached", "finding": "已致歉并退款", "proposed_compensation": 30000}
    agent.post(f"/tasks/{found['id']}/complete", {"outcome": "done", "data": data})

    visit = visits.start(other, "zh")
    visit.complaints.expected = {409}
    page = visit.open("/tickets?view=team")
    find_row(page, story).click()
    page.get_by_label("批准金额").fill("250")
    expect(page.get_by_text(re.compile("草稿已存")).first).to_be_visible()
    task = next(item for item in manager.get("/tasks", view="team")["items"] if story in item["title"])
    done = {"outcome": "approved", "data": {"approved_compensation": 30000}}
    manager.post(f"/tasks/{task['id']}/complete", done)

    name = manager.session["user"]["name"]
    expect(page.get_by_text(visit.t("tickets.overtaken", name=name))).to_be_visible()
    expect(page.get_by_label("批准金额")).to_have_value("250")
    take_picture(page, "task-closed.zh")
    visit.button("tickets.overtaken.leave").click()
    expect(page.get_by_label("批准金额")).to_have_count(0)
