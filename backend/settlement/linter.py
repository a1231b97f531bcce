"""What is wrong or doubtful in a tariff before it is published: rows, regions, modifiers; tiers stand in
tier_lint."""

import re
from collections import Counter
from collections.abc import Iterator

from backend.settlement.charges import list_measures, list_parts
from backend.settlement.coverage import Known, Regions, lint_coverage
from backend.settlement.money import MINOR_UNITS
from backend.settlement.tariff import (
    Coefficient,
    Composite,
    Deduction,
    Finding,
    Flat,
    GuaranteePlusExcess,
    Match,
    Modifier,
    PartyRef,
    Row,
    Tariff,
    Tax,
)
from backend.settlement.tier_lint import find, lint_charge

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NEEDS_KEY = {"node_worker", "role", "department", "partner", "account"}


def lint(tariff: Tariff, regions: Regions | None = None, known: Known | None = None) -> tuple[Finding, ...]:
    """All findings, in the order of the document; coverage is looked at only when the regions are known, and
    `known` values of the dimensions where they are."""
    findings = list(_lint_head(tariff))
    for index, row in enumerate(tariff.rows):
        findings += _lint_row(tariff, row, f"/rows/{index}")
    findings += _lint_overlaps(tariff)
    if regions is not None:
        findings += lint_coverage(tariff, regions, known or {})
    return tuple(findings)


def _lint_head(tariff: Tariff) -> Iterator[Finding]:
    if tariff.currency not in MINOR_UNITS:
        yield find("currency_unknown", "/currency", currency=tariff.currency)
    if not _ID.fullmatch(tariff.key):
        yield find("id_invalid", "/key", id=tariff.key)
    if not tariff.rows:
        yield find("rows_missing", "/rows")
    counted = Counter(row.id for row in tariff.rows)
    for index, row in enumerate(tariff.rows):
        if counted[row.id] > 1:
            yield find("id_duplicate", f"/rows/{index}/id", id=row.id)
    declared = {*tariff.measures}
    used = {measure for row in tariff.rows for measure in list_measures(row)}
    for measure in sorted(used - declared) if declared else ():
        yield find("measure_undeclared", "/measures", "warning", measure=measure)


def _lint_row(tariff: Tariff, row: Row, pointer: str) -> Iterator[Finding]:
    if not _ID.fullmatch(row.id):
        yield find("id_invalid", f"{pointer}/id", id=row.id)
    if isinstance(row.charge, Composite) and not row.charge.parts:
        yield find("parts_missing", f"{pointer}/charge/parts")
    for index, part in enumerate(list_parts(row)):
        inside = f"{pointer}/charge/parts/{index}" if isinstance(row.charge, Composite) else pointer
        yield from lint_charge(tariff, part.charge, f"{inside}/charge")
        if tariff.accumulation == "period" and isinstance(part.charge, Flat | GuaranteePlusExcess):
            yield find("once_a_period", f"{inside}/charge", "warning")
    yield from _lint_components(row, pointer)
    for index, modifier in enumerate(row.modifiers):
        yield from _lint_modifier(tariff, modifier, f"{pointer}/modifiers/{index}")
    yield from _lint_parties(tariff, row, pointer)


def _lint_components(row: Row, pointer: str) -> Iterator[Finding]:
    """Ids of parts and modifiers name lines, so each may stand once; a modifier reads only what stands
    before it."""
    known: set[str] = set()
    for part in list_parts(row):
        if part.id in known or not _ID.fullmatch(part.id):
            yield find("id_duplicate" if part.id in known else "id_invalid", f"{pointer}/charge", id=part.id)
        known.add(part.id)
    for index, modifier in enumerate(row.modifiers):
        where = f"{pointer}/modifiers/{index}"
        for read in modifier.applies_to or ():
            if read not in known:
                yield find("component_unknown", f"{where}/applies_to", id=read)
        if modifier.id in known or not _ID.fullmatch(modifier.id):
            yield find(
                "id_duplicate" if modifier.id in known else "id_invalid", f"{where}/id", id=modifier.id
            )
        known.add(modifier.id)


def _lint_modifier(tariff: Tariff, modifier: Modifier, pointer: str) -> Iterator[Finding]:
    if tariff.accumulation == "period" and modifier.when.strip():
        yield find("condition_in_period", f"{pointer}/when")
    for name in ("factor", "rate"):
        value = getattr(modifier, name, None)
        if value is not None and (not value.is_finite() or value < 0):
            yield find("negative", f"{pointer}/{name}", value=str(value))
        elif name == "rate" and value is not None and value > 1:
            yield find("rate_over_100", f"{pointer}/rate", "warning", value=str(value))
    for name in ("amount", "cap"):
        value = getattr(modifier, name, None)
        if value is not None and value < 0:
            yield find("negative", f"{pointer}/{name}", value=str(value))
    if isinstance(modifier, Coefficient) and modifier.cap is None and modifier.factor > 1:
        yield find("coefficient_without_cap", pointer, "warning", id=modifier.id)
    if isinstance(modifier, Tax) and modifier.included and modifier.pays is None:
        yield find("tax_account_missing", f"{pointer}/pays")
    if isinstance(modifier, Deduction) and modifier.measure and (modifier.amount or modifier.rate):
        yield find("deduction_mixed", pointer)
    declared = tariff.measures.get(modifier.measure or "") if isinstance(modifier, Deduction) else None
    if declared is not None and declared.kind != "money":
        yield find("measure_not_money", f"{pointer}/measure", measure=str(getattr(modifier, "measure", "")))


def _lint_parties(tariff: Tariff, row: Row, pointer: str) -> Iterator[Finding]:
    for index, part in enumerate(list_parts(row)):
        inside = f"{pointer}/charge/parts/{index}" if isinstance(row.charge, Composite) else pointer
        pays, source = part.pays or row.pays, part.source or row.source
        if pays == source:
            yield find("pays_itself", f"{inside}/pays", party=pays.party)
        for name, ref in (("pays", pays), ("from", source)):
            if ref.party in _NEEDS_KEY and not ref.key:
                yield find("party_key_missing", f"{inside}/{name}", party=ref.party)
            yield from _lint_steps(tariff, ref, f"{inside}/{name}")
    for index, modifier in enumerate(row.modifiers):
        for name, own in (("pays", modifier.pays), ("from", modifier.source)):
            if own is None:
                continue
            if own.party in _NEEDS_KEY and not own.key:
                yield find("party_key_missing", f"{pointer}/modifiers/{index}/{name}", party=own.party)
            yield from _lint_steps(tariff, own, f"{pointer}/modifiers/{index}/{name}")


def _lint_steps(tariff: Tariff, ref: PartyRef, pointer: str) -> Iterator[Finding]:
    """Weights of a split by contribution: none negative, at least one above zero, each node once. The sums
    of a period belong to one holder, so there they cannot be shared by each ticket's work."""
    if ref.party == "contributors" and tariff.accumulation == "period":
        yield find("contributors_in_period", pointer)
    nodes: set[str] = set()
    for index, step in enumerate(ref.steps):
        if not step.weight.is_finite() or step.weight < 0:
            yield find("negative", f"{pointer}/steps/{index}/weight", value=str(step.weight))
        if step.node in nodes:
            yield find("id_duplicate", f"{pointer}/steps/{index}/node", id=step.node)
        nodes.add(step.node)
    if ref.steps and not any(step.weight > 0 for step in ref.steps):
        yield find("weights_missing", f"{pointer}/steps")


def _lint_overlaps(tariff: Tariff) -> Iterator[Finding]:
    """Two rows for the same tickets: the second never wins (error); two that tie on some tickets
    (warning)."""
    for index, row in enumerate(tariff.rows):
        for earlier in tariff.rows[:index]:
            if row.match == earlier.match:
                yield find("row_unreachable", f"/rows/{index}/match", row=row.id, other=earlier.id)
                break
            if _tie(row.match, earlier.match):
                yield find("row_ambiguous", f"/rows/{index}/match", "warning", row=row.id, other=earlier.id)


def _tie(one: Match, other: Match) -> bool:
    """Same region, same number of pinned dimensions, different ones, and a ticket can fit both."""
    left, right = dict(one.values()), dict(other.values())
    if one.region != other.region or len(left) != len(right) or left.keys() == right.keys():
        return False
    return all(left[name] == right[name] for name in left.keys() & right.keys())
