"""The form of a task as one reader sees it, and what a submission may write.

Shared by staff and customers: both sides pass the same checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tasks as wire
from backend.contracts.common import Text
from backend.db.models import StoredFile
from backend.engine.rating import RATING_FORM
from backend.engine.state import Task as EngineTask
from backend.features.platform.errors import FieldError, Invalid
from backend.forms.fields import Field, list_fields
from backend.forms.projection import merge_submission, project_data, project_form
from backend.forms.validation import compile_form, validate
from backend.graph.model import Definition, Form

EMPTY_FORM: dict[str, Any] = {
    "title": {"zh": "", "en": ""},
    "schema": {"type": "object", "properties": {}},
    "ui": {},
}


def read_form(form: Form) -> dict[str, Any]:
    """A form of a definition as the plain JSON that the forms package reads."""
    document: dict[str, Any] = msgspec.to_builtins(form)
    return document


def form_of(definition: Definition, task: EngineTask) -> dict[str, Any]:
    """The task's form; a rating without one asks for stars and a comment; none is an empty form."""
    form = definition.forms.get(task.form) if task.form else None
    if form is not None:
        return read_form(form)
    return read_form(RATING_FORM) if task.kind == "rating" else EMPTY_FORM


def present_form(form: Mapping[str, Any], access: Mapping[str, Any]) -> wire.TaskForm:
    """The form without hidden fields; readonly ones marked."""
    shown = project_form(form, access)
    return wire.TaskForm(title=Text(**shown["title"]), schema=shown["schema"], ui=shown.get("ui", {}))


def present_data(
    form: Mapping[str, Any], data: Mapping[str, Any], access: Mapping[str, Any]
) -> dict[str, Any]:
    """The stored answers to the form's visible fields."""
    return project_data(form, data, access)


def hash_form(form: Mapping[str, Any]) -> str:
    """Tells one version of a form from another; drafts are kept with it."""
    return compile_form(form).schema_hash


def check_submission(
    form: Mapping[str, Any],
    access: Mapping[str, Any],
    submitted: Mapping[str, Any],
    stored: Mapping[str, Any],
) -> dict[str, Any]:
    """What the form writes: only fields that changed, a removed one as None.

    Raises Invalid with every fault.
    """
    issues = validate(compile_form(form), submitted, access=access, stored=stored)
    if issues:
        raise Invalid(
            errors=[
                FieldError(f"/data{issue.pointer}", f"answer.{issue.code}", dict(issue.params))
                for issue in issues
            ]
        )
    return difference(form, access, submitted, stored)


def keep_valid(
    form: Mapping[str, Any],
    access: Mapping[str, Any],
    submitted: Mapping[str, Any],
    stored: Mapping[str, Any],
) -> dict[str, Any]:
    """What a button that asks for no complete form writes: the answers without a fault; the others stay as
    they were."""
    issues = validate(compile_form(form), submitted, access=access, stored=stored)
    faulty = {issue.pointer.split("/")[1] for issue in issues if issue.pointer}
    good = {name: value for name, value in submitted.items() if name not in faulty}
    return difference(form, access, {**project_data(form, stored, access), **good}, stored)


def difference(
    form: Mapping[str, Any],
    access: Mapping[str, Any],
    submitted: Mapping[str, Any],
    stored: Mapping[str, Any],
) -> dict[str, Any]:
    """A merge patch from the stored data to what the submission makes of it."""
    merged = merge_submission(form, stored, submitted, access)
    changed = {name: value for name, value in merged.items() if name not in stored or stored[name] != value}
    removed = {name: None for name in stored if name not in merged}
    return {**changed, **removed}


def list_file_ids(form: Mapping[str, Any], data: Mapping[str, Any]) -> list[str]:
    """Ids in the form's photo and file fields, also inside repeated groups."""
    return list(dict.fromkeys(_walk_files(form["schema"], data)))


def _walk_files(schema: Mapping[str, Any], value: Any) -> list[str]:
    if schema.get("x-type") == "file":
        return [value] if isinstance(value, str) else []
    if isinstance(value, list):
        items = schema.get("items", {})
        return [found for item in value for found in _walk_files(items, item)]
    if isinstance(value, Mapping):
        properties = schema.get("properties", {})
        return [
            found
            for name, item in value.items()
            if name in properties
            for found in _walk_files(properties[name], item)
        ]
    return []


async def check_files(
    session: AsyncSession,
    workspace_id: str,
    form: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    owners: tuple[str, ...],
    ticket_id: str | None = None,
) -> list[str]:
    """The ids of attached files; each must have been uploaded by one of `owners` or belong to the ticket
    already.

    Raises Invalid (`file_unknown`).
    """
    ids = list_file_ids(form, data)
    if not ids:
        return []
    statement = select(StoredFile.id, StoredFile.owner, StoredFile.ticket_id).where(
        StoredFile.workspace_id == workspace_id, StoredFile.id.in_(ids)
    )
    known = {
        file_id
        for file_id, owner, ticket in (await session.execute(statement)).all()
        if owner in owners or (ticket_id is not None and ticket == ticket_id)
    }
    errors = [
        FieldError(f"/data/{name}", "file_unknown")
        for name, value in data.items()
        if any(file_id not in known for file_id in list_file_ids(form, {name: value}))
    ]
    if errors:
        raise Invalid(errors=errors)
    return ids


def show_fields(
    definition: Definition, paths: tuple[str, ...], data: Mapping[str, Any]
) -> list[wire.ShownField]:
    """Fields beside the form, for reading: label and value, choices in words."""
    fields = {
        field.path: field
        for field in list_fields({key: read_form(form) for key, form in definition.forms.items()})
    }
    return [
        _show(fields[path], value)
        for path in paths
        if path in fields and (value := _find(data, path)) is not None
    ]


def show_answers(definition: Definition, data: Mapping[str, Any]) -> list[wire.ShownField]:
    """Everything in `data` that a form of the definition names, in the order of the forms."""
    fields = list_fields({key: read_form(form) for key, form in definition.forms.items()})
    return show_fields(definition, tuple(dict.fromkeys(field.path for field in fields)), data)


def _find(data: Mapping[str, Any], path: str) -> Any:
    value: Any = data
    for name in path.removeprefix("data.").split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _show(field: Field, value: Any) -> wire.ShownField:
    words = {choice.value: Text(choice.label.zh, choice.label.en) for choice in field.choices}
    chosen = value if isinstance(value, list) else [value]
    return wire.ShownField(
        path=field.path,
        label=Text(field.label.zh, field.label.en),
        type=field.type,
        value=value,
        choices=[words[item] for item in chosen if isinstance(item, str) and item in words],
        currency=field.currency,
    )
