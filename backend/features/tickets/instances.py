"""Items of a ticket that are gone through one by one: which lists are under way, and adding to them."""

from __future__ import annotations

from backend.contracts import tickets as wire
from backend.contracts.common import Text
from backend.db.models import Ticket
from backend.engine.events import InstanceAdded
from backend.engine.release import Release
from backend.engine.state import Scope, State
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotAllowed
from backend.runtime.runtime import Runtime


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
    )


async def add_item(runtime: Runtime, actor: Actor, ticket: Ticket, data: wire.AddItem) -> None:
    """One more. Raises NotAllowed, Conflict (`no_instances`, `several_groups`, `instances_closed`,
    `too_many_items`)."""
    if not actor.may("run"):
        raise NotAllowed()
    event = InstanceAdded(node=data.node, item=data.item, scope=data.group, by=actor.member_id)
    await runtime.apply(actor.workspace_id, ticket.id, event, actor=actor.member_id)
