"""Which row wins."""

from typing import Any

import pytest

from backend.settlement.document import check
from backend.settlement.matching import match_row
from backend.settlement.tariff import Facts

ROWS: dict[str, dict[str, str]] = {
    "anywhere": {},
    "gold_anywhere": {"grade": "gold"},
    "china": {"region": "china"},
    "east": {"region": "east"},
    "east_repair": {"region": "east", "service": "repair"},
    "east_gold": {"region": "east", "grade": "gold"},
    "east_repair_gold": {"region": "east", "service": "repair", "grade": "gold"},
    "shanghai": {"region": "shanghai"},
}


@pytest.mark.parametrize(
    ("path", "attributes", "row"),
    [
        ((), {}, "anywhere"),
        ((), {"grade": "gold"}, "gold_anywhere"),
        (("china", "north"), {}, "china"),
        (("china", "north"), {"grade": "gold"}, "china"),
        (("china", "east", "nanjing"), {}, "east"),
        (("china", "east"), {"service": "repair"}, "east_repair"),
        (("china", "east"), {"grade": "gold"}, "east_gold"),
        (("china", "east"), {"grade": "gold", "service": "repair"}, "east_repair_gold"),
        (("china", "east", "shanghai", "store"), {"grade": "gold", "service": "repair"}, "shanghai"),
        (("china", "east"), {"grade": "silver", "service": None}, "east"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_nearest_region_then_most_specific(
    path: tuple[str, ...], attributes: dict[str, str | None], row: str, turned: bool
) -> None:
    rows: list[dict[str, Any]] = [
        {"id": name, "match": match, "charge": {"model": "flat", "amount": 1}} for name, match in ROWS.items()
    ]
    document = {
        "format": "tierflow.tariff/1",
        "key": "k",
        "name": {"zh": "", "en": ""},
        "currency": "CNY",
        "rows": rows[::-1] if turned else rows,
    }
    tariff, _ = check(document)
    assert tariff is not None
    found = match_row(tariff, Facts(quantities={}, currency="CNY", region_path=path, attributes=attributes))
    assert found is not None and found.row.id == row


def test_the_earlier_dimension_decides_a_tie() -> None:
    rows = [
        {"id": name, "match": {name: "x"}, "charge": {"model": "flat", "amount": 1}}
        for name in ("grade", "level", "service", "channel")
    ]
    document = {
        "format": "tierflow.tariff/1",
        "key": "k",
        "name": {"zh": "", "en": ""},
        "currency": "CNY",
        "rows": rows,
    }
    tariff, findings = check(document)
    assert tariff is not None and {finding.code for finding in findings} == {"row_ambiguous"}
    attributes: dict[str, str | None] = dict.fromkeys(("service", "channel", "level", "grade"), "x")
    found = match_row(tariff, Facts(quantities={}, currency="CNY", attributes=attributes))
    assert found is not None and found.row.id == "service"
    nobody = Facts(quantities={}, currency="CNY")
    assert match_row(tariff, nobody) is None
