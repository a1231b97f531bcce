"""Changes of a tariff by one person, approved by another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.test_tariffs import make_tariff
from tests.e2e.visits import API, Member, Visits
from tests.support.browsing import DESKTOP


@pytest.fixture
def rule(member: FindMember) -> Iterator[None]:
    """The workspace asks for a second person during this test."""
    yield
    admin = member("admin")
    admin.client.patch(f"{API}/tariff-settings", json={"four_eyes": False}).raise_for_status()


def submit(author: Member, tariff_id: str) -> None:
    """A dearer rate, handed on for approval."""
    path = f"/tariffs/{tariff_id}"
    document: dict[str, Any] = author.get(path)["document"]
    document["rows"][0]["charge"]["rate"] = "3500"
    body = {"document": document, "base_revision": 1}
    answer = author.client.put(f"{API}{path}/draft", json=body).raise_for_status()
    etag = answer.json()["draft"]["etag"]
    author.post(f"{path}/draft/submission", {"etag": etag, "note": "旺季"})


def test_a_second_person_approves(visits: Visits, member: FindMember, rule: None) -> None:
    finance, admin = member("finance"), member("admin")
    tariff_id = make_tariff(finance, "four_eyes")
    second = visits.start(admin, "zh")
    page, t = second.open("/admin/tariff_rules"), second.t
    page.get_by_text(t("tariff_changes.settings.four_eyes")).click()
    expect(page.get_by_text(t("tariff_changes.settings.on"))).to_be_visible()
    submit(finance, tariff_id)

    first = visits.start(finance, "en")
    own = first.open(f"/settlement/tariffs/{tariff_id}?tab=approval")
    expect(own.get_by_text(first.t("tariff_changes.approval.own"))).to_be_visible()
    expect(own.get_by_role("button", name=first.t("tariff_changes.approval.approve"))).to_have_count(0)

    second.open("/notifications")
    page.locator("#main").get_by_role("link").filter(has_text="旺季").first.click()
    page.get_by_role("link", name=t("tariff_changes.state.submitted")).click()
    main = page.locator("#main")
    expect(main.get_by_text("¥30.00 → ¥35.00")).to_be_visible()
    visits.picture(admin, f"/settlement/tariffs/{tariff_id}?tab=approval", "tariff-approval", DESKTOP)
    admin.prefer("zh", "light")
    main.get_by_role("button", name=t("tariff_changes.approval.approve")).click()
    expect(main.get_by_text(t("tariff_changes.approval.none"))).to_be_visible()
    found = admin.get(f"/tariffs/{tariff_id}")
    assert (found["in_force"], found["revisions"][0]["approved_by"]["name"]) == (
        2,
        admin.session["user"]["name"],
    )
    page.get_by_role("link", name=t("tariffs.tab.history")).click()
    expect(main.get_by_text("¥30.00 → ¥35.00")).to_be_visible()
    visits.picture(admin, f"/settlement/tariffs/{tariff_id}?tab=history", "tariff-history", DESKTOP)
