"""Recorded answers held against a draft's forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from backend.engine.rehearsal import Given
from backend.forms.validation import CompiledForm, compile_form, validate
from backend.graph.model import Form

CLOSED = frozenset({"hidden", "readonly"})
NEVER_ASKED = frozenset({"unknown_field", "field_not_editable"})
"""What the draft does not ask for would not have been answered: no fault of the answer."""

Faults = tuple[tuple[str, str, dict[str, Any]], ...]


class FormAnswers:
    """`backend.engine.rehearsal.Answers`, with the forms compiled once."""

    def __init__(self) -> None:
        self._compiled: dict[int, tuple[Form, CompiledForm]] = {}

    def fit(
        self, form: Form | None, access: Mapping[str, Any], stored: Mapping[str, Any], given: Given
    ) -> tuple[dict[str, Any], Faults]:
        """The whole form as it was sent then, without what the draft does not ask for."""
        if form is None:
            return dict(given.written), ()
        compiled = self._compile(form)
        known = self._compile(given.form).fields if given.form is not None else frozenset()
        sent = {name: given.after[name] for name in known if name in given.after}
        answer = {
            name: value
            for name, value in sent.items()
            if (name in compiled.fields or compiled.open_ended) and access.get(name) not in CLOSED
        }
        written = {
            name: value
            for name, value in given.written.items()
            if name not in known or (name in compiled.fields and access.get(name) not in CLOSED)
        }
        changed = {name: value for name, value in answer.items() if stored.get(name) != value}
        if not given.checked:
            return {**changed, **written}, ()
        same = given.form is not None and self._compile(given.form) is compiled and access == given.access
        faults = () if same else self._judge(compiled, access, stored, answer, given)
        return {**changed, **written}, faults

    def _judge(
        self,
        compiled: CompiledForm,
        access: Mapping[str, Any],
        stored: Mapping[str, Any],
        answer: dict[str, Any],
        given: Given,
    ) -> Faults:
        issues = validate(compiled, answer, access=access, stored=stored)
        if not issues:
            return ()
        earlier: set[tuple[str, str]] = set()
        if given.form is not None:
            own = self._compile(given.form)
            kept = {name: given.after[name] for name in own.fields if name in given.after}
            found = validate(own, kept, access=given.access, stored=given.after)
            earlier = {(issue.pointer, issue.code) for issue in found}
        return tuple(
            (issue.pointer, issue.code, dict(issue.params))
            for issue in issues
            if issue.code not in NEVER_ASKED and (issue.pointer, issue.code) not in earlier
        )

    def _compile(self, form: Form) -> CompiledForm:
        known = self._compiled.get(id(form))
        if known is None:
            document: dict[str, Any] = msgspec.to_builtins(form)
            known = self._compiled[id(form)] = (form, compile_form(document))
        return known[1]
