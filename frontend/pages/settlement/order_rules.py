"""Rules of attribution: whom orders belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page, Problem
from backend.contracts.orders import AttributionRule
from frontend.api.transport import ApiError
from frontend.attempts import attempt
from frontend.i18n import format_date, pick
from frontend.paging import load_all
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.generated import (
    Refusal,
    choice_field,
    generated_form,
    object_of,
    region_field,
    text_field,
)
from frontend.widgets.icon import icon
from frontend.widgets.parts import card

OWNER_FIELDS = {"region": "region", "department": "owner_id", "partner": "owner_id", "member": "member"}
"""Kind of owner -> the field that asks for it."""
KINDS = tuple(OWNER_FIELDS)
OWNER_UI = {
    field: {
        "ui:showIf": {
            "field": "owner_kind",
            "op": "in",
            "value": [kind for kind, asked in OWNER_FIELDS.items() if asked == field],
        }
    }
    for field in ("region", "owner_id", "member")
}


@component
def order_rules() -> VdomDict:
    """The list, and a form for one more."""
    shell = use_shell()
    t = shell.t
    adding, set_adding = use_state(False)
    loaded = use_resource(shell.api.list_attribution_rules, use_changes("orders"))

    def done(added: bool) -> None:
        if added:
            shell.toast(t("orders.rules.added"), "success")
            loaded.reload()
        set_adding(False)

    async def end(rule: AttributionRule) -> None:
        if await attempt(shell, shell.api.end_attribution_rule(rule.id), t("orders.rules.ended")):
            loaded.reload()

    def draw(page: Page[AttributionRule]) -> VdomDict:
        if not page.items:
            return html.p({"className": "text-muted"}, t("orders.rules.empty"))
        return html.ul([_row(rule, end, shell) for rule in page.items])

    return card(
        html.p({"className": "mb-2 text-sm text-muted"}, t("orders.rules.text")),
        html.div({"key": "list"}, show(loaded, t, draw)),
        html.div({"key": "form", "className": "mt-4"}, rule_form(done, key="fields")) if adding else None,
        html.button(
            {
                "key": "add",
                "type": "button",
                "className": "btn btn-sm mt-3",
                "onClick": lambda _event: set_adding(True),
            },
            icon("plus", 14),
            t("orders.rules.add"),
        )
        if shell.may("settle") and not adding
        else None,
        title=t("orders.rules"),
    )


def _row(rule: AttributionRule, end: Any, shell: Shell) -> VdomDict:
    t = shell.t

    async def press(_event: Any) -> None:
        await end(rule)

    region = " / ".join(pick(name, shell.locale) for name in rule.region_path)
    named = [
        f"{t(f'orders.rules.{name}')} {value}"
        for name, value in (("region", region), ("store", rule.store), ("channel", rule.channel))
        if value
    ]
    since = t("orders.rules.since", day=format_date(rule.valid_from, shell.locale))
    below = " · ".join(part for part in (rule.tariff, since) if part)
    return html.li(
        {"key": rule.id, "className": "flex items-start gap-3 border-b border-base-300 py-2.5"},
        html.span(
            {"className": "min-w-0 flex-1"},
            html.span(
                {"className": "block break-words"},
                " · ".join(named) or t("orders.rules.everything"),
                " → ",
                html.strong({"className": "font-medium"}, rule.owner.name),
            ),
            html.span({"className": "text-sm text-muted"}, below),
        ),
        html.button(
            {
                "type": "button",
                "className": "btn btn-ghost btn-sm btn-square",
                "aria-label": t("orders.rules.end"),
                "title": t("orders.rules.end"),
                "onClick": press,
            },
            icon("x", 16),
        )
        if shell.may("settle")
        else None,
    )


@component
def rule_form(done: Callable[[bool], None]) -> VdomDict:
    """What is left empty fits all. `done` hears whether a rule was added. The page sends the answers itself:
    whom orders belong to is asked in a field that fits its kind."""
    shell = use_shell()
    t = shell.t
    tariffs = use_resource(shell.api.list_tariffs).value
    regions = use_resource(shell.api.list_regions).value
    people = use_resource(lambda: load_all(shell.api.list_members)).value
    refusal, set_refusal = use_state(_no_refusal)
    if tariffs is None or regions is None or people is None:
        return skeleton(4, "h-10", t("shell.loading"))

    async def heard(kind: str, detail: dict[str, Any]) -> None:
        if kind != "submit":
            done(False)
            return
        try:
            await shell.api.add_attribution_rule(to_rule(detail["value"]))
        except ApiError as error:
            problem = _place_faults(error.problem, detail["value"])
            set_refusal(lambda old: Refusal((old.attempt if old else 0) + 1, problem))
            return
        done(True)

    pools = [(each.key, " / ".join(pick(name, shell.locale) for name in each.path)) for each in regions.items]
    fields: dict[str, Any] = {
        "owner_kind": choice_field(
            t("orders.rules.owner_kind"), [(kind, t(f"orders.kind.{kind}")) for kind in KINDS]
        ),
        "region": choice_field(t("orders.kind.region"), pools, hint=t("orders.rules.pool.hint")),
        "member": choice_field(t("orders.kind.member"), [(each.id, each.name) for each in people]),
        "owner_id": text_field(t("orders.rules.owner_id"), longest=80, hint=t("orders.rules.owner_id.hint")),
        "region_id": region_field(t("orders.rules.region")),
        "store": text_field(t("orders.rules.store"), longest=80),
        "channel": text_field(t("orders.rules.channel"), longest=60),
        "tariff": choice_field(
            t("orders.rules.tariff"),
            [(item.key, pick(item.name, shell.locale)) for item in tariffs.items],
            hint=t("orders.rules.tariff.hint"),
        ),
        "valid_from": {"type": "string", "format": "date", "title": t("orders.rules.valid_from")},
    }
    if not tariffs.items:
        del fields["tariff"]
    return generated_form(
        shell,
        object_of(fields, ["owner_kind"]),
        heard,
        ui=OWNER_UI,
        submit=t("orders.rules.save"),
        cancel=t("orders.rules.cancel"),
        value={"owner_kind": "region"},
        refusal=refusal,
    )


def _no_refusal() -> Refusal | None:
    return None


def to_rule(value: dict[str, Any]) -> dict[str, Any]:
    """The answers as the API takes them; what is empty is left out."""
    kind = value.get("owner_kind", "region")
    names = ("region_id", "store", "channel", "tariff", "valid_from")
    body = {name: value[name] for name in names if value.get(name)}
    return {**body, "owner_kind": kind, "owner_id": value.get(OWNER_FIELDS[kind]) or ""}


def _place_faults(problem: Problem, value: dict[str, Any]) -> Problem:
    """Words about the owner stand at the field in which it was asked."""
    field = OWNER_FIELDS[value.get("owner_kind", "region")]
    errors = [
        msgspec.structs.replace(fault, pointer=f"/{field}") if fault.pointer == "/owner_id" else fault
        for fault in problem.errors
    ]
    return msgspec.structs.replace(problem, errors=errors)
