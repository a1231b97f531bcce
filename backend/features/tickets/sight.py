"""Which of a ticket's answers a reader sees.

Those who may view, edit or settle in the ticket's region see all of them. Staff see what customers and
colleagues filled in to open the ticket, and what the steps of their own roles show; a field that their
steps hide, and none of them shows, is hidden from them everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from backend.db.models import Ticket
from backend.engine.release import CompiledNode, Release
from backend.engine.state import State
from backend.features.platform.actor import Actor
from backend.runtime.intake import CUSTOMER_FIELDS


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """`shown` None: everything."""

    shown: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset()

    def project_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The answers in sight."""
        return {name: value for name, value in data.items() if self.shown is None or name in self.shown}

    def project_customer(self, customer: Mapping[str, Any]) -> dict[str, Any]:
        """The customer without what came from a hidden field."""
        return {
            part: value
            for part, value in customer.items()
            if not self.hidden.intersection({"customer", part, *CUSTOMER_FIELDS.get(part, ())})
        }


def find_sight(actor: Actor, ticket: Ticket, release: Release, state: State) -> Sight:
    """What this actor sees of this ticket."""
    if any(actor.may(right, ticket.region_path) for right in ("view", "edit", "settle", "administer")):
        return Sight()
    own = [node for node in release.nodes.values() if _is_own(actor, node, state)]
    shown = {name for node in own for name in _shown_by(release, node)}
    hidden = {name for node in own for name, level in _access(node).items() if level == "hidden"} - shown
    opened = {name for start in release.starts for name in _fields(release, release.nodes[start])}
    return Sight(shown=frozenset((shown | opened) - hidden), hidden=frozenset(hidden))


def find_correctable(actor: Actor, ticket: Ticket, release: Release, state: State) -> frozenset[str]:
    """Editors and administrators correct every field of the forms; others what their own steps may write."""
    if actor.may("edit", ticket.region_path) or actor.may("administer"):
        return frozenset(
            name for form in release.definition.forms.values() for name in form.schema.get("properties", {})
        )
    if not actor.may("run", ticket.region_path):
        return frozenset()
    return _list_editable(actor, release, state)


def _list_editable(actor: Actor, release: Release, state: State) -> frozenset[str]:
    """Fields that the steps of the actor's own roles may write."""
    own = [node for node in release.nodes.values() if _is_own(actor, node, state)]
    closed = ("hidden", "readonly")
    return frozenset(
        name for node in own for name in _fields(release, node) if _access(node).get(name) not in closed
    )


def _is_own(actor: Actor, node: CompiledNode, state: State) -> bool:
    offer = getattr(node.config, "offer", None)
    to = getattr(offer, "to", "role")
    if to == "team" and offer is not None:
        mine = offer.team in actor.teams
    elif to == "region":
        mine = actor.may("run")
    else:
        mine = getattr(offer, "role", None) in actor.roles
    return mine or state.people.get(node.id) == actor.member_id


def _shown_by(release: Release, node: CompiledNode) -> Iterable[str]:
    access = _access(node)
    yield from (name for name in _fields(release, node) if access.get(name) != "hidden")
    for path in getattr(node.config, "show", ()):
        yield path.removeprefix("data.").split(".")[0]


def _fields(release: Release, node: CompiledNode) -> tuple[str, ...]:
    key = node.type.form(node.config)
    form = release.definition.forms.get(key) if key else None
    return tuple(form.schema.get("properties", {})) if form else ()


def _access(node: CompiledNode) -> Mapping[str, str]:
    access: Mapping[str, str] = getattr(node.config, "access", {})
    return access
