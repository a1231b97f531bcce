"""Items of a ticket that are gone through one by one: which lists are under way, and adding to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from backend.contracts import tickets as wire
from backend.contracts.common import Text
from backend.db.models import Ticket
from backend.engine.events import InstanceAdded
from backend.engine.release import Release
from backend.engine.state import Scope, State, Token
from backend.features.platform.actor import Actor
from backend.features.platform.errors import FieldError, Invalid, NotAllowed
from backend.features.tickets.sight import Sight
from backend.forms.validation import compile_form, validate
from backend.runtime.runtime import Runtime

FIELD = re.compile(r"\s*data\.([A-Za-z_]\w*)\s*")
TYPES = {str: "string", bool: "boolean", int: "number", float: "number"}
LONGEST = 200


def present_groups(release: Release, state: State) -> list[wire.ItemGroup]:
    """Lists that are under way: how many items were begun, how many are still to come and still open."""
    return [
        _present(release, state, scope)
        for scope in state.scopes.values()
        if scope.kind == "instances" and scope.node in release.nodes
    ]


def _present(release: Release, state: State, group: Scope) -> wire.ItemGroup:
    inside = {
        token.scopes[token.scopes.index(group.id) + 1]
        for token in state.tokens.values()
        if group.id in token.scopes and token.wait != "join"
    }
    return wire.ItemGroup(
        id=group.id,
        node=group.node,
        label=Text(**release.nodes[group.node].label),
        begun=group.index,
        waiting=len(group.items),
        open=len(inside),
        limit=group.limit,
        takes_more=not group.passed and group.index + len(group.items) < group.limit,
        item_schema=_find_schema(release, group.node) or _guess_schema(state, group),
    )


# --- what an item is ---


def _find_field(release: Release, node: str) -> str:
    """The ticket's field that the step goes through; empty where it is a formula."""
    found = FIELD.fullmatch(str(release.definition.graph.nodes[node].config.get("items", "")))
    return found[1] if found else ""


def _find_schema(release: Release, node: str) -> dict[str, Any] | None:
    """Of one item, where the list is a field of a form."""
    field = _find_field(release, node)
    for form in release.definition.forms.values():
        items = form.schema.get("properties", {}).get(field, {}).get("items")
        if isinstance(items, dict) and "$ref" not in items:
            return _in_order(items, form.ui.get(field, {}).get("items", {}).get("ui:order", ()))
    return None


def _in_order(schema: dict[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """As the form shows its fields, else what is needed first; a stored object has lost their order."""
    fields = schema.get("properties")
    if not isinstance(fields, dict):
        return schema
    first = [name for name in (*order, *schema.get("required", ())) if name in fields]
    return {**schema, "properties": {name: fields[name] for name in dict.fromkeys((*first, *fields))}}


def _guess_schema(state: State, group: Scope) -> dict[str, Any] | None:
    """As the items that are there already; None if they are only numbered."""
    inside = {key for token in state.tokens.values() for key in _within(token, group)}
    begun = [state.scopes[key].data.get(group.name) for key in sorted(inside & state.scopes.keys())]
    known = [item for item in (*begun, *group.items) if item is not None]
    if not known or isinstance(known[0], int | float):
        return None
    if isinstance(known[0], dict):
        fields = {name: _scalar(value) for name, value in known[0].items() if type(value) in TYPES}
        return {"type": "object", "properties": fields} if fields else None
    return _scalar(known[0]) if type(known[0]) in TYPES else None


def _within(token: Token, group: Scope) -> tuple[str, ...]:
    """The instance of the group that the token is in, if any."""
    at = token.scopes.index(group.id) + 1 if group.id in token.scopes else len(token.scopes)
    return tuple(token.scopes[at : at + 1])


def _scalar(value: Any) -> dict[str, Any]:
    kind = TYPES[type(value)]
    return {"type": kind, "maxLength": LONGEST} if kind == "string" else {"type": kind}


def name_item(release: Release, state: State, task: str, sight: Sight) -> str:
    """Which item a task belongs to, from the outermost list to the innermost; empty outside of lists. A
    value that the reader does not see is told by its number only."""
    found = state.tasks.get(task)
    token = state.tokens.get(found.token) if found is not None else None
    if token is None:
        return ""
    pairs = zip(token.scopes, token.scopes[1:], strict=False)
    words = []
    for outer, inner in pairs:
        group, instance = state.scopes.get(outer), state.scopes.get(inner)
        if group is None or instance is None or instance.kind != "instance":
            continue
        words.append(describe_item(release, group.node, instance.index, instance.data.get(group.name), sight))
    return " · ".join(words)


def describe_item(release: Release, node: str, number: int, item: Any, sight: Sight) -> str:
    """By what it is, as far as the reader sees the list; else by its number."""
    is_seen = sight.shown is None or (node in release.nodes and _find_field(release, node) in sight.shown)
    return (_shorten(item) if is_seen else "") or f"#{number}"


def _shorten(value: Any) -> str:
    """A text as it is, an object by its first text."""
    if isinstance(value, dict):
        return next((text for text in map(_shorten, value.values()) if text), "")
    return value.strip()[:40] if isinstance(value, str) else ""


# --- one more ---


async def add_item(runtime: Runtime, actor: Actor, ticket: Ticket, data: wire.AddItem) -> None:
    """One more. Raises NotAllowed, Invalid where it does not fit the list's field, Conflict
    (`no_instances`, `several_groups`, `instances_closed`, `too_many_items`)."""
    if not actor.may("run"):
        raise NotAllowed()
    release = await runtime.release(ticket.release_id)
    schema = _find_schema(release, data.node) if data.node in release.nodes else None
    if schema is not None:
        _check_item(schema, data.item)
    event = InstanceAdded(node=data.node, item=data.item, scope=data.group, by=actor.member_id)
    await runtime.apply(actor.workspace_id, ticket.id, event, actor=actor.member_id)


def _check_item(schema: dict[str, Any], item: Any) -> None:
    whole = {"type": "object", "properties": {"item": schema}, "required": ["item"]}
    issues = validate(compile_form({"schema": whole, "ui": {}}), {"item": item})
    if issues:
        raise Invalid(
            errors=[FieldError(issue.pointer, f"answer.{issue.code}", dict(issue.params)) for issue in issues]
        )
