"""The fields that conditions may name: those of the forms, and what every ticket has."""

from __future__ import annotations

import msgspec

from backend.contracts import workflows as wire
from backend.contracts.common import Text
from backend.forms.fields import list_fields as list_form_fields
from backend.graph.model import Definition
from backend.graph.registry import Registry
from backend.graph.written import list_written
from backend.messages import LOCALES, render

NAMED = frozenset(
    {"string", "number", "money", "boolean", "date", "datetime", "choice", "multi", "photos", "files", "list"}
)
"""Photos, files and groups have no one value to compare, but a name by which panels show them."""


def list_fields(definition: Definition, registry: Registry) -> list[wire.DataField]:
    """Form fields in the order of the forms, what steps compute beside them, then the ticket's own."""
    forms = {key: msgspec.to_builtins(form) for key, form in definition.forms.items()}
    found = [
        wire.DataField(
            path=field.path,
            label=Text(zh=field.label.zh, en=field.label.en),
            type=field.type,
            choices=[
                wire.Choice(value=choice.value, label=Text(zh=choice.label.zh, en=choice.label.en))
                for choice in field.choices
            ],
        )
        for field in list_form_fields(forms)
        if field.type in NAMED
    ]
    known = {field.path for field in found}
    computed = [
        wire.DataField(path=field.path, label=Text(label.zh, label.en), type=field.type)
        for field in list_written(definition, registry)
        if field.path not in known and (label := field.label) is not None
    ]
    return [*found, *computed, *_list_ticket_fields()]


def _list_ticket_fields() -> list[wire.DataField]:
    def text(code: str) -> Text:
        return Text(**{locale: render(code, {}, locale) for locale in LOCALES})

    def choices(prefix: str, *values: str) -> list[wire.Choice]:
        return [wire.Choice(value=value, label=text(f"{prefix}_{value}")) for value in values]

    return [
        wire.DataField(
            path="ticket.priority",
            label=text("field_ticket_priority"),
            type="choice",
            choices=choices("priority", "low", "normal", "high", "urgent"),
        ),
        wire.DataField(
            path="ticket.source",
            label=text("field_ticket_source"),
            type="choice",
            choices=choices("source", "customer", "staff", "system"),
        ),
        wire.DataField(path="ticket.channel", label=text("field_ticket_channel"), type="string"),
        wire.DataField(path="ticket.region", label=text("field_ticket_region"), type="string"),
        wire.DataField(path="customer.grade", label=text("field_customer_grade"), type="string"),
    ]
