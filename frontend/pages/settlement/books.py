"""`/settlement/periods`: the periods of each unit, in which state they are, and what comes next."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.periods import Period, SettlementUnit, Span
from backend.contracts.settlement import Total
from frontend.i18n import format_date, pick
from frontend.i18n.formats import format_number
from frontend.pages.settlement.keys import name_key
from frontend.pages.settlement.periods import ALL
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.parts import badge, card, page_head

PATH = "/settlement/periods"
STATES = {
    "open": ("info", "circle-dot"),
    "review": ("warning", "eye"),
    "closing": ("warning", "clock"),
    "closed": ("success", "stamp"),
    "frozen": ("neutral", "shield-check"),
}
"""Tone and icon."""


@component
def books() -> VdomDict:
    """One card a unit."""
    shell = use_shell()
    changed = use_changes("settlement")
    loaded = use_resource(shell.api.list_units, changed)

    def draw(page: Page[SettlementUnit]) -> VdomDict:
        if not page.items:
            title, text = shell.t("periods.none"), shell.t("periods.none.text")
            return html.div({"className": "tf-card"}, empty(title, text, name="calendar-days"))
        return html.div(
            {"className": "flex flex-col gap-5"},
            [unit_card(unit, len(page.items) == 1, key=unit.id) for unit in page.items],
        )

    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(shell.t("periods.title"), shell.t("periods.text")),
        show(loaded, shell.t, draw, card(skeleton(4, "h-12", shell.t("shell.loading")))),
    )


@component
def unit_card(unit: SettlementUnit, alone: bool) -> VdomDict:
    """The running period, the next one, and those that there are."""
    shell = use_shell()
    changed = use_changes("settlement", "period:*")
    loaded, growing = use_pages(lambda cursor: shell.api.list_periods(unit.id, cursor), unit.id, changed)

    def draw(page: Page[Period]) -> VdomDict:
        if not page.items:
            return html.p({"className": "py-3 text-sm text-muted"}, shell.t("periods.unit.empty"))
        return html.div(
            html.ul(
                {"className": "divide-y divide-base-300"},
                [_row(period, shell) for period in page.items],
            ),
            more_button(page, growing, shell),
        )

    return html.section(
        {"className": "tf-card flex flex-col gap-3", "data-unit": unit.id},
        html.div(
            {"className": "flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1"},
            html.h2({"className": "font-semibold"}, name_unit(unit, shell)),
            html.span({"className": "text-sm text-muted"}, describe_rule(unit.rule, shell)),
        ),
        html.p({"className": "text-sm text-muted"}, _describe_next(unit, shell)),
        show(loaded, shell.t, draw, skeleton(2, "h-11", shell.t("shell.loading"))),
    )


def _row(period: Period, shell: Shell) -> VdomDict:
    return html.li(
        {"key": period.id},
        html.a(
            {
                "href": f"{PATH}/{period.id}",
                "className": "-mx-2 flex flex-wrap items-center gap-x-4 gap-y-1 rounded-md px-2 py-2.5 "
                "hover:bg-base-200",
            },
            html.span({"className": "w-40 font-medium"}, name_period(period, shell)),
            html.span({"className": "tf-tabular text-sm text-muted"}, name_days(period, shell)),
            html.span(
                {"className": "ml-auto flex flex-wrap items-center justify-end gap-3"},
                *_figures(period, shell),
            ),
        ),
    )


def _figures(period: Period, shell: Shell) -> list[Any]:
    shown: list[Any] = []
    if period.lines is not None:
        text = shell.t("periods.lines", count=format_number(period.lines, shell.locale))
        shown.append(html.span({"className": "hidden text-sm text-muted sm:inline"}, text))
    shown += [_total(total, shell) for total in period.totals]
    if period.state == "open" and period.over:
        shown.append(html.span({"className": "text-sm text-warning"}, shell.t("periods.over")))
    return [*shown, state_badge(period, shell)]


def _total(total: Total, shell: Shell) -> VdomDict:
    return html.span({"key": total.currency}, money(total.amount, total.currency, shell.locale))


def state_badge(period: Period, shell: Shell) -> VdomDict:
    """Its state; a run that rests says so."""
    tone, name = STATES[period.state]
    resting = period.state == "closing" and period.closing is not None and period.closing.status == "stopped"
    return badge(shell.t("periods.state.resting" if resting else f"periods.state.{period.state}"), tone, name)


def name_unit(unit: SettlementUnit, shell: Shell) -> str:
    """The region; the workspace's own books where there is none."""
    return pick(unit.region.name, shell.locale) if unit.region else shell.t("periods.workspace")


def name_period(period: Period | Span, shell: Shell) -> str:
    """2026年11月, 2026年第47周, or from its first day."""
    return name_key(period.key, shell)


def name_days(period: Period | Span, shell: Shell) -> str:
    """Its first and last day."""
    first, last = (format_date(day, shell.locale) for day in (period.starts_on, period.ends_on))
    return f"{first} – {last}"


def describe_rule(rule: dict[str, Any], shell: Shell) -> str:
    """How periods are cut, in words."""
    kind = rule.get("kind", "month")
    if kind != "custom":
        return shell.t(f"periods.rule.{kind}")
    anchor = date.fromisoformat(str(rule["anchor"]))
    if rule.get("months") == 1:
        return shell.t("periods.rule.monthly", day=anchor.day)
    length = "months" if rule.get("months") else "days"
    return shell.t(f"periods.rule.{length}", count=rule[length], day=format_date(anchor, shell.locale))


def _describe_next(unit: SettlementUnit, shell: Shell) -> str:
    text = shell.t(
        "periods.now_and_next",
        now=name_period(unit.current, shell),
        next=name_period(unit.next, shell),
        days=name_days(unit.next, shell),
    )
    if unit.planned is None or unit.planned_from is None:
        return text
    rule = describe_rule(unit.planned, shell) if unit.planned else shell.t("periods.rule.parent")
    day = format_date(unit.planned_from, shell.locale)
    return f"{text} {shell.t('periods.planned', day=day, rule=rule)}"


class Calendar(msgspec.Struct, frozen=True):
    """What the choice of a span of time offers beside months. `running`: the period to begin with where
    nobody settles by month."""

    others: tuple[tuple[str, str], ...] = ()
    running: str = ""


async def load_calendar(shell: Shell) -> Calendar:
    """Of the units and periods within reach."""
    units = (await shell.api.list_units()).items
    periods = (await shell.api.list_recent_periods()).items
    named: dict[str, str] = {}
    spans: list[Period | Span] = [*(unit.current for unit in units), *periods]
    for span in spans:
        if not is_month(span.key):
            named[span.key] = name_period(span, shell)
    running = {unit.current.key for unit in units}
    if any(is_month(key) for key in running):
        return Calendar(tuple(named.items()))
    return Calendar(tuple(named.items()), running.pop() if len(running) == 1 else ALL if running else "")


def is_month(key: str) -> bool:
    """Such as `2026-11`."""
    return key.count("-") == 1 and key[5:].isdigit()
