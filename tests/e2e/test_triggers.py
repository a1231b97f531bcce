"""Tickets that begin by themselves, variants, and the switches of links, tokens and passwords."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect

from backend.features.triggers.hooks import sign
from tests.e2e.conftest import FindMember
from tests.e2e.visits import API, Member, Visits
from tests.support.browsing import DESKTOP, PHONE, take_picture
from tests.support.serving import Account, LiveServer

DEMO = ("complaint", "body_paint", "trial")


def find_workflow(admin: Member, at: int = 0) -> dict[str, Any]:
    """One of those of the demo's templates, whatever other tests have made."""
    items = [item for item in admin.get("/workflows")["items"] if item["key"] in DEMO]
    found: dict[str, Any] = sorted(items, key=lambda item: DEMO.index(item["key"]))[at]
    return found


def choose(box: Locator, name: str) -> None:
    """Few choices are buttons, many are a list."""
    expect(box.get_by_text(name, exact=True).first).to_be_attached()
    lists = box.get_by_role("combobox").filter(has=box.page.locator("option", has_text=name))
    if lists.count():
        lists.last.select_option(label=name)
    else:
        box.get_by_text(name, exact=True).click()


def deliver(url: str, secret: str, body: Any) -> httpx.Response:
    content, stamp, delivery = msgspec.json.encode(body), str(int(time.time())), uuid4().hex
    headers = {
        "webhook-id": delivery,
        "webhook-timestamp": stamp,
        "webhook-signature": sign(secret, delivery, stamp, content),
        "accept-language": "en",
    }
    return httpx.post(url, content=content, headers=headers, timeout=30)


def fill(page: Page, label: str, text: str) -> None:
    page.get_by_role("dialog").get_by_label(re.compile(re.escape(label))).first.fill(text)


@pytest.mark.parametrize(("locale", "size"), [("zh", DESKTOP), ("en", PHONE)])
def test_a_webhook_is_made_tried_and_leaves_its_reasons(
    visits: Visits, member: FindMember, locale: str, size: dict[str, int]
) -> None:
    admin = member("admin")
    workflow = find_workflow(admin)
    visit = visits.start(admin, locale, size)
    page, t = visit.open(f"/workflows/{workflow['id']}/triggers"), visit.t
    name = f"Shop {uuid4().hex[:6]}"
    page.locator("summary", has_text=t("triggers.new")).click()
    page.get_by_role("button", name=re.compile("^Webhook")).click()
    fill(page, t("triggers.name"), name)
    page.get_by_role("dialog").get_by_role("combobox").first.select_option(index=1)
    page.get_by_role("dialog").get_by_role("button", name=t("triggers.save"), exact=True).click()
    secret = page.locator("[data-secret]")
    expect(secret).to_have_text(re.compile("^whsec_"))
    made = next(
        each for each in admin.get(f"/workflows/{workflow['id']}/triggers")["items"] if each["name"] == name
    )
    answer = deliver(made["url"], secret.inner_text(), {"nothing": "known"})
    assert answer.status_code == 422, answer.text
    row = page.locator("li", has_text=name)
    expect(row).to_contain_text(t("triggers.last"))
    visit.button("triggers.secret.kept").click()
    expect(secret).to_have_count(0)
    row.get_by_role("button", name=t("triggers.try"), exact=True).click()
    row.get_by_role("button", name=t("triggers.try.run")).click()
    expect(row.locator("[data-tried=failed]")).to_contain_text(t("triggers.try.nothing"))
    row.get_by_role("button", name=t("triggers.log"), exact=True).click()
    expect(row.get_by_text(t("triggers.outcome.failed"))).to_be_visible()
    take_picture(page, f"triggers.{locale}")
    row.get_by_role("button", name=re.compile(f"^{t('triggers.again')}")).click()
    expect(row.get_by_role("checkbox")).to_be_checked()
    row.get_by_role("checkbox").click()
    expect(row.get_by_text(t("triggers.off"))).to_be_visible()
    assert deliver(made["url"], "whsec_AAAA", {}).status_code == 409


@pytest.mark.parametrize(("locale", "size"), [("zh", DESKTOP), ("en", PHONE)])
def test_a_rule_sends_tickets_to_another_workflow(
    visits: Visits, member: FindMember, locale: str, size: dict[str, int]
) -> None:
    admin = member("admin")
    workflow, other = find_workflow(admin, 1), find_workflow(admin, 2)
    visit = visits.start(admin, locale, size)
    page, t = visit.open(f"/workflows/{workflow['id']}/triggers"), visit.t
    visit.button("triggers.variants.add").click()
    box = page.get_by_role("dialog")
    box.locator("input[type=text], input:not([type])").first.fill("贵宾")
    choose(box, other["name"][locale])
    box.get_by_role("button", name=t("canvas.condition.add_rule"), exact=True).click()
    expect(box.get_by_text(t("canvas.condition.unfinished"))).to_be_visible()
    box.get_by_role("tab", name=t("canvas.condition.mode_text")).click()
    box.get_by_role("textbox", name=t("canvas.condition.expression")).fill("grade == 'vip'")
    expect(box.get_by_text("“grade”")).to_be_visible()
    box.get_by_role("textbox", name=t("canvas.condition.expression")).fill("data.grade == 'vip'")
    expect(box.get_by_text(t("canvas.condition.ok"))).to_be_visible()
    box.get_by_role("button", name=t("triggers.save")).click()
    expect(page.get_by_text("data.grade == 'vip'")).to_be_visible()
    page.get_by_role("button", name=t("triggers.try"), exact=True).last.click()
    page.get_by_label(t("triggers.variants.data")).fill('{"grade": "vip"}')
    page.get_by_role("button", name=t("triggers.try.run")).last.click()
    told = t("triggers.variants.chosen", rule="贵宾", workflow=other["name"][locale])
    expect(page.get_by_text(told)).to_be_visible()
    take_picture(page, f"variants.{locale}")
    page.get_by_role("button", name=f"{t('triggers.remove')}: 贵宾").click()
    expect(page.get_by_text(t("triggers.variants.empty"))).to_be_visible()


def test_switches_of_links_tokens_and_passwords(
    visits: Visits, member: FindMember, live_server: LiveServer
) -> None:
    admin = member("admin")
    workflow = find_workflow(admin)
    region = admin.get("/regions")["items"][-1]["id"]
    door = f"door {uuid4().hex[:6]}"
    words = {"region_id": region, "channel": "qr", "name": door}
    link = admin.post(f"/workflows/{workflow['id']}/entry-links", words)
    password = f"first {uuid4().hex}"
    email = f"{uuid4().hex}@demo.tierflow.example"
    admin.post("/members", {"name": "新人", "email": email, "roles": ["finance"], "password": password})

    visit = visits.start(admin, "zh")
    page, t = visit.open(f"/workflows/{workflow['id']}/triggers"), visit.t
    form = f"{live_server.url}{API}/public/forms/{link['token']}"
    for status in (409, 200):
        page.locator("li", has_text=door).get_by_role("checkbox").click()
        expect(page.locator("li", has_text=door).get_by_text(t("triggers.off"))).to_have_count(
            1 if status == 409 else 0
        )
        assert httpx.get(form).status_code == status

    page = visit.open("/admin/tokens")
    visit.button("admin.tokens.new").click()
    fill(page, t("admin.tokens.name"), door)
    page.get_by_role("dialog").get_by_role("button", name=t("admin.tokens.create")).click()
    token = page.locator("[data-secret]").inner_text()
    bearer = {"authorization": f"Bearer {token}"}
    assert httpx.get(f"{live_server.url}{API}/session", headers=bearer).status_code == 200
    page.get_by_role("button", name=f"{t('admin.tokens.revoke')}: {door}").click()
    expect(page.get_by_role("button", name=f"{t('admin.tokens.revoke')}: {door}")).to_have_count(0)
    assert httpx.get(f"{live_server.url}{API}/session", headers=bearer).status_code == 401

    newcomer = Member(live_server.url, Account("finance", email, password, "新人", ""))
    own = visits.start(newcomer, "en", PHONE)
    page, t = own.open("/me"), own.t
    page.get_by_label(re.compile(t("me.password.current"))).fill(password)
    page.get_by_label(re.compile(t("me.password.new"))).fill(changed := f"second {uuid4().hex}")
    own.button("me.password.save").click()
    expect(page.get_by_text(t("me.password.saved"))).to_be_visible()
    Member(live_server.url, Account("finance", email, changed, "新人", ""))
