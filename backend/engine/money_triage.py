"""What a migration does to a ticket's money: nothing twice, and nothing lost without a word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend.engine.crossing import Crossing
from backend.engine.release import CompiledNode, Release
from backend.engine.state import State
from backend.engine.verdicts import Finding, Level

KnowsTariff = Callable[[str], bool]
"""Whether a tariff of this key is in force."""


def list_money(crossing: Crossing, state: State, knows_tariff: KnowsTariff) -> list[Finding]:
    """Settle steps booked already against those to come."""
    back = {new: old for old, new in crossing.mapping.items()}
    here = {crossing.mapping[token.node] for token in state.tokens.values()}
    ahead = here.union(*(crossing.ahead[node] for node in here)) if here else set()
    before = {token.node for token in state.tokens.values()}
    ahead_before = before.union(*(crossing.ahead_before[node] for node in before)) if before else set()
    found: list[Finding] = []
    for new in _settle_nodes(crossing.new):
        old = back.get(new)
        is_booked = old is not None and bool(state.visits.get(old))
        if is_booked and new in ahead and old not in ahead_before:
            found.append(_money("red", "booked_again", old, {"new": _name(crossing.new.nodes[new])}))
        elif old is None and new not in ahead:
            found.append(_money("amber", "never_paid", None, {"new": _name(crossing.new.nodes[new])}))
        if new in ahead:
            found += _judge_tariff(crossing, new, old, knows_tariff)
    for old in _settle_nodes(crossing.old):
        if old in ahead_before and not state.visits.get(old) and crossing.mapping.get(old) not in ahead:
            found.append(_money("amber", "payment_lost", old))
    if crossing.old.definition.settings.tariff_policy != crossing.new.definition.settings.tariff_policy:
        found.append(_money("amber", "policy_other"))
    return found


def _judge_tariff(crossing: Crossing, new: str, old: str | None, knows_tariff: KnowsTariff) -> list[Finding]:
    tariff = getattr(crossing.new.nodes[new].config, "tariff", None)
    if not tariff or not knows_tariff(tariff):
        return [
            _money("red", "tariff_gone", old, {"tariff": tariff or "", "new": _name(crossing.new.nodes[new])})
        ]
    if old is None:
        return [_money("amber", "payment_new", None, {"new": _name(crossing.new.nodes[new])})]
    if getattr(crossing.old.nodes[old].config, "tariff", None) != tariff:
        return [_money("amber", "tariff_other", old, {"tariff": tariff})]
    if new in crossing.changed:
        return [_money("amber", "reckoned_otherwise", old)]
    return []


def _settle_nodes(release: Release) -> list[str]:
    return [key for key, node in release.nodes.items() if node.type.type == "settle"]


def _money(level: Level, code: str, node: str | None = None, params: dict[str, Any] | None = None) -> Finding:
    return Finding(area="money", level=level, code=code, node=node, params=params or {})


def _name(node: CompiledNode) -> dict[str, str]:
    return node.label
