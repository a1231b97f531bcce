"""A tariff that is to hold from a moment in the past: which one, and from when."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.corrections import ProposeRetroactive
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.i18n.formats import read_local
from frontend.session import use_resource, use_shell
from frontend.widgets.icon import icon
from frontend.widgets.parts import dialog

PATH = "/settlement/corrections"


@component
def propose() -> VdomDict | None:
    """The button that begins a tariff of the past, and its dialog."""
    shell = use_shell()
    open_, set_open = use_state(False)
    if not shell.may("settle"):
        return None
    return html.div(
        html.button(
            {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: set_open(True)},
            icon("history", 14),
            shell.t("corrections.retro"),
        ),
        propose_dialog(lambda: set_open(False), key="dialog") if open_ else None,
    )


@component
def propose_dialog(close: Any) -> VdomDict:
    """Which tariff, and from when: its draft where there is one, else its newest revision."""
    shell = use_shell()
    chosen: Any = use_ref("")
    since: Any = use_ref("")
    note: Any = use_ref("")
    tariffs = use_resource(shell.api.list_tariffs).value

    def keep(place: Any) -> Any:
        def kept(event: dict[str, Any]) -> None:
            place.current = str(event["target"]["value"])

        return kept

    async def preview(_event: object) -> None:
        moment = read_local(since.current, shell.zone)
        if not chosen.current or moment is None:
            shell.toast(shell.t("corrections.retro.choose"), "error")
            return

        async def begin() -> None:
            found = await shell.api.find_tariff(chosen.current)
            document = found.draft.document if found.draft is not None else found.document
            wanted = ProposeRetroactive(
                tariff_id=found.id,
                document=document,
                effective_from=moment,
                base_revision=found.current_revision,
                note=note.current.strip(),
            )
            made = await shell.api.propose_retroactive(wanted, str(uuid4()))
            shell.go(f"{PATH}/{made.item.id}")

        if await attempt(shell, begin()):
            close()

    options = [
        html.option({"key": item.id, "value": item.id}, pick(item.name, shell.locale))
        for item in (tariffs.items if tariffs is not None else ())
    ]
    return dialog(
        shell.t("corrections.retro"),
        shell.t,
        close,
        html.p({"className": "text-muted"}, shell.t("corrections.retro.text")),
        html.label(
            {"className": "mt-4 flex flex-col gap-1"},
            html.span({"className": "text-sm text-muted"}, shell.t("corrections.retro.tariff")),
            html.select(
                {"className": "select w-full", "name": "tariff", "onChange": keep(chosen)},
                html.option({"key": "none", "value": ""}, ""),
                options,
            ),
            html.span({"className": "text-sm text-muted"}, shell.t("corrections.retro.tariff.hint")),
        ),
        html.label(
            {"className": "mt-3 flex flex-col gap-1"},
            html.span({"className": "text-sm text-muted"}, shell.t("corrections.retro.from")),
            html.input(
                {
                    "type": "datetime-local",
                    "className": "input w-full",
                    "name": "from",
                    "onChange": keep(since),
                }
            ),
        ),
        html.label(
            {"className": "mt-3 flex flex-col gap-1"},
            html.span({"className": "text-sm text-muted"}, shell.t("corrections.retro.note")),
            html.input(
                {"className": "input w-full", "name": "note", "maxLength": 1000, "onChange": keep(note)}
            ),
        ),
        actions=[
            html.button(
                {"type": "button", "className": "btn btn-primary", "onClick": preview},
                shell.t("corrections.retro.preview"),
            )
        ],
    )
