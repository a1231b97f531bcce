"""Rules of attribution: whom orders belong to."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.orders import AttributionRule
from frontend.attempts import attempt
from frontend.i18n import format_date, pick
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.generated import choice_field, generated_form, object_of, region_field, text_field
from frontend.widgets.icon import icon
from frontend.widgets.parts import card

KINDS = ("region", "department", "partner", "member")


@component
def order_rules() -> VdomDict:
    """The list, and a form for one more."""
    shell = use_shell()
    t = shell.t
    adding, set_adding = use_state(False)
    loaded = use_resource(shell.api.list_attribution_rules, use_changes("orders"))

    def heard(kind: str, _detail: dict[str, Any]) -> None:
        if kind == "submitted":
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
        html.div({"key": "form", "className": "mt-4"}, rule_form(heard, key="fields")) if adding else None,
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
def rule_form(heard: Any) -> VdomDict:
    """What is left empty fits all."""
    shell = use_shell()
    t = shell.t
    tariffs = use_resource(shell.api.list_tariffs).value
    fields: dict[str, Any] = {
        "owner_kind": choice_field(
            t("orders.rules.owner_kind"), [(kind, t(f"orders.kind.{kind}")) for kind in KINDS]
        ),
        "owner_id": text_field(t("orders.rules.owner_id"), longest=80, hint=t("orders.rules.owner_id.hint")),
        "region_id": region_field(t("orders.rules.region")),
        "store": text_field(t("orders.rules.store"), longest=80),
        "channel": text_field(t("orders.rules.channel"), longest=60),
        "tariff": choice_field(
            t("orders.rules.tariff"),
            [(item.key, pick(item.name, shell.locale)) for item in (tariffs.items if tariffs else [])],
            hint=t("orders.rules.tariff.hint"),
        ),
        "valid_from": {"type": "string", "format": "date", "title": t("orders.rules.valid_from")},
    }
    if tariffs is None or not tariffs.items:
        del fields["tariff"]
    return generated_form(
        shell,
        object_of(fields, ["owner_kind"]),
        heard,
        url="/attribution-rules",
        submit=t("orders.rules.save"),
        cancel=t("orders.rules.cancel"),
        value={"owner_kind": "region"},
    )
