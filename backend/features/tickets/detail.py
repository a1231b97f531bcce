"""One ticket with everything its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tickets as wire
from backend.contracts.common import NamedReference, Text
from backend.db.models import Ticket, TicketEvent, Workflow
from backend.engine.progress import picture, stages
from backend.engine.release import Release
from backend.engine.state import State
from backend.features.platform.actor import Actor
from backend.features.platform.clock import Clock
from backend.features.settlement.present import present_lines
from backend.features.tickets import queries
from backend.features.tickets.clocks import present_clocks
from backend.features.tickets.forms import show_answers
from backend.features.tickets.instances import present_groups
from backend.features.tickets.links import list_links
from backend.features.tickets.permissions import (
    complete_line,
    list_acts,
    list_task_acts,
    present_suspension,
)
from backend.features.tickets.present import Names, present_region, present_task
from backend.features.tickets.sight import find_correctable, find_sight
from backend.features.tickets.timeline import Teller, list_member_ids
from backend.features.tickets.waits import map_children, present_tokens
from backend.messages import render


def read_state(ticket: Ticket) -> State:
    """The engine's state as it is stored."""
    return msgspec.json.decode(ticket.state, type=State)


async def load_names(session: AsyncSession, workspace_id: str, member_ids: set[str | None]) -> Names:
    """Names of these members, and of all roles and regions."""
    return Names(
        members=await queries.map_members(session, workspace_id, member_ids),
        roles=await queries.map_roles(session, workspace_id),
        teams=await queries.map_teams(session, workspace_id),
        regions=await queries.map_regions(session, workspace_id),
    )


async def describe_ticket(
    session: AsyncSession,
    actor: Actor,
    ticket: Ticket,
    release: Release,
    *,
    locale: str,
    base_url: str,
    clock: Clock,
) -> wire.TicketDetail:
    """The whole page in one answer."""
    state = read_state(ticket)
    events = await queries.list_events(session, ticket)
    tasks = await queries.list_open_tasks(session, ticket)
    ids: set[str | None] = {*list_member_ids(events), *(task.assignee_id for task in tasks)}
    ids.add(state.suspended.by if state.suspended is not None else None)
    names = await load_names(session, actor.workspace_id, ids)
    places = await queries.map_task_places(session, ticket)
    teller = Teller(release, names.members, places, locale, names.roles)
    workflow = await session.get_one(Workflow, ticket.workflow_id)
    lines = await queries.list_lines(session, actor, ticket)
    sight = find_sight(actor, ticket, release, state)
    data = sight.project_data(state.data)
    return wire.TicketDetail(
        id=ticket.id,
        number=ticket.number,
        title=ticket.title,
        status=ticket.status,
        priority=ticket.priority,
        workflow=NamedReference(id=workflow.id, name=Text(**workflow.name)),
        release_number=release.number,
        region=present_region(ticket, names),
        source=ticket.source,
        channel=ticket.channel or None,
        created_at=ticket.created_at,
        finished_at=ticket.finished_at,
        customer=sight.project_customer(ticket.customer) or None,
        data=data,
        shown=show_answers(release.definition, data),
        stages=await _drop_called_off(
            session, ticket, present_stages(release, state, events, places), events, places
        ),
        tasks=[
            msgspec.structs.replace(
                complete_line(
                    present_task(actor, task, ticket, names),
                    task,
                    release,
                    state,
                    actor=actor,
                    sight=sight,
                    locale=locale,
                ),
                may=list_task_acts(actor, task, release, state),
            )
            for task in tasks
        ],
        due_at=ticket.due_at,
        suspended=present_suspension(state, names.members),
        clocks=present_clocks(release, state, clock(), locale),
        may=list_acts(actor, ticket, release, state),
        tokens=present_tokens(release, state, await map_children(session, ticket), locale),
        groups=present_groups(release, state),
        visited=sorted(state.visits),
        flow=present_flow(release),
        timeline=teller.tell(events),
        lines=await present_lines(session, lines, names.regions, locale, actor=actor),
        incidents=[
            wire.Incident(
                id=incident.id,
                node=incident.node,
                code=incident.code,
                message=render(incident.code, incident.params, locale),
                at=incident.at,
            )
            for incident in await queries.list_incidents(session, ticket)
        ],
        tracking_url=f"{base_url}/t/{ticket.tracking_token}",
        links=await list_links(session, actor, ticket),
        correctable=state.status == "running" and bool(find_correctable(actor, ticket, release, state)),
    )


async def load_stages(
    session: AsyncSession, ticket: Ticket, release: Release, state: State, events: list[TicketEvent]
) -> list[wire.Stage]:
    """As `present_stages`, for those who have not read the tasks."""
    places = await queries.map_task_places(session, ticket)
    return await _drop_called_off(
        session, ticket, present_stages(release, state, events, places), events, places
    )


async def _drop_called_off(
    session: AsyncSession,
    ticket: Ticket,
    stages: list[wire.Stage],
    events: list[TicketEvent],
    places: Mapping[str, tuple[str, Text]],
) -> list[wire.Stage]:
    """A step that was called off before anybody finished it is not done, though the work went past it."""
    finished = {
        places[row.event["task"]][0]
        for row in events
        if row.event.get("type") == "task_completed" and row.event.get("task") in places
    }
    reached = {stage.node for stage in stages if stage.state == "done"}
    doubtful = (reached & {node for node, _ in places.values()}) - finished
    if not doubtful:
        return stages
    called_off = await queries.list_called_off(session, ticket, doubtful)
    return [stage for stage in stages if stage.state != "done" or stage.node not in called_off]


def present_stages(
    release: Release, state: State, events: list[TicketEvent], places: Mapping[str, tuple[str, Text]]
) -> list[wire.Stage]:
    """Milestones like those of a parcel; `at` is when a node was last entered or finished, as far as the
    log tells. `places`: node and label of each task.
    """
    moments: dict[str, datetime] = {}
    for row in events:
        node, _ = places.get(str(row.event.get("task", "")), ("", None))
        moments |= {each: row.at for each in (node, *(note.get("node") for note in row.notes)) if each}
    if events and release.starts:
        moments.setdefault(release.starts[0], events[0].at)
    return [
        wire.Stage(node=stage.node, label=Text(**stage.label), state=stage.state, at=moments.get(stage.node))
        for stage in stages(release, state)
    ]


def present_flow(release: Release) -> wire.Flow:
    """The release's graph for the small picture."""
    drawn = picture(release)
    return wire.Flow(
        nodes=[
            wire.FlowNode(
                id=node["id"],
                family=node["family"],
                icon=node["icon"],
                label=Text(**node["label"]),
                x=node["x"],
                y=node["y"],
            )
            for node in drawn["nodes"]
        ],
        edges=[
            wire.FlowEdge(id=edge["id"], source=edge["source"], target=edge["target"], kind=edge["kind"])
            for edge in drawn["edges"]
        ],
    )
