"""A small picture of a graph: nodes coloured by family, tokens ringed, visited ones ticked."""

from __future__ import annotations

from collections.abc import Collection

from reactpy import html
from reactpy.types import VdomDict

from backend.contracts.tickets import Flow, FlowEdge, FlowNode
from frontend.i18n import pick, translate

WIDTH = 168
HEIGHT = 44
MARGIN = 16
LONGEST_LABEL = 9


def flow_picture(
    flow: Flow,
    locale: str,
    *,
    tokens: Collection[str] = (),
    visited: Collection[str] = (),
    labels: bool = True,
    css: str = "w-full h-auto",
) -> VdomDict:
    """`tokens` and `visited` are node ids; without `labels` it is the thumbnail of the gallery."""
    places = {node.id: node for node in flow.nodes}
    left = min((node.x for node in flow.nodes), default=0) - MARGIN
    top = min((node.y for node in flow.nodes), default=0) - MARGIN
    right = max((node.x for node in flow.nodes), default=0) + WIDTH + MARGIN
    bottom = max((node.y for node in flow.nodes), default=0) + HEIGHT + MARGIN
    return html.svg(
        {
            "viewBox": f"{left:g} {top:g} {right - left:g} {bottom - top:g}",
            "className": css,
            "role": "img",
            "aria-label": translate(locale, "shell.flow.picture", count=len(flow.nodes)),
            "preserveAspectRatio": "xMidYMid meet",
        },
        [
            _draw_edge(edge, places[edge.source], places[edge.target], visited)
            for edge in flow.edges
            if edge.source in places and edge.target in places
        ],
        [_draw_node(node, locale, node.id in tokens, node.id in visited, labels) for node in flow.nodes],
    )


def _draw_edge(edge: FlowEdge, source: FlowNode, target: FlowNode, visited: Collection[str]) -> VdomDict:
    x1, y1 = source.x + WIDTH, source.y + HEIGHT / 2
    x2, y2 = target.x, target.y + HEIGHT / 2
    bend = max(28.0, abs(x2 - x1) / 2)
    done = source.id in visited and target.id in visited
    return html.svg.path(
        {
            "key": f"edge {edge.id}",
            "d": f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}",
            "fill": "none",
            "stroke": "var(--color-primary)" if done else "var(--tf-muted)",
            "strokeWidth": 2.5 if done else 1.5,
            "strokeOpacity": 1 if done else 0.55,
        }
    )


def _draw_node(node: FlowNode, locale: str, here: bool, done: bool, labels: bool) -> VdomDict:
    name = pick(node.label, locale)
    state = translate(locale, "shell.flow.here" if here else "shell.flow.done") if here or done else ""
    ink = f"var(--family-{node.family}-ink)"
    return html.svg.g(
        {"key": f"node {node.id}"},
        html.title(f"{name} · {state}" if state else name),
        html.svg.rect(
            {
                "x": node.x,
                "y": node.y,
                "width": WIDTH,
                "height": HEIGHT,
                "rx": 10,
                "fill": f"var(--family-{node.family})",
                "stroke": "var(--color-primary)" if here else ink,
                "strokeWidth": 4 if here else 1.25,
            }
        ),
        _draw_label(node, name, ink) if labels else None,
        _draw_mark(node, here) if here or done else None,
    )


def _draw_label(node: FlowNode, name: str, ink: str) -> VdomDict:
    wide = any(ord(letter) > 0x2E80 for letter in name)
    longest = LONGEST_LABEL if wide else LONGEST_LABEL * 2
    shown = name if len(name) <= longest else f"{name[: longest - 1]}…"
    place = {"x": node.x + WIDTH / 2, "y": node.y + HEIGHT / 2 + 5, "textAnchor": "middle"}
    return html.text(place | {"fontSize": 15, "fill": ink}, shown)


def _draw_mark(node: FlowNode, here: bool) -> VdomDict:
    """A tick for done, a dot for where a token stands: never by colour alone."""
    x, y = node.x + WIDTH, node.y
    inside = (
        html.svg.circle({"cx": x, "cy": y, "r": 4, "fill": "var(--color-primary-content)"})
        if here
        else html.svg.path(
            {
                "d": f"M{x - 4:g} {y:g}l3 3 5-6",
                "fill": "none",
                "stroke": "var(--color-success-content)",
                "strokeWidth": 2,
            }
        )
    )
    ground = "var(--color-primary)" if here else "var(--color-success)"
    return html.svg.g(html.svg.circle({"cx": x, "cy": y, "r": 9, "fill": ground}), inside)
