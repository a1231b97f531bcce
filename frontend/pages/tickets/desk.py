"""`/tickets` and `/tickets/{ticket_id}`: one component, so that the list stays while tickets change."""

from __future__ import annotations

from reactpy import component, html
from reactpy.types import VdomDict

from frontend.addresses import address, use_query
from frontend.pages.tickets.queue import queue
from frontend.pages.tickets.ticket import ticket
from frontend.session import Shell, use_shell
from frontend.widgets.feedback import empty
from frontend.widgets.parts import button_link


@component
def desk(ticket_id: str = "") -> VdomDict:
    """Without a ticket a phone shows the list alone; with one, the ticket alone."""
    shell = use_shell()
    query = use_query()
    view = query.get("view", "")
    list_css = "hidden md:flex" if ticket_id else "flex"
    page_css = "block" if ticket_id else "hidden md:block"
    return html.div(
        {"className": "md:flex md:h-[calc(100dvh-3.5rem)]"},
        html.aside(
            {
                "className": f"{list_css} flex-col md:w-80 xl:w-[22.5rem] shrink-0 border-r border-base-300 "
                "bg-base-100 pb-20 md:pb-0 md:overflow-y-auto",
                "aria-label": shell.t("tickets.queue"),
            },
            queue(ticket_id, query.get("task", ""), view, key="queue"),
        ),
        html.div(
            {"className": f"{page_css} min-w-0 flex-1 md:overflow-y-auto pb-24 md:pb-6"},
            ticket(ticket_id, address("/tickets", view=view), query.get("task", ""), key=ticket_id)
            if ticket_id
            else _nothing_chosen(shell),
        ),
    )


def _nothing_chosen(shell: Shell) -> VdomDict:
    actions = [button_link(shell.t("tickets.new"), "/tickets/new", "plus", "btn-primary btn-sm")]
    return html.div(
        {"key": "nothing", "className": "grid h-full place-items-center"},
        empty(
            shell.t("tickets.none_chosen"),
            shell.t("tickets.none_chosen.text"),
            *(actions if shell.may("run") else []),
            name="ticket",
        ),
    )
