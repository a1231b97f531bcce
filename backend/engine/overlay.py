"""Data of an instance: what a `for_each` gives each of its items stands above the ticket's own.

A token inside sees both and writes to the innermost instance.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from backend.engine.state import Scope, State, Token
from backend.graph.merge_patch import apply


def find_instance(state: State, token: Token) -> Scope | None:
    """The innermost instance that the token is inside of."""
    for scope_id in reversed(token.scopes):
        scope = state.scopes.get(scope_id)
        if scope is not None and scope.kind == "instance":
            return scope
    return None


def see_data(state: State, token: Token | None) -> dict[str, Any]:
    """What the token sees as `data`: the ticket's, below that of the instances around it. Not to be
    altered."""
    if token is None or not token.scopes:
        return state.data
    layers = [
        scope.data
        for scope in map(state.scopes.get, token.scopes)
        if scope is not None and scope.kind == "instance"
    ]
    if not layers:
        return state.data
    seen = dict(state.data)
    for layer in layers:
        seen.update(layer)
    return seen


def see_task_data(state: State, task_id: str) -> dict[str, Any]:
    """The same for whoever works at a task; the ticket's data when the task is not open any more."""
    task = state.tasks.get(task_id)
    return see_data(state, state.tokens.get(task.token) if task is not None else None)


def write_data(state: State, token: Token, values: dict[str, Any]) -> None:
    """Merge into what the token writes to. `state` is one that this step may alter."""
    instance = find_instance(state, token) if token.scopes else None
    if instance is None:
        state.data.update(values)
    else:
        state.scopes[instance.id] = replace(instance, data={**instance.data, **values})


def write_answers(state: State, token: Token, answers: dict[str, Any]) -> None:
    """Merge what a form wrote. An answer of None was taken away: the field leaves the data, as if it had
    never been filled."""
    write_data(state, token, answers)
    if None in answers.values():
        clear_fields(state, token, [name for name, value in answers.items() if value is None])


def patch_data(state: State, token: Token, patch: dict[str, Any]) -> None:
    """Apply a merge patch to what the token writes to."""
    instance = find_instance(state, token) if token.scopes else None
    if instance is None:
        state.data = apply(state.data, patch)
    else:
        state.scopes[instance.id] = replace(instance, data=apply(instance.data, patch))


def clear_fields(state: State, token: Token, names: list[str]) -> None:
    """Take fields away from what the token writes to."""
    instance = find_instance(state, token) if token.scopes else None
    if instance is None:
        for name in names:
            state.data.pop(name, None)
    else:
        left = {name: value for name, value in instance.data.items() if name not in names}
        state.scopes[instance.id] = replace(instance, data=left)
