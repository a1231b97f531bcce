"""The form and the data as one node lets its reader see them, and what a submission makes of the stored
data."""

from collections.abc import Mapping
from typing import Any

from backend.forms.validation import Access, compile_form, take_answer


def project_form(form: Mapping[str, Any], access: Mapping[str, Access]) -> dict[str, Any]:
    """The form without hidden fields, readonly ones marked ``ui:readonly``, the node's required ones
    required.

    A rule that looks at a hidden field cannot be shown to the reader either: the browser would tell the
    field's answer by it.
    """
    hidden = {name for name, level in access.items() if level == "hidden"}
    readonly = {name for name, level in access.items() if level == "readonly"}
    schema, ui = dict(form["schema"]), dict(form.get("ui", {}))
    properties = schema.get("properties", {})
    schema["properties"] = {name: field for name, field in properties.items() if name not in hidden}
    asked = [name for name, level in access.items() if level == "required" and name in properties]
    required = dict.fromkeys((*schema.get("required", ()), *asked))
    schema["required"] = [name for name in required if name not in hidden and name not in readonly]
    ui = {name: options for name, options in ui.items() if name not in hidden}
    if "ui:order" in ui:
        ui["ui:order"] = [name for name in ui["ui:order"] if name not in hidden]
    for name in readonly & set(properties):
        ui[name] = {**ui.get(name, {}), "ui:readonly": True}
    for name, options in ui.items():
        if isinstance(options, dict) and (options.get("ui:showIf") or {}).get("field") in hidden:
            ui[name] = {key: value for key, value in options.items() if key != "ui:showIf"}
    return {**form, "schema": schema, "ui": ui}


def project_data(
    form: Mapping[str, Any], data: Mapping[str, Any], access: Mapping[str, Access]
) -> dict[str, Any]:
    """The answers to this form's fields that this node does not hide."""
    properties = form["schema"].get("properties", {})
    return {
        name: value for name, value in data.items() if name in properties and access.get(name) != "hidden"
    }


def merge_submission(
    form: Mapping[str, Any],
    data: Mapping[str, Any],
    submission: Mapping[str, Any],
    access: Mapping[str, Access],
) -> dict[str, Any]:
    """The ticket's data after a valid submission.

    Fields of the form that this node may write take the submitted answer, or go when it is empty or their
    rule hides them; everything else stays as it is.
    """
    compiled = compile_form(form)
    answer = take_answer(compiled, submission, access=access, stored=data)
    kept = {
        name: value
        for name, value in data.items()
        if name not in compiled.fields or access.get(name) in {"hidden", "readonly"}
    }
    return {**kept, **answer}
