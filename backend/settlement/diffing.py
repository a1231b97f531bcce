"""What changed between two documents of a tariff, cell by cell.

Both are brought to one way of writing first (absent members as their defaults, ``"5.0"`` as ``"5"``), so only
what counts is a change. Rows, parts and modifiers are known by their ids, tiers by their place or, when there
are more or fewer of them, by the bound where they begin. Applying all changes to the older document gives the
newer one. Documents need not be valid: what cannot be read is compared as it is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec

from backend.settlement.tariff import Measure, Row, Tariff

Kind = Literal["added", "removed", "changed"]
ATOMIC = frozenset({"pays", "from", "name", "label", "unit", "applies_to", "steps"})
"""Members that change as a whole."""
ORDER = "order"


class Member(NamedTuple):
    """An element of a list: its place there, and what it is known by."""

    at: int
    identity: str


Step = str | Member
Path = tuple[Step, ...]


class Change(NamedTuple):
    """One difference. ``path`` leads to it in the newer document, for what was removed in the older one. A
    path that ends in ``order`` tells a new order of a list: the identities before and after."""

    kind: Kind
    path: Path
    before: Any = None
    after: Any = None

    @property
    def pointer(self) -> str:
        """JSON pointer of the cell."""
        steps = self.path[:-1] if self.path[-1:] == (ORDER,) else self.path
        return "".join(f"/{_name(step)}" for step in steps)

    def find(self, list_name: str) -> Member | None:
        """The element of the list of this name that the path leads through."""
        for at, step in enumerate(self.path[:-1]):
            following = self.path[at + 1]
            if step == list_name and isinstance(following, Member):
                return following
        return None


def _name(step: Step) -> str:
    if isinstance(step, Member):
        return str(step.at)
    return step.replace("~", "~0").replace("/", "~1")


def compare(older: Mapping[str, Any], newer: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every difference, in the order of the newer document, removed parts before added ones."""
    return tuple(_walk((), normalize(older), normalize(newer)))


def normalize(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document in the one way of writing; what cannot be read stays as it is."""
    rows = document.get("rows")
    measures = document.get("measures") or {}
    head = {name: value for name, value in document.items() if name not in {"rows", "measures"}}
    written = _convert({**head, "rows": []}, Tariff)
    known = dict(measures) if isinstance(measures, Mapping) else {}
    return {
        **{name: value for name, value in written.items() if name not in {"rows", "measures"}},
        "measures": {key: _convert(value, Measure) for key, value in known.items()},
        "rows": [_convert(row, Row) for row in rows] if isinstance(rows, list) else [],
    }


def _convert(value: Any, kind: Any) -> Any:
    try:
        read = msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return value
    return _plain(msgspec.to_builtins(read, builtin_types=(Decimal,)))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value.is_finite() else str(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _walk(path: Path, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict) and _is_one(path, old, new):
        for name in [*old, *(name for name in new if name not in old)]:
            if name not in new:
                yield Change("removed", (*path, name), old[name])
            elif name not in old:
                yield Change("added", (*path, name), None, new[name])
            else:
                yield from _walk((*path, name), old[name], new[name])
    elif isinstance(old, list) and isinstance(new, list) and _is_list_of_things(path, old, new):
        yield from _walk_list(path, old, new)
    else:
        yield Change("changed", path, old, new)


def _is_one(path: Path, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether both are the same kind of thing, so that their members can be compared."""
    if path and path[-1] in ATOMIC:
        return False
    return all(old.get(tag) == new.get(tag) for tag in ("model", "kind"))


def _is_list_of_things(path: Path, *lists: Sequence[Any]) -> bool:
    named = bool(path) and path[-1] in {"rows", "parts", "modifiers", "tiers"}
    return named and all(isinstance(item, dict) for items in lists for item in items)


def _walk_list(path: Path, old: list[Any], new: list[Any]) -> Iterator[Change]:
    by_place = path[-1] == "tiers" and len(old) == len(new)
    before, after = (_identify(path[-1], items, by_place=by_place) for items in (old, new))
    for identity, at in before.items():
        if identity not in after:
            yield Change("removed", (*path, Member(at, identity)), old[at])
    for identity, at in after.items():
        here = (*path, Member(at, identity))
        if identity not in before:
            yield Change("added", here, None, new[at])
        else:
            yield from _walk(here, old[before[identity]], new[at])
    kept = [identity for identity in before if identity in after]
    moved = [identity for identity in after if identity in before]
    if kept != moved:
        yield Change("changed", (*path, ORDER), kept, moved)


def _identify(list_name: Step, items: list[Any], *, by_place: bool) -> dict[str, int]:
    """Identity -> place. What stands twice (a table that the linter refuses) is counted."""
    found: dict[str, int] = {}
    for at, item in enumerate(items):
        base = str(at + 1) if by_place else str(item.get("from" if list_name == "tiers" else "id"))
        identity, number = base, 2
        while identity in found:
            identity, number = f"{base} #{number}", number + 1
        found[identity] = at
    return found
