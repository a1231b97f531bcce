"""Every charge model and modifier at and around its bounds; cases.json holds amounts worked out by hand."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backend.messages.settlement import TEXTS
from backend.settlement.calculation import calculate
from backend.settlement.document import check, decode, encode
from backend.settlement.tariff import Facts, Phrase, SettlementError, TariffInvalid
from backend.settlement.words import describe_row

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
FINDINGS: list[dict[str, Any]] = json.loads((HERE / "findings.json").read_text(encoding="utf-8"))


def read_facts(quantities: dict[str, str], *region_path: str, **attributes: str | None) -> Facts:
    return Facts(
        quantities={name: Decimal(value) for name, value in quantities.items()},
        currency="CNY",
        region_path=region_path,
        attributes=attributes,
    )


def read_tariff(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((HERE / "tariffs" / f"{name}.json").read_text(encoding="utf-8"))
    return document


def fill(phrase: Phrase) -> tuple[str, str]:
    """Both texts of a sentence; fails on a code or a parameter that the catalogue does not agree with."""
    zh, en = TEXTS[phrase.code]
    pick = [
        {name: value if isinstance(value, str) else value[locale] for name, value in phrase.params.items()}
        for locale in ("zh", "en")
    ]
    return zh.format(**pick[0]), en.format(**pick[1])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_amounts(case: dict[str, Any]) -> None:
    tariff = decode(case["tariff"])
    result = calculate(tariff, read_facts(case["quantities"]), evaluate=lambda _: case["conditions"])
    assert [[line.component, line.amount] for line in result.lines] == case["lines"]
    assert result.total.amount == case["total"]
    for phrase in (
        *result.trace,
        *(line.why for line in result.lines),
        *describe_row(tariff, tariff.rows[0]),
    ):
        assert all(fill(phrase))
    for ahead in result.next_tiers:
        assert all(fill(ahead.words))


@pytest.mark.parametrize("case", FINDINGS, ids=lambda case: case["name"])
def test_findings(case: dict[str, Any]) -> None:
    _, findings = check(case["tariff"], case["regions"])
    assert [[finding.code, finding.severity, finding.pointer] for finding in findings] == case["findings"]
    for finding in findings:
        assert all(fill(Phrase(f"tariff.{finding.code}", finding.params)))


@pytest.mark.parametrize("path", sorted((HERE / "tariffs").glob("*.json")), ids=lambda path: path.stem)
def test_documents_survive_a_round_trip(path: Path) -> None:
    tariff = decode(json.loads(path.read_text(encoding="utf-8")))
    assert decode(json.loads(json.dumps(encode(tariff)))) == tariff


def test_numbers_are_read_by_their_digits() -> None:
    document = read_tariff("volume_lower")
    document["rows"][0]["charge"]["tiers"][1]["rate"] = 0.08
    assert decode(document) == decode(read_tariff("volume_lower"))


def test_invalid_document_names_every_error() -> None:
    case = next(case for case in FINDINGS if case["name"] == "two malformed rows at once")
    with pytest.raises(TariffInvalid) as raised:
        decode(case["tariff"])
    assert len(raised.value.findings) == 2


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (read_facts({"hours": "1"}, "china", "east"), "measure_missing"),
        (read_facts({"hours": "-1", "recovered": "0"}, "china", "east"), "quantity_negative"),
        (read_facts({"hours": "NaN", "recovered": "0"}, "china", "east"), "quantity_negative"),
        (read_facts({}, "china", "west"), "no_row"),
        (read_facts({}, "china", "north"), "condition_unavailable"),
        (Facts(quantities={}, currency="USD", region_path=("north",)), "currency_mismatch"),
    ],
)
def test_what_cannot_be_worked_out(facts: Facts, code: str) -> None:
    with pytest.raises(SettlementError) as raised:
        calculate(decode(read_tariff("complaint")), facts)
    assert raised.value.code == code
    assert TEXTS[f"settlement.{code}"][0].format(**raised.value.params)
