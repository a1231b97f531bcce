"""The ways between releases that one migration goes."""

from __future__ import annotations

from typing import NamedTuple

from backend.engine.crossing import Crossing
from backend.engine.release import Release as CompiledRelease
from backend.engine.state import State
from backend.engine.triage import triage
from backend.engine.verdicts import Verdict
from backend.runtime.versions.fitting import DataCheck


class Way(NamedTuple):
    """From one release to another, with what answers are held against."""

    crossing: Crossing
    check: DataCheck


class Trip:
    """One migration's ways, by the release that tickets come from, and back."""

    def __init__(
        self,
        target: str,
        mapping: dict[str, str],
        tariffs: frozenset[str],
        by: str | None,
        *,
        go: bool = False,
    ) -> None:
        self.target = target
        self.mapping = mapping
        self.tariffs = tariffs
        self.by = by
        self.go = go
        """Whether green tickets move as soon as all are judged."""
        self._ways: dict[tuple[str, str], Way] = {}

    def way(self, origin: str, old: CompiledRelease, target: str, new: CompiledRelease) -> Way:
        known = self._ways.get((origin, target))
        if known is None:
            mapping = self.mapping if target == self.target else _turn(self.mapping)
            crossing = Crossing(old, new, mapping, target, origin)
            known = Way(crossing, DataCheck(old.definition, new.definition))
            self._ways[origin, target] = known
        return known

    def judge(self, way: Way, state: State) -> Verdict:
        return triage(way.crossing, state, way.check, self.tariffs.__contains__, self.by)


def _turn(mapping: dict[str, str]) -> dict[str, str]:
    return {new: old for old, new in mapping.items()}
