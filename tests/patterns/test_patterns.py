"""Every control-flow pattern does in the engine what its case says, and its replay comes to the same."""

from __future__ import annotations

import msgspec
import pytest

from backend.engine.events import Recorded
from backend.engine.step import replay
from backend.graph.soundness import check_soundness
from backend.graph.validate import validate
from tests.patterns.cases import PatternPlayer, define, load_patterns
from tests.support.workflows import REGISTRY, release_of

PATTERNS = load_patterns()
RUNS = [(name, at) for name, pattern in PATTERNS.items() for at in range(len(pattern.runs))]


@pytest.mark.parametrize(("name", "at"), RUNS)
def test_a_run_goes_as_the_case_says(name: str, at: int) -> None:
    pattern = PATTERNS[name]
    release = release_of(define(pattern))
    player = PatternPlayer(release, pattern, pattern.runs[at])
    player.play()
    assert player.found == []
    stored = msgspec.json.decode(msgspec.json.encode(player.recorded), type=list[Recorded])
    assert msgspec.json.encode(replay(release, stored)) == msgspec.json.encode(player.state)


@pytest.mark.parametrize("name", PATTERNS)
def test_what_the_check_says_of_it(name: str) -> None:
    pattern = PATTERNS[name]
    definition = define(pattern)
    assert [issue.code for issue in validate(definition, REGISTRY) if issue.severity == "error"] == []
    found = check_soundness(definition, REGISTRY)
    assert found.verdict == pattern.soundness
    assert tuple(issue.code for issue in found.issues) == pattern.findings
