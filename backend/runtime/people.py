"""Who is there: members by role, skill and region."""

from __future__ import annotations

from typing import NamedTuple

from backend.node_sdk import Offer
from backend.runtime.people_statements import MEMBERS
from backend.runtime.scripts import Script, ask
from backend.runtime.statements import read_json
from backend.runtime.work import Work


class Person(NamedTuple):
    """An active member."""

    id: str
    name: str
    roles: tuple[str, ...]
    skills: tuple[str, ...]
    region_path: str | None
    """None: the whole workspace."""
    level: str = ""
    teams: tuple[str, ...] = ()


def list_everybody(work: Work) -> Script[list[Person]]:
    rows = yield from ask(MEMBERS, workspace=work.workspace_id)
    return [
        Person(
            row[0],
            row[1],
            tuple(read_json(row[2])),
            tuple(read_json(row[3])),
            row[4],
            row[5],
            tuple(read_json(row[6])),
        )
        for row in rows
    ]


def list_members(work: Work, role: str | None, scope: str, skill: str | None = None) -> Script[list[Person]]:
    """Active members of a role; for scope `region` those whose region is the ticket's or one above it."""
    everybody = yield from list_everybody(work)
    return [
        person
        for person in everybody
        if (role is None or role in person.roles)
        and (skill is None or skill in person.skills)
        and (scope == "workspace" or is_responsible(person.region_path, work.region_path))
    ]


def list_offered(work: Work, offer: Offer) -> Script[list[Person]]:
    """Those whom an offer means when nobody has taken it yet."""
    if offer.to == "role":
        return (yield from list_members(work, offer.role, offer.scope))
    everybody = yield from list_everybody(work)
    if offer.to == "team":
        return [person for person in everybody if offer.team in person.teams]
    if offer.to == "region":
        return [
            person
            for person in everybody
            if person.region_path is not None and is_responsible(person.region_path, work.region_path)
        ]
    return []


def is_responsible(region: str | None, path: str) -> bool:
    """Whether a member of `region` serves tickets at `path`."""
    return region is None or path.startswith(region)
