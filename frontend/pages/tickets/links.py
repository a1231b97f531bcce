"""Tickets that belong together, and what a ticket waits for from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.records import LinkedTicket
from backend.contracts.tickets import TicketDetail
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.session import Shell, use_shell
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card, dialog

TONES = {"completed": "badge-success", "cancelled": "badge-neutral", "suspended": "badge-warning"}


def waits_card(found: TicketDetail, shell: Shell) -> VdomDict | None:
    """Messages, signals and tickets without which it does not go on; only while there are any."""
    labels = {node.id: pick(node.label, shell.locale) for node in found.flow.nodes}
    waiting = Counter((token.node, text) for token in found.tokens for text in token.detail)
    if not waiting:
        return None
    return card(
        html.ul(
            {"className": "flex flex-col gap-2"},
            [
                html.li(
                    {"key": at, "className": "flex items-start gap-2"},
                    html.span({"className": "text-muted mt-0.5"}, icon("clock", 16)),
                    html.div(
                        {"className": "min-w-0"},
                        html.p({"className": "break-words"}, text),
                        html.p({"className": "text-sm text-muted"}, _place(labels.get(node, node), count)),
                    ),
                )
                for at, ((node, text), count) in enumerate(waiting.items())
            ],
        ),
        title=shell.t("tickets.waits"),
    )


def _place(label: str, count: int) -> str:
    """The step, and how many of its items wait there for the same."""
    return label if count == 1 else f"{label} × {count}"


@component
def links_card(found: TicketDetail) -> VdomDict | None:
    """Parent, children, follow-ups and related tickets, each with its status; and beginning another one."""
    shell = use_shell()
    linking, set_linking = use_state(False)
    may_link = shell.may("run", "edit")
    if not found.links and not may_link:
        return None
    where = urlencode({"follows": found.id, "number": found.number, "region": found.region.id})
    return card(
        html.ul(
            {"className": "flex flex-col divide-y divide-base-300"},
            [_line(found.id, link, may_link, shell) for link in found.links],
        )
        if found.links
        else html.p({"className": "text-muted text-sm"}, shell.t("tickets.links.none")),
        html.div(
            {"className": "mt-3 flex flex-wrap gap-2"},
            html.a({"href": f"/tickets/new?{where}", "className": "btn btn-sm"}, shell.t("tickets.follow_up"))
            if shell.may("run")
            else None,
            html.button(
                {
                    "type": "button",
                    "className": "btn btn-sm btn-ghost",
                    "onClick": lambda _: set_linking(True),
                },
                icon("link", 14),
                shell.t("tickets.link"),
            ),
        )
        if may_link
        else None,
        link_dialog(found.id, lambda: set_linking(False), key="link") if linking else None,
        title=shell.t("tickets.links"),
    )


def _line(ticket_id: str, link: LinkedTicket, may_link: bool, shell: Shell) -> VdomDict:
    async def unlink(_event: object) -> None:
        await attempt(shell, shell.api.unlink_ticket(ticket_id, link.id), shell.t("tickets.unlink.done"))

    return html.li(
        {"key": link.id, "className": "flex items-start gap-2 py-2 first:pt-0 last:pb-0"},
        html.div(
            {"className": "min-w-0 flex-1"},
            html.a(
                {"href": f"/tickets/{link.ticket_id}", "className": "tf-link break-words"},
                link.title or pick(link.workflow.name, shell.locale),
            ),
            html.p(
                {"className": "text-sm text-muted tf-tabular break-words"},
                f"{shell.t(f'tickets.link.{link.kind}')} · {link.number}",
            ),
        ),
        badge(shell.t(f"tickets.status.{link.status}"), f"soft {TONES.get(link.status, 'badge-info')}"),
        html.button(
            {
                "type": "button",
                "className": "btn btn-ghost btn-xs btn-square",
                "aria-label": shell.t("tickets.unlink", number=link.number),
                "onClick": unlink,
            },
            icon("x", 14),
        )
        if link.removable and may_link
        else None,
    )


@component
def link_dialog(ticket_id: str, close: Callable[[], None]) -> VdomDict:
    """By the other ticket's number."""
    shell = use_shell()
    number: Any = use_ref("")
    kind: Any = use_ref("related")

    async def link(_event: object) -> None:
        wanted = number.current.strip().upper()
        page = await shell.api.list_tickets(q=wanted, view="all") if wanted else None
        other = next((item for item in page.items if item.number.upper() == wanted), None) if page else None
        if other is None:
            shell.toast(shell.t("tickets.link.unknown"), "error")
            return
        work = shell.api.link_ticket(ticket_id, other.id, kind.current)
        if await attempt(shell, work, shell.t("tickets.link.done")):
            close()

    def note(into: Any) -> Callable[[dict[str, Any]], None]:
        def keep(event: dict[str, Any]) -> None:
            into.current = str(event["target"]["value"])

        return keep

    return dialog(
        shell.t("tickets.link"),
        shell.t,
        close,
        html.label(
            {"className": "flex flex-col gap-1"},
            html.span({"className": "text-sm text-muted"}, shell.t("tickets.link.number")),
            html.input(
                {
                    "className": "input w-full",
                    "name": "number",
                    "placeholder": "T-2026-0001",
                    "maxLength": 60,
                    "onChange": note(number),
                }
            ),
        ),
        html.label(
            {"className": "mt-3 flex flex-col gap-1"},
            html.span({"className": "text-sm text-muted"}, shell.t("tickets.link.how")),
            html.select(
                {"className": "select w-full", "name": "kind", "onChange": note(kind)},
                [
                    html.option({"key": each, "value": each}, shell.t(f"tickets.link.{each}"))
                    for each in ("related", "follow_up")
                ],
            ),
        ),
        actions=[
            html.button(
                {"type": "button", "className": "btn btn-primary", "onClick": link}, shell.t("tickets.link")
            )
        ],
    )
