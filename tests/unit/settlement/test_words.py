"""The sentences a reader sees, word for word."""

import pytest

from backend.settlement.calculation import calculate
from backend.settlement.document import decode
from backend.settlement.words import describe_row
from tests.unit.settlement.test_models import fill, read_facts, read_tariff


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        (
            "volume_lower",
            "销售额从 ¥50,000.00（含）到 ¥100,000.00（不含）：全部金额按 8% 计",
            "sales from ¥50,000.00 (included) to ¥100,000.00 (not included): 8% of the whole amount",
        ),
        (
            "graduated_upper",
            "销售额超过 ¥50,000.00、不超过 ¥100,000.00（含）：只有这一段按 8% 计",
            "sales above ¥50,000.00, up to ¥100,000.00 (included): 8% of the part inside this tier",
        ),
    ],
)
def test_a_tier_says_its_reading_and_its_bound(name: str, zh: str, en: str) -> None:
    tariff = decode(read_tariff(name))
    assert fill(describe_row(tariff, tariff.rows[0])[2]) == (zh, en)


def test_why_this_amount() -> None:
    tariff = decode(read_tariff("complaint"))
    facts = read_facts({"hours": "2.5", "recovered": "200000"}, "china", "east", "shanghai")
    result = calculate(tariff, facts, evaluate=lambda _: True)
    assert [fill(line.why)[0] for line in result.lines] == [
        "工时 2.5 小时 × ¥40.00 = ¥100.00",
        "挽回金额 ¥2,000.00 × 5% = ¥100.00",
        "加急：¥200.00 × 1.5，差额 ¥100.00",
    ]


def test_how_far_the_next_tier_is() -> None:
    facts = read_facts({"sale": "4200000"}, "campus_a", level="senior")
    ahead = calculate(decode(read_tariff("volume_lower")), facts).next_tiers[0]
    assert (ahead.tier, str(ahead.missing), str(ahead.next_rate)) == (1, "800000", "0.08")
    assert fill(ahead.words)[0] == "再有 ¥8,000.00 的销售额就到 ¥50,000.00，进入 8% 档"


def test_the_usual_condition_is_said_in_words() -> None:
    document = read_tariff("complaint")
    row = document["rows"][0]
    for when, words in (
        ('ticket.priority == "urgent"', "urgent tickets only"),
        ("ticket.priority == 'urgent'", "urgent tickets only"),
        ("data.night == true", "when data.night == true"),
    ):
        modifier = {"kind": "coefficient", "id": "x", "factor": "1.5", "cap": 100, "when": when}
        tariff = decode({**document, "rows": [{**row, "modifiers": [modifier]}]})
        assert words in fill(describe_row(tariff, tariff.rows[0])[-1])[1]
