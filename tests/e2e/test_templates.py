"""From the gallery to a running copy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Visits
from tests.support.browsing import DESKTOP, PHONE, take_picture

ADDRESS = "/templates/restaurant/chain-complaint"


@pytest.mark.parametrize(("locale", "size"), [("zh", DESKTOP), ("en", DESKTOP), ("zh", PHONE)])
def test_the_gallery_shows_what_is_proven(
    visits: Visits, member: FindMember, locale: str, size: dict[str, int]
) -> None:
    visit = visits.start(member("implementer"), locale, size)
    page = visit.open("/templates")
    for name in {"zh": ("连锁餐饮客诉", "试听"), "en": ("Chain restaurant complaint", "Trial")}[locale]:
        expect(page.get_by_role("heading", name=name).first).to_be_visible()
    if size is DESKTOP:
        take_picture(page, f"templates.{locale}")


def test_a_scenario_plays_step_by_step(visits: Visits, member: FindMember) -> None:
    visit = visits.start(member("implementer"), "zh")
    page = visit.open(f"{ADDRESS}?part=play")
    expect(page.locator(".react-flow__node").first).to_be_visible()
    forward = visit.button("templates.play.forward").first
    for _ in range(3):
        forward.click()
    expect(page.locator("#main")).to_contain_text(re.compile(r"第 [234] 步"))
    take_picture(page, "template-play.zh")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_clone_with_parameters_runs_at_once(visits: Visits, member: FindMember, locale: str) -> None:
    implementer = member("implementer")
    visit = visits.start(implementer, locale)
    page, t = visit.open(ADDRESS), visit.t
    page.get_by_role("link", name=t("templates.clone"), exact=True).click()
    expect(page.get_by_role("heading", name=t("templates.clone.parameters"))).to_be_visible()
    visit.settle()
    names = {"zh": ("江南小馆客诉", "Jiangnan complaints"), "en": ("滨河小馆客诉", "Riverside complaints")}
    name, name_en = names[locale]
    page.get_by_label(t("form.language.zh")).first.fill(name)
    page.get_by_label(t("form.language.en")).first.fill(name_en)
    page.get_by_label(
        {"zh": "补偿超过多少要审批", "en": "Compensation above this needs approval"}[locale]
    ).fill("100")
    take_picture(page, f"clone.{locale}")
    visit.button("templates.clone.submit").click()
    expect(page.get_by_text(t("templates.made.title"))).to_be_visible()
    visit.settle()
    expect(page.locator("#main")).to_contain_text(name if locale == "zh" else name_en)
    for code in page.locator("#main img").all():
        expect(code).not_to_have_js_property("naturalWidth", 0)
    take_picture(page, f"cloned.{locale}")

    workflow = next(item for item in implementer.get("/workflows")["items"] if item["name"]["zh"] == name)
    assert workflow["release_number"] == 1
    link = implementer.get(f"/workflows/{workflow['id']}/entry-links")["items"][0]
    data = {"kind": "billing", "description": "优惠没有抵扣成功", "contact_phone": "13800000077"}
    sent = implementer.post(f"/public/forms/{link['token']}", {"data": data})
    found = implementer.get("/tickets", view="open", workflow_id=workflow["id"])["items"]
    assert [each["number"] for each in found] == [sent["number"]]
