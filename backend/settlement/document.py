"""From JSON to a tariff and back; what is wrong comes back as findings with pointers, all at once."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from backend.settlement.coverage import Known, Regions
from backend.settlement.linter import lint
from backend.settlement.tariff import FORMAT, Finding, Measure, Row, Tariff, TariffInvalid
from backend.settlement.tier_lint import find

MAX_ROWS = 2_000
MAX_DIGITS = 15
MAX_DECIMALS = 12

_Value = TypeVar("_Value")
_WHERE = re.compile(r"(?s)(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$")
_STEP = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")


def decode(document: Mapping[str, Any]) -> Tariff:
    """The tariff that a document describes. Raises TariffInvalid with every error found."""
    tariff, findings = check(document)
    errors = tuple(finding for finding in findings if finding.severity == "error")
    if tariff is None or errors:
        raise TariffInvalid(errors)
    return tariff


def check(
    document: Mapping[str, Any], regions: Regions | None = None, known: Known | None = None
) -> tuple[Tariff | None, tuple[Finding, ...]]:
    """The tariff (null when the document has not even the shape of one) and all findings, warnings too."""
    tariff, findings = _read(document)
    return (None, findings) if tariff is None else (tariff, lint(tariff, regions, known))


def encode(tariff: Tariff) -> dict[str, Any]:
    """The document of a tariff: plain JSON values, decimals as text."""
    encoded: dict[str, Any] = msgspec.to_builtins(tariff)
    return encoded


def _read(document: Mapping[str, Any]) -> tuple[Tariff | None, tuple[Finding, ...]]:
    """Row by row, so that one bad row does not hide the next."""
    if document.get("format") != FORMAT:
        return None, (find("format_unknown", "/format"),)
    rows = document.get("rows")
    if not isinstance(rows, list) or not rows:
        return None, (find("rows_missing", "/rows"),)
    if len(rows) > MAX_ROWS:
        return None, (find("rows_too_many", "/rows", limit=str(MAX_ROWS)),)
    findings: list[Finding] = []
    read_rows = [_convert(row, Row, f"/rows/{index}", findings) for index, row in enumerate(rows)]
    measures = _convert(document.get("measures") or {}, dict[str, Measure], "/measures", findings)
    head = _convert({**document, "rows": [], "measures": {}}, Tariff, "", findings)
    if findings or head is None:
        return None, tuple(findings)
    for index, row in enumerate(read_rows):
        findings += _find_unbounded(msgspec.to_builtins(row, builtin_types=(Decimal,)), f"/rows/{index}")
    if findings:
        return None, tuple(findings)
    kept = tuple(row for row in read_rows if row is not None)
    return msgspec.structs.replace(head, rows=kept, measures=measures or {}), ()


def _find_unbounded(value: Any, pointer: str) -> Iterator[Finding]:
    """Numbers no money needs, so large or fine that writing them out takes megabytes."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _find_unbounded(item, f"{pointer}/{name}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _find_unbounded(item, f"{pointer}/{index}")
    elif isinstance(value, (int, Decimal)) and not is_bounded(Decimal(value)):
        yield find("number_out_of_range", pointer, value=str(value)[:40])


def is_bounded(value: Decimal) -> bool:
    """At most 15 digits before the decimal point and 12 behind it."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        return False
    return exponent >= -MAX_DECIMALS and (not value or value.adjusted() < MAX_DIGITS)


def _convert(value: Any, kind: type[_Value], pointer: str, findings: list[Finding]) -> _Value | None:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        found = _WHERE.match(str(error))
        what, path = (found["what"], found["path"] or "") if found else (str(error), "")
        findings.append(find("malformed", pointer + _to_pointer(path), reason=what))
        return None


def _to_pointer(path: str) -> str:
    """``.charge.tiers[1].rate`` -> ``/charge/tiers/1/rate``; stops where the path is not known exactly."""
    steps = []
    for step in _STEP.finditer(path):
        if step["index"] == "...":
            break
        steps.append(step["name"] or step["index"])
    return "".join(f"/{step}" for step in steps)
