"""Which node of a newer release is which of an older one: by id, else by type and name."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Literal

import msgspec

from backend.graph.model import Definition, Node

LEAST_LIKENESS = 0.6


class Match(msgspec.Struct, frozen=True):
    """A node of the old release, its suggested counterpart, and on what the suggestion stands."""

    old: str
    new: str | None
    kind: Literal["same", "like", "none"]


def suggest(old: Definition, new: Definition) -> list[Match]:
    """Every old node once, no new node twice. Ids stay from release to release, so they go first."""
    before, after = old.graph.nodes, new.graph.nodes
    same = {key for key, node in before.items() if key in after and after[key].type == node.type}
    free = [key for key in after if key not in same]
    ranked = sorted(
        (
            (-_likeness(before[a], after[b]), a, b)
            for a in before
            if a not in same
            for b in free
            if after[b].type == before[a].type
        ),
    )
    like: dict[str, str] = {}
    for score, a, b in ranked:
        if -score >= LEAST_LIKENESS and a not in like and b not in like.values():
            like[a] = b
    return [
        Match(key, key, "same")
        if key in same
        else Match(key, like.get(key), "like" if key in like else "none")
        for key in before
    ]


def _likeness(one: Node, other: Node) -> float:
    """0 to 1: the better of both languages; equal settings say as much as a name."""
    names = [
        SequenceMatcher(None, a, b).ratio()
        for a, b in ((one.label.zh, other.label.zh), (one.label.en, other.label.en))
        if a and b
    ]
    alike = 0.8 if one.config == other.config and one.config else 0.0
    return max([*names, alike], default=0.0)
