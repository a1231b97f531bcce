"""`/settlement/comparison`: regions, channels, people and services side by side over two periods, and over
the last eight."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from decimal import Decimal

import msgspec
from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.settlement import Summary, SummaryItem
from frontend.addresses import address, use_query
from frontend.i18n import format_money
from frontend.pages.settlement.keys import name_key
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.icon import icon
from frontend.widgets.parts import card

PATH = "/settlement/comparison"
GROUPINGS = ("region", "channel", "person", "service")
LAST = 8
"""Periods in the small pictures."""
DRAWN = 6
"""Items with a picture of their own."""
HEIGHT, STEP, BAR = 48, 26, 18


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One item in both periods; either may be missing."""

    key: str
    label: str
    currency: str
    before: SummaryItem | None
    after: SummaryItem | None

    @property
    def amounts(self) -> tuple[int, int]:
        """Minor units before and after."""
        return (self.before.amount if self.before else 0, self.after.amount if self.after else 0)


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows; `series`: item -> period -> amount."""

    periods: list[str]
    first: str
    second: str
    pairs: list[Pair]
    totals: list[tuple[str, int, int]]
    series: dict[str, dict[str, int]]


@component
def comparison() -> VdomDict:
    """`?by=region&first=2026-10&second=2026-11&region_id=...`; the last two periods without them."""
    shell = use_shell()
    query = use_query()
    by = query["by"] if query.get("by") in GROUPINGS else "region"
    changed = use_changes("settlement")
    loaded = use_resource(lambda: compare(shell, by, query), by, repr(query), changed)
    return html.div(
        {"className": "flex flex-col gap-5"},
        html.div(
            {"className": "flex flex-wrap items-center justify-between gap-3"},
            html.h1({"className": "text-xl font-semibold"}, shell.t("comparison.title")),
            _groupings(by, query, shell),
        ),
        show(
            loaded,
            shell.t,
            lambda found: _draw(found, by, query, shell),
            card(skeleton(6, "h-10", shell.t("shell.loading"))),
        ),
    )


async def compare(shell: Shell, by: str, query: dict[str, str]) -> Compared:
    """Two summaries side by side; the items of both, the larger first."""
    scope = {"region_id": query["region_id"]} if query.get("region_id") else {}
    known = await shell.api.summarize_settlement("period", **scope)
    periods = list(dict.fromkeys(item.key for item in known.items))
    second = query.get("second") or (periods[0] if periods else "")
    older = [period for period in periods if period < second and shape(period) == shape(second)]
    first = query.get("first") or (older[0] if older else "")
    before, after = await _load_both(shell, by, first, second, scope)
    pairs = pair_up(before, after)
    series = await _load_series(shell, pairs[:DRAWN], periods[:LAST], scope)
    currencies = sorted({total.currency for total in (*before.totals, *after.totals)})
    totals = [(each, _total(before, each), _total(after, each)) for each in currencies]
    return Compared(periods=periods, first=first, second=second, pairs=pairs, totals=totals, series=series)


async def _load_both(
    shell: Shell, by: str, first: str, second: str, scope: dict[str, str]
) -> tuple[Summary, Summary]:
    """A period that is not there has nothing in it."""
    nothing = Summary(items=[], totals=[])
    return (
        await shell.api.summarize_settlement(by, period=first, **scope) if first else nothing,
        await shell.api.summarize_settlement(by, period=second, **scope) if second else nothing,
    )


async def _load_series(
    shell: Shell, pairs: Sequence[Pair], periods: Sequence[str], scope: dict[str, str]
) -> dict[str, dict[str, int]]:
    async def load(pair: Pair) -> tuple[str, dict[str, int]]:
        item = pair.after or pair.before
        filters = {name: value for name, value in (item.filters if item else {}).items() if name != "period"}
        found = await shell.api.summarize_settlement("period", **(scope | filters))
        return pair.key + pair.currency, {each.key: each.amount for each in found.items}

    return dict(await asyncio.gather(*(load(pair) for pair in pairs))) if len(periods) > 1 else {}


def shape(key: str) -> str:
    """Weeks compare with weeks, months with months."""
    return re.sub(r"\d", "0", key)


def _total(summary: Summary, currency: str) -> int:
    return sum(total.amount for total in summary.totals if total.currency == currency)


def pair_up(before: Summary, after: Summary) -> list[Pair]:
    """Items of both by key and currency, the larger first."""
    old = {(item.key, item.currency): item for item in before.items}
    new = {(item.key, item.currency): item for item in after.items}
    pairs = [
        Pair(
            key=key,
            label=(new.get((key, currency)) or old[key, currency]).label,
            currency=currency,
            before=old.get((key, currency)),
            after=new.get((key, currency)),
        )
        for key, currency in dict.fromkeys((*new, *old))
    ]
    return sorted(pairs, key=lambda pair: -max(abs(amount) for amount in pair.amounts))


def name_change(before: int, after: int) -> str:
    """Such as `+12.5%`; nothing to compare with: empty."""
    if not before:
        return ""
    share = Decimal(after - before) / abs(Decimal(before)) * 100
    return f"{share:+.1f}%"


def _groupings(by: str, query: dict[str, str], shell: Shell) -> VdomDict:
    def choice(name: str) -> VdomDict:
        attributes = {"key": name, "href": address(PATH, query, by=name)}
        if name == by:
            attributes["aria-current"] = "true"
        css = f"btn btn-sm h-9 join-item {'btn-primary' if name == by else ''}"
        return html.a(attributes | {"className": css}, shell.t(f"settlement.by.{name}"))

    return html.nav(
        {"className": "join", "aria-label": shell.t("settlement.by")}, [choice(name) for name in GROUPINGS]
    )


def _draw(found: Compared, by: str, query: dict[str, str], shell: Shell) -> VdomDict:
    if not found.pairs:
        return card(empty(shell.t("settlement.empty"), shell.t("settlement.empty.text"), name="chart-line"))
    most = max((abs(amount) for pair in found.pairs for amount in pair.amounts), default=1) or 1
    return html.div(
        {"className": "flex flex-col gap-5"},
        _choices(found, query, shell),
        html.div(
            {"className": "grid gap-4 sm:grid-cols-2 lg:grid-cols-3"},
            [_sum(*each, found, shell) for each in found.totals],
        ),
        html.section(
            {"className": "tf-card p-0 overflow-hidden"},
            html.ul([_row(pair, found, most, by, shell) for pair in found.pairs]),
        ),
        _series(found, shell) if found.series else None,
    )


def _choices(found: Compared, query: dict[str, str], shell: Shell) -> VdomDict:
    def choice(name: str, chosen: str) -> VdomDict:
        def choose(event: dict[str, dict[str, str]]) -> None:
            kept = {**query, "first": found.first, "second": found.second}
            shell.go(address(PATH, kept | {name: str(event["target"]["value"])}))

        options = list(dict.fromkeys((*found.periods, chosen)))
        return html.select(
            {
                "key": name,
                "className": "select select-sm h-9 w-40",
                "aria-label": shell.t(f"comparison.{name}"),
                "value": chosen,
                "onChange": choose,
            },
            [html.option({"key": each, "value": each}, name_key(each, shell) or "–") for each in options],
        )

    return html.div(
        {"className": "flex flex-wrap items-center gap-2"},
        choice("first", found.first),
        html.span({"className": "text-muted"}, icon("arrow-right", 16)),
        choice("second", found.second),
        html.a(
            {"className": "btn btn-sm btn-ghost", "href": address(PATH, by=query.get("by"))},
            shell.t("settlement.everything"),
        )
        if query.get("region_id")
        else None,
    )


def _sum(currency: str, before: int, after: int, found: Compared, shell: Shell) -> VdomDict:
    return html.section(
        {"key": currency, "className": "tf-card"},
        html.p({"className": "text-sm text-muted"}, name_key(found.second, shell)),
        money(after, currency, shell.locale, "text-2xl font-semibold"),
        html.p(
            {"className": "mt-1 text-sm text-muted"},
            name_key(found.first, shell),
            " ",
            money(before, currency, shell.locale),
        )
        if found.first
        else None,
        _change(before, after, currency, shell) if found.first else None,
    )


def _change(before: int, after: int, currency: str, shell: Shell) -> VdomDict:
    """More and less are not good and bad: both stand in plain ink, with an arrow."""
    difference = after - before
    arrow = "arrow-up" if difference > 0 else "arrow-down" if difference < 0 else "arrow-right"
    sign = "+" if difference > 0 else ""
    words = f"{sign}{format_money(difference, currency, shell.locale)}"
    return html.span(
        {"className": "inline-flex items-center gap-1 text-sm tf-tabular whitespace-nowrap"},
        html.span({"className": "text-muted"}, icon(arrow, 14)),
        words,
        html.span({"className": "text-muted"}, name_change(before, after)),
    )


def _row(pair: Pair, found: Compared, most: int, by: str, shell: Shell) -> VdomDict:
    item = pair.after or pair.before
    filters = item.filters if item else {}
    opens = item.opens if item else None
    here = address(PATH, by=by, first=found.first, second=found.second)
    href = address("/settlement/lines", filters, via=here)
    if by == "region" and opens and opens.get("region_id"):
        href = address(PATH, by=by, region_id=opens["region_id"], first=found.first, second=found.second)
    before, after = pair.amounts

    def bar(amount: int, tone: str) -> VdomDict:
        width = max(0.5, abs(amount) / most * 100)
        return html.span(
            {"className": "block h-2 overflow-hidden rounded-full bg-base-200"},
            html.span(
                {
                    "className": f"block h-full {'bg-error' if amount < 0 else tone}",
                    "style": {"width": f"{width:.1f}%"},
                }
            ),
        )

    return html.li(
        {"key": f"{pair.key} {pair.currency}", "className": "border-b border-base-300 last:border-0"},
        html.a(
            {
                "href": href,
                "className": "grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-2 px-5 py-3 "
                "hover:bg-base-200 md:grid-cols-[14rem_1fr_9rem_11rem]",
            },
            html.span({"className": "min-w-0 truncate font-medium"}, pair.label),
            html.span(
                {"className": "order-3 col-span-2 flex flex-col gap-1 md:order-none md:col-span-1"},
                bar(before, "bg-primary/35") if found.first else None,
                bar(after, "bg-primary"),
            ),
            money(after, pair.currency, shell.locale, "text-right font-medium"),
            html.span(
                {"className": "order-4 col-span-2 md:order-none md:col-span-1 md:text-right"},
                _change(before, after, pair.currency, shell) if found.first else None,
            ),
        ),
    )


def _series(found: Compared, shell: Shell) -> VdomDict:
    """A small picture for each of the largest items; all on one scale a currency, so that they compare."""
    periods = found.periods[:LAST][::-1]
    shown = [pair for pair in found.pairs if pair.key + pair.currency in found.series]
    most: dict[str, int] = {}
    for pair in shown:
        values = found.series[pair.key + pair.currency].values()
        most[pair.currency] = max(most.get(pair.currency, 1), *(abs(value) for value in values), 1)
    return card(
        html.div(
            {"className": "grid gap-5 sm:grid-cols-2 lg:grid-cols-3"},
            [
                html.figure(
                    {"key": pair.key + pair.currency, "className": "min-w-0"},
                    html.figcaption({"className": "mb-1 truncate text-sm font-medium"}, pair.label),
                    _picture(pair, found.series[pair.key + pair.currency], periods, most, shell),
                )
                for pair in shown
            ],
        ),
        title=shell.t("comparison.series", count=len(periods)),
    )


def _picture(
    pair: Pair, series: dict[str, int], periods: Sequence[str], most: dict[str, int], shell: Shell
) -> VdomDict:
    """Bars from a zero line; what is taken back hangs below it."""
    lowest = min((series.get(period, 0) for period in periods), default=0)
    zero = HEIGHT if lowest >= 0 else HEIGHT // 2
    bars = []
    for at, period in enumerate(periods):
        amount = series.get(period, 0)
        height = max(1, round(abs(amount) * zero / most[pair.currency]))
        bars.append(
            html.svg.rect(
                {
                    "key": period,
                    "x": at * STEP,
                    "y": zero - height if amount >= 0 else zero,
                    "width": BAR,
                    "height": height,
                    "rx": 2,
                    "className": "fill-error" if amount < 0 else "fill-primary",
                }
            )
        )
    width = len(periods) * STEP
    text = f"{pair.label}: " + ", ".join(
        format_money(series.get(period, 0), pair.currency, shell.locale) for period in periods
    )
    return html.div(
        html.svg(
            {
                "viewBox": f"0 0 {width} {HEIGHT + 2}",
                "className": "w-full max-w-60",
                "role": "img",
                "aria-label": text,
            },
            html.svg.line(
                {"x1": 0, "x2": width, "y1": zero + 1, "y2": zero + 1, "className": "stroke-base-300"}
            ),
            bars,
        ),
        html.div(
            {"className": "flex max-w-60 justify-between text-xs text-muted tf-tabular"},
            *(
                html.span(
                    {"key": period},
                    html.span({"className": "block"}, period),
                    format_money(series.get(period, 0), pair.currency, shell.locale),
                )
                for period in (periods[0], periods[-1])
            ),
        ),
    )
