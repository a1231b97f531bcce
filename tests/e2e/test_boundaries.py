"""Boundary events in the designer: added in the panel, drawn on the card, connected, taken back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.test_designer import connect, find_node, open_designer, read_graph, wait_until_saved
from tests.e2e.visits import Visits
from tests.support.browsing import take_picture

OFFER = {"to": "role", "role": "agent", "scope": "region"}


def node(kind: str, name: tuple[str, str], place: tuple[int, int], **parts: Any) -> dict[str, Any]:
    zh, en = name
    at = {"x": place[0], "y": place[1]}
    return {"type": kind, "v": 1, "label": {"zh": zh, "en": en}, "config": {}, "position": at, **parts}


NODES = {
    "n_order": node(
        "form_task", ("预订配件", "Order parts"), (320, 160), config={"offer": OFFER}, compensation="n_back"
    ),
    "n_back": node("form_task", ("退回配件", "Return parts"), (320, 360), config={"offer": OFFER}),
    "n_call": node("form_task", ("打电话催办", "Call the supplier"), (600, 320), config={"offer": OFFER}),
    "n_called": node("end", ("催过了", "Called"), (880, 320)),
    "n_race": node("race", ("看谁先来", "Whichever comes first"), (600, 160)),
    "n_visit": node("form_task", ("上门维修", "Site visit"), (880, 80), config={"offer": OFFER}),
    "n_wait": node(
        "wait",
        ("客户取消", "Customer cancels"),
        (880, 200),
        config={"mode": "message", "message": "cancelled"},
    ),
    "n_undo": node("compensate", ("撤销", "Undo"), (1160, 200)),
    "n_end": {"position": {"x": 1440, "y": 160}},
}
WAYS = (
    *(("n_order", "done", "n_race"), ("n_race", "next", "n_visit"), ("n_race", "next", "n_wait")),
    *(("n_visit", "done", "n_end"), ("n_wait", "next", "n_undo"), ("n_undo", "next", "n_end")),
    ("n_call", "done", "n_called"),
)
GRAPH = {
    "nodes": NODES,
    "edges": {
        "e_start": {"target": "n_order"},
        **{
            f"e{at}": {"source": a, "port": port, "target": b, "order": at}
            for at, (a, port, b) in enumerate(WAYS)
        },
    },
}


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_an_event_is_added_connected_and_taken_back(visits: Visits, member: FindMember, locale: str) -> None:
    admin = member("admin")
    made = admin.post("/workflows", {"name": {"zh": "配件与上门", "en": "Parts and visits"}})
    admin.edit_draft(made["id"], {"graph": GRAPH})
    visit = visits.start(admin, locale)
    page, t = open_designer(visit, made["id"]), visit.t
    order = "预订配件" if locale == "zh" else "Order parts"
    late = "两小时未办" if locale == "zh" else "Not done in 2 h"
    find_node(page, order).click()
    events = page.get_by_role("region", name=t("canvas.boundary.title"))
    events.get_by_role("button", name=t("canvas.boundary.timer")).click()
    wait_until_saved(page)
    events.get_by_role("checkbox").first.click()
    events.locator("input[lang]").first.fill(late)
    wait_until_saved(page)
    expect(find_node(page, order)).to_contain_text(late)

    page.keyboard.press("Escape")
    call = "打电话催办" if locale == "zh" else "Call the supplier"
    connect(page, order, call, "timer_1")
    checks = page.get_by_role("region", name=t("canvas.drawer.label"))
    expect(checks).to_contain_text(t("canvas.soundness.sound"))
    graph = read_graph(admin, made["id"])
    assert graph["nodes"]["n_order"]["boundary"]["timer_1"]["interrupting"] is False
    assert [edge["target"] for edge in graph["edges"].values() if edge["port"] == "timer_1"] == ["n_call"]
    find_node(page, order).click()
    events.scroll_into_view_if_needed()
    take_picture(page, f"boundary.{locale}")

    events.get_by_role("button", name=t("canvas.boundary.remove")).click()
    wait_until_saved(page)
    expect(find_node(page, order)).not_to_contain_text(late)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    wait_until_saved(page)
    expect(find_node(page, order)).to_contain_text(late)
