"""Forms generated from a JSON Schema on pages of ours; answers go from the browser straight to the API.

    generated_form(shell, schema, heard, url="/members", submit=shell.t("admin.members.create"))

`heard(kind, detail)` gets `submitted` {answer} when `url` took the answers, `submit` {value} when there is no
`url` and the page handles them, and `cancelled`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from reactpy.types import VdomDict

from backend.contracts.common import Problem
from frontend.session import Shell
from frontend.widgets.island import EventHandler, island


class Refusal(msgspec.Struct, frozen=True):
    """What the page's own handler was answered; each refusal has a number of its own."""

    attempt: int
    problem: Problem


def generated_form(
    shell: Shell,
    schema: Mapping[str, Any],
    heard: EventHandler | None = None,
    *,
    value: Mapping[str, Any] | None = None,
    ui: Mapping[str, Any] | None = None,
    url: str = "",
    method: str = "POST",
    wrap: str = "",
    blanks: Mapping[str, Any] | None = None,
    submit: str = "",
    cancel: str = "",
    refusal: Refusal | None = None,
    expressions: Mapping[str, Any] | None = None,
) -> VdomDict:
    """`wrap` names the member of the body that holds the answers; `blanks` is sent for empty fields;
    `expressions` says what CEL in the form may name: `{checkUrl, fields, fieldsOf}`."""
    props = {
        "schema": schema,
        "ui": ui or {},
        "value": value or {},
        "locale": shell.locale,
        "zone": shell.zone,
        "csrf": shell.session.csrf,
        "submitUrl": url,
        "submitMethod": method,
        "wrap": wrap,
        "blanks": blanks or {},
        "submitLabel": submit,
        "cancelLabel": cancel,
        "refusal": present_refusal(refusal),
    }
    if expressions is not None:
        props["expressions"] = expressions
    return island("form", "SchemaFormIsland", props, heard)


def present_refusal(refusal: Refusal | None) -> dict[str, Any] | None:
    """As the island reads it: words at the fields, else one sentence."""
    if refusal is None:
        return None
    problem = refusal.problem
    faults = [{"pointer": fault.pointer, "message": fault.message} for fault in problem.errors]
    words = "" if faults else problem.detail or problem.title
    return {"attempt": refusal.attempt, "message": words, "errors": faults}


def object_of(properties: Mapping[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    """A schema of named fields in the order given."""
    return {"type": "object", "properties": dict(properties), "required": list(required)}


def text_field(title: str, *, longest: int = 100, hint: str = "", **more: Any) -> dict[str, Any]:
    """One line of text."""
    return _described({"type": "string", "maxLength": longest, **more}, title, hint)


def both_languages(title: str, longest: int = 100) -> dict[str, Any]:
    """A name in Chinese and English."""
    part = {"type": "string", "maxLength": longest}
    return {
        "type": "object",
        "x-widget": "localized",
        "title": title,
        "properties": {"zh": part, "en": part},
    }


def choice_field(title: str, options: Sequence[tuple[str, str]], *, hint: str = "") -> dict[str, Any]:
    """One of `options`, pairs of value and text."""
    listed = [{"const": key, "title": text} for key, text in options]
    return _described({"type": "string", "oneOf": listed}, title, hint)


def choices_field(title: str, options: Sequence[tuple[str, str]], *, hint: str = "") -> dict[str, Any]:
    """Several of `options`."""
    item = choice_field("", options)
    del item["title"]
    return _described({"type": "array", "uniqueItems": True, "items": item}, title, hint)


def region_field(title: str, *, hint: str = "") -> dict[str, Any]:
    """One region of the tree."""
    return _described({"type": "string", "x-type": "region"}, title, hint)


def _described(schema: dict[str, Any], title: str, hint: str) -> dict[str, Any]:
    return {**schema, "title": title, **({"description": hint} if hint else {})}
