"""Trying a tariff on an imagined ticket: what would be booked, line by line, with the trace."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import Component, VdomDict

from backend.contracts.settlement import TariffInputs, TariffTried, TariffTry
from frontend.i18n import pick
from frontend.pages.tariffs.words import DIMENSIONS, Json, name_measure, to_minor
from frontend.session import Resource, Shell, use_resource, use_shell
from frontend.widgets.entry_box import choice_box, entry_box
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.parts import card

PRIORITIES = ("low", "normal", "high", "urgent")
Typed = dict[str, str]


@component
def try_panel(tariff_id: str, document: Json, revision: int, edited: bool, broken: bool) -> VdomDict:
    """Works itself out anew after each change.

    `edited`: the document is not stored yet; `broken`: it has errors.
    """
    shell = use_shell()
    typed, set_typed = use_state(lambda: _begin(document))
    regions = use_resource(shell.api.list_regions).value
    currency = str(document.get("currency", "CNY"))
    measures: dict[str, Json] = document.get("measures") or {}
    wanted = _read(typed, document)
    request = TariffTry(
        inputs=wanted, document=document if edited else None, revision=None if edited else revision
    )

    async def work_out() -> TariffTried | None:
        return None if broken else await shell.api.try_tariff(tariff_id, request)

    tried: Resource[TariffTried | None] = use_resource(
        work_out,
        broken,
        repr(wanted),
        repr(document) if edited else revision,
    )

    def commit(name: str, numeric: bool) -> Any:
        def take(text: str) -> str | None:
            if numeric and _number(text) is None:
                return shell.t("tariffs.fault.number")
            set_typed(lambda old: {**old, name: text.strip()})
            return None

        return take

    def quantity(prefix: str, name: str, measure: Json) -> Component:
        key = f"{prefix}.{name}"
        label = name_measure(measure, shell)
        words = shell.t("tariffs.try.before", label=label) if prefix == "before" else label
        suffix = currency if measure.get("kind") == "money" else ""
        return entry_box(words, typed.get(key, "0"), commit(key, True), suffix, "decimal", key=key)

    places = [
        (each.key, " / ".join(pick(name, shell.locale) for name in each.path))
        for each in (regions.items if regions else [])
    ]
    by_period = document.get("accumulation") == "period"
    fields = [
        choice_box(
            shell.t("tariffs.match.region"),
            [("", shell.t("tariffs.match.any")), *places],
            typed.get("region", ""),
            commit("region", False),
        ),
        *(quantity("quantities", name, measure) for name, measure in measures.items()),
        *(quantity("before", name, measure) for name, measure in measures.items() if by_period),
        *(
            _dimension(name, document, typed, commit(f"attributes.{name}", False), shell)
            for name in DIMENSIONS
        ),
        choice_box(
            shell.t("tariffs.try.priority"),
            [(each, shell.t(f"priority.{each}")) for each in PRIORITIES],
            typed.get("priority", "normal"),
            commit("priority", False),
        ),
    ]
    return card(
        html.div({"className": "flex flex-col gap-3"}, *fields),
        html.div(
            {"className": "mt-4 border-t border-base-300 pt-4"},
            html.p({"className": "text-muted"}, shell.t("tariffs.try.errors"))
            if broken
            else show(tried, shell.t, lambda found: _result(found, shell), skeleton(3, "h-6")),
        ),
        title=shell.t("tariffs.try"),
    )


def _begin(document: Json) -> Typed:
    """A ticket that the first row fits, so that there is something to see at once."""
    rows = [row for row in document.get("rows") or [] if isinstance(row, dict)]
    match = (rows[0].get("match") or {}) if rows else {}
    typed = {f"attributes.{name}": str(match[name]) for name in DIMENSIONS if match.get(name)}
    for name, measure in (document.get("measures") or {}).items():
        typed[f"quantities.{name}"] = "1000" if measure.get("kind") == "money" else "1"
    return typed | {"region": str(match.get("region") or ""), "priority": "normal"}


def _dimension(name: str, document: Json, typed: Typed, take: Any, shell: Shell) -> VdomDict | None:
    """Only dimensions by which some row tells tickets apart, with the values that rows name."""
    values = {
        str((row.get("match") or {}).get(name))
        for row in document.get("rows") or []
        if isinstance(row, dict) and (row.get("match") or {}).get(name)
    }
    if not values:
        return None
    options = [("", shell.t("tariffs.match.other")), *((value, value) for value in sorted(values))]
    return choice_box(shell.t(f"tariffs.match.{name}"), options, typed.get(f"attributes.{name}", ""), take)


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.replace(",", "").strip() or "0")
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < Decimal(10) ** 13 else None


def _read(typed: Typed, document: Json) -> TariffInputs:
    """What was typed as the API takes it: money in minor units."""
    currency = str(document.get("currency", "CNY"))
    measures: dict[str, Json] = document.get("measures") or {}

    def quantities(prefix: str) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for name, measure in measures.items():
            value = _number(typed.get(f"{prefix}.{name}", "0")) or Decimal(0)
            found[name] = to_minor(value, currency) if measure.get("kind") == "money" else value
        return found

    attributes: dict[str, str | None] = {
        name: typed[f"attributes.{name}"] for name in DIMENSIONS if typed.get(f"attributes.{name}")
    }
    return TariffInputs(
        quantities=quantities("quantities"),
        before=quantities("before") if document.get("accumulation") == "period" else {},
        attributes=attributes,
        region=typed.get("region") or None,
        priority=typed.get("priority", "normal"),
    )


def _result(found: TariffTried | None, shell: Shell) -> VdomDict:
    if found is None:
        return skeleton(3, "h-6")
    return html.div(
        {"aria-live": "polite"},
        html.ul(
            [
                html.li(
                    {"key": at, "className": "flex items-start justify-between gap-3 py-1.5"},
                    html.span({"className": "min-w-0 break-words"}, line.why or line.component),
                    money(line.amount, line.currency, shell.locale),
                )
                for at, line in enumerate(found.lines)
            ]
        ),
        html.div(
            {"className": "mt-1 flex justify-between gap-3 border-t border-base-300 pt-2 font-semibold"},
            html.span(shell.t("settlement.total")),
            money(found.total.amount, found.total.currency, shell.locale),
        ),
        [html.p({"key": text, "className": "mt-2 text-sm text-muted"}, text) for text in found.next_tiers],
        html.details(
            {"className": "mt-3"},
            html.summary({"className": "tf-link cursor-pointer text-sm"}, shell.t("tariffs.try.trace")),
            html.ol(
                {"className": "mt-2 list-decimal pl-5 text-sm text-muted"},
                [html.li({"key": at}, text) for at, text in enumerate(found.trace)],
            ),
        )
        if found.trace
        else None,
    )
