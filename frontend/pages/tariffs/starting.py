"""A new tariff's document: a row that is right but for its figures, by the pattern somebody asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from babel.core import get_global
from babel.numbers import get_currency_name, get_currency_precision

from frontend.i18n import translate
from frontend.pages.tariffs.words import Json

PATTERNS = ("tiers", "fixed", "guarantee", "orders")
ACCUMULATIONS = ("ticket", "settlement", "week", "month", "quarter")
BY_TICKET = "fixed"
"""The one pattern that looks at each ticket alone when nothing else is said."""
WITHDRAWN = {"BGN"}
"""Gone since Babel's data were made: Bulgaria pays in euro from 2026 on."""
KEY = re.compile(r"[a-z][a-z0-9_]{1,59}")


def list_currencies(locale: str) -> list[tuple[str, str]]:
    """ISO 4217 codes that some country pays with today, each with its name."""
    current = {
        code
        for ranges in get_global("territory_currencies").values()
        for code, _start, end, tender in ranges
        if tender and end is None
    }
    return [(code, get_currency_name(code, locale=locale)) for code in sorted(current - WITHDRAWN)]


def choose_key(wanted: str, name: str, taken: Iterable[str]) -> str | None:
    """The key that was typed, else one made of the name; None when the typed one does not fit."""
    if wanted:
        return wanted if KEY.fullmatch(wanted) else None
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    base = plain if KEY.fullmatch(plain) else "tariff"
    known = set(taken)
    numbers = (f"{base}_{number}" for number in range(2, len(known) + 3))
    return next(key for key in (base, *numbers) if key not in known)


def make_document(*, key: str, name: str, pattern: str, currency: str, accumulation: str) -> Json:
    """`accumulation` is one of ACCUMULATIONS; with `ticket` tiers look at one ticket, else at a period."""
    measures, charge = _build(pattern, currency, by_period=accumulation != "ticket")
    head: Json = {
        "format": "tierflow.tariff/1",
        "key": key,
        "name": {"zh": name, "en": name},
        "currency": currency,
        "rounding": "half_up",
        "accumulation": "ticket" if accumulation == "ticket" else "period",
    }
    if accumulation != "ticket":
        head["period"] = accumulation
    row = {
        "id": pattern,
        "name": _both(f"tariffs.pattern.{pattern}"),
        "match": {},
        "charge": charge,
        "modifiers": [],
        "pays": {"party": "assignee"},
        "from": {"party": "region_pool"},
    }
    return {**head, "measures": measures, "rows": [row]}


def _both(key: str) -> dict[str, str]:
    return {locale: translate(locale, key) for locale in ("zh", "en")}


def _build(pattern: str, currency: str, *, by_period: bool) -> tuple[Json, Json]:
    """Measures and charge. Figures are those of the pattern's description, in the currency's minor unit."""

    def minor(major: str) -> int:
        return int(Decimal(major).scaleb(get_currency_precision(currency)))

    tickets = {
        "tickets": {
            "label": _both("tariffs.measure.tickets"),
            "kind": "number",
            "unit": _both("tariffs.measure.tickets.unit"),
        }
    }
    if pattern == "tiers":
        first, second = str(minor("50000")), str(minor("100000"))
        tiers: list[Json] = [
            {"from": "0", "to": first, "rate": "0.05"},
            {"from": first, "to": second, "rate": "0.08"},
            {"from": second, "to": None, "rate": "0.12"},
        ]
        sales = {"sales": {"label": _both("tariffs.pattern.sales"), "kind": "money"}}
        return sales, _tiered("volume_percentage", "sales", tiers)
    if pattern == "guarantee":
        return tickets, {
            "model": "guarantee_plus_excess",
            "measure": "tickets",
            "guarantee": minor("3000"),
            "threshold": "80",
            "rate": str(minor("28")),
            "basis": "per_unit",
        }
    if pattern == "orders":
        tiers = [
            {"from": "0", "to": "100", "rate": str(minor("4"))},
            {"from": "100", "to": None, "rate": str(minor("3.6"))},
        ]
        return tickets, _tiered("graduated", "tickets", tiers)
    # a flat amount counts once a period; for each ticket of a period it is a price a ticket
    if by_period:
        return tickets, {"model": "per_unit", "measure": "tickets", "rate": str(minor("35"))}
    return {}, {"model": "flat", "amount": minor("35")}


def _tiered(model: str, measure: str, tiers: list[Json]) -> Json:
    return {"model": model, "measure": measure, "inclusive": "lower", "tiers": tiers}
