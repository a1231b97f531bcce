"""The designer: from an empty canvas to a release, with two people at one draft."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Member, Visit, Visits
from tests.support.browsing import take_picture

FORM = {
    "title": {"zh": "上门报告", "en": "Visit report"},
    "schema": {
        "type": "object",
        "properties": {
            "minutes": {"type": "integer", "title": "用时", "x-title": {"zh": "用时", "en": "Minutes"}},
            "finding": {"type": "string", "title": "情况", "x-title": {"zh": "情况", "en": "Finding"}},
        },
        "required": ["finding"],
    },
    "ui": {"ui:order": ["finding", "minutes"]},
}
START = {"zh": "开始", "en": "Start"}
END = {"zh": "结束", "en": "End"}

BRANCHES = {
    "nodes": {
        "n_start": {"config": {"form": "visit"}},
        "n_kind": {
            "type": "decision",
            "v": 1,
            "label": {"zh": "耗时长吗", "en": "Long?"},
            "config": {},
            "position": {"x": 320, "y": 160},
        },
        "n_check": {
            "type": "form_task",
            "v": 1,
            "label": {"zh": "主管复核", "en": "Check"},
            "config": {"form": "visit", "offer": {"to": "role", "role": "agent", "scope": "region"}},
            "position": {"x": 600, "y": 60},
        },
        "n_end": {"position": {"x": 880, "y": 160}},
    },
    "edges": {
        "e_start": {"target": "n_kind"},
        "e_long": {"source": "n_kind", "port": "next", "target": "n_check", "order": 0},
        "e_short": {"source": "n_kind", "port": "next", "target": "n_end", "order": 1},
        "e_checked": {"source": "n_check", "port": "done", "target": "n_end", "order": 0},
    },
}
DANGLING = {
    "nodes": {
        "n_start": {"config": {"form": "visit"}},
        "n_visit": {
            "type": "form_task",
            "v": 1,
            "label": {"zh": "上门", "en": "Visit"},
            "config": {"form": "visit", "offer": {"to": "role", "role": "agent", "scope": "region"}},
            "position": {"x": 320, "y": 160},
        },
        "n_end": {"position": {"x": 600, "y": 160}},
    },
    "edges": {"e_start": {"target": "n_visit"}},
}


def make_workflow(member: Member, zh: str, en: str) -> str:
    """A workflow with one form, whose graph is what the API begins with: start and end."""
    made = member.post("/workflows", {"name": {"zh": zh, "en": en}})
    member.edit_draft(made["id"], {"forms": {"visit": FORM}})
    return str(made["id"])


def find_types(member: Member, locale: str) -> dict[str, str]:
    """What the palette calls each node type."""
    return {item["type"]: item["label"][locale] for item in member.get("/node-types")["items"]}


def open_designer(visit: Visit, workflow_id: str) -> Page:
    page = visit.open(f"/workflows/{workflow_id}/design")
    page.locator(".react-flow__node").first.wait_for()
    wait_until_saved(page)
    return page


def wait_until_saved(page: Page) -> None:
    page.locator("[data-save-state=saved]").wait_for()


def find_node(page: Page, name: str) -> Locator:
    return page.locator(".react-flow__node").filter(has_text=name)


def drag_in(page: Page, name: str, x: int, y: int) -> None:
    """From the palette to a place on the canvas."""
    entry = page.locator("aside button[draggable=true]").filter(has_text=name).first
    entry.drag_to(page.locator(".react-flow__pane"), target_position={"x": x, "y": y})
    wait_until_saved(page)


def connect(page: Page, source: str, target: str, port: str = "") -> None:
    """Pull a line from an exit to the next node."""
    exits = ".react-flow__handle.source" + (f"[data-handleid={port}]" if port else "")
    begin = find_node(page, source).locator(exits).first.bounding_box()
    end = find_node(page, target).locator(".react-flow__handle.target").bounding_box()
    assert begin and end
    page.mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] - 30, end["y"] + 4, steps=8)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=8)
    page.mouse.up()
    wait_until_saved(page)


def click_edge(page: Page, at: int = 0) -> None:
    """In the middle of its line."""
    middle = (
        page.locator(".react-flow__edge-path")
        .nth(at)
        .evaluate(
            "path => { const p = path.getPointAtLength(path.getTotalLength() * 0.5);"
            " const q = p.matrixTransform(path.getScreenCTM()); return [q.x, q.y]; }"
        )
    )
    page.mouse.click(*middle)


def read_graph(member: Member, workflow_id: str) -> dict[str, Any]:
    graph: dict[str, Any] = member.get(f"/workflows/{workflow_id}/draft")["definition"]["graph"]
    return graph


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_draw_undo_and_mend_what_is_found(visits: Visits, member: FindMember, locale: str) -> None:
    admin = member("admin")
    workflow = make_workflow(admin, "上门维修", "Site visits")
    types = find_types(admin, locale)
    visit = visits.start(admin, locale)
    page, t = open_designer(visit, workflow), visit.t
    role = next(item["name"][locale] for item in admin.get("/roles")["items"] if item["key"] == "agent")
    checks = page.get_by_role("region", name=t("canvas.drawer.label"))
    errors = checks.locator("li.bg-error\\/8, li").filter(has_text=t("canvas.finding.error"))
    cards = page.locator(".react-flow__node")

    drag_in(page, types["form_task"], 450, 420)
    expect(cards).to_have_count(3)
    panel = page.get_by_role("complementary", name=t("canvas.panel.label"))
    expect(panel.get_by_role("heading", level=2)).to_have_text(types["form_task"])
    expect(errors.first).to_be_visible()
    expect(find_node(page, types["form_task"]).locator(".bg-error")).to_be_visible()

    panel.locator("#designer-node-name-" + locale).fill("Repair 维修")
    panel.locator("select").filter(has_text=FORM["title"][locale]).first.select_option("visit")  # type: ignore[index]
    panel.locator("select").filter(has_text=role).first.select_option(label=role)
    wait_until_saved(page)
    expect(find_node(page, "Repair 维修")).to_contain_text(role)

    click_edge(page)
    expect(panel).to_contain_text(t("canvas.edge.always_hint"))
    page.keyboard.press("Delete")
    expect(page.locator(".react-flow__edge")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".react-flow__edge")).to_have_count(0)
    wait_until_saved(page)

    connect(page, START[locale], "Repair 维修")
    connect(page, "Repair 维修", END[locale])
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    expect(checks).to_contain_text(t("canvas.soundness.sound"))
    expect(cards.locator(".bg-error")).to_have_count(0)

    node = find_node(page, "Repair 维修")
    before = node.bounding_box()
    assert before
    page.mouse.move(before["x"] + 90, before["y"] + 20)
    page.mouse.down()
    page.mouse.move(before["x"] + 90, before["y"] - 300, steps=10)
    page.mouse.up()
    wait_until_saved(page)
    after = node.bounding_box()
    assert after and after["y"] < before["y"] - 100
    graph = read_graph(admin, workflow)
    assert {edge["source"] for edge in graph["edges"].values()} == set(graph["nodes"]) - {"n_end"}
    page.reload()
    page.locator(".react-flow__node").first.wait_for()
    expect(cards).to_have_count(3)


def test_a_condition_is_built_or_typed(visits: Visits, member: FindMember) -> None:
    admin = member("admin")
    workflow = make_workflow(admin, "分流", "Sorting")
    admin.edit_draft(workflow, {"graph": BRANCHES})
    visit = visits.start(admin, "zh")
    page, t = open_designer(visit, workflow), visit.t
    panel = page.get_by_role("complementary", name=t("canvas.panel.label"))
    find_node(page, "耗时长吗").click()
    panel.get_by_role("button", name="主管复核").click()
    expect(panel).to_contain_text(t("canvas.edge.condition"))

    panel.get_by_role("button", name=t("canvas.condition.add_rule")).click()
    panel.get_by_label(t("canvas.condition.field"), exact=True).select_option(label="用时")
    panel.get_by_label(t("canvas.condition.operator")).select_option(label=t("canvas.op.gt"))
    panel.get_by_label(t("canvas.condition.value"), exact=True).fill("90")
    expect(panel).to_contain_text("用时 > 90")
    wait_until_saved(page)
    assert "data.minutes > 90" in read_graph(admin, workflow)["edges"]["e_long"]["when"]
    take_picture(page, "designer-condition.zh")

    panel.get_by_role("tab", name=t("canvas.condition.mode_text")).click()
    typed = panel.get_by_role("textbox", name=t("canvas.condition.expression"))
    typed.fill("data.minutes >")
    expect(panel.locator("[aria-invalid=true], .text-error").first).to_be_visible()
    typed.fill("data.minutes > 120")
    expect(panel).to_contain_text(t("canvas.condition.ok"))
    wait_until_saved(page)
    assert read_graph(admin, workflow)["edges"]["e_long"]["when"] == "data.minutes > 120"


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_two_people_at_one_draft_see_each_other(visits: Visits, member: FindMember, locale: str) -> None:
    admin, other = member("admin"), member("implementer")
    workflow = make_workflow(admin, "两人同改", "Edited by two")
    visit = visits.start(admin, locale)
    page, t = open_designer(visit, workflow), visit.t
    context = page.context
    name = f"#designer-node-name-{locale}"

    other.edit_draft(workflow, {"graph": {"nodes": {"n_end": {"label": {"zh": "办完", "en": "All done"}}}}})
    expect(page.locator(".react-flow__node").nth(1)).to_contain_text({"zh": "办完", "en": "All done"}[locale])
    expect(page.get_by_role("status").filter(has_text=t("canvas.merge.kept"))).to_be_visible()

    visit.complaints.expected = {409}
    context.set_offline(True)
    find_node(page, START[locale]).click()
    page.locator(name).fill("Mine")
    page.locator("[data-save-state=offline]").wait_for()
    other.edit_draft(workflow, {"graph": {"nodes": {"n_start": {"label": {"zh": "Theirs", "en": "Theirs"}}}}})
    context.set_offline(False)
    page.locator("[data-save-state=conflict]").wait_for()
    conflict = page.get_by_role("status").filter(has_text="Theirs")
    expect(conflict).to_contain_text(other.session["user"]["name"])
    expect(conflict).to_contain_text("Mine")
    visit.button("canvas.merge.take_theirs").click()
    wait_until_saved(page)
    expect(find_node(page, "Theirs")).to_be_visible()
    assert read_graph(admin, workflow)["nodes"]["n_start"]["label"][locale] == "Theirs"


def test_publishing_refuses_then_freezes_and_tickets_keep_their_release(
    visits: Visits, member: FindMember
) -> None:
    admin = member("admin")
    workflow = make_workflow(admin, "现场服务", "Field service")
    admin.edit_draft(workflow, {"graph": DANGLING})
    visit = visits.start(admin, "zh")
    page, t = open_designer(visit, workflow), visit.t
    dialog = page.get_by_role("dialog")

    visit.button("canvas.toolbar.publish").click()
    expect(dialog).to_contain_text(t("canvas.publish.blocked"))
    expect(dialog.get_by_role("button", name=t("canvas.publish.confirm", number=1))).to_be_disabled()
    dialog.get_by_role("button", name=t("canvas.dialog.cancel")).click()
    page.get_by_role("region", name=t("canvas.drawer.label")).get_by_role("button", name="连到").click()
    wait_until_saved(page)
    publish(visit, 1, "第一版")

    region = next(item for item in admin.get("/regions")["items"] if item["key"] == "jingan")
    wanted = {"workflow_id": workflow, "region_id": region["id"], "data": {"finding": "漏水"}}
    first = admin.post("/tickets", wanted)
    find_node(page, "上门").click()
    page.locator("#designer-node-name-zh").fill("上门（新）")
    wait_until_saved(page)
    visit.button("canvas.toolbar.publish").click()
    expect(dialog).to_contain_text("上门（新）")
    take_picture(page, "designer-publish.zh")
    dialog.get_by_role("button", name=t("canvas.dialog.cancel")).click()
    publish(visit, 2, "改名")
    second = admin.post("/tickets", wanted)
    shown = [admin.get(f"/tickets/{each['id']}") for each in (first, second)]
    assert [each["release_number"] for each in shown] == [1, 2]
    assert [each["tasks"][0]["label"]["zh"] for each in shown] == ["上门", "上门（新）"]

    page.get_by_role("link", name=t("workflows.part.releases"), exact=True).click()
    expect(page.locator("#main")).to_contain_text(t("workflows.release", number=2))
    expect(page.locator("#main")).to_contain_text(t("workflows.release", number=1))


def publish(visit: Visit, number: int, note: str) -> None:
    """Through the dialog, to the release with its hash."""
    page, t = visit.page, visit.t
    visit.button("canvas.toolbar.publish").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(t("canvas.publish.note")).fill(note)
    dialog.get_by_role("button", name=t("canvas.publish.confirm", number=number)).click()
    expect(dialog).to_contain_text(t("canvas.publish.done_title", number=number))
    assert re.fullmatch(r"[0-9a-f]{12}", dialog.locator("code").inner_text())
    dialog.get_by_role("button", name=t("canvas.dialog.done")).click()
    expect(dialog).to_have_count(0)
