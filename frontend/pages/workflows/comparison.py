"""A rehearsed ticket, both sides beside each other: the way it took then and the one it would take."""

from __future__ import annotations

from collections.abc import Sequence

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.versions import RehearsedLine, RehearsedSide, TicketComparison
from frontend.api.transport import quoted
from frontend.i18n import pick
from frontend.i18n.formats import format_span
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.figures import money
from frontend.widgets.icon import icon
from frontend.widgets.island import island
from frontend.widgets.parts import badge, table


@component
def side_by_side(run_id: str, workflow_id: str, ticket_id: str) -> VdomDict:
    """Both ways on read-only canvases, the place where they part lit; the lines of money beside."""
    shell = use_shell()
    path = f"/rehearsals/{quoted(run_id)}/tickets/{quoted(ticket_id)}"
    loaded = use_resource(lambda: shell.api.transport.read(TicketComparison, path), run_id, ticket_id)

    def draw(found: TicketComparison) -> VdomDict:
        old_path = f"/workflows/{workflow_id}/releases/{found.ticket.release_number}"
        return html.div(
            {"className": "grid gap-4 pb-4 xl:grid-cols-2"},
            _side("old", found.old, old_path, found.ticket.release_number, shell),
            _side("new", found.new, f"/rehearsals/{run_id}/definition", None, shell),
        )

    return html.div({"data-comparison": ticket_id}, show(loaded, shell.t, draw))


def _side(name: str, side: RehearsedSide, path: str, number: int | None, shell: Shell) -> VdomDict:
    t = shell.t
    parting = [point.node for point in side.way if point.parts]
    props = {
        "path": path,
        "at": ["definition"],
        "derivedAt": ["derived"],
        "locale": shell.locale,
        "csrf": shell.session.csrf,
        "height": 300,
        "follow": bool(parting),
        "tokens": parting or side.standing,
        "visited": list(dict.fromkeys(point.node for point in side.way)),
    }
    title = t("versions.side.old", number=number) if number is not None else t("versions.side.new")
    return html.section(
        {"className": "min-w-0 rounded-box border border-base-300", "aria-label": title},
        html.div(
            {"className": "flex flex-wrap items-center gap-2 border-b border-base-300 px-4 py-2.5"},
            html.h3({"className": "font-medium"}, title),
            badge(t(f"versions.end.{side.status}"), "ghost"),
            html.span(
                {"className": "text-sm text-muted tf-tabular"}, format_span(side.length // 60, shell.locale)
            ),
        ),
        island("canvas", "GraphView", props, css="border-b border-base-300"),
        html.ol(
            {"className": "flex flex-wrap items-center gap-x-1 gap-y-1 px-4 py-3 text-sm"},
            [
                html.li(
                    {"key": at, "className": "flex items-center gap-1"},
                    html.span({"className": "text-muted"}, icon("chevron-right", 12)) if at else None,
                    html.span(
                        {
                            "className": "rounded-field bg-warning/20 px-1.5 font-medium"
                            if point.parts
                            else ""
                        },
                        pick(point.label, shell.locale) or point.node,
                    ),
                    html.span({"className": "sr-only"}, t("versions.side.parts")) if point.parts else None,
                )
                for at, point in enumerate(side.way)
            ],
        ),
        _lines(side.lines, shell),
    )


def _lines(lines: Sequence[RehearsedLine], shell: Shell) -> VdomDict:
    t = shell.t
    received = [line for line in lines if not line.bearing]
    if not received:
        return html.p({"className": "px-4 pb-3 text-sm text-muted"}, t("versions.money.none"))
    rows = [
        html.tr(
            {"key": at},
            html.td(line.party),
            html.td({"className": "text-muted"}, pick(line.label, shell.locale)),
            html.td({"className": "text-right"}, money(line.amount, line.currency, shell.locale)),
        )
        for at, line in enumerate(received)
    ]
    heads = (t("versions.money.party"), t("versions.money.step"), t("versions.money.amount"))
    return html.div({"className": "px-4 pb-3"}, table(heads, rows, t("versions.money.title")))
