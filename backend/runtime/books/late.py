"""A ticket whose data was corrected after it was booked: what its settle step would say now."""

from __future__ import annotations

from typing import Any

import msgspec

from backend.engine.run import Refused, Run
from backend.engine.state import State, Token
from backend.graph.expressions import ExpressionFailed
from backend.node_sdk import Call
from backend.runtime.books.corrections import Changes, refuse
from backend.runtime.books.reading import read_posting
from backend.runtime.inline.parties import PartyFinder
from backend.runtime.inline.tariffs import make_evaluate, read_quantities
from backend.runtime.scripts import Script
from backend.runtime.work import Work
from backend.settlement.posting import Share
from backend.settlement.tariff import PartyRef, SettlementError

_decode_state = msgspec.json.Decoder(State).decode


def find_late_changes(work: Work, stored_state: str, posting_id: str) -> Script[Changes | None]:
    """What is other now than it was booked; None when nothing is, and for what no step of the ticket booked,
    or a step within an item, whose data has ended with it. Raises Refused with what is missing."""
    stored = yield from read_posting(work, posting_id)
    basis = stored.basis
    if basis is None or not basis.node or basis.inside or basis.node not in work.release.nodes:
        return None
    state = _decode_state(stored_state)
    payload = ask_step(work, state, basis.node)
    try:
        quantities = read_quantities(payload)
    except SettlementError as error:
        raise refuse(error) from error
    given: dict[str, str | None] = payload.get("attributes") or {}
    attributes = {name: value for name, value in given.items() if name != "level" or value is not None}
    finder = PartyFinder(work, state, payload)
    evaluate = make_evaluate(state, work.now)
    slots = payload.get("parties") or {}
    named = [behind.ref for behind in basis.parties if (behind.ref.key or behind.ref.party) in slots]
    parties: dict[PartyRef, tuple[Share, ...]] = yield from finder.resolve(named)
    known = basis.find_parties()
    same = (
        all(basis.quantities.get(name) == value for name, value in quantities.items())
        and all(basis.attributes.get(name) == value for name, value in attributes.items())
        and all(_ids(known[ref]) == _ids(shares) for ref, shares in parties.items())
        and all(evaluate(text) == answer for text, answer in basis.conditions.items())
    )
    if same:
        return None
    return Changes(
        quantities=quantities,
        attributes=attributes,
        parties=parties,
        evaluate=evaluate,
        find=finder.resolve,
        afresh=True,
    )


def ask_step(work: Work, state: State, node_id: str) -> dict[str, Any]:
    """What a settle step would ask for, entered now. Raises Refused with the code of what it lacks."""
    node = work.release.nodes[node_id]
    token = Token(id="rebooking", node=node_id, since=work.now)
    try:
        outcome = node.enter(node.config, Run(work.release, state, work.now).node_context(token))
    except ExpressionFailed as error:
        raise Refused(error.code, **error.params) from error
    if not isinstance(outcome, Call) or outcome.job != "settle":
        raise Refused(getattr(outcome, "code", "nothing_to_correct"), **getattr(outcome, "params", {}))
    return outcome.payload


def _ids(shares: tuple[Share, ...]) -> list[tuple[str, str]]:
    return [(share.party.kind, share.party.id) for share in shares]
