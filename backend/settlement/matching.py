"""Which row of a tariff is for a ticket.

The order is total, so that the answer never depends on chance: the row of the nearest region wins; among
those the one that pins more dimensions; among those the one that pins the earlier dimension (service,
channel, role, level, grade); at last the earlier row of the table (two rows with the same match, which the
linter refuses).
"""

import msgspec

from backend.settlement.tariff import DIMENSIONS, Facts, Match, Row, Tariff


class RowMatch(msgspec.Struct, frozen=True, kw_only=True):
    """The chosen row, its place in the table, and why it won.

    ``region`` is the key of the region that the row names (null: a row for all regions), ``distance`` how
    many levels it lies above the ticket's own, ``pinned`` the other dimensions that it names.
    """

    row: Row
    index: int
    region: str | None
    distance: int
    pinned: tuple[str, ...]


def match_row(tariff: Tariff, facts: Facts) -> RowMatch | None:
    """The row for these facts, or None when no row is for them."""
    fitting = [
        (rank_match(row.match, facts), -index)
        for index, row in enumerate(tariff.rows)
        if applies(row.match, facts)
    ]
    if not fitting:
        return None
    index = -max(fitting)[1]
    match = tariff.rows[index].match
    depth = _region_depth(match, facts)
    return RowMatch(
        row=tariff.rows[index],
        index=index,
        region=match.region,
        distance=len(facts.region_path) - 1 - depth,
        pinned=tuple(name for name, _ in match.values()),
    )


def applies(match: Match, facts: Facts) -> bool:
    """True when every pinned dimension has its value and the ticket lies in or below the region."""
    if match.region is not None and match.region not in facts.region_path:
        return False
    return all(facts.attributes.get(name) == value for name, value in match.values())


def rank_match(match: Match, facts: Facts) -> tuple[int, int, tuple[bool, ...]]:
    """How close a fitting match is; higher wins."""
    pinned = tuple(getattr(match, name) is not None for name in DIMENSIONS)
    return (_region_depth(match, facts), sum(pinned), pinned)


def _region_depth(match: Match, facts: Facts) -> int:
    """Place of the row's region on the path from the root (0); -1 for a row without region."""
    return -1 if match.region is None else facts.region_path.index(match.region)
