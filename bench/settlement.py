"""P7: settling 1,000,000 and 10,000,000 tickets (3 regions x 4 tiers) against Decimal and hand-written numpy.

The peers are a plain loop over Decimal and numpy code written for this one table, in chunks of 32,768 rows.
Ours compiles any tariff; its result is compared with the single-ticket path of the product to the minor unit.
Extra memory is the growth of the largest resident size while ours runs over a stream of batches.
"""

import resource
import statistics
import time
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from backend.settlement.bulk import Batch, BulkTariff, price_stream
from backend.settlement.calculation import calculate
from backend.settlement.tariff import Facts, Match, Row, Tariff, Text, Tier, VolumePercentage

REGIONS = ("east", "south", "north")
BOUNDS = (0, 2_000_000, 5_000_000, 10_000_000)
RATES = (("0.02", "0.05", "0.08", "0.12"), ("0.03", "0.04", "0.07", "0.11"), ("0.01", "0.06", "0.09", "0.10"))
SIZES = (1_000_000, 10_000_000)
LOOPED = 100_000
CHECKED = 20_000
CHUNK = 32_768
ROUNDS = 5


def build_tariff() -> Tariff:
    rows = []
    for region, rates in zip(REGIONS, RATES, strict=True):
        ends = (*BOUNDS[1:], None)
        tiers = tuple(
            Tier(start=Decimal(start), end=None if end is None else Decimal(end), rate=Decimal(rate))
            for start, end, rate in zip(BOUNDS, ends, rates, strict=True)
        )
        charge = VolumePercentage(measure="sale", tiers=tiers)
        rows.append(Row(id=region, match=Match(region=region), charge=charge))
    return Tariff(key="bench", name=Text(zh="", en=""), currency="CNY", rows=tuple(rows))


def make_rows(count: int) -> tuple[Any, Any]:
    chance = np.random.default_rng(7)
    return chance.integers(0, 3, count, dtype=np.int64), chance.integers(0, 15_000_000, count, dtype=np.int64)


def loop(regions: list[int], sales: list[int]) -> int:
    """What one writes first: a Decimal product for each ticket."""
    tables = [[Decimal(rate) for rate in rates] for rates in RATES]
    one, total = Decimal(1), 0
    for region, sale in zip(regions, sales, strict=True):
        tier = 3
        while sale < BOUNDS[tier]:
            tier -= 1
        total += int((sale * tables[region][tier]).quantize(one, rounding=ROUND_HALF_UP))
    return total


def numpy_by_hand(regions: Any, sales: Any) -> int:
    """For this table only: 3 x 4 rates in hundredths."""
    rates = np.array([[int(Decimal(rate) * 100) for rate in row] for row in RATES], dtype=np.int64).ravel()
    total = 0
    for start in range(0, len(sales), CHUNK):
        sale, region = sales[start : start + CHUNK], regions[start : start + CHUNK]
        at = region * 4
        for bound in BOUNDS[1:]:
            at += sale >= bound
        total += int(((sale * rates[at] + 50) // 100).sum())
    return total


def batches(regions: Any, sales: Any, size: int = CHUNK * 8) -> Iterator[Batch]:
    for start in range(0, len(sales), size):
        yield Batch(regions[start : start + size], {"sale": sales[start : start + size]})


def timed(call: Callable[[], int]) -> tuple[float, int]:
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


def check(tariff: Tariff, bulk: BulkTariff) -> None:
    regions, sales = make_rows(CHECKED)
    totals = bulk.price(Batch(regions, {"sale": sales}))
    for region, sale, total in zip(regions, sales, totals, strict=True):
        facts = Facts(
            quantities={"sale": Decimal(int(sale))}, currency="CNY", region_path=(REGIONS[int(region)],)
        )
        assert calculate(tariff, facts).total.amount == total


def compare(bulk: BulkTariff, size: int) -> None:
    """The three in turn; prints each round and the ratios."""
    regions, sales = make_rows(size)
    few = (regions[:LOOPED].tolist(), sales[:LOOPED].tolist())
    by_loop, by_hand, extra = [], [], 0
    for turn in range(ROUNDS):
        loop_s, _ = timed(lambda: loop(*few))
        hand_s, expected = timed(lambda: numpy_by_hand(regions, sales))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ours_s, total = timed(lambda: sum(int(p.sum()) for p in price_stream(bulk, batches(regions, sales))))
        extra = max(extra, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
        assert total == expected
        looped, hand, ours = LOOPED / loop_s, size / hand_s, size / ours_s
        by_loop.append(ours / looped)
        by_hand.append(ours / hand)
        print(
            f"P7 {size:,} rows, round {turn + 1}: Decimal loop {looped / 1e6:.2f}M/s, "
            f"numpy by hand {hand / 1e6:.1f}M/s, ours {ours / 1e6:.1f}M/s"
        )
    print(
        f"P7 {size:,} rows: {statistics.median(by_loop):.0f}x the Decimal loop "
        f"({min(by_loop):.0f} to {max(by_loop):.0f}), goal 30x; {statistics.median(by_hand):.2f} of numpy by "
        f"hand ({min(by_hand):.2f} to {max(by_hand):.2f}), goal 0.30; extra memory {extra / 1024:.0f} MiB, "
        "goal 64"
    )


def main() -> None:
    tariff = build_tariff()
    bulk = BulkTariff(tariff)
    check(tariff, bulk)
    print(f"{CHECKED:,} tickets equal the single-ticket path to the minor unit")
    for size in SIZES:
        compare(bulk, size)


if __name__ == "__main__":
    main()
