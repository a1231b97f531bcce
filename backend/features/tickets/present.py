"""Rows as the wire structs of tickets and tasks."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from backend.contracts import tasks as wire
from backend.contracts import tickets as ticket_wire
from backend.contracts.common import NamedReference, Reference, Text
from backend.db.models import Region, Task, Ticket, Workflow
from backend.engine.state import Task as EngineTask
from backend.features.platform.actor import Actor
from backend.features.tickets.access import may_do
from backend.features.tickets.queries import name_path
from backend.messages import render


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What ids and keys are called in this workspace, read once for a page."""

    members: Mapping[str, str]
    roles: Mapping[str, Text]
    teams: Mapping[str, Text]
    regions: dict[str, Region]


def present_task(actor: Actor, task: Task, ticket: Ticket, names: Names) -> wire.Task:
    """A line of the queue."""
    assignee = task.assignee_id
    return wire.Task(
        id=task.id,
        ticket_id=ticket.id,
        number=ticket.number,
        title=ticket.title,
        node=task.node,
        label=Text(**task.label),
        kind=task.kind,
        priority=ticket.priority,
        opened_at=task.opened_at,
        region_path=name_path(names.regions, ticket.region_path),
        assignee=Reference(id=assignee, name=names.members.get(assignee, "")) if assignee else None,
        offered_to=_name_offer(task, names),
        due_at=task.due_at,
        ticket_due_at=ticket.due_at,
        mine=may_do(actor, task),
        suspended=ticket.status == "suspended",
    )


def _name_offer(task: Task, names: Names) -> wire.OfferedRole | None:
    """A role, a team, or everybody of the region."""
    if task.offer_to == "region":
        words = {locale: render("offered_to_region", {}, locale) for locale in ("zh", "en")}
        return wire.OfferedRole(role="", label=Text(**words), to="region")
    if task.offer_to == "team" and task.team:
        label = names.teams.get(task.team, Text(task.team, task.team))
        return wire.OfferedRole(role=task.team, label=label, to="team")
    if task.role:
        return wire.OfferedRole(role=task.role, label=names.roles.get(task.role, Text(task.role, task.role)))
    return None


def present_region(ticket: Ticket, names: Names) -> ticket_wire.TicketRegion:
    """Where the ticket belongs, by name."""
    return ticket_wire.TicketRegion(
        id=ticket.region_id or "", path=name_path(names.regions, ticket.region_path)
    )


def present_item(ticket: Ticket, workflow: Workflow, names: Names) -> ticket_wire.TicketItem:
    """A line of the ticket list."""
    return ticket_wire.TicketItem(
        id=ticket.id,
        number=ticket.number,
        title=ticket.title,
        status=ticket.status,
        priority=ticket.priority,
        workflow=NamedReference(id=workflow.id, name=Text(**workflow.name)),
        region=present_region(ticket, names),
        created_at=ticket.created_at,
        finished_at=ticket.finished_at,
        due_at=ticket.due_at,
    )


def present_actions(task: EngineTask) -> list[wire.TaskAction]:
    """The task's buttons."""
    return [
        wire.TaskAction(
            outcome=action.outcome,
            label=Text(action.zh, action.en),
            style=action.style,
            needs_comment=action.needs_comment,
            validates=action.validates,
        )
        for action in task.actions
    ]
