"""What a reader may do with a ticket and its tasks beside finishing them; the pages show just that."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from backend.contracts import tasks as task_wire
from backend.contracts import tickets as wire
from backend.contracts.common import Reference
from backend.db.models import Task, Ticket
from backend.engine.assigning import find_bar, word_bar
from backend.engine.human import list_returns, may_withdraw
from backend.engine.release import Release
from backend.engine.state import State
from backend.features.platform.actor import Actor
from backend.features.tickets.access import may_do, may_manage
from backend.features.tickets.instances import name_item
from backend.features.tickets.sight import Sight
from backend.messages import render


def list_acts(actor: Actor, ticket: Ticket, release: Release, state: State) -> list[str]:
    """withdraw, suspend, resume, undo (its finished steps, as it is cancelled)."""
    if state.status != "running":
        return []
    acts = []
    if ticket.created_by == actor.member_id and may_withdraw(release, state):
        acts.append("withdraw")
    if may_manage(actor, ticket.region_path):
        acts.append("suspend" if state.suspended is None else "resume")
    if state.completed and state.closing is None:
        acts.append("undo")
    return acts


def list_task_acts(actor: Actor, task: Task, release: Release, state: State) -> list[str]:
    """return, sign, reassign."""
    found = state.tasks.get(task.key)
    if found is None or found.outcome is not None or task.offer_to == "customer":
        return []
    acts = []
    if may_do(actor, task) and state.suspended is None and find_bar(state, found, actor.member_id) is None:
        if list_returns(release, state, state.tokens[found.token]):
            acts.append("return")
        if found.kind == "approval":
            acts.append("sign")
    if may_manage(actor, task.region_path if task.region_path != "/" else "/"):
        acts.append("reassign")
    return acts


def complete_line(
    line: task_wire.Task,
    task: Task,
    release: Release,
    state: State,
    *,
    actor: Actor,
    sight: Sight,
    locale: str,
) -> task_wire.Task:
    """A task as a list shows it, with its item, and with the bar in words where four eyes keep the reader
    from it."""
    barred = word_barred(actor, task, release, state, locale) if line.mine else ""
    return msgspec.structs.replace(
        line,
        item=name_item(release, state, task.key, sight),
        mine=line.mine and not barred,
        barred=barred,
    )


def word_barred(actor: Actor, task: Task, release: Release, state: State, locale: str) -> str:
    """Why four eyes keep the reader from an open task; empty when they do not."""
    found = state.tasks.get(task.key)
    bar = find_bar(state, found, actor.member_id) if found is not None else None
    if bar is None:
        return ""
    code, params = word_bar(release, bar)
    return render(code, params, locale)


def present_suspension(state: State, members: Mapping[str, str]) -> wire.Suspension | None:
    """Since when, by whom, why, until when."""
    rest = state.suspended
    if rest is None:
        return None
    by = Reference(id=rest.by, name=members.get(rest.by, "")) if rest.by else None
    return wire.Suspension(since=rest.since, by=by, reason=rest.reason, until=rest.until)
