"""A task before it is opened: all that a node's answer says of it, whatever the ticket."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, datetime

from backend.engine.state import Task
from backend.node_sdk import OpenTasks, Outcome, TaskSpec

NEVER = datetime.min.replace(tzinfo=UTC)


def draft_task(node: str, ports: Container[str], spec: TaskSpec) -> Task:
    """Without its id, its token and its moments, which are those of the opening."""
    sla = spec.sla
    return Task(
        id="",
        token="",
        node=node,
        kind=spec.kind,
        form=spec.form,
        offer=spec.offer,
        actions=spec.actions,
        access=spec.access,
        show=spec.show,
        opened_at=NEVER,
        timeout_port=sla.timeout_port if sla and sla.timeout_port in ports else None,
        not_by=spec.not_by,
        acknowledge=spec.acknowledge,
    )


def draft_tasks(node: str, ports: Container[str], answer: Outcome | None) -> tuple[Task, ...]:
    """Those of a whole answer; none when it opens no tasks."""
    if not isinstance(answer, OpenTasks):
        return ()
    return tuple([draft_task(node, ports, spec) for spec in answer.tasks])
