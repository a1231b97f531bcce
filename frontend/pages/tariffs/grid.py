"""The rows of a tariff side by side: where, what for, by which model, at which price and tiers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reactpy import html
from reactpy.types import VdomDict

from frontend.i18n import pick
from frontend.pages.tariffs.words import (
    DIMENSIONS,
    Json,
    list_parts,
    name_row,
    read_text,
    show_price,
    show_tiers,
)
from frontend.session import Shell

HEADS = ("row", "match", "model", "price", "tiers", "modifiers")


def grid(
    document: Json,
    chosen: Json | None,
    choose: Callable[[str], None],
    places: Mapping[str, str],
    shell: Shell,
) -> VdomDict:
    """A press on a row chooses it; a phone scrolls sideways. `places` are the regions' names by key."""
    rows = [row for row in document.get("rows") or [] if isinstance(row, dict)]
    return html.section(
        {
            "className": "tf-card p-0 overflow-x-auto relative",
            "tabIndex": 0,
            "aria-label": shell.t("tariffs.grid"),
        },
        html.table(
            {"className": "table"},
            html.thead(
                html.tr(
                    [
                        html.th({"key": head, "scope": "col"}, shell.t(f"tariffs.head.{head}"))
                        for head in HEADS
                    ]
                )
            ),
            html.tbody(
                [
                    _row(row, _cells(row, document, places, shell), row is chosen, choose, shell)
                    for row in rows
                ]
            ),
        ),
    )


def _row(
    row: Json, cells: list[VdomDict], active: bool, choose: Callable[[str], None], shell: Shell
) -> VdomDict:
    key = str(row.get("id", ""))
    name = html.button(
        {
            "type": "button",
            "className": "text-left whitespace-nowrap",
            "aria-pressed": "true" if active else "false",
            "onClick": lambda _event: choose(key),
        },
        name_row(row, shell),
    )
    return html.tr(
        {
            "key": key,
            "className": f"cursor-pointer {'bg-accent/40' if active else 'hover:bg-base-200'}",
            "onClick": lambda _event: choose(key),
        },
        html.th({"scope": "row", "className": "align-top font-medium"}, name),
        *cells,
    )


def _cells(row: Json, document: Json, places: Mapping[str, str], shell: Shell) -> list[VdomDict]:
    """Everything beside the name, a line for each part of the charge."""
    currency = str(document.get("currency", "CNY"))
    measures = document.get("measures") or {}
    parts = list_parts(row)
    charges = [part.get("charge") or {} for part in parts]

    def lines(texts: list[str], css: str = "") -> VdomDict:
        return html.td(
            {"className": f"align-top {css}"},
            [html.div({"key": at, "className": "whitespace-nowrap"}, text) for at, text in enumerate(texts)],
        )

    return [
        lines([_show_match(row, places, shell)]),
        lines([_name_part(part, shell) for part in parts]),
        lines([show_price(charge, currency, shell) for charge in charges], "tf-tabular"),
        lines([show_tiers(charge, measures, currency, shell) for charge in charges], "tf-tabular"),
        lines([_name_modifier(each, shell) for each in row.get("modifiers") or []]),
    ]


def _show_match(row: Json, places: Mapping[str, str], shell: Shell) -> str:
    match = row.get("match") or {}
    found = [str(match[name]) for name in DIMENSIONS if match.get(name)]
    if match.get("region"):
        found.insert(0, places.get(str(match["region"]), str(match["region"])))
    return " · ".join(found) or shell.t("tariffs.match.any")


def _name_part(part: Json, shell: Shell) -> str:
    model = str((part.get("charge") or {}).get("model", ""))
    words = shell.t(f"tariffs.model.{model}") if model else ""
    name = pick(read_text(part.get("name")), shell.locale)
    return f"{name} · {words}" if name else words


def _name_modifier(modifier: Any, shell: Shell) -> str:
    if not isinstance(modifier, dict):
        return ""
    return pick(read_text(modifier.get("name")), shell.locale) or str(modifier.get("id", ""))
