"""Widgets as the elements they draw."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.contracts.common import Text
from backend.contracts.tickets import Flow, FlowEdge, FlowNode
from frontend.changes import ChangeFeed
from frontend.i18n import format_relative, format_time_left
from frontend.widgets.flow_picture import flow_picture
from frontend.widgets.icon import FAMILIES, icon, load_shapes, node_icon

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
FLOW = Flow(
    nodes=[
        FlowNode(id="a", family="entry", label=Text("提交", "Submit"), x=0, y=0),
        FlowNode(id="b", family="human", label=Text("一个很长很长很长的步骤名", "Check"), x=240, y=40),
    ],
    edges=[
        FlowEdge(id="1", source="a", target="b"),
        FlowEdge(id="2", source="b", target="nowhere"),
    ],
)


def find_all(element: Any, tag: str) -> list[Any]:
    """Every element below with this tag."""
    if not isinstance(element, dict):
        return []
    found = [element] if element["tagName"] == tag else []
    for child in element.get("children", ()):
        found += find_all(child, tag)
    return found


def test_the_picture_draws_every_node_and_every_whole_edge() -> None:
    picture = flow_picture(FLOW, "zh", tokens={"b"}, visited={"a"})
    assert len(find_all(picture, "rect")) == len(FLOW.nodes)
    edges = [path for path in find_all(picture, "path") if path["attributes"]["d"].startswith("M168 22C")]
    assert len(edges) == 1
    assert dict(picture["attributes"])["viewBox"] == "-16 -16 408 76"
    titles = [title["children"][0] for title in find_all(picture, "title")]
    assert titles == ["提交 · 已完成", "一个很长很长很长的步骤名 · 进行中"]
    assert find_all(picture, "text")[1]["children"] == ["一个很长很长很长…"]


def test_events_and_undoing_are_dashed() -> None:
    edges = [FlowEdge(id=kind, source="a", target="b", kind=kind) for kind in ("way", "boundary", "undo")]
    picture = flow_picture(Flow(nodes=FLOW.nodes, edges=edges), "en")
    dashes = [path["attributes"].get("strokeDasharray") for path in find_all(picture, "path")]
    assert dashes[0] is None
    assert len(set(dashes)) == 3


def test_an_empty_graph_is_still_a_picture() -> None:
    assert flow_picture(Flow(nodes=[], edges=[]), "en")["tagName"] == "svg"


def test_an_unknown_icon_or_family_still_draws_something() -> None:
    assert icon("no-such-icon")["children"]
    assert "bg-family-flow" in node_icon("stamp", "no-such-family")["attributes"]["className"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_its_own_tint(family: str) -> None:
    assert f"bg-family-{family}" in node_icon("stamp", family)["attributes"]["className"]


def test_the_icons_of_all_node_types_are_there() -> None:
    wanted = {"log-in", "clipboard-pen", "stamp", "star", "split", "git-fork", "git-merge", "timer", "route"}
    wanted |= {"bell", "webhook", "variable", "coins", "flag"}
    assert wanted <= load_shapes().keys()


@pytest.mark.parametrize(
    ("seconds", "locale", "expected"),
    [
        (42 * 60 + 59, "zh", "还剩 42分钟"),
        (-7200, "zh", "已超时 2小时"),
        (42 * 60, "en", "42 min left"),
        (225 * 60, "en", "3 hr 45 min left"),
        (35 * 3600 + 3599, "en", "35 hr left"),
        (48 * 3600 - 1, "en", "47 hr left"),
        (71 * 3600, "zh", "还剩 2天"),
    ],
)
def test_time_to_a_limit(seconds: int, locale: str, expected: str) -> None:
    assert format_time_left(NOW + timedelta(seconds=seconds), locale, NOW) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(-5, "just now"), (-300, "5 minutes ago"), (86_400 * 2, "in 2 days")]
)
def test_how_long_ago(seconds: int, expected: str) -> None:
    assert format_relative(NOW + timedelta(seconds=seconds), "en", NOW) == expected


def test_a_change_wakes_those_who_asked_for_its_topic() -> None:
    woken: list[str] = []
    feed = ChangeFeed(None)  # type: ignore[arg-type]
    feed.subscribe(lambda: ("tasks",), lambda: woken.append("tasks"))
    stop = feed.subscribe(lambda: ("ticket:*",), lambda: woken.append("any ticket"))
    feed.subscribe(lambda: ("ticket:1",), lambda: woken.append("ticket 1"))
    feed.announce(["ticket:2"])
    feed.announce(["tasks", "ticket:1"])
    stop()
    feed.announce(["ticket:3"])
    assert woken == ["any ticket", "tasks", "any ticket", "ticket 1"]
