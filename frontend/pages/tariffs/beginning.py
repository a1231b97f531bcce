"""The dialog of a new tariff: a name, how it pays, in which currency; the rest is done in the grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from reactpy import component, html, use_memo, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.settlement import CreateTariff, TariffItem
from frontend.api.transport import ApiError
from frontend.pages.tariffs.starting import (
    ACCUMULATIONS,
    BY_TICKET,
    PATTERNS,
    choose_key,
    list_currencies,
    make_document,
)
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.parts import dialog

MOST_CHOICES = 6


@component
def beginning(known: list[TariffItem], close: Callable[[], None]) -> VdomDict:
    """Opens the tariff when it is made."""
    shell = use_shell()
    pattern, set_pattern = use_state(PATTERNS[0])
    accumulation, set_accumulation = use_state("")
    fault, set_fault = use_state("")
    typed: Any = use_ref({"name": "", "currency": "", "key": ""})
    attempt_key = use_ref(str(uuid4()))
    regions = use_resource(shell.api.list_regions).value
    usual = next(
        (each.currency for each in (regions.items if regions else []) if each.parent_id is None), "CNY"
    )
    basis = accumulation or ("ticket" if pattern == BY_TICKET else "month")

    async def create(_event: object) -> None:
        if not shell.may("settle", "publish"):
            return
        name = typed.current["name"].strip()
        currency = (typed.current["currency"].strip() or usual).split(" ")[0].upper()
        key = choose_key(typed.current["key"].strip(), name, [each.key for each in known])
        wrong = _find_fault(name, key, currency, list_currencies(shell.locale))
        if wrong or key is None:
            set_fault(shell.t(f"tariffs.new.fault.{wrong}"))
            return
        document = make_document(key=key, name=name, pattern=pattern, currency=currency, accumulation=basis)
        try:
            made = await shell.api.create_tariff(CreateTariff(document=document), attempt_key.current)
        except ApiError as error:
            attempt_key.current = str(uuid4())
            problem = error.problem
            reason = "; ".join(each.message for each in problem.errors[:3]) or problem.detail or problem.title
            set_fault(shell.t("tariffs.new.failed", reason=reason))
            return
        shell.go(f"/settlement/tariffs/{made.id}")

    def note_currency(text: str) -> None:
        typed.current["currency"] = text

    def note(name: str) -> Callable[[dict[str, Any]], None]:
        def change(event: dict[str, Any]) -> None:
            typed.current[name] = str(event["target"]["value"])

        return change

    return dialog(
        shell.t("tariffs.new"),
        shell.t,
        close,
        html.div(
            {"className": "flex flex-col gap-4"},
            _text(shell.t("tariffs.new.name"), note("name"), {"maxLength": 100, "autoFocus": True}),
            _patterns(pattern, set_pattern, shell),
            html.div(
                {"className": "grid gap-4 sm:grid-cols-2"},
                currency_field(usual, note_currency),
                _basis(basis, set_accumulation, shell),
            ),
            html.details(
                html.summary({"className": "tf-link cursor-pointer text-sm"}, shell.t("tariffs.new.more")),
                html.div(
                    {"className": "mt-3"},
                    _text(
                        shell.t("tariffs.new.key"),
                        note("key"),
                        {"maxLength": 60, "placeholder": shell.t("tariffs.new.key.auto")},
                    ),
                ),
            ),
        ),
        html.p({"className": "mt-3 text-error", "role": "alert"}, fault) if fault else None,
        actions=[
            html.button(
                {"type": "button", "className": "btn btn-primary", "onClick": create},
                shell.t("tariffs.new.create"),
            )
        ],
    )


def _find_fault(name: str, key: str | None, currency: str, currencies: list[tuple[str, str]]) -> str | None:
    if not name:
        return "name"
    if key is None:
        return "key"
    return None if currency in dict(currencies) else "currency"


def _text(label: str, change: Callable[[dict[str, Any]], None], more: dict[str, Any]) -> VdomDict:
    return html.label(
        {"className": "flex flex-col gap-1"},
        html.span({"className": "text-sm text-muted"}, label),
        html.input({"type": "text", "className": "input w-full", "onChange": change, **more}),
    )


def _patterns(chosen: str, choose: Callable[[str], None], shell: Shell) -> VdomDict:
    def card(name: str) -> VdomDict:
        active = name == chosen
        return html.label(
            {
                "key": name,
                "className": "flex cursor-pointer items-start gap-3 rounded-field border p-3 "
                + ("border-primary bg-accent text-accent-content" if active else "border-base-300"),
            },
            html.input(
                {
                    "type": "radio",
                    "name": "pattern",
                    "className": "radio radio-sm mt-0.5",
                    "checked": active,
                    "onChange": lambda _event: choose(name),
                }
            ),
            html.span(
                html.span({"className": "block font-medium"}, shell.t(f"tariffs.pattern.{name}")),
                html.span({"className": "block text-sm"}, shell.t(f"tariffs.pattern.{name}.hint")),
            ),
        )

    return html.fieldset(
        html.legend({"className": "mb-1 text-sm text-muted"}, shell.t("tariffs.new.pattern")),
        html.div({"className": "grid gap-2 sm:grid-cols-2"}, [card(name) for name in PATTERNS]),
    )


@component
def currency_field(usual: str, note: Callable[[str], None]) -> VdomDict:
    """Narrows the list as one types, by code or by name. (A `datalist` would travel with every event.)"""
    shell = use_shell()
    typed, set_typed = use_state("")
    chosen, set_chosen = use_state("")
    currencies = use_memo(lambda: list_currencies(shell.locale), [shell.locale])
    wanted = typed.strip().lower()
    found = [each for each in currencies if wanted in f"{each[0]} {each[1]}".lower()][:MOST_CHOICES]

    def change(event: dict[str, Any]) -> None:
        text = str(event["target"]["value"])
        set_typed(text)
        set_chosen("")
        note(text)

    def choose(code: str) -> Callable[[object], None]:
        def take(_event: object) -> None:
            set_typed("")
            set_chosen(code)
            note(code)

        return take

    return html.div(
        {"className": "flex flex-col gap-1"},
        html.label(
            {"className": "flex flex-col gap-1"},
            html.span({"className": "text-sm text-muted"}, shell.t("tariffs.currency")),
            html.input(
                {
                    "key": f"{usual} {chosen}",
                    "type": "text",
                    "className": "input w-full",
                    "defaultValue": chosen or usual,
                    "maxLength": 60,
                    "title": shell.t("tariffs.new.currency.hint"),
                    "onChange": change,
                }
            ),
        ),
        html.ul(
            {"className": "rounded-field border border-base-300"},
            [
                html.li(
                    {"key": code},
                    html.button(
                        {
                            "type": "button",
                            "className": "w-full px-3 py-1.5 text-left text-sm hover:bg-base-200",
                            "onClick": choose(code),
                        },
                        f"{code} · {name}",
                    ),
                )
                for code, name in found
            ],
        )
        if wanted and found and wanted.upper() != found[0][0]
        else None,
    )


def _basis(chosen: str, choose: Callable[[str], None], shell: Shell) -> VdomDict:
    return html.label(
        {"className": "flex flex-col gap-1"},
        html.span({"className": "text-sm text-muted"}, shell.t("tariffs.new.accumulation")),
        html.select(
            {
                "className": "select w-full",
                "value": chosen,
                "onChange": lambda event: choose(str(event["target"]["value"])),
            },
            [
                html.option({"key": each, "value": each}, shell.t(f"tariffs.accumulation.{each}"))
                for each in ACCUMULATIONS
            ],
        ),
    )
