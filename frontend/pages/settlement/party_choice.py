"""Choosing any party: a person, a region's pool, a department or a partner."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.quarantine import PartyChoice
from frontend.i18n import pick
from frontend.paging import load_all
from frontend.session import use_resource, use_shell

KINDS = ("member", "region", "department", "partner")


@component
def party_choice(choose: Callable[[PartyChoice, str], Awaitable[None]]) -> VdomDict:
    """`choose` gets the party and the note."""
    shell = use_shell()
    t = shell.t
    kind, set_kind = use_state("member")
    chosen, set_chosen = use_state("")
    note = use_ref("")
    people = use_resource(lambda: load_all(shell.api.list_members)).value or []
    regions = use_resource(shell.api.list_regions).value
    options = {
        "member": [(member.id, member.name) for member in people],
        "region": [
            (region.key, " / ".join(pick(name, shell.locale) for name in region.path))
            for region in (regions.items if regions else [])
        ],
    }

    def take_kind(event: dict[str, Any]) -> None:
        set_kind(str(event["target"]["value"]))
        set_chosen("")

    def take_note(event: dict[str, Any]) -> None:
        note.current = str(event["target"]["value"])

    async def press(_event: Any) -> None:
        if chosen.strip():
            party: Any = kind
            await choose(PartyChoice(kind=party, id=chosen.strip()), note.current)

    def take(event: dict[str, Any]) -> None:
        set_chosen(str(event["target"]["value"]))

    name = t(f"quarantine.kind.{kind}")
    field = (
        html.select(
            {"className": "select w-full", "aria-label": name, "value": chosen, "onChange": take},
            html.option({"value": ""}, t("quarantine.other.choose")),
            [html.option({"key": key, "value": key}, text) for key, text in options[kind]],
        )
        if kind in options
        else html.input({"className": "input w-full", "aria-label": name, "maxLength": 80, "onChange": take})
    )
    return html.div(
        {"className": "flex flex-col gap-4"},
        html.select(
            {
                "className": "select w-full",
                "aria-label": t("quarantine.other.kind"),
                "value": kind,
                "onChange": take_kind,
            },
            [html.option({"key": each, "value": each}, t(f"quarantine.kind.{each}")) for each in KINDS],
        ),
        html.div({"key": kind}, field),
        html.textarea(
            {
                "className": "textarea w-full",
                "rows": 2,
                "maxLength": 1000,
                "aria-label": t("quarantine.other.note"),
                "placeholder": t("quarantine.other.note"),
                "onChange": take_note,
            }
        ),
        html.div(
            {"className": "flex justify-end"},
            html.button(
                {
                    "type": "button",
                    "className": "btn btn-primary",
                    "disabled": not chosen.strip(),
                    "onClick": press,
                },
                t("quarantine.other.save"),
            ),
        ),
    )
