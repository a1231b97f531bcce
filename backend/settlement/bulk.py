"""Millions of tickets through one tariff: the same amounts as the single path, to the minor unit, in whole
numbers.

A quantity comes as a column of 64-bit integers with a fixed number of decimals, a rate becomes a whole number
over a power of ten, and an amount is one integer division; nothing is ever a binary fraction. Columns are
worked off in chunks, so the memory does not grow with the number of tickets. A chunk whose products might not
fit into 64 bits is worked out with integers of any size instead.

Shapes: ``rows`` holds the index of each ticket's row in the tariff (see :meth:`BulkTariff.find_rows`), a
column of ``quantities`` the measure of each ticket times ``10 ** decimals[measure]``, and a column of
``conditions`` whether a modifier's CEL text holds for each ticket.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from backend.settlement.charges import list_measures, list_parts
from backend.settlement.matching import match_row
from backend.settlement.tariff import (
    WHOLE_AMOUNT,
    Coefficient,
    Deduction,
    Facts,
    Flat,
    GuaranteePlusExcess,
    Maximum,
    Minimum,
    Modifier,
    Package,
    Percentage,
    PerUnit,
    Row,
    SettlementError,
    SimpleCharge,
    Tariff,
    Tax,
    TieredCharge,
)
from backend.settlement.wholes import SAFE, Whole, divide, find_largest, plus, times, to_whole

CHUNK = 32_768
"""Tickets worked off at once: their columns stay in the processor's cache."""

Flags: TypeAlias = npt.NDArray[np.bool_]


class Batch(msgspec.Struct, frozen=True):
    """Columns of some tickets, all of the same length."""

    rows: Whole
    quantities: Mapping[str, Whole]
    conditions: Mapping[str, Flags] = {}


class BulkTariff:
    """A tariff compiled for columns. ``decimals``: digits behind the point of each measure's column."""

    def __init__(self, tariff: Tariff, decimals: Mapping[str, int] | None = None) -> None:
        self.tariff = tariff
        self._decimals = dict(decimals or {})
        self._rows = [_CompiledRow(tariff, row, self._decimals) for row in tariff.rows]

    def find_rows(self, facts: Sequence[Facts]) -> Whole:
        """Row index for each of these combinations of region and attributes; -1 where no row is for them.

        Callers look up each distinct combination once and spread the answer over their tickets.
        """
        found = (match_row(self.tariff, fact) for fact in facts)
        return np.array([-1 if match is None else match.index for match in found], dtype=np.int64)

    def price(self, batch: Batch) -> Whole:
        """The total of each ticket in minor units. Raises SettlementError: no_row, measure_missing,
        quantity_negative, quantity_outside_tiers, condition_unavailable."""
        totals = np.zeros(len(batch.rows), dtype=np.int64)
        for start in range(0, len(batch.rows), CHUNK):
            part = slice(start, start + CHUNK)
            self._price_chunk(batch, part, totals[part])
        return totals

    def price_components(self, batch: Batch) -> dict[str, Whole]:
        """The same by component (charge part or modifier), over all rows of the tariff."""
        found: dict[str, Whole] = {}
        for index, row in enumerate(self._rows):
            here = np.flatnonzero(batch.rows == index)
            if len(here):
                for component, amounts in row.price(batch, here).items():
                    column = found.setdefault(component, np.zeros(len(batch.rows), dtype=np.int64))
                    column[here] = amounts
        return found

    def _price_chunk(self, batch: Batch, part: slice, totals: Whole) -> None:
        chunk = Batch(
            batch.rows[part],
            {name: column[part] for name, column in batch.quantities.items()},
            {text: column[part] for text, column in batch.conditions.items()},
        )
        if len(chunk.rows) and chunk.rows.min() < 0:
            raise SettlementError("no_row", tariff=self.tariff.key, region="")
        for index, row in enumerate(self._rows):
            here = np.flatnonzero(chunk.rows == index)
            if len(here):
                every = slice(None) if len(here) == len(chunk.rows) else here
                totals[every] = sum(row.price(chunk, every).values())


def price_stream(tariff: BulkTariff, batches: Iterable[Batch]) -> Iterator[Whole]:
    """Totals batch by batch, with the memory of one batch."""
    for batch in batches:
        yield tariff.price(batch)


class PeriodSums:
    """Quantities of a period, gathered by group (a row with its holders) while batches pass by."""

    def __init__(self, measures: Sequence[str], groups: int) -> None:
        self._sums = {measure: np.zeros(groups, dtype=np.int64) for measure in measures}
        self._tickets = np.zeros(groups, dtype=np.int64)

    def add(self, groups: Whole, quantities: Mapping[str, Whole]) -> None:
        """Raises OverflowError before a sum would leave 64 bits."""
        np.add.at(self._tickets, groups, 1)
        for measure, sums in self._sums.items():
            column = quantities[measure]
            if len(column) and int(np.abs(sums).max()) + len(column) * int(np.abs(column).max()) >= SAFE:
                raise OverflowError(measure)
            np.add.at(sums, groups, column)

    def total_of(self, group: int, decimals: Mapping[str, int]) -> tuple[int, dict[str, Decimal]]:
        """(tickets, quantities) of a group, exactly, as `calculate` takes them."""
        exact = {
            measure: Decimal(int(sums[group])).scaleb(-decimals.get(measure, 0))
            for measure, sums in self._sums.items()
        }
        return int(self._tickets[group]), exact


# --- one row ---

Pricer: TypeAlias = Callable[[Whole], Whole]


class _CompiledRow:
    """The charge parts and modifiers of one row as functions of columns."""

    def __init__(self, tariff: Tariff, row: Row, decimals: Mapping[str, int]) -> None:
        self._tariff = tariff
        self._modifiers = row.modifiers
        self._decimals = decimals
        self._measures = list_measures(row)
        self._parts = [
            (part.id, getattr(part.charge, "measure", None), _compile(tariff, part.charge, decimals))
            for part in list_parts(row)
        ]

    def price(self, batch: Batch, here: Whole | slice) -> dict[str, Whole]:
        """Amounts by component for the tickets at ``here``."""
        columns = {measure: _read(batch, measure, here) for measure in self._measures}
        empty: Whole = np.zeros(len(batch.rows[here]), dtype=np.int64)
        amounts = {
            name: price(columns[measure] if measure else empty) for name, measure, price in self._parts
        }
        for modifier in self._modifiers:
            amounts[modifier.id] = self._modify(modifier, amounts, columns, batch, here)
        return amounts

    def _modify(
        self,
        modifier: Modifier,
        amounts: dict[str, Whole],
        columns: Mapping[str, Whole],
        batch: Batch,
        here: Whole | slice,
    ) -> Whole:
        read = [value for name, value in amounts.items() if _reads(modifier, name)]
        base = sum(read, np.zeros(len(batch.rows[here]), dtype=np.int64))
        change = self._change(modifier, base, columns)
        if not modifier.when.strip():
            return change
        holds = batch.conditions.get(modifier.when)
        if holds is None:
            raise SettlementError("condition_unavailable", when=modifier.when)
        return np.where(holds[here], change, 0)

    def _change(self, modifier: Modifier, base: Whole, columns: Mapping[str, Whole]) -> Whole:
        """As `modifiers.change_of`, for columns."""
        if isinstance(modifier, Coefficient):
            extra = self._share(base, modifier.factor - 1)
            capped: Whole = extra if modifier.cap is None else np.minimum(extra, modifier.cap)
            return capped
        if isinstance(modifier, Minimum):
            missing: Whole = np.maximum(modifier.amount - base, 0)
            return missing
        if isinstance(modifier, Maximum):
            excess: Whole = np.minimum(modifier.amount - base, 0)
            return excess
        if isinstance(modifier, Tax):
            return base * 0 if modifier.included else self._share(base, modifier.rate)
        if isinstance(modifier, Deduction):
            measured = columns[modifier.measure] if modifier.measure else None
            places = self._decimals.get(modifier.measure or "", 0)
            taken = modifier.amount + self._share(base, modifier.rate, measured, places)
            off: Whole = -np.minimum(taken, np.maximum(base, 0))
            return off
        return modifier.amount + self._share(base, modifier.rate)

    def _share(self, base: Whole, rate: Decimal, measured: Whole | None = None, places: int = 0) -> Whole:
        """round(base * rate + measured)."""
        top, digits = to_whole(rate)
        digits = max(digits, places)
        factor = top * 10 ** (digits - to_whole(rate)[1])
        exact = times(base, factor)
        if measured is not None:
            exact = plus(exact, times(measured, 10 ** (digits - places)))
        return divide(exact, 10**digits, self._tariff.rounding)


def _reads(modifier: Modifier, component: str) -> bool:
    return modifier.applies_to is None or component in modifier.applies_to


def _read(batch: Batch, measure: str, here: Whole | slice) -> Whole:
    column = batch.quantities.get(measure)
    if column is None:
        raise SettlementError("measure_missing", measure=measure)
    chosen: Whole = column[here]
    if len(chosen) and chosen.min() < 0:
        raise SettlementError("quantity_negative", measure=measure, quantity=str(chosen.min()))
    return chosen


# --- charges ---


def _compile(tariff: Tariff, charge: SimpleCharge, decimals: Mapping[str, int]) -> Pricer:
    if isinstance(charge, Flat):
        amount = charge.amount
        return lambda column: np.full(len(column), amount, dtype=np.int64)
    places = decimals.get(charge.measure, 0)
    if isinstance(charge, PerUnit | Percentage):
        return _compile_line(tariff, charge.rate, Decimal(0), 0, places)
    if isinstance(charge, GuaranteePlusExcess):
        return _compile_line(tariff, charge.rate, charge.threshold, charge.guarantee, places)
    if isinstance(charge, Package):
        return _compile_package(charge, places)
    return _compile_tiers(tariff, charge, places)


def _compile_line(tariff: Tariff, rate: Decimal, threshold: Decimal, flat: int, places: int) -> Pricer:
    """round(max(q - threshold, 0) * rate + flat)."""
    finer = max(to_whole(threshold)[1] - places, 0)
    bound = int(threshold.scaleb(places + finer))
    top, digits = to_whole(rate)
    over = 10 ** (digits + places + finer)

    def price(column: Whole) -> Whole:
        units = times(column, 10**finer)
        above = np.maximum(units - bound, 0) if bound else units
        return divide(plus(times(above, top), flat * over), over, tariff.rounding)

    return price


def _compile_package(charge: Package, places: int) -> Pricer:
    finer = max(to_whole(charge.size)[1] - places, 0)
    size = int(charge.size.scaleb(places + finer))

    def price(column: Whole) -> Whole:
        units = times(column, 10**finer)
        begun = size - 1 if charge.partial == "charged" else 0
        return times((units + begun) // size, charge.price)

    return price


def _compile_tiers(tariff: Tariff, charge: TieredCharge, places: int) -> Pricer:
    """Both readings are a line within each tier: whole amount ``q * rate + flat``, marginal the same with
    what the tiers below add up to in place of ``flat``."""
    finer = max(*(to_whole(tier.start)[1] for tier in charge.tiers), places) - places
    scale = 10 ** (places + finer)
    digits = max(to_whole(tier.rate)[1] for tier in charge.tiers)
    over = scale * 10**digits
    rates = [int(tier.rate.scaleb(digits)) for tier in charge.tiers]
    starts = [int(tier.start.scaleb(places + finer)) for tier in charge.tiers]
    offsets = _offsets(charge, starts, rates, over)
    last = charge.tiers[-1].end
    ceiling = None if last is None else int(last.scaleb(places + finer))

    def price(column: Whole) -> Whole:
        units = times(column, 10**finer)
        _check_range(charge, units, starts[0], ceiling)
        tier = _find_tiers(units, starts[1:], charge.inclusive == "lower")
        largest = find_largest(units) * max(map(abs, rates)) + max(map(abs, offsets))
        kind: Any = np.int64 if largest < SAFE else object
        exact = units.astype(kind, copy=False) * np.array(rates, dtype=kind)[tier]
        exact += np.array(offsets, dtype=kind)[tier]
        return divide(exact, over, tariff.rounding)

    return price


def _offsets(charge: TieredCharge, starts: Sequence[int], rates: Sequence[int], over: int) -> list[int]:
    """What is added to ``q * rate`` in each tier, over ``over``."""
    flats = [tier.flat * over for tier in charge.tiers]
    if isinstance(charge, WHOLE_AMOUNT):
        return flats
    offsets, below = [], 0
    for at, start in enumerate(starts):
        if at:
            below += (start - starts[at - 1]) * rates[at - 1]
        offsets.append(below + sum(flats[: at + 1]) - start * rates[at])
    return offsets


def _check_range(charge: TieredCharge, units: Whole, floor: int, ceiling: int | None) -> None:
    if not len(units):
        return
    above = False
    if ceiling is not None:
        above = units.max() >= ceiling if charge.inclusive == "lower" else units.max() > ceiling
    if above or units.min() < floor:
        raise SettlementError("quantity_outside_tiers", measure=charge.measure, quantity=str(units.max()))


def _find_tiers(units: Whole, bounds: Sequence[int], inclusive_lower: bool) -> Whole:
    """Tier index of each quantity. Few bounds are compared one by one, which is far quicker than a search."""
    if len(bounds) > 24 or units.dtype == object:
        side: Any = "right" if inclusive_lower else "left"
        found: Whole = np.searchsorted(np.array(bounds, dtype=units.dtype), units, side=side)
        return found
    tier = np.zeros(len(units), dtype=np.int8)
    for bound in bounds:
        tier += (units >= bound) if inclusive_lower else (units > bound)
    return tier
