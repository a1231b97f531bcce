"""The way a ticket took, step by step of its log: which node was entered when, and from where."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from backend.engine.release import Release
from backend.engine.state import State, Token


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A token entered `node`, coming from `origin` (None where it did not come along an edge)."""

    node: str
    origin: str | None
    at: datetime


def list_entries(release: Release, before: State | None, after: State, at: datetime) -> list[Entry]:
    """The nodes that one event caused to be entered, along the edges where they lead there.

    The engine counts entries; their order inside one event follows the edges from where tokens stood.
    """
    known = before.visits if before is not None else {}
    left: Counter[str] = Counter()
    for node, count in after.visits.items():
        if count > known.get(node, 0):
            left[node] = count - known.get(node, 0)
    if not left:
        return []
    if before is None or not before.tokens:
        origins: list[str] = []
    else:
        moved = (token.node for token in before.tokens.values() if _moved(after, token))
        origins = list(dict.fromkeys(moved))
    found: list[Entry] = []
    waiting = deque(origins)
    for start in release.starts if before is None else ():
        if left[start] > 0:
            left[start] -= 1
            found.append(Entry(start, None, at))
            waiting.append(start)
    while waiting:
        origin = waiting.popleft()
        compiled = release.nodes.get(origin)
        for edge in compiled.drawn if compiled is not None else ():
            if left[edge.target] > 0:
                left[edge.target] -= 1
                found.append(Entry(edge.target, origin, at))
                waiting.append(edge.target)
    found += [Entry(node, None, at) for node, count in left.items() for _ in range(max(0, count))]
    return found


def _moved(after: State, token: Token) -> bool:
    here = after.tokens.get(token.id)
    return here is None or here.node != token.node or here.visit != token.visit


def first_difference(old: Sequence[Entry], new: Sequence[Entry]) -> tuple[int | None, int | None] | None:
    """Places in both ways where they part; None when the same moves were made, in whatever order.

    Parallel branches may overtake each other without going another way, so moves are compared, not places.
    """
    before, after = Counter(map(_move, old)), Counter(map(_move, new))
    if before == after:
        return None
    return _first_beyond(old, after), _first_beyond(new, before)


def _move(entry: Entry) -> tuple[str | None, str]:
    return entry.origin, entry.node


def _first_beyond(way: Iterable[Entry], known: Counter[tuple[str | None, str]]) -> int | None:
    left = Counter(known)
    for at, entry in enumerate(way):
        if left[_move(entry)] <= 0:
            return at
        left[_move(entry)] -= 1
    return None
