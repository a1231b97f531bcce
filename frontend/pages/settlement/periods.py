"""Choosing a span of time: a month, everything, or days from and to. It stands in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reactpy import html
from reactpy.types import VdomDict

from frontend.addresses import address
from frontend.i18n import format_date
from frontend.session import Shell

MONTHS = 12
"""How many months back the choice reaches; older ones by day."""
ALL = "all"
DAYS = "days"


def this_month(zone: str) -> str:
    """Such as `2026-11`, on the clocks of `zone`."""
    return datetime.now(UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m")


def list_months(newest: str, count: int = MONTHS) -> list[str]:
    """`count` months up to and with `newest`, the newest first."""
    year, month = (int(part) for part in newest.split("-"))
    start = year * 12 + month - 1
    return [f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(start, start - count, -1)]


def move_month(period: str, by: int) -> str:
    """The month `by` months later."""
    year, month = (int(part) for part in period.split("-"))
    at = year * 12 + month - 1 + by
    return f"{at // 12:04d}-{at % 12 + 1:02d}"


def read_span(query: Mapping[str, str], zone: str) -> dict[str, str]:
    """The span of an address as the API's filters; the running month when it names none."""
    if query.get("from") or query.get("to"):
        return {name: query[name] for name in ("from", "to") if query.get(name)}
    period = query.get("period") or this_month(zone)
    return {} if period in (ALL, DAYS) else {"period": period}


def chosen_span(query: Mapping[str, str], zone: str) -> str:
    """Which entry of the choice stands for the address."""
    if query.get("from") or query.get("to"):
        return DAYS
    return query.get("period") or this_month(zone)


def name_month(period: str, shell: Shell) -> str:
    """2026年11月; what is no month stays as it is."""
    try:
        year, month = (int(part) for part in period.split("-"))
    except ValueError:
        return period
    return shell.t("settlement.month", year=year, month=f"{month:02d}")


def name_span(query: Mapping[str, str], shell: Shell) -> str:
    """The span in words."""
    span = read_span(query, shell.zone)
    if "period" in span:
        return name_month(span["period"], shell)
    if not span:
        return shell.t("settlement.period.all")
    first, last = (_show_day(span.get(name), shell) for name in ("from", "to"))
    return shell.t("settlement.period.span", first=first, last=last)


def _show_day(text: str | None, shell: Shell) -> str:
    try:
        return format_date(date.fromisoformat(text or ""), shell.locale)
    except ValueError:
        return "…"


def span_choice(
    path: str, query: dict[str, str], shell: Shell, others: Sequence[tuple[str, str]] = ()
) -> VdomDict:
    """Each choice leads to another address; the other parts of the query stay. `others`: key and name of
    periods that are no months."""
    chosen = chosen_span(query, shell.zone)
    rest = {name: value for name, value in query.items() if name not in ("period", "from", "to")}
    months = list_months(this_month(shell.zone))
    if chosen not in (ALL, DAYS, *months, *(key for key, _ in others)):
        months.append(chosen)
    options = [*others, *((month, name_month(month, shell)) for month in months)]
    options += [(ALL, shell.t("settlement.period.all")), (DAYS, shell.t("settlement.period.days"))]

    def choose(event: dict[str, Any]) -> None:
        shell.go(address(path, rest, period=str(event["target"]["value"])))

    def choose_day(name: str) -> Any:
        def chose(event: dict[str, Any]) -> None:
            kept = {**rest, "period": DAYS, "from": query.get("from"), "to": query.get("to")}
            shell.go(address(path, {**kept, name: str(event["target"]["value"])}))

        return chose

    def day(name: str) -> VdomDict:
        return html.input(
            {
                "key": name,
                "type": "date",
                "className": "input input-sm h-9 w-40",
                "aria-label": shell.t(f"settlement.{name}"),
                "value": query.get(name, ""),
                "onChange": choose_day(name),
            }
        )

    return html.div(
        {"className": "flex flex-wrap items-center gap-2"},
        html.select(
            {
                "className": "select select-sm h-9 w-36",
                "aria-label": shell.t("settlement.period"),
                "value": chosen,
                "onChange": choose,
            },
            [html.option({"key": key, "value": key}, text) for key, text in options],
        ),
        [day("from"), day("to")] if chosen == DAYS else None,
    )
