"""Tickets that were played once must replay to the same state for ever."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from backend.engine.events import Recorded
from backend.engine.state import State
from backend.engine.step import replay
from backend.graph.model import Definition
from tests.support.workflows import release_of


class History(msgspec.Struct, forbid_unknown_fields=True):
    """A stored log with the state it led to."""

    definition: Definition
    events: list[Recorded]
    state: State


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.glob("*.json")), ids=lambda path: path.stem)
def test_history_replays(path: Path) -> None:
    history = msgspec.json.decode(path.read_bytes(), type=History)
    state = replay(release_of(history.definition), history.events)
    assert state == history.state
    assert msgspec.json.encode(state) == msgspec.json.encode(history.state)
