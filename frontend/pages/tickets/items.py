"""Lists that the ticket goes through item by item: how far each is, and one more for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.tickets import ItemGroup, TicketDetail
from frontend.api.transport import ApiError
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.session import Shell, use_shell
from frontend.widgets.generated import Refusal, generated_form, object_of
from frontend.widgets.icon import icon
from frontend.widgets.parts import card, dialog

WHOLE = "item"
"""Name of the only field where an item is no object."""


def items_card(found: TicketDetail, shell: Shell) -> VdomDict | None:
    """Only while a list is under way."""
    if not found.groups:
        return None
    return card(
        html.ul(
            {"className": "flex flex-col divide-y divide-base-300"},
            [item_group(found.id, group, found.suspended is None, key=group.id) for group in found.groups],
        ),
        title=shell.t("tickets.items"),
    )


@component
def item_group(ticket_id: str, group: ItemGroup, awake: bool) -> VdomDict:
    """How many are done, open and to come; a press adds one."""
    shell = use_shell()
    asking, set_asking = use_state(False)
    done = group.begun - group.open
    numbers = shell.t("tickets.items.counts", done=done, open=group.open, waiting=group.waiting)

    async def add(_event: object) -> None:
        if group.item_schema is not None:
            set_asking(True)
            return
        number = group.begun + group.waiting + 1
        work = shell.api.add_item(ticket_id, group.node, number, group.id)
        await attempt(shell, work, shell.t("tickets.items.added"))

    whole = group.begun + group.waiting
    return html.li(
        {"className": "flex flex-wrap items-center gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0"},
        html.div(
            {"className": "min-w-0 flex-1 basis-40"},
            html.p({"className": "break-words"}, pick(group.label, shell.locale)),
            html.p({"className": "text-sm text-muted tf-tabular"}, numbers),
            html.progress(
                {
                    "className": "progress progress-primary mt-1 w-full",
                    "value": str(done),
                    "max": str(max(whole, 1)),
                    "aria-label": numbers,
                }
            ),
        ),
        html.button(
            {"type": "button", "className": "btn btn-sm", "onClick": add},
            icon("plus", 14),
            shell.t("tickets.items.add"),
        )
        if group.takes_more and awake and shell.may("run")
        else None,
        item_dialog(ticket_id, group, lambda: set_asking(False), key="more") if asking else None,
    )


@component
def item_dialog(ticket_id: str, group: ItemGroup, close: Callable[[], None]) -> VdomDict:
    """What the new one is, by the field that the list came from."""
    shell = use_shell()
    refusal, set_refusal = use_state(_no_refusal)
    given = group.item_schema or {}
    is_object = given.get("type") == "object" and bool(given.get("properties"))
    label = shell.t("tickets.items.one")
    named = given if is_object else object_of({WHOLE: {"title": label, **given}}, [WHOLE])

    async def heard(kind: str, detail: dict[str, Any]) -> None:
        if kind != "submit":
            close()
            return
        value = detail["value"]
        item = value if is_object else value.get(WHOLE)
        try:
            await shell.api.add_item(ticket_id, group.node, item, group.id)
        except ApiError as error:
            faults = [
                msgspec.structs.replace(fault, pointer=fault.pointer.removeprefix(f"/{WHOLE}"))
                if is_object
                else fault
                for fault in error.problem.errors
            ]
            problem = msgspec.structs.replace(error.problem, errors=faults)
            set_refusal(lambda old: Refusal((old.attempt if old else 0) + 1, problem))
            return
        shell.toast(shell.t("tickets.items.added"), "success")
        close()

    return dialog(
        shell.t("tickets.items.add"),
        shell.t,
        close,
        html.p(
            {"className": "mb-4 text-muted"},
            shell.t("tickets.items.text", step=pick(group.label, shell.locale)),
        ),
        generated_form(
            shell,
            named,
            heard,
            submit=shell.t("tickets.items.add"),
            cancel=shell.t("shell.cancel"),
            refusal=refusal,
        ),
    )


def _no_refusal() -> Refusal | None:
    return None
