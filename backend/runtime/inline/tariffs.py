"""Which tariff revision holds for a ticket, and the facts it is applied to."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from backend.engine.overlay import see_data
from backend.engine.run import describe_ticket
from backend.engine.state import State, Token
from backend.graph.expressions import ExpressionFailed, compile_expression
from backend.runtime.scripts import Script, ask_one
from backend.runtime.statements import REGION_OF_PATH, TARIFF_IN_FORCE, read_json
from backend.runtime.work import Work
from backend.settlement.document import decode
from backend.settlement.modifiers import Evaluate
from backend.settlement.tariff import Facts, SettlementError, Tariff, TariffInvalid


class Ground(NamedTuple):
    """What a settlement stands on."""

    tariff: Tariff
    tariff_id: str
    revision: int
    region_id: str | None
    currency: str
    moment: datetime
    """By which the revision was chosen."""
    day: date
    """Of booking, in the region's zone."""
    evaluate: Evaluate


def find_ground(
    work: Work, state: State, payload: dict[str, Any], token: Token | None = None
) -> Script[Ground]:
    """Raises SettlementError `no_tariff` (none of this name, or none in force yet) or `tariff_invalid`."""
    key = payload.get("tariff") or ""
    policy = work.release.definition.settings.tariff_policy
    moment = (state.ticket.created_at if policy == "at_creation" else None) or work.now
    row = yield from ask_one(TARIFF_IN_FORCE, workspace=work.workspace_id, key=key, moment=moment)
    if row is None:
        raise SettlementError("no_tariff", tariff=key)
    tariff = read_tariff(row[1], row[3])
    region = yield from ask_one(REGION_OF_PATH, workspace=work.workspace_id, path=work.region_path)
    zone = region[1] if region is not None else state.ticket.calendar.zone
    return Ground(
        tariff=tariff,
        tariff_id=row[0],
        revision=row[2],
        region_id=region[0] if region is not None else None,
        currency=region[2] if region is not None else tariff.currency,
        moment=moment,
        day=work.now.astimezone(ZoneInfo(zone)).date(),
        evaluate=make_evaluate(state, work.now, token),
    )


def read_tariff(revision_id: str, document: str) -> Tariff:
    """The decoded value of a revision; revisions never change, so each is decoded once."""
    try:
        return _decode_cached(revision_id, document)
    except TariffInvalid as error:
        raise SettlementError("tariff_invalid", finding=error.findings[0].code) from error


@lru_cache(maxsize=512)
def _decode_cached(revision_id: str, document: str) -> Tariff:
    return decode(read_json(document))


def make_evaluate(state: State, now: datetime, token: Token | None = None) -> Evaluate:
    """Conditions of modifiers, over what every other condition of the workflow sees."""
    context = {
        "data": see_data(state, token),
        "ticket": describe_ticket(state),
        "customer": state.customer,
        "now": now,
    }

    def evaluate(text: str) -> bool:
        try:
            return compile_expression(text).holds(context)
        except ExpressionFailed as error:
            raise SettlementError("condition_failed", text=text, reason=error.code) from error

    return evaluate


MAX_QUANTITY = Decimal(10) ** 18
"""Beyond it no amount could be booked; exact arithmetic would run out of digits first."""


def read_facts(state: State, payload: dict[str, Any], ground: Ground) -> Facts:
    """Raises what `read_quantities` raises."""
    return Facts(
        quantities=read_quantities(payload),
        currency=ground.currency,
        attributes=dict(payload.get("attributes") or {}),
        region_path=state.ticket.region_path,
    )


def read_quantities(payload: dict[str, Any]) -> dict[str, Decimal]:
    """Raises SettlementError `quantity_unfit` for text that is no number, `amount_too_large`."""
    quantities = {}
    for measure, value in (payload.get("quantities") or {}).items():
        try:
            quantities[measure] = Decimal(str(value))
        except InvalidOperation as error:
            raise SettlementError("quantity_unfit", value=str(value)) from error
        if quantities[measure].is_finite() and abs(quantities[measure]) > MAX_QUANTITY:
            raise SettlementError("amount_too_large", component=measure)
    return quantities
