"""What a ticket would book if it settled now: the code that books, without the writing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from backend.engine.release import CompiledNode
from backend.engine.run import Run
from backend.engine.state import State, Token
from backend.graph.expressions import ExpressionFailed
from backend.node_sdk import Call
from backend.runtime.errors import TicketUnknown
from backend.runtime.inline.settling import work_out
from backend.runtime.releases import load_release
from backend.runtime.scripts import Script, ask_one
from backend.runtime.statements import READ_TICKET
from backend.runtime.transition import Environment
from backend.runtime.work import Work
from backend.runtime.writes import WriteSet
from backend.settlement.lines import Calculation
from backend.settlement.posting import Posting
from backend.settlement.tariff import SettlementError


class SettlementPreview(msgspec.Struct, frozen=True, kw_only=True):
    """One settle step. Without a calculation, `code` and `params` say what is still missing."""

    node: str
    label: dict[str, str]
    calculation: Calculation | None = None
    posting: Posting | None = None
    tariff_id: str | None = None
    revision: int | None = None
    code: str | None = None
    params: dict[str, Any] = {}


def preview_settlement(
    environment: Environment, workspace_id: str, ticket_id: str
) -> Script[list[SettlementPreview]]:
    """One preview for each settle node, also of one that the ticket has been to: it may come there again, or
    stand there still. Only reads. Raises TicketUnknown."""
    row = yield from ask_one(READ_TICKET, id=ticket_id, workspace=workspace_id)
    if row is None:
        raise TicketUnknown(ticket_id)
    release = yield from load_release(environment.releases, row[1])
    state = msgspec.json.decode(row[0], type=State)
    if state.status != "running":
        return []
    work = Work(
        workspace_id=workspace_id,
        ticket_id=ticket_id,
        workflow_id=row[2],
        region_path=row[3],
        customer_key=row[4],
        actor=None,
        now=environment.clock(),
        release=release,
        writes=WriteSet(),
    )
    state = msgspec.structs.replace(state, handling=_count_open_time(state, work.now))
    previews = []
    for node in release.nodes.values():
        if node.type.type == "settle":
            preview = yield from _preview(work, state, node)
            previews.append(preview)
    return previews


def _count_open_time(state: State, now: datetime) -> dict[str, int]:
    """Seconds of handling as if every open task of the staff were completed at this moment."""
    handling = dict(state.handling)
    for task in state.tasks.values():
        if task.outcome is None and task.offer.to != "customer":
            seconds = int((now - (task.claimed_at or task.opened_at)).total_seconds())
            handling[task.node] = handling.get(task.node, 0) + max(0, seconds)
    return handling


def _preview(work: Work, state: State, node: CompiledNode) -> Script[SettlementPreview]:
    token = Token(id="preview", node=node.id, since=work.now)
    try:
        outcome = node.enter(node.config, Run(work.release, state, work.now).node_context(token))
        if not isinstance(outcome, Call):
            code = getattr(outcome, "code", "not_yet")
            return SettlementPreview(
                node=node.id, label=node.label, code=code, params=getattr(outcome, "params", {})
            )
        settled = yield from work_out(work, state, outcome.payload, lock=False)
    except (ExpressionFailed, SettlementError) as error:
        return SettlementPreview(node=node.id, label=node.label, code=error.code, params=error.params)
    return SettlementPreview(
        node=node.id,
        label=node.label,
        calculation=settled.calculation,
        posting=settled.posting,
        tariff_id=settled.ground.tariff_id,
        revision=settled.ground.revision,
    )
