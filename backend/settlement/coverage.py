"""Which tickets of a workspace a table leaves out, judged by what the workspace really uses."""

from collections.abc import Collection, Iterator, Mapping

from backend.settlement.tariff import DIMENSIONS, Dimension, Finding, Match, Tariff
from backend.settlement.tier_lint import find

Regions = Mapping[str, str | None]
"""Region key -> key of its parent (null at the root)."""
Known = Mapping[str, Collection[str]]
"""Dimension -> values that tickets of the workspace can have; without the dimension nothing is known."""
NAMES: dict[Dimension, dict[str, str]] = {
    "service": {"zh": "服务", "en": "service"},
    "channel": {"zh": "渠道", "en": "channel"},
    "role": {"zh": "角色", "en": "role"},
    "level": {"zh": "级别", "en": "level"},
    "grade": {"zh": "客户等级", "en": "customer grade"},
}
MOST = 20
"""Findings of one kind: a table for one region of hundreds would bury everything else."""


def lint_coverage(tariff: Tariff, regions: Regions, known: Known) -> Iterator[Finding]:
    """Regions that are none, rows that never win, places and values without a row."""
    for index, row in enumerate(tariff.rows):
        region = row.match.region
        if region is not None and region not in regions:
            yield find("region_unknown", f"/rows/{index}/match/region", region=region)
        elif region is not None and is_circular(regions, region):
            yield find("region_circular", f"/rows/{index}/match/region", region=region)
    yield from _lint_shadowed(tariff, regions)
    yield from _lint_values(tariff, known)
    parents = {parent for parent in regions.values() if parent is not None}
    leaves = [region for region in regions if region not in parents]
    yield from _lint_leaves(tariff, regions, leaves)
    yield from _lint_dimensions(tariff, regions, leaves, known)


def _lint_leaves(tariff: Tariff, regions: Regions, leaves: Collection[str]) -> Iterator[Finding]:
    found = 0
    for region in leaves:
        there = _list_matches(tariff, regions, region)
        if not there:
            yield find("region_uncovered", "/rows", "warning", region=region)
        elif all(match.values() for match in there):
            yield find("fallback_missing", "/rows", "warning", region=region)
        else:
            continue
        found += 1
        if found == MOST:
            return


def _list_matches(tariff: Tariff, regions: Regions, region: str) -> list[Match]:
    path = trace_region(regions, region)
    return [row.match for row in tariff.rows if row.match.region is None or row.match.region in path]


def _lint_values(tariff: Tariff, known: Known) -> Iterator[Finding]:
    """A row for a value that no ticket has."""
    for index, row in enumerate(tariff.rows):
        for dimension, value in row.match.values():
            if known.get(dimension) and value not in known[dimension]:
                where = f"/rows/{index}/match/{dimension}"
                yield find("value_unknown", where, "warning", {"name": NAMES[dimension]}, value=value)


def _lint_dimensions(
    tariff: Tariff, regions: Regions, leaves: Collection[str], known: Known
) -> Iterator[Finding]:
    """A value that no row is for, where other values of its dimension have one: told once a value, with the
    first region. A region whose rows all ask for more is told by itself."""
    for dimension in DIMENSIONS:
        if not any(getattr(row.match, dimension) is not None for row in tariff.rows):
            continue
        for value in list(known.get(dimension, ()))[:MOST]:
            for region in leaves or [""]:
                there = _list_matches(tariff, regions, region)
                if there and not any(_takes(match, dimension, value) for match in there):
                    yield find(
                        "value_uncovered",
                        "/rows",
                        "warning",
                        params={"name": NAMES[dimension]},
                        dimension=dimension,
                        value=value,
                        region=region,
                    )
                    break


def _takes(match: Match, dimension: Dimension, value: str) -> bool:
    return getattr(match, dimension) in {None, value}


def _lint_shadowed(tariff: Tariff, regions: Regions) -> Iterator[Finding]:
    """A row for all regions never wins where every root has a row that is at least as general."""
    roots = [region for region, parent in regions.items() if parent is None]
    for index, row in enumerate(tariff.rows):
        if row.match.region is not None or not roots:
            continue
        wanted = set(row.match.values())
        over = [other for other in tariff.rows if set(other.match.values()) <= wanted]
        if all(any(other.match.region == root for other in over) for root in roots):
            other = next(other for other in over if other.match.region in roots)
            yield find("row_unreachable", f"/rows/{index}/match", row=row.id, other=other.id)


def trace_region(regions: Regions, region: str) -> tuple[str, ...]:
    """Keys from the root to ``region``; a broken or circular tree ends the path instead of looping."""
    path: list[str] = []
    current: str | None = region
    while current is not None and current in regions and current not in path:
        path.append(current)
        current = regions[current]
    return tuple(reversed(path))


def is_circular(regions: Regions, region: str) -> bool:
    """Whether the way up from the region comes back to a region it has passed."""
    top = trace_region(regions, region)[0]
    return regions[top] is not None and regions[top] in regions
