"""Firing: one cause, one transaction - its line in the log and the ticket it starts, both or neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from backend.db.types import new_id
from backend.engine.run import Refused
from backend.runtime.collisions import run_anew
from backend.runtime.errors import NotPublished, RegionUnknown
from backend.runtime.scripts import Driver, Script, ask, ask_one
from backend.runtime.starting import start_ticket
from backend.runtime.statements import read_json
from backend.runtime.transition import Environment, TransitionResult
from backend.runtime.triggers.planning import Given, Plan, Unfit, make_plan
from backend.runtime.triggers.statements import (
    CLAIM_FIRING,
    FIND_FIRING,
    SETTLE_FIRING,
    TriggerRow,
)
from backend.runtime.writes import encode_json

MAX_CAUSE = 200
MAX_DEPTH = 8
"""Tickets that start each other by their events, one after the other."""
KEPT = frozenset({"api", "webhook", "email", "message"})
"""Kinds whose causes bring data that stands nowhere else: it is kept with a failure, to be tried again."""
MOST_KEPT = 200_000
"""Bytes of it."""

Extra = Callable[[], Script[Any]]
"""More to write in the same transaction, whatever the outcome."""


class Fired(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a cause. `repeated`: it had its answer before, and this is that answer."""

    outcome: str
    code: str
    params: dict[str, Any] = {}
    ticket_id: str | None = None
    number: str | None = None
    repeated: bool = False
    result: TransitionResult | None = None


def fire(
    environment: Environment, trigger: TriggerRow, given: Given, extra: Extra | None = None
) -> Script[Fired | None]:
    """The whole of it in one go. None: `extra` said that somebody else was first.

    Raises Unfit, NotPublished, RegionUnknown, Refused; then nothing was written, and `record_failure` says so
    in a transaction of its own.
    """
    if extra is not None and not (yield from extra()):
        return None
    claimed = yield from _claim(environment, trigger, given)
    if claimed is None:
        return (yield from _repeat(trigger, given))
    if given.depth > MAX_DEPTH:
        raise Unfit("trigger_chain_too_deep", limit=MAX_DEPTH)
    plan: Plan = yield from make_plan(environment, trigger, given)
    if plan.wanted is None:
        fired = Fired(outcome="skipped", code="trigger_condition_false")
    else:
        result = yield from start_ticket(environment, plan.wanted)
        fired = _started(plan, result)
    yield from _settle(claimed, fired)
    return fired


def _started(plan: Plan, result: TransitionResult) -> Fired:
    params: dict[str, Any] = {"number": result.state.ticket.number, "workflow": plan.workflow}
    if plan.rule is not None:
        params["rule"] = plan.rule
    return Fired(
        outcome="started",
        code="trigger_started" if plan.rule is None else "trigger_started_variant",
        params=params,
        ticket_id=result.ticket_id,
        number=result.state.ticket.number,
        result=result,
    )


def skip(
    environment: Environment,
    trigger: TriggerRow,
    cause: str,
    code: str,
    extra: Extra | None = None,
    **params: Any,
) -> Script[Fired | None]:
    """Log a cause that is deliberately left out."""
    if extra is not None and not (yield from extra()):
        return None
    given = Given(cause=cause)
    claimed = yield from _claim(environment, trigger, given)
    if claimed is None:
        return (yield from _repeat(trigger, given))
    fired = Fired(outcome="skipped", code=code, params=params)
    yield from _settle(claimed, fired)
    return fired


def record_failure(
    environment: Environment, trigger: TriggerRow, given: Given, error: Exception, extra: Extra | None = None
) -> Script[Fired | None]:
    """The reason, after what was begun has been rolled back."""
    if extra is not None and not (yield from extra()):
        return None
    claimed = yield from _claim(environment, trigger, given)
    if claimed is None:
        return (yield from _repeat(trigger, given))
    fired = describe_failure(error)
    yield from _settle(claimed, fired, kept=_keep(trigger, given))
    return fired


def describe_failure(error: Exception) -> Fired:
    """In codes and params that the log can say in any language."""
    if isinstance(error, Unfit):
        params = dict(error.params)
        if error.faults:
            params["faults"] = [msgspec.to_builtins(fault) for fault in error.faults]
        return Fired(outcome="failed", code=error.code, params=params)
    if isinstance(error, Refused):
        return Fired(outcome="failed", code=error.code, params=dict(error.params))
    code = "trigger_region_unknown" if isinstance(error, RegionUnknown) else "not_published"
    return Fired(outcome="failed", code=code, params={"region": str(error)})


def _claim(environment: Environment, trigger: TriggerRow, given: Given) -> Script[str | None]:
    row = yield from ask_one(
        CLAIM_FIRING,
        id=new_id(),
        workspace=trigger.workspace_id,
        trigger=trigger.id,
        cause=shorten(given.cause),
        now=environment.clock(),
        depth=given.depth,
        params="{}",
    )
    return row[0] if row is not None else None


def _keep(trigger: TriggerRow, given: Given) -> dict[str, Any]:
    """What `backend.runtime.triggers.again` reads."""
    if trigger.kind not in KEPT or not given.names:
        return {}
    kept = encode_json(given)
    return {"given": read_json(kept)} if len(kept) <= MOST_KEPT else {}


def _settle(firing_id: str, fired: Fired, kept: Mapping[str, Any] | None = None) -> Script[None]:
    yield from ask(
        SETTLE_FIRING,
        id=firing_id,
        outcome=fired.outcome,
        ticket=fired.ticket_id,
        code=fired.code,
        params=encode_json({**fired.params, **(kept or {})}).decode(),
    )


def _repeat(trigger: TriggerRow, given: Given) -> Script[Fired]:
    row = yield from ask_one(FIND_FIRING, trigger=trigger.id, cause=shorten(given.cause))
    assert row is not None
    outcome, ticket_id, code, stored, number = row
    params = {name: value for name, value in read_json(stored).items() if name != "given"}
    return Fired(
        outcome=outcome,
        code=code,
        params=params,
        ticket_id=ticket_id,
        number=number,
        repeated=True,
    )


def shorten(cause: str) -> str:
    """As it stands, or its hash where it is too long for the column."""
    return cause if len(cause) <= MAX_CAUSE else f"sha256:{sha256(cause.encode()).hexdigest()}"


async def fire_safely(
    driver: Driver, environment: Environment, trigger: TriggerRow, given: Given, extra: Extra | None = None
) -> Fired | None:
    """Fire; a cause that cannot start a ticket is logged as failed."""
    try:
        return await run_anew(driver, lambda: fire(environment, trigger, given, extra))
    except (Unfit, NotPublished, RegionUnknown, Refused) as error:
        return await driver.run(record_failure(environment, trigger, given, error, extra))


def stamp(moment: datetime) -> str:
    """A moment as a cause."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
