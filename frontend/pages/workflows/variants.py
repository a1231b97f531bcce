"""Which workflow a ticket really begins in: rules in order, tried with a start as it might come."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec
from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Text
from backend.contracts.triggers import TriedVariants, VariantRule, Variants
from backend.contracts.workflows import WorkflowItem
from frontend.api.transport import ApiError, quoted
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.pages.workflows.trigger_names import describe_names, use_fields
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.generated import (
    Refusal,
    both_languages,
    choice_field,
    generated_form,
    object_of,
    region_field,
    text_field,
)
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card, dialog

SOURCES = ("customer", "staff", "system")

Save = Callable[[list[VariantRule]], Any]


@component
def variants(workflow_id: str) -> VdomDict:
    """The rules, each with its condition and where it leads."""
    shell = use_shell()
    t = shell.t
    path = f"/workflows/{quoted(workflow_id)}/variants"
    loaded = use_resource(lambda: shell.api.transport.read(Variants, path), workflow_id)
    workflows = use_resource(shell.api.list_workflows)
    editing, set_editing = use_state("")
    items = [item for item in workflows.value.items if item.id != workflow_id] if workflows.value else []

    async def put(rules: list[VariantRule]) -> None:
        body = {"rules": msgspec.to_builtins(rules)}
        await shell.api.transport.write(Variants, "PUT", path, body)
        loaded.reload()

    async def save(rules: list[VariantRule]) -> None:
        await attempt(shell, put(rules), t("triggers.variants.saved"))

    def draw(found: Variants) -> VdomDict:
        rules = found.rules
        rule = next((rule for rule in rules if rule.id == editing), None)
        warnings: dict[str, list[str]] = {}
        for each in found.warnings:
            warnings.setdefault(each.rule, []).append(each.message)
        return html.div(
            {"className": "flex flex-col gap-3"},
            html.ol(
                {"key": "rules", "className": "flex flex-col divide-y divide-base-300"},
                [
                    rule_row(rules, at, items, warnings.get(each.id, []), save, set_editing, key=each.id)
                    for at, each in enumerate(rules)
                ],
            )
            if rules
            else None,
            html.p(
                {"key": "else", "className": "flex items-center gap-2 text-sm text-muted"},
                icon("corner-down-right", 14),
                t("triggers.variants.else" if rules else "triggers.variants.empty"),
            ),
            rule_form(workflow_id, rules, rule, items, put, lambda: set_editing(""), key=f"form-{editing}")
            if editing
            else None,
            variant_trial(workflow_id, rules, key="trial") if rules else None,
        )

    add = html.button(
        {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: set_editing("new")},
        icon("plus", 16),
        t("triggers.variants.add"),
    )
    return card(
        html.p({"className": "mb-3 text-sm text-muted"}, t("triggers.variants.text")),
        html.div(show(loaded, t, draw)),
        title=t("triggers.variants"),
        actions=[add] if shell.may("publish") and items else [],
    )


@component
def rule_row(  # noqa: PLR0917 - one row and what it can do
    rules: list[VariantRule],
    at: int,
    items: list[WorkflowItem],
    warnings: list[str],
    save: Save,
    edit: Callable[[str], None],
) -> VdomDict:
    """Its place in the order counts: the first that holds wins."""
    shell = use_shell()
    t = shell.t
    rule = rules[at]
    names = {item.id: pick(item.name, shell.locale) or item.key for item in items}
    name = pick(rule.name, shell.locale) or t("triggers.variants.rule", number=at + 1)

    def command(symbol: str, text: str, press: Any, *, off: bool = False) -> VdomDict:
        attributes = {
            "key": symbol,
            "type": "button",
            "className": "btn btn-ghost btn-sm btn-square",
            "aria-label": f"{text}: {name}",
        }
        return html.button(attributes | {"title": text, "disabled": off, "onClick": press}, icon(symbol, 14))

    async def up(_event: object) -> None:
        await save([*rules[: at - 1], rule, rules[at - 1], *rules[at + 1 :]])

    async def down(_event: object) -> None:
        await save([*rules[:at], rules[at + 1], rule, *rules[at + 2 :]])

    async def drop(_event: object) -> None:
        await save([*rules[:at], *rules[at + 1 :]])

    async def switch(_event: object) -> None:
        await save([*rules[:at], msgspec.structs.replace(rule, active=not rule.active), *rules[at + 1 :]])

    return html.li(
        {"className": "flex flex-wrap items-start gap-x-3 gap-y-2 py-3"},
        html.span({"className": "w-5 pt-0.5 text-right text-muted tf-tabular"}, str(at + 1)),
        html.div(
            {"className": "min-w-0 flex-1 basis-56"},
            html.div(
                {"className": "flex flex-wrap items-center gap-2"},
                html.span({"className": "font-medium"}, name),
                icon("arrow-right", 14),
                html.span(names.get(rule.workflow_id, rule.workflow_id)),
                badge(t("triggers.off"), "soft badge-warning") if not rule.active else None,
            ),
            html.code({"className": "block break-words text-xs text-muted"}, rule.when),
            html.div(
                [
                    html.p({"key": number, "className": "text-sm text-warning"}, text)
                    for number, text in enumerate(warnings)
                ]
            ),
        ),
        html.div(
            {"className": "flex gap-1"},
            command("arrow-up", t("triggers.variants.up"), up, off=at == 0),
            command("arrow-down", t("triggers.variants.down"), down, off=at == len(rules) - 1),
            command("power", t("triggers.variants.switch"), switch),
            command("pencil", t("triggers.edit"), lambda _event: edit(rule.id)),
            command("trash-2", t("triggers.remove"), drop),
        )
        if shell.may("publish")
        else None,
    )


@component
def rule_form(  # noqa: PLR0917 - one rule among its neighbours
    workflow_id: str,
    rules: list[VariantRule],
    rule: VariantRule | None,
    items: list[WorkflowItem],
    put: Save,
    close: Callable[[], None],
) -> VdomDict:
    """A new rule goes to the end."""
    shell = use_shell()
    t = shell.t
    refusal, set_refusal = use_state(_no_refusal)
    fields = use_fields(shell, workflow_id)
    at = next((at for at, each in enumerate(rules) if rule and each.id == rule.id), len(rules))

    async def heard(event: str, detail: dict[str, Any]) -> None:
        if event == "submit":
            value = detail["value"]
            wanted = VariantRule(
                id=rule.id if rule else uuid4().hex[:12],
                name=Text(**{locale: str(value["name"].get(locale, "")) for locale in ("zh", "en")}),
                when=value["when"],
                workflow_id=value["workflow_id"],
                active=rule.active if rule else True,
            )
            try:
                await put([*rules[:at], wanted, *rules[at + 1 :]])
            except ApiError as error:
                errors = [
                    msgspec.structs.replace(fault, pointer=fault.pointer.removeprefix(f"/rules/{at}"))
                    for fault in error.problem.errors
                ]
                problem = msgspec.structs.replace(error.problem, errors=errors)
                set_refusal(lambda old: Refusal((old.attempt if old else 0) + 1, problem))
                return
            shell.toast(t("triggers.variants.saved"), "success")
        close()

    names = [(item.id, pick(item.name, shell.locale) or item.key) for item in items]
    schema = object_of(
        {
            "name": both_languages(t("triggers.variants.name"), 60),
            "when": text_field(
                t("triggers.variants.when"),
                longest=2048,
                hint=t("triggers.variants.when.hint"),
                minLength=1,
                **{"x-widget": "cel", "x-cel": "condition"},
            ),
            "workflow_id": choice_field(t("triggers.variants.target"), names),
        },
        ["name", "when", "workflow_id"],
    )
    value = msgspec.to_builtins(rule) if rule else {}
    form = generated_form(
        shell,
        schema,
        heard,
        value={name: value[name] for name in ("name", "when", "workflow_id") if name in value},
        submit=t("triggers.save"),
        cancel=t("shell.cancel"),
        refusal=refusal,
        expressions=describe_names(shell, workflow_id, "", fields.value.items if fields.value else []),
    )
    return dialog(t("triggers.variants.edit" if rule else "triggers.variants.add"), t, close, form)


def _no_refusal() -> Refusal | None:
    return None


@component
def variant_trial(workflow_id: str, rules: list[VariantRule]) -> VdomDict:
    """Sample data through the rules; nothing is written."""
    shell = use_shell()
    t = shell.t
    is_open, set_open = use_state(False)
    tried, set_tried = use_state(_nothing)

    async def heard(event: str, detail: dict[str, Any]) -> None:
        if event != "submit":
            return
        value = dict(detail["value"])
        try:
            data = json.loads(value.pop("data", "") or "{}")
            if not isinstance(data, dict):
                raise ValueError
        except ValueError:
            shell.toast(t("triggers.try.json"), "error")
            return

        async def ask() -> None:
            path = f"/workflows/{quoted(workflow_id)}/variants/try"
            found = await shell.api.transport.write(TriedVariants, "POST", path, value | {"data": data})
            set_tried(lambda _old: found)

        await attempt(shell, ask())

    sources = [(key, t(f"triggers.source.{key}")) for key in SOURCES]
    schema = object_of(
        {
            "data": text_field(t("triggers.variants.data"), longest=20_000, default='{"kind": "vip"}'),
            "source": {**choice_field(t("triggers.variants.source"), sources), "default": "customer"},
            "channel": text_field(t("triggers.variants.channel"), longest=60),
            "region_id": region_field(t("triggers.region")),
        }
    )
    toggle = html.button(
        {
            "type": "button",
            "className": "btn btn-sm",
            "aria-expanded": "true" if is_open else "false",
            "onClick": lambda _event: set_open(not is_open),
        },
        icon("play", 14),
        t("triggers.try"),
    )
    return html.div(
        {"className": "flex flex-col gap-3"},
        html.div({"key": "toggle"}, toggle),
        html.div(
            {"key": "trial", "className": "rounded-field border border-base-300 p-4"},
            generated_form(
                shell, schema, heard, ui={"data": {"ui:widget": "textarea"}}, submit=t("triggers.try.run")
            ),
            _draw_tried(tried, rules, shell) if tried else None,
        )
        if is_open
        else None,
    )


def _nothing() -> TriedVariants | None:
    return None


def _draw_tried(tried: TriedVariants, rules: list[VariantRule], shell: Shell) -> VdomDict:
    t = shell.t
    names = {rule.id: pick(rule.name, shell.locale) for rule in rules}
    workflow = pick(tried.workflow, shell.locale)
    said = (
        t("triggers.variants.chosen", rule=names.get(tried.rule, ""), workflow=workflow)
        if tried.rule
        else t("triggers.variants.none", workflow=workflow)
    )
    return html.div(
        {"className": "mt-3 flex flex-col gap-1 text-sm", "role": "status", "data-tried": tried.rule or ""},
        html.p({"className": "font-medium"}, said),
        html.ul(
            [
                html.li(
                    {"key": each.rule, "className": "flex flex-wrap items-center gap-2"},
                    icon("check" if each.holds else "x", 14),
                    names.get(each.rule, each.rule),
                    html.span({"className": "text-warning"}, each.message) if each.message else None,
                )
                for each in tried.verdicts
            ]
        ),
        html.ul(
            {"className": "text-error"},
            [
                html.li({"key": at}, f"{pick(each.label, shell.locale)}: {each.message}")
                for at, each in enumerate(tried.faults)
            ],
        )
        if tried.faults
        else None,
    )
