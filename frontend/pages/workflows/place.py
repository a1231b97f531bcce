"""In the header above everything that belongs to one workflow: where the reader is, and its other pages."""

from __future__ import annotations

from reactpy import component, html
from reactpy.types import Component, VdomDict

from frontend.i18n import pick
from frontend.session import use_changes, use_resource, use_shell
from frontend.widgets.icon import icon

PARTS = (
    ("design", "route"),
    ("forms", "clipboard-pen"),
    ("triggers", "zap"),
    ("releases", "history"),
    ("rehearsal", "play"),
    ("migration", "arrow-right"),
)


def in_workflow(*children: Component | VdomDict | None) -> VdomDict:
    """The whole height below the header."""
    return html.div({"className": "flex h-full min-h-0 flex-col"}, *children)


@component
def place_bar(workflow_id: str, form_key: str = "") -> VdomDict:
    """Name and tabs; the name follows the draft."""
    shell = use_shell()
    here = "forms" if form_key else shell.path.rpartition("/")[2]
    changed = use_changes(f"workflow:{workflow_id}")
    loaded = use_resource(lambda: shell.api.find_workflow(workflow_id), workflow_id, changed)
    name = pick(loaded.value.name, shell.locale) if loaded.value else ""

    def tab(part: str, symbol: str) -> VdomDict:
        active = part == here
        look = "border-primary text-base-content" if active else "border-transparent text-muted"
        attributes = {"key": part, "href": f"/workflows/{workflow_id}/{part}"}
        if active:
            attributes["aria-current"] = "page"
        css = f"flex h-full items-center gap-1.5 border-b-2 px-2.5 text-sm hover:text-base-content {look}"
        return html.a(
            attributes | {"className": css},
            icon(symbol, 16),
            html.span({"className": "max-sm:sr-only"}, shell.t(f"workflows.part.{part}")),
        )

    return html.nav(
        {
            "aria-label": shell.t("workflows.parts"),
            "className": "flex h-full min-w-0 items-center gap-2.5",
        },
        html.a(
            {
                "href": "/workflows",
                "className": "shrink-0 text-sm text-muted hover:text-base-content max-sm:hidden",
            },
            shell.t("workflows.title"),
        ),
        html.span({"className": "text-muted max-sm:hidden", "aria-hidden": "true"}, "/"),
        html.span({"className": "min-w-0 flex-1 truncate font-semibold"}, name),
        html.div({"className": "flex h-full shrink-0 sm:mr-2"}, [tab(*part) for part in PARTS]),
    )
