"""What is said about a draft after each edit: findings, soundness and what its nodes derive, in the caller's
language.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import anyio.to_thread
import msgspec

from backend.contracts import workflows as wire
from backend.contracts.common import Finding, FindingFix, Text
from backend.features.platform.errors import FieldError, Invalid
from backend.features.workflows.fields import list_fields
from backend.forms.dialect import check_form
from backend.graph.canonical import canonical_json
from backend.graph.decode import MAX_BYTES, decode_definition
from backend.graph.merge_patch import apply
from backend.graph.model import Definition, Form, Issue, Soundness, Where
from backend.graph.registry import Registry
from backend.graph.soundness import check_soundness
from backend.graph.validate import validate
from backend.messages import knows, render
from backend.node_sdk import Label


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """All findings of one state of a definition."""

    issues: tuple[Issue, ...]
    soundness: Soundness
    elapsed_ms: int

    @property
    def blocked(self) -> bool:
        """Whether it must not be published."""
        return any(issue.severity == "error" for issue in self.issues)


def read_definition(raw: Mapping[str, Any]) -> tuple[dict[str, Any], Definition]:
    """The definition as it is stored (without nulls) and as a value. Raises Invalid with every part that is
    wrong.
    """
    cleaned: dict[str, Any] = apply({}, dict(raw))
    if len(canonical_json(cleaned)) > MAX_BYTES:
        raise Invalid("definition_too_large", params={"limit": "1 MiB"})
    definition, issues = decode_definition(cleaned)
    if definition is None:
        errors = [FieldError(_point(issue.where), issue.code, dict(issue.params)) for issue in issues[:100]]
        raise Invalid("invalid_definition", errors=errors)
    return cleaned, definition


def _point(where: Where) -> str:
    if where.pointer is not None:
        return where.pointer
    for name, part in (("graph/nodes", where.node), ("graph/edges", where.edge), ("forms", where.form)):
        if part is not None:
            return f"/{name}/{part.replace('~', '~0').replace('/', '~1')}"
    return ""


async def check(definition: Definition, registry: Registry, known: tuple[Issue, ...] = ()) -> Verdict:
    """In a thread: the search may take up to a second, and other requests must not wait for it. `known`: what
    was found elsewhere, which counts too.
    """
    verdict = await anyio.to_thread.run_sync(check_now, definition, registry)
    return msgspec.structs.replace(verdict, issues=(*known, *verdict.issues)) if known else verdict


def check_now(definition: Definition, registry: Registry) -> Verdict:
    """Structure first; soundness only on a structure that holds, since a broken graph has no meaning to
    search.
    """
    started = time.perf_counter()
    issues = validate(definition, registry, check_form_of)
    if any(issue.severity == "error" for issue in issues):
        soundness = Soundness(verdict="not_proven", states=0)
    else:
        soundness = check_soundness(definition, registry)
    elapsed = int((time.perf_counter() - started) * 1000)
    return Verdict(issues=(*issues, *soundness.issues), soundness=soundness, elapsed_ms=elapsed)


def check_form_of(key: str, form: Form) -> Iterable[Issue]:
    """The findings of the forms' own checker, placed inside the definition."""
    raw = msgspec.to_builtins(form)
    for issue in check_form(raw):
        yield Issue(
            code=f"form.{issue.code}",
            severity=issue.severity,
            where=Where(form=key, pointer=f"/forms/{key}{issue.pointer}"),
            params=dict(issue.params),
        )


def present_findings(issues: Iterable[Issue], locale: str) -> list[Finding]:
    """Errors first, each in words."""
    ordered = sorted(issues, key=lambda issue: issue.severity != "error")
    return [_present_finding(issue, locale) for issue in ordered]


def _present_finding(issue: Issue, locale: str) -> Finding:
    fix = None
    if issue.fix is not None:
        own = f"fix.{issue.fix_code or issue.code}"
        label = render(own if knows(own) else "fix_label", issue.params, locale)
        fix = FindingFix(label=label, patch=issue.fix)
    return Finding(
        code=issue.code,
        severity=issue.severity,
        message=render(issue.code, issue.params, locale),
        node=issue.where.node,
        edge=issue.where.edge,
        form=issue.where.form,
        pointer=issue.where.pointer,
        path=list(issue.path),
        fix=fix,
    )


def present_soundness(verdict: Verdict) -> wire.Soundness:
    """The verdict with what the search cost."""
    return wire.Soundness(
        verdict=verdict.soundness.verdict,
        states=verdict.soundness.states,
        elapsed_ms=verdict.elapsed_ms,
    )


Names = Mapping[tuple[str, str], Text]
"""("role", "team" or "tariff", key) -> what the workspace calls it."""


def present_derived(definition: Definition, registry: Registry, names: Names) -> dict[str, wire.DerivedNode]:
    """Ports and the one-line summary of every node, which calls roles, tariffs and fields by their names."""
    known = {**names, **{("field", field.path): field.label for field in list_fields(definition, registry)}}

    def find(kind: str, key: str) -> Label | None:
        name = known.get((kind, key))
        if name is None and kind == "field":
            bare = key.removeprefix("data.")
            return Label(bare, bare)
        return Label(name.zh, name.en) if name else None

    return {
        node_id: wire.DerivedNode(
            ports=[msgspec.convert(port, wire.Port) for port in derived["ports"]],
            summary=Text(**derived["summary"]),
        )
        for node_id, derived in registry.derive(definition, find).items()
    }
