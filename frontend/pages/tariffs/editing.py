"""Editing a tariff: a row by fields in the units people use, or the whole document as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import Component, VdomDict

from frontend.i18n import pick
from frontend.pages.tariffs.changes import (
    NEW_MODIFIERS,
    Path,
    add_modifier,
    add_tier,
    change_model,
    copy_row,
    drop_row,
    find_at,
    order_tiers,
    set_at,
)
from frontend.pages.tariffs.units import (
    read_amount,
    read_number,
    read_share,
    write_amount,
    write_number,
    write_share,
)
from frontend.pages.tariffs.words import (
    DIMENSIONS,
    FRACTIONAL,
    MODELS,
    TIERED,
    Json,
    name_measure,
    name_row,
    read_text,
)
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.entry_box import choice_box, entry_box
from frontend.widgets.icon import icon
from frontend.widgets.parts import card

Change = Callable[[Json], None]


class Form:
    """Fields over one document: what each shows, and the document that its change makes."""

    def __init__(self, document: Json, change: Change, shell: Shell) -> None:
        self.document = document
        self.change = change
        self.shell = shell
        self.currency = str(document.get("currency", "CNY"))
        self.measures: Json = document.get("measures") or {}

    def text(self, label: str, path: Path) -> Component:
        """Plain text; an empty one takes the value away."""

        def commit(text: str) -> None:
            self.change(set_at(self.document, path, text.strip() or None))

        return entry_box(label, str(find_at(self.document, path) or ""), commit, key=repr(path))

    def number(self, label: str, path: Path, unit: str, *, whole: bool = False) -> Component:
        """`unit` is amount (shown in major units), share (in percent) or plain; `whole` stores an integer."""
        write = {"amount": write_amount, "share": write_share}.get(unit, write_number)
        read = {"amount": read_amount, "share": read_share}.get(unit, read_number)

        def commit(text: str) -> str | None:
            value = read(text, self.currency)
            if value is None or (whole and value != value.to_integral()):
                return self.shell.t("tariffs.fault.number")
            edited = set_at(self.document, path, int(value) if whole else format(value, "f"))
            self.change(self._ordered(edited, path))
            return None

        suffix = {"amount": self.currency, "share": "%"}.get(unit, "")
        shown = write(find_at(self.document, path), self.currency)
        return entry_box(label, shown, commit, suffix, "decimal", key=repr(path))

    def _ordered(self, edited: Json, path: Path) -> Json:
        """After a bound has changed, each tier ends where the next begins."""
        if "tiers" not in path or path[-1] != "from":
            return edited
        place = path[: path.index("tiers") + 1]
        return set_at(edited, place, order_tiers(find_at(edited, place)))

    def choice(self, label: str, path: Path, options: list[tuple[str, str]]) -> VdomDict:
        """One of a few values; the empty one takes the value away."""
        chosen = str(find_at(self.document, path) or "")
        return choice_box(
            label, options, chosen, lambda value: self.change(set_at(self.document, path, value or None))
        )


@component
def row_editor(document: Json, row_id: str, change: Change) -> VdomDict | None:
    """The fields of one row: for whom, how much, changed by what."""
    shell = use_shell()
    regions = use_resource(shell.api.list_regions).value
    at = next((at for at, row in enumerate(document["rows"]) if row.get("id") == row_id), None)
    if at is None:
        return None
    row: Json = document["rows"][at]
    form = Form(document, change, shell)
    places = [(each.key, pick(each.path[-1], shell.locale)) for each in (regions.items if regions else [])]
    t = shell.t
    return card(
        html.div(
            {"className": "grid gap-3 sm:grid-cols-2 lg:grid-cols-4"},
            form.text(t("tariffs.row.name_zh"), ("rows", at, "name", "zh")),
            form.text(t("tariffs.row.name_en"), ("rows", at, "name", "en")),
            form.choice(
                t("tariffs.match.region"),
                ("rows", at, "match", "region"),
                [("", t("tariffs.match.any")), *places],
            ),
            *(form.text(t(f"tariffs.match.{name}"), ("rows", at, "match", name)) for name in DIMENSIONS),
        ),
        *(_charge(form, path) for path in _charge_paths(row, at)),
        _modifiers(form, at),
        title=t("tariffs.row.edit", name=name_row(row, shell)),
        actions=_row_actions(document, row_id, change, shell),
    )


def _charge_paths(row: Json, at: int) -> list[Path]:
    charge = row.get("charge") or {}
    if charge.get("model") == "composite":
        return [
            ("rows", at, "charge", "parts", part, "charge") for part in range(len(charge.get("parts") or []))
        ]
    return [("rows", at, "charge")]


def _row_actions(document: Json, row_id: str, change: Change, shell: Shell) -> list[VdomDict]:
    def button(text: str, name: str, act: Callable[[], None], off: bool = False) -> VdomDict:
        attributes = {"type": "button", "className": "btn btn-sm btn-ghost", "disabled": off}
        return html.button(attributes | {"onClick": lambda _event: act()}, icon(name, 14), text)

    return [
        button(shell.t("tariffs.row.copy"), "copy", lambda: change(copy_row(document, row_id)[0])),
        button(
            shell.t("tariffs.row.drop"),
            "trash-2",
            lambda: change(drop_row(document, row_id)),
            len(document["rows"]) < 2,
        ),
    ]


def _charge(form: Form, path: Path) -> VdomDict:
    """Model and figures of one charge."""
    t = form.shell.t
    charge: Json = find_at(form.document, path)
    model = str(charge.get("model"))
    part = find_at(form.document, path[:-1]) if "parts" in path else {}
    title = pick(read_text(part.get("name")), form.shell.locale) or t("tariffs.charge")

    def choose(value: str) -> None:
        form.change(set_at(form.document, path, change_model(charge, value, form.measures)))

    models = [(each, t(f"tariffs.model.{each}")) for each in MODELS if each == "flat" or form.measures]
    measures = [(name, name_measure(measure, form.shell)) for name, measure in form.measures.items()]
    return html.div(
        {"key": f"{path} {model}", "className": "mt-4 border-t border-base-300 pt-4"},
        html.p({"className": "mb-2 font-medium"}, title),
        html.div(
            {"className": "grid gap-3 sm:grid-cols-2 lg:grid-cols-4"},
            choice_box(t("tariffs.head.model"), models, model, choose),
            form.choice(t("tariffs.measure"), (*path, "measure"), measures) if model != "flat" else None,
            *_figures(form, path, model, charge),
        ),
        _tiers(form, path, model) if model in TIERED else None,
    )


def _figures(form: Form, path: Path, model: str, charge: Json) -> list[Component | VdomDict]:
    t = form.shell.t
    measure = form.measures.get(str(charge.get("measure"))) or {}
    unit = "amount" if measure.get("kind") == "money" else "plain"
    match model:
        case "flat":
            return [form.number(t("tariffs.amount"), (*path, "amount"), "amount", whole=True)]
        case "per_unit":
            return [form.number(t("tariffs.rate"), (*path, "rate"), "amount")]
        case "percentage":
            return [form.number(t("tariffs.rate"), (*path, "rate"), "share")]
        case "package":
            return [
                form.number(t("tariffs.size"), (*path, "size"), unit),
                form.number(t("tariffs.amount"), (*path, "price"), "amount", whole=True),
            ]
        case "guarantee_plus_excess":
            share = "share" if charge.get("basis", "percentage") == "percentage" else "amount"
            return [
                form.number(t("tariffs.guarantee"), (*path, "guarantee"), "amount", whole=True),
                form.number(t("tariffs.threshold"), (*path, "threshold"), unit),
                form.number(t("tariffs.rate"), (*path, "rate"), share),
            ]
    sides = [(side, t(f"tariffs.inclusive.{side}")) for side in ("lower", "upper")]
    return [form.choice(t("tariffs.inclusive"), (*path, "inclusive"), sides)]


def _tiers(form: Form, path: Path, model: str) -> VdomDict:
    """From where on, and what is paid; each tier ends where the next begins."""
    t = form.shell.t
    tiers: list[Json] = find_at(form.document, (*path, "tiers")) or []
    measure = form.measures.get(str(find_at(form.document, (*path, "measure")))) or {}
    unit = "amount" if measure.get("kind") == "money" else "plain"
    rate_unit = "share" if model in FRACTIONAL else "amount"

    def drop(at: int) -> Callable[[object], None]:
        kept = order_tiers([tier for place, tier in enumerate(tiers) if place != at])
        return lambda _event: form.change(set_at(form.document, (*path, "tiers"), kept))

    def row(at: int) -> VdomDict:
        place = (*path, "tiers", at)
        return html.div(
            {
                "key": f"{at} of {len(tiers)}",
                "className": "grid grid-cols-[1fr_1fr_1fr_auto] items-end gap-3",
            },
            form.number(t("tariffs.tier.from"), (*place, "from"), unit),
            form.number(t("tariffs.rate"), (*place, "rate"), rate_unit),
            form.number(t("tariffs.tier.flat"), (*place, "flat"), "amount", whole=True),
            html.button(
                {
                    "type": "button",
                    "className": "btn btn-ghost btn-sm btn-square",
                    "aria-label": t("tariffs.tier.drop"),
                    "disabled": len(tiers) < 2 or at == 0,
                    "onClick": drop(at),
                },
                icon("x", 16),
            ),
        )

    def add(_event: object) -> None:
        form.change(set_at(form.document, (*path, "tiers"), add_tier(tiers)))

    return html.div(
        {"className": "mt-3 flex flex-col gap-3"},
        [row(at) for at in range(len(tiers))],
        html.button(
            {"type": "button", "className": "btn btn-sm self-start", "onClick": add},
            icon("plus", 14),
            t("tariffs.tier.add"),
        ),
    )


def _modifiers(form: Form, at: int) -> VdomDict:
    """What changes the charge afterwards, each under its condition."""
    t = form.shell.t
    modifiers: list[Json] = form.document["rows"][at].get("modifiers") or []

    def drop(place: int) -> Callable[[object], None]:
        kept = [each for number, each in enumerate(modifiers) if number != place]
        return lambda _event: form.change(set_at(form.document, ("rows", at, "modifiers"), kept))

    def row(place: int, modifier: Json) -> VdomDict:
        path: Path = ("rows", at, "modifiers", place)
        kind = str(modifier.get("kind"))
        figures = (
            [form.number(t("tariffs.factor"), (*path, "factor"), "plain")] if kind == "coefficient" else []
        )
        if kind in ("minimum", "maximum", "deduction", "subsidy"):
            figures.append(form.number(t("tariffs.amount"), (*path, "amount"), "amount", whole=True))
        if kind == "coefficient" and modifier.get("cap") is not None:
            figures.append(form.number(t("tariffs.cap"), (*path, "cap"), "amount", whole=True))
        if kind in ("tax", "deduction", "subsidy"):
            figures.append(form.number(t("tariffs.rate"), (*path, "rate"), "share"))
        return html.div(
            {
                "key": str(modifier.get("id")),
                "className": "grid items-end gap-3 sm:grid-cols-[1fr_1fr_1fr_2fr_auto]",
            },
            html.p({"className": "self-center font-medium"}, t(f"tariffs.modifier.{kind}")),
            *figures,
            form.text(t("tariffs.when"), (*path, "when")),
            html.button(
                {
                    "type": "button",
                    "className": "btn btn-ghost btn-sm btn-square",
                    "aria-label": t("tariffs.modifier.drop"),
                    "onClick": drop(place),
                },
                icon("x", 16),
            ),
        )

    options = [
        ("", t("tariffs.modifier.add")),
        *((kind, t(f"tariffs.modifier.{kind}")) for kind in NEW_MODIFIERS),
    ]

    def add(kind: str) -> None:
        if kind in NEW_MODIFIERS:
            form.change(add_modifier(form.document, at, kind))

    return html.div(
        {"className": "mt-4 flex flex-col gap-3 border-t border-base-300 pt-4"},
        html.p({"className": "font-medium"}, t("tariffs.modifiers")),
        [row(place, each) for place, each in enumerate(modifiers)],
        html.div({"key": f"add {len(modifiers)}", "className": "w-56"}, choice_box("", options, "", add)),
    )


@component
def document_editor(document: Json, change: Change) -> VdomDict:
    """The whole document as JSON, for what the fields do not offer; taken over by a press."""
    shell = use_shell()
    fault, set_fault = use_state("")
    shown = json.dumps(document, ensure_ascii=False, indent=2)
    typed: Any = use_ref(shown)
    typed.current = shown

    def note(event: dict[str, Any]) -> None:
        typed.current = str(event["target"]["value"])

    def take(_event: object) -> None:
        try:
            found = json.loads(typed.current, parse_float=Decimal)
        except ValueError as error:
            set_fault(shell.t("tariffs.json.fault", reason=str(error)))
            return
        if not isinstance(found, dict) or not isinstance(found.get("rows"), list) or not found["rows"]:
            set_fault(shell.t("tariffs.json.shape"))
            return
        set_fault("")
        change(json.loads(json.dumps(found, default=str)))

    return html.section(
        {"className": "tf-card"},
        html.details(
            html.summary({"className": "cursor-pointer font-semibold"}, shell.t("tariffs.json")),
            html.textarea(
                {
                    "key": str(hash(shown)),
                    "className": "textarea mt-3 w-full font-mono text-xs",
                    "rows": 18,
                    "spellCheck": False,
                    "aria-label": shell.t("tariffs.json"),
                    "defaultValue": shown,
                    "onChange": note,
                }
            ),
            html.p({"className": "mt-2 text-error", "role": "alert"}, fault) if fault else None,
            html.button(
                {"type": "button", "className": "btn btn-sm mt-3", "onClick": take},
                shell.t("tariffs.json.take"),
            ),
        ),
    )
