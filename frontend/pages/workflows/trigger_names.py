"""What expressions of a trigger or a variant rule can name, for the builder of conditions."""

from __future__ import annotations

from typing import Any

import msgspec

from backend.contracts.common import Page
from backend.contracts.workflows import DataField
from frontend.api.transport import quoted
from frontend.session import Resource, Shell, use_resource

OWN: dict[str, tuple[tuple[str, str], ...]] = {
    "webhook": (("body", "object"),),
    "schedule": (("body.date", "date"), ("body.time", "string"), ("body.missed", "number")),
    "record_date": (("record.key", "string"), ("record.collection", "string")),
    "email": (
        ("mail.subject", "string"),
        ("mail.from", "string"),
        ("mail.from_name", "string"),
        ("mail.to", "string"),
        ("mail.text", "string"),
        ("mail.attachments", "list"),
    ),
    "message": (("body.correlation", "string"), ("data", "object")),
}
"""By kind: what its causes bring, with its type. What other systems send has no list: it is typed."""
ROOTS = {"": ("data.", "ticket."), "api": ("data.",), "event": ("ticket.",), "record_date": ("ticket.",)}
"""Which of the workflow's own fields a kind knows; the empty kind is a rule of variants."""
OF_CHOSEN = frozenset({"event", "record_date"})
"""Kinds that look at a ticket; its data has the fields of the workflow that their form names."""


def use_fields(shell: Shell, workflow_id: str) -> Resource[Page[DataField]]:
    """The fields of this workflow and its tickets."""
    path = f"/workflows/{quoted(workflow_id)}/fields"
    return use_resource(lambda: shell.api.transport.read(Page[DataField], path), workflow_id)


def describe_names(shell: Shell, workflow_id: str, kind: str, fields: list[DataField]) -> dict[str, Any]:
    """For `generated_form(expressions=...)`; `kind` is a trigger's, or empty for a rule of variants."""
    own = [
        {"path": path, "label": dict.fromkeys(("zh", "en"), shell.t(f"triggers.name.{path}")), "type": type_}
        for path, type_ in OWN.get(kind, ())
    ]
    roots = ROOTS.get(kind, ())
    known = [msgspec.to_builtins(field) for field in fields if roots and field.path.startswith(roots)]
    named: dict[str, Any] = {
        "checkUrl": f"/workflows/{quoted(workflow_id)}/expression-checks",
        "fields": own + known,
    }
    return named | ({"fieldsOf": "workflow_id"} if kind in OF_CHOSEN else {})
