"""The same way begun once for each item: opening the group, adding to it, and what its join collects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from backend.engine.joins import find_group
from backend.engine.leaving import leave
from backend.engine.moves import MAX_TOKENS
from backend.engine.release import CompiledNode
from backend.engine.run import Refused, Run
from backend.engine.state import Scope, Token
from backend.node_sdk import Spread

PORT = "each"


def open_group(run: Run, node: CompiledNode, outer: tuple[str, ...], outcome: Spread) -> None:
    """Begin every item, or the first one of a sequence."""
    group = Scope(
        id=run.next_id("s"),
        node=node.id,
        width=len(outcome.items),
        kind="instances",
        outer=outer,
        items=outcome.items,
        name=outcome.name,
        into=outcome.into,
        sequential=outcome.sequential,
        limit=outcome.limit,
    )
    run.state.scopes[group.id] = group
    for _ in outcome.items[:1] if outcome.sequential else outcome.items:
        begin_next(run, group.id)


def begin_next(run: Run, group_id: str) -> None:
    """Begin the first item that is left, in an instance of its own."""
    state = run.state
    group = state.scopes[group_id]
    index = group.index + 1
    item, left = group.items[0], group.items[1:]
    state.scopes[group_id] = replace(group, items=left, index=index)
    data = {group.name: item, number_name(group.name): index}
    instance = Scope(id=run.next_id("s"), node="", width=1, kind="instance", index=index, data=data)
    state.scopes[instance.id] = instance
    outer = tuple(scope for scope in group.outer if scope in state.scopes)
    token = Token(id=run.next_id("t"), node=group.node, scopes=(*outer, group_id, instance.id), since=run.now)
    state.tokens[token.id] = token
    leave(run, token, run.release.nodes[group.node], PORT)


def number_name(name: str) -> str:
    """The field with an instance's number."""
    return f"{name}_no"


def go_on(run: Run, token: Token) -> None:
    """This token has come to its join or died of its own accord: sequences around it may begin their next
    item once the step has been worked off."""
    for scope_id in token.scopes:
        scope = run.state.scopes.get(scope_id)
        if scope is not None and scope.items:
            run.sequences.append(scope_id)
            run.scopes_changed = True


def begin_sequences(run: Run) -> None:
    """Begin the next item of every sequence that nobody is under way in."""
    while run.sequences:
        group = run.state.scopes.get(run.sequences.pop())
        if group is not None and group.items and not _is_busy(run, group.id):
            begin_next(run, group.id)


def _is_busy(run: Run, group_id: str) -> bool:
    for token in run.state.tokens.values():
        if group_id in token.scopes:
            node = run.release.nodes[token.node]
            if token.wait != "join" or find_group(run, token, node) != group_id:
                return True
    return False


def add_item(run: Run, node_id: str, item: Any, scope_id: str | None = None) -> None:
    """One more for a group that is under way. Raises Refused: no_instances, several_groups,
    instances_closed, too_many_items."""
    inside = {scope for token in run.state.tokens.values() for scope in token.scopes}
    groups = [
        scope
        for scope in run.state.scopes.values()
        if scope.kind == "instances"
        and scope.node == node_id
        and scope.id in inside
        and scope_id in {None, scope.id}
    ]
    if not groups:
        raise Refused("no_instances", node=node_id)
    if len(groups) > 1:
        raise Refused("several_groups", node=node_id)
    group = groups[0]
    if group.passed:
        raise Refused("instances_closed", node=node_id)
    if group.index + len(group.items) >= group.limit or len(run.state.tokens) >= MAX_TOKENS:
        count = group.index + len(group.items) + 1
        raise Refused("too_many_items", node=node_id, count=count, limit=min(group.limit, MAX_TOKENS))
    run.state.scopes[group.id] = replace(group, items=(*group.items, item))
    if not group.sequential or not _is_busy(run, group.id):
        begin_next(run, group.id)


def collect(run: Run, group: Scope, tokens: Iterable[Token]) -> list[dict[str, Any]]:
    """Data of the instances that these tokens come from, by their number, without the item and the number."""
    found: dict[int, dict[str, Any]] = {}
    hidden = {group.name, number_name(group.name)}
    for token in tokens:
        following = token.scopes[token.scopes.index(group.id) + 1 :]
        instance = run.state.scopes.get(following[0]) if following else None
        if instance is not None and instance.kind == "instance":
            found[instance.index] = {
                name: value for name, value in instance.data.items() if name not in hidden
            }
    return [found[index] for index in sorted(found)]
