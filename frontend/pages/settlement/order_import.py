"""Bringing a file of orders in: check, mend what is named, import, watch."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.orders import ImportFault, ImportRequest, OrderImport
from frontend.api.transport import ApiError
from frontend.attempts import attempt
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.figures import money
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card

LONGEST = 60_000
"""Characters that the page takes at once; a file goes straight to the API and may be far larger."""
TONES = {"refused": "error", "checked": "info", "running": "primary", "stopped": "warning", "done": "success"}


@component
def order_import(opened: str) -> VdomDict:
    """`opened`: an import that the address names."""
    shell = use_shell()
    t = shell.t
    typed = use_ref("")
    import_id, open_import = use_state(opened)
    new_stores, set_new_stores = use_state(False)
    fault, set_fault = use_state("")

    def note(event: dict[str, Any]) -> None:
        typed.current = str(event["target"]["value"])

    async def check(_event: Any) -> None:
        set_fault("")
        try:
            wanted = ImportRequest(text=typed.current, name=t("orders.import.pasted"), new_stores=new_stores)
            open_import((await shell.api.check_orders(wanted)).id)
        except ApiError as error:
            problem = error.problem
            set_fault(
                "; ".join(each.message for each in problem.errors[:3]) or problem.detail or problem.title
            )

    upload = f"/api/v1/orders/imports/file?new_stores={'true' if new_stores else 'false'}"
    return card(
        html.p({"className": "mb-3 text-sm text-muted"}, t("orders.import.hint")),
        html.textarea(
            {
                "className": "textarea w-full font-mono text-sm",
                "rows": 5,
                "aria-label": t("orders.import.cells"),
                "placeholder": t("orders.import.placeholder"),
                "maxLength": LONGEST,
                "spellCheck": False,
                "onChange": note,
            }
        ),
        html.div(
            {"className": "mt-3 flex flex-wrap items-center gap-3"},
            html.button(
                {"type": "button", "className": "btn btn-primary btn-sm", "onClick": check},
                icon("list-checks", 16),
                t("orders.import.check"),
            ),
            html.label(
                {"className": "btn btn-sm"},
                icon("file-text", 16),
                t("orders.import.file"),
                html.input(
                    {
                        "type": "file",
                        "accept": ".csv,.xlsx",
                        "className": "sr-only",
                        "data-upload": upload,
                        "data-then": "/settlement/orders?import=",
                    }
                ),
            ),
            html.label(
                {"className": "flex items-center gap-2 text-sm"},
                html.input(
                    {
                        "type": "checkbox",
                        "className": "checkbox checkbox-sm",
                        "checked": new_stores,
                        "onChange": lambda _event: set_new_stores(lambda old: not old),
                    }
                ),
                t("orders.import.new_stores"),
            ),
        ),
        html.p({"className": "mt-2 text-error", "data-upload-fault": "", "role": "alert"}, fault),
        import_progress(import_id, key=import_id) if import_id else None,
        title=t("orders.import"),
    )


@component
def import_progress(import_id: str) -> VdomDict:
    """What the check found; with the buttons that it allows."""
    shell = use_shell()
    changed = use_changes(f"order-import:{import_id}")
    loaded = use_resource(lambda: shell.api.find_order_import(import_id), import_id, changed)
    if loaded.value is None:
        words = loaded.problem.detail or loaded.problem.title if loaded.problem else shell.t("shell.loading")
        return html.p({"className": "mt-4 text-muted"}, words)

    async def turn(action: str) -> None:
        if await attempt(shell, shell.api.turn_order_import(import_id, action)):
            loaded.reload()

    return _draw(loaded.value, turn, shell)


def _draw(found: OrderImport, turn: Any, shell: Shell) -> VdomDict:
    t = shell.t
    counts = [
        t(f"orders.import.{name}", count=count)
        for name, count in (
            ("known", found.known),
            ("booked", found.booked),
            ("quarantined", found.quarantined),
            ("returned", found.returned),
        )
        if count
    ]
    return html.div(
        {"className": "mt-4 border-t border-base-300 pt-4", "aria-live": "polite", "data-state": found.state},
        html.div(
            {"className": "flex flex-wrap items-center gap-3"},
            badge(t(f"orders.import.state.{found.state}"), TONES.get(found.state, "ghost")),
            html.span({"className": "font-medium break-all"}, found.name),
            html.span({"className": "text-sm text-muted"}, t("orders.import.rows", count=found.total)),
            [
                html.span({"key": total.currency}, money(total.amount, total.currency, shell.locale))
                for total in found.sums
            ],
        ),
        html.progress(
            {
                "className": "progress progress-primary mt-3 w-full",
                "value": found.done,
                "max": max(found.total, 1),
                "aria-label": t("orders.import.progress"),
            }
        )
        if found.state in {"running", "stopped"}
        else None,
        html.p({"className": "mt-2 text-sm text-muted"}, " · ".join(counts)) if counts else None,
        _faults(found, shell) if found.faults else None,
        _buttons(found, turn, shell),
    )


def _buttons(found: OrderImport, turn: Any, shell: Shell) -> VdomDict | None:
    actions = {
        "checked": ("apply", "btn-primary"),
        "stopped": ("apply", "btn-primary"),
        "running": ("stop", ""),
    }
    if found.state not in actions:
        return None
    action, css = actions[found.state]

    async def press(_event: Any) -> None:
        await turn(action)

    text = shell.t(f"orders.import.{'resume' if found.state == 'stopped' else action}", count=found.total)
    return html.button({"type": "button", "className": f"btn btn-sm mt-3 {css}", "onClick": press}, text)


def _faults(found: OrderImport, shell: Shell) -> VdomDict:
    def row(at: int, fault: ImportFault) -> VdomDict:
        return html.li(
            {"key": at, "className": "flex items-start gap-2 py-1.5"},
            html.span({"className": "text-error"}, icon("circle-alert", 18)),
            html.span({"className": "w-14 shrink-0 font-mono tabular-nums"}, fault.cell),
            html.span({"className": "min-w-0 break-words"}, fault.message),
        )

    return html.div(
        html.p({"className": "mt-3 font-medium"}, shell.t("orders.import.faults", count=found.fault_count)),
        html.ul(
            {"className": "mt-1 max-h-96 divide-y divide-base-300 overflow-y-auto"},
            [row(at, fault) for at, fault in enumerate(found.faults[:50])],
        ),
    )
