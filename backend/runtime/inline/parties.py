"""Who stands behind the references of a tariff, for one ticket."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend.engine.credits import list_efforts
from backend.engine.state import State
from backend.runtime.books.quarantine import (
    IN_QUARANTINE,
    MOST_CANDIDATES,
    Unresolved,
    name_candidate,
)
from backend.runtime.people import Person, is_responsible, list_everybody
from backend.runtime.scripts import Script
from backend.runtime.work import Work
from backend.settlement.contribution import weigh
from backend.settlement.posting import Party, Share
from backend.settlement.tariff import ASSIGNEE, PartyRef

LONGEST_KEY = 80
"""Of a department or partner, as the ledger keeps it; what a formula computes beyond is nobody."""


_REASONS = {
    "assignee": "nobody_assigned",
    "node_worker": "nobody_at_step",
    "role": "nobody_of_role",
    "contributors": "nobody_worked",
}
"""References that only people can stand behind."""


class PartyFinder:
    """Looks the members up once, and only when a reference needs them.

    A settle node can name somebody for a slot; such a name goes before everything else. `assignee` is the
    ticket's owner (who it was dispatched to, else who took it first), else who worked last. `role` is
    everybody of that role who worked on this ticket, in equal shares; `contributors` share by their work.
    """

    def __init__(self, work: Work, state: State, payload: dict[str, Any]) -> None:
        self._work = work
        self._people: dict[str, str] = {**state.people, **(payload.get("people") or {})}
        self._slots: dict[str, dict[str, str]] = payload.get("parties") or {}
        self._efforts = list_efforts(state)
        self._leaf = state.ticket.region or "all"
        self._region_path = work.region_path
        self._quarantines = work.release.definition.settings.unresolved_party == "quarantine"
        self._members: dict[str, Person] | None = None
        self.unresolved: list[Unresolved] = []
        """References that were sent to quarantine, with why."""

    def resolve(self, references: Iterable[PartyRef]) -> Script[dict[PartyRef, tuple[Share, ...]]]:
        """Nobody stands behind a reference that is sent to quarantine; where the workflow wants an incident
        it is left empty, and `post` refuses it by name."""
        found: dict[PartyRef, tuple[Share, ...]] = {}
        for reference in references:
            if reference.party == "contributors":
                found[reference] = yield from self._share_out(reference)
            else:
                parties = yield from self._find(reference)
                found[reference] = tuple(Share(party=party) for party in parties)
            if not found[reference] and self._quarantines:
                found[reference] = IN_QUARANTINE
                unresolved = yield from self._explain(reference)
                self.unresolved.append(unresolved)
        return found

    def _explain(self, reference: PartyRef) -> Script[Unresolved]:
        """Why nobody was found, and who it could be: those who worked here, the role's people, the pool."""
        members = yield from self._load()
        reason, params, left = self._say_why(reference)
        worked = [each for each in dict.fromkeys(self._people.values()) if each in members]
        role = reference.key if reference.party == "role" else None
        able = [
            person.id
            for person in members.values()
            if role in person.roles and is_responsible(person.region_path, self._region_path)
        ]
        people = dict.fromkeys(left, "candidate.left")
        people |= {each: "candidate.worked" for each in worked}
        people |= {each: "candidate.role" for each in able if each not in people}
        candidates = [
            name_candidate(
                Party(kind="member", id=each, name=members[each].name if each in members else ""), why
            )
            for each, why in people.items()
        ]
        pool = name_candidate(_plain("region", self._leaf), "candidate.pool")
        return Unresolved(
            ref=reference,
            reason=f"quarantine.{reason}",
            params=params,
            candidates=(*candidates[: MOST_CANDIDATES - 1], pool),
        )

    def _say_why(self, reference: PartyRef) -> tuple[str, dict[str, str], list[str]]:
        """(reason, its params, ids of people who are not active any more)."""
        key = reference.key or ""
        slot = self._slots.get(key) or self._slots.get(reference.party)
        if slot is not None:
            named = slot.get("id", "")
            if slot.get("kind") == "member" and named:
                return "member_left", {}, [named]
            return "slot_unknown", {"slot": key or reference.party}, []
        worker = {"assignee": self._people.get("owner"), "node_worker": self._people.get(key)}.get(
            reference.party
        )
        if worker is not None:
            return "member_left", {}, [worker]
        if reference.party in _REASONS:
            return _REASONS[reference.party], {"key": key}, []
        return ("key_unfit" if key else "key_missing"), {"key": key[:LONGEST_KEY]}, []

    def find_level(self) -> Script[str | None]:
        """Level of the one member behind `assignee`, as their profile has it."""
        found = yield from self._find(ASSIGNEE)
        members = yield from self._load()
        if len(found) != 1 or found[0].id not in members:
            return None
        return members[found[0].id].level or None

    def _find(self, reference: PartyRef) -> Script[list[Party]]:
        slot = self._slots.get(reference.key or "") or self._slots.get(reference.party)
        if slot is not None:
            return (yield from self._name_slot(slot))
        key = reference.key or ""
        if len(key) > LONGEST_KEY:
            return []
        match reference.party:
            case "assignee":
                member = self._people.get("owner") or self._work.worker
                return (yield from self._members_of([member]))
            case "node_worker":
                return (yield from self._members_of([self._people.get(key)]))
            case "role":
                return (yield from self._workers_of_role(key))
            case "region_pool":
                return [_plain("region", key or self._leaf)]
            case "customer":
                return [_plain("account", "customer")]
            case "department" | "partner" | "account":
                return [_plain(reference.party, key)] if key else []
            case "contributors":
                shares = yield from self._share_out(reference)
                return [share.party for share in shares]

    def _share_out(self, reference: PartyRef) -> Script[tuple[Share, ...]]:
        """Everybody whose work counts; one who has left the workspace keeps the share under their id."""
        weights = weigh(reference, self._efforts)
        members = yield from self._load()
        return tuple(
            Share(
                party=Party(kind="member", id=member, name=members[member].name if member in members else ""),
                weight=weight,
            )
            for member, weight in weights.items()
        )

    def _name_slot(self, slot: dict[str, str]) -> Script[list[Party]]:
        kind, key = slot.get("kind", ""), slot.get("id", "")
        if kind == "member":
            return (yield from self._members_of([key]))
        known = kind in {"department", "partner"} and 0 < len(key) <= LONGEST_KEY
        return [_plain(kind, key)] if known else []

    def _members_of(self, ids: Iterable[str | None]) -> Script[list[Party]]:
        members = yield from self._load()
        return [
            Party(kind="member", id=member, name=members[member].name)
            for member in ids
            if member is not None and member in members
        ]

    def _workers_of_role(self, role: str) -> Script[list[Party]]:
        members = yield from self._load()
        here = dict.fromkeys(self._people.values())
        return (
            yield from self._members_of(
                member for member in here if member in members and role in members[member].roles
            )
        )

    def _load(self) -> Script[dict[str, Person]]:
        if self._members is None:
            everybody = yield from list_everybody(self._work)
            self._members = {person.id: person for person in everybody}
        return self._members


def _plain(kind: Any, key: str) -> Party:
    return Party(kind=kind, id=key, name=key)
