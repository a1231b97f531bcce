"""The open tasks of one workflow, side by side by step, in the order in which the work flows."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tasks as wire
from backend.contracts.common import Text
from backend.db.models import Task, Ticket
from backend.engine.progress import list_in_flow_order
from backend.engine.release import Release
from backend.features.platform.actor import Actor
from backend.features.tickets import queries
from backend.features.tickets.detail import load_names
from backend.features.tickets.rows import present_rows
from backend.runtime.runtime import Runtime

MOST = 20
"""Cards of a column; how many more there are is counted."""


async def describe_board(
    session: AsyncSession,
    runtime: Runtime,
    actor: Actor,
    release: Release,
    *,
    workflow_id: str,
    view: queries.TaskView,
    locale: str,
) -> wire.Board:
    """Columns of the newest release's human steps, then those of steps that only older releases have."""
    open_tasks = queries.select_tasks(actor, view).where(Ticket.workflow_id == workflow_id)
    grouped = open_tasks.with_only_columns(Task.node, func.count()).group_by(Task.node)
    counts = {node: count for node, count in (await session.execute(grouped)).all()}
    order = (Task.priority_rank, Task.id)
    place = func.row_number().over(partition_by=Task.node, order_by=order).label("place")
    placed = open_tasks.with_only_columns(Task.id, place).subquery()
    first = (
        select(Task, Ticket)
        .join(placed, placed.c.id == Task.id)
        .join(Ticket, Ticket.id == Task.ticket_id)
        .where(placed.c.place <= MOST)
    )
    rows = (await session.execute(first.order_by(*order))).all()
    names = await load_names(session, actor.workspace_id, {task.assignee_id for task, _ in rows})
    lines = await present_rows(runtime, actor, [(task, ticket) for task, ticket in rows], names, locale)
    steps = _list_steps(release) | {line.node: line.label for line in lines if line.node not in release.nodes}
    return wire.Board(
        columns=[
            wire.BoardColumn(
                node=node,
                label=label,
                count=counts.get(node, 0),
                items=[line for line in lines if line.node == node],
            )
            for node, label in steps.items()
        ]
    )


def _list_steps(release: Release) -> dict[str, Text]:
    """What people do, in the order of the flow; what undoes other steps comes last."""
    nodes = release.nodes
    undoing = {node.compensation for node in nodes.values()}
    human = [node for node in list_in_flow_order(release) if nodes[node].type.family == "human"]
    return {node: Text(**nodes[node].label) for node in sorted(human, key=lambda node: node in undoing)}
