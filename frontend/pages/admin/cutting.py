"""How a region's books are cut into periods, as its form asks for it."""

from __future__ import annotations

from typing import Any

import msgspec

from backend.contracts.common import Problem
from backend.contracts.regions import Region
from frontend.i18n import format_date
from frontend.i18n.catalogue import Translate
from frontend.pages.settlement.books import describe_rule
from frontend.session import Shell
from frontend.widgets.generated import choice_field

CHOICES = ("parent", "week", "month", "quarter", "months", "days")
"""`months` and `days` are the two custom kinds."""
_CUSTOM = {"ui:showIf": {"field": "books", "op": "in", "value": ["months", "days"]}}
CUTTING_UI: dict[str, Any] = {
    "anchor": _CUSTOM,
    "every_months": {"ui:showIf": {"field": "books", "op": "eq", "value": "months"}},
    "every_days": {"ui:showIf": {"field": "books", "op": "eq", "value": "days"}},
}


def describe_cutting(t: Translate) -> dict[str, Any]:
    """Fields of the form."""
    choices = [(key, t(f"periods.region.{key}")) for key in CHOICES]
    return {
        "books": {
            **choice_field(t("periods.region"), choices, hint=t("periods.region.hint")),
            "default": "parent",
        },
        "anchor": {"type": "string", "format": "date", "title": t("periods.region.anchor")},
        "every_months": _count(t("periods.region.every_months"), 12),
        "every_days": _count(t("periods.region.every_days"), 366),
    }


def _count(title: str, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most, "title": title}


def to_cutting(rule: dict[str, Any] | None) -> dict[str, Any]:
    """A rule as answers of the form."""
    if not rule:
        return {"books": "parent"}
    if rule["kind"] != "custom":
        return {"books": rule["kind"]}
    unit = "months" if rule.get("months") else "days"
    return {"books": unit, "anchor": rule["anchor"], f"every_{unit}": rule[unit]}


def to_rule(value: dict[str, Any]) -> dict[str, Any] | None:
    """Answers of the form as a rule; what is missing is named by the server."""
    chosen = value.get("books", "parent")
    if chosen == "parent":
        return None
    if chosen not in ("months", "days"):
        return {"kind": chosen}
    rule: dict[str, Any] = {"kind": "custom", "anchor": value.get("anchor")}
    rule[chosen] = value.get(f"every_{chosen}", 1 if chosen == "months" else None)
    return {name: part for name, part in rule.items() if part is not None}


def place_faults(problem: Problem) -> Problem:
    """What the server says of the rule, at the fields of the form that it was made of."""
    names = {"/settlement": "/books", "/settlement/kind": "/books", "/settlement_from": "/books"}
    names |= {"/settlement/months": "/every_months", "/settlement/days": "/every_days"}
    names["/settlement/anchor"] = "/anchor"
    faults = [
        msgspec.structs.replace(fault, pointer=names.get(fault.pointer, fault.pointer))
        for fault in problem.errors
    ]
    return msgspec.structs.replace(problem, errors=faults)


def name_cutting(region: Region, shell: Shell) -> str:
    """The rule in words, with the day from which it holds."""
    words = describe_rule(region.settlement or {}, shell)
    if region.settlement_from is None:
        return words
    day = format_date(region.settlement_from, shell.locale)
    return shell.t("periods.region.since", rule=words, day=day)
