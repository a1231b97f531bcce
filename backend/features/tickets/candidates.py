"""Who may do a task: those one can hand it to, and those one can ask to sign as well."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tasks as wire
from backend.contracts.common import Text
from backend.db.models import Member, Region, Role, Task, Ticket
from backend.features.platform.actor import Actor
from backend.features.platform.errors import invalid_field
from backend.features.tickets.access import ANYWHERE
from backend.features.tickets.detail import read_state

Purpose = Literal["delegate", "sign"]
MOST = 50
RIGHTS: dict[Purpose, set[str]] = {"delegate": {"run"}, "sign": {"run", "view"}}


async def list_candidates(
    session: AsyncSession, actor: Actor, task: Task, ticket: Ticket, *, purpose: Purpose, text: str = ""
) -> list[wire.Candidate]:
    """Active members who may do it, by name; not who has it already, nor whom four eyes rule out."""
    roles = select(Role).where(Role.workspace_id == actor.workspace_id)
    known = {role.key: role for role in (await session.execute(roles)).scalars()}
    people = (
        select(Member, Region)
        .outerjoin(Region, Region.id == Member.region_id)
        .where(Member.workspace_id == actor.workspace_id, Member.active)
        .order_by(Member.name, Member.id)
    )
    if text:
        people = people.where(Member.name.icontains(text, autoescape=True))
    barred = {task.assignee_id, *_list_barred(task, ticket)}
    found = []
    for member, region in (await session.execute(people)).all():
        place: Region | None = region
        home = place.path if place is not None else "/"
        if member.id not in barred and _fits(member, home, known, task, ticket, purpose=purpose):
            where = Text(**place.name) if place is not None else None
            found.append(wire.Candidate(id=member.id, name=member.name, region=where))
    return found


def _list_barred(task: Task, ticket: Ticket) -> set[str]:
    """Who did a step that rules them out."""
    state = read_state(ticket)
    found = state.tasks.get(task.key)
    if found is None:
        return set()
    asked = {
        other.assignee
        for other in state.tasks.values()
        if other.token == found.token and other.outcome is None and other.assignee is not None
    }
    return asked | {state.people[slot] for slot in found.not_by if slot in state.people}


def _fits(
    member: Member,
    home: str,
    roles: dict[str, Role],
    task: Task,
    ticket: Ticket,
    *,
    purpose: Purpose,
) -> bool:
    """Whether the task is offered to them, or, where it belongs to one person, whether they work there."""
    held = [roles[key] for key in member.roles if key in roles]
    if purpose == "delegate" and task.offer_to == "team":
        return task.team in member.teams
    if purpose == "delegate" and task.role is not None:
        return any(
            role.key == task.role
            and (task.region_path == ANYWHERE or task.region_path.startswith(_reach(role, home)))
            for role in held
        )
    return any(
        RIGHTS[purpose].intersection(role.rights) and ticket.region_path.startswith(_reach(role, home))
        for role in held
    )


def _reach(role: Role, home: str) -> str:
    return home if role.scope == "region" else "/"


async def require_candidate(
    session: AsyncSession,
    actor: Actor,
    task: Task,
    ticket: Ticket,
    *,
    member_id: str,
    purpose: Purpose = "delegate",
) -> None:
    """Raises Invalid (`member_unknown`, `member_unfit`)."""
    known = select(Member.id).where(
        Member.workspace_id == actor.workspace_id, Member.id == member_id, Member.active
    )
    if (await session.execute(known)).first() is None:
        raise invalid_field("/member_id", "member_unknown")
    found = await list_candidates(session, actor, task, ticket, purpose=purpose)
    if member_id not in {candidate.id for candidate in found} | {task.assignee_id}:
        raise invalid_field("/member_id", "member_unfit")
