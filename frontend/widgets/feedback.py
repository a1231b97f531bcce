"""What stands where data is not there: skeletons, empty states, failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reactpy import html
from reactpy.types import Component, VdomDict

from backend.contracts.common import Problem
from frontend.i18n import Translate
from frontend.session import Rendered, Resource
from frontend.widgets.icon import icon

Value = TypeVar("Value")


def skeleton(rows: int = 3, css: str = "h-14", label: str = "") -> VdomDict:
    """Grey bars of the shape that is about to come."""
    return html.div(
        {"className": "flex flex-col gap-3", "role": "status", "aria-busy": "true", "aria-label": label},
        [html.div({"key": row, "className": f"skeleton w-full {css}"}) for row in range(rows)],
    )


def empty(title: str, text: str, *actions: Component | VdomDict, name: str = "inbox") -> VdomDict:
    """Nothing here yet, and what to do about it."""
    return html.div(
        {"className": "flex flex-col items-center text-center gap-2 py-10 px-4"},
        html.span({"className": "text-muted"}, icon(name, 32)),
        html.p({"className": "font-medium"}, title),
        html.p({"className": "text-muted max-w-md"}, text),
        html.div({"className": "flex flex-wrap justify-center gap-2 mt-2"}, *actions) if actions else None,
    )


def failure(problem: Problem, t: Translate, retry: Callable[[], None] | None = None) -> VdomDict:
    """The API refused: its own words if it has some, and a way to try again."""
    words = problem.detail or problem.title or t("shell.failed.network")
    return html.div(
        {"className": "flex flex-col items-center text-center gap-2 py-10 px-4", "role": "alert"},
        html.span({"className": "text-error"}, icon("circle-alert", 32)),
        html.p({"className": "font-medium"}, t("shell.failed.title")),
        html.p({"className": "text-muted max-w-md"}, words),
        html.button(
            {"type": "button", "className": "btn btn-sm mt-2", "onClick": lambda _event: retry()},
            icon("refresh-cw", 14),
            t("shell.retry"),
        )
        if retry
        else None,
    )


def show(
    resource: Resource[Value],
    t: Translate,
    draw: Callable[[Value], Rendered],
    waiting: VdomDict | None = None,
) -> Rendered:
    """`draw(value)` once it is there; before that a skeleton, and on a refusal what went wrong."""
    if resource.problem is not None:
        return failure(resource.problem, t, resource.reload)
    if resource.value is None:
        return waiting if waiting is not None else skeleton(label=t("shell.loading"))
    return draw(resource.value)
