"""Trying a draft with the last tickets, and moving running ones to a newer release."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Member, Visits
from tests.support.browsing import take_picture

TASK: dict[str, Any] = {
    "type": "form_task",
    "v": 1,
    "config": {"form": "visit", "offer": {"to": "role", "role": "admin", "scope": "region"}},
}
FORM = {
    "title": {"zh": "上门记录", "en": "Visit"},
    "schema": {
        "type": "object",
        "required": ["minutes"],
        "properties": {
            "minutes": {"type": "integer", "title": "用时", "x-title": {"zh": "用时", "en": "Minutes"}},
        },
    },
    "ui": {},
}
DEFINITION = {
    "format": "tierflow.workflow/1",
    "name": {"zh": "设备巡检", "en": "Inspection"},
    "graph": {
        "format": "tierflow.graph/1",
        "nodes": {
            "n_start": {
                "type": "start",
                "label": {"zh": "报修", "en": "Report"},
                "position": {"x": 40, "y": 160},
            },
            "n_visit": {**TASK, "label": {"zh": "上门", "en": "Visit"}, "position": {"x": 320, "y": 160}},
            "n_check": {**TASK, "label": {"zh": "复核", "en": "Check"}, "position": {"x": 600, "y": 160}},
            "n_end": {"type": "end", "label": {"zh": "完成", "en": "Done"}, "position": {"x": 880, "y": 160}},
        },
        "edges": {
            "e1": {"source": "n_start", "port": "next", "target": "n_visit"},
            "e2": {"source": "n_visit", "port": "done", "target": "n_check"},
            "e3": {"source": "n_check", "port": "done", "target": "n_end"},
        },
    },
    "forms": {"visit": FORM},
    "settings": {"title": "", "priority": "normal", "tariff_policy": "at_completion"},
}
BOSS = {**TASK, "label": {"zh": "店长确认", "en": "Manager"}, "position": {"x": 600, "y": 320}}
CHANGE = {
    "graph": {
        "nodes": {
            "n_visit": None,
            "n_site": {**TASK, "label": {"zh": "上门", "en": "Visit"}, "position": {"x": 320, "y": 160}},
            "n_boss": BOSS,
        },
        "edges": {
            "e1": {"target": "n_site"},
            "e2": {"source": "n_site", "target": "n_boss"},
            "e4": {"source": "n_boss", "port": "done", "target": "n_check"},
        },
    },
}


class Flow:
    """A small published flow with tickets, some done and one running."""

    def __init__(self, admin: Member, key: str) -> None:
        self.admin = admin
        definition = {**DEFINITION, "name": {"zh": f"设备巡检 {key}", "en": f"Inspection {key}"}}
        body = {"name": definition["name"], "definition": definition}
        self.id: str = admin.post("/workflows", body)["id"]
        self.publish(1)
        region = admin.get("/regions")["items"][0]["id"]
        for at in range(4):
            wanted = {"workflow_id": self.id, "region_id": region, "data": {}}
            ticket = admin.post("/tickets", wanted)["id"]
            for _ in range(2 if at < 3 else 0):
                (task,) = admin.get(f"/tickets/{ticket}")["tasks"]
                done = {"outcome": "done", "data": {"minutes": 30 + at}}
                admin.post(f"/tasks/{task['id']}/complete", done)

    def publish(self, revision: int) -> None:
        self.admin.post(f"/workflows/{self.id}/releases", {"revision": revision, "note": ""})

    def change(self) -> None:
        self.admin.edit_draft(self.id, CHANGE)


@pytest.fixture(scope="module")
def flow(member: FindMember) -> Flow:
    return Flow(member("admin"), "h6")


def test_a_draft_is_tried_before_it_is_published(flow: Flow, visits: Visits, member: FindMember) -> None:
    flow.change()
    for locale, heading in (("en", "Try the draft"), ("zh", "试跑草稿")):
        page = visits.start(member("admin"), locale).open(f"/workflows/{flow.id}/rehearsal")
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        if locale == "en":
            page.get_by_role("button", name="Start").click()
            expect(page.get_by_role("tab", name="Stuck")).to_contain_text("3")
            page.get_by_role("button", name="T-").first.click()
            comparison = page.locator("[data-comparison]")
            expect(comparison.get_by_role("region", name="Draft")).to_contain_text("The ways part here")
            expect(comparison.locator(".react-flow__node").first).to_be_visible()
        take_picture(page, f"rehearsal.{locale}")


def test_running_tickets_move_and_come_back(flow: Flow, visits: Visits, member: FindMember) -> None:
    flow.publish(2)
    page = visits.start(member("admin"), "en").open(f"/workflows/{flow.id}/migration")
    canvas = page.get_by_role("region", name="Release 1 (from)")
    canvas.get_by_text("Visit", exact=True).first.click()
    expect(page.get_by_role("status")).to_contain_text("“Visit”")
    page.get_by_role("region", name="Release 2 (to)").get_by_text("Visit", exact=True).first.click()
    page.get_by_role("button", name="Check tickets").click()
    expect(page.get_by_role("tab", name="Safe")).to_contain_text("1")
    take_picture(page, "migration.en")
    chinese = visits.start(member("admin"), "zh").open(f"/workflows/{flow.id}/migration")
    expect(chinese.get_by_role("tab", name="可以迁移")).to_contain_text("1")
    take_picture(chinese, "migration.zh")
    page.get_by_role("button", name="Move the green ones (1)").click()
    expect(page.get_by_role("button", name="Moved 1")).to_be_visible()
    page.get_by_role("button", name="Bring all back").click()
    expect(page.get_by_role("button", name="Back 1")).to_be_visible()
