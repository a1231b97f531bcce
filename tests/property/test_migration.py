"""Moving running tickets to other releases: laws over random flows, random states and random edits."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.engine.crossing import Crossing
from backend.engine.events import Migrated, Recorded
from backend.engine.release import Release
from backend.engine.run import Refused
from backend.engine.state import State
from backend.engine.step import replay, step
from backend.engine.triage import triage
from backend.engine.verdicts import Verdict
from backend.graph.model import Definition
from tests.property.test_engine import draw_event
from tests.property.test_rehearsal import START, play
from tests.support.workflows import TASK, release_of, tidy_graphs, wild_graphs

LATER = START + timedelta(days=7)


def judge(old: Release, new: Release, state: State, mapping: dict[str, str] | None = None) -> Verdict:
    crossing = Crossing(old, new, mapping or {}, "new", "old")
    return triage(crossing, state, lambda _: [], lambda _: True)


def rename(definition: Definition, names: dict[str, str]) -> Definition:
    """The same flow under other node ids."""
    raw: dict[str, Any] = msgspec.to_builtins(definition)
    graph = raw["graph"]
    graph["nodes"] = {names.get(key, key): node for key, node in graph["nodes"].items()}
    for edge in graph["edges"].values():
        edge["source"], edge["target"] = (names.get(edge[end], edge[end]) for end in ("source", "target"))
    return msgspec.convert(raw, Definition)


def edit(definition: Definition, chance: random.Random) -> Definition:
    """Something that a person does to a flow: a step more or less, another way, another rule of a join."""
    raw: dict[str, Any] = msgspec.to_builtins(definition)
    nodes, edges = raw["graph"]["nodes"], raw["graph"]["edges"]
    for _ in range(chance.randint(1, 3)):
        edge = edges[chance.choice(sorted(edges))] if edges else None
        kind = chance.choice(["insert", "remove", "rewire", "join", "form"])
        if kind == "insert" and edge is not None:
            key = f"x{len(nodes)}"
            nodes[key] = {**TASK}
            edges[f"e_{key}"] = {"source": key, "port": "done", "target": edge["target"]}
            edge["target"] = key
        elif kind == "remove":
            key = chance.choice(sorted(nodes))
            out = [each["target"] for each in edges.values() if each["source"] == key]
            if nodes[key]["type"] == "form_task" and out and out[0] != key:
                del nodes[key]
                for name in [name for name, each in edges.items() if each["source"] == key]:
                    del edges[name]
                for each in edges.values():
                    each["target"] = out[0] if each["target"] == key else each["target"]
        elif kind == "rewire" and edge is not None:
            edge["target"] = chance.choice(sorted(nodes))
        elif kind == "join":
            joins = [node for node in nodes.values() if node["type"] == "join"]
            if joins:
                chance.choice(joins)["config"] = {"mode": chance.choice(["all", "any", "scope", "n"]), "n": 2}
        else:
            tasks = [node for node in nodes.values() if node["type"] == "form_task"]
            if tasks:
                config = chance.choice(tasks)["config"] = dict(TASK["config"])
                config["sla"] = {"duration": "PT4H", "working_hours": False}
    return msgspec.convert(raw, Definition)


def forget_names(state: State) -> dict[str, Any]:
    """Without what an undo may count on: events applied, ids given out, ids of clocks set again."""
    plain: dict[str, Any] = msgspec.to_builtins(state)
    timers = plain.pop("timers", {})
    plain["timers"] = sorted(str({**timer, "id": ""}) for timer in timers.values())
    return plain | {"version": 0, "seq": 0}


def run_on(release: Release, state: State, chance: random.Random, *, proven: bool = False) -> None:
    """Nothing that the state offers is refused, and no step breaks; where the triage proved that the flow can
    end from here, no tokens wait for each other for ever."""
    now = LATER
    for _ in range(20):
        event = draw_event(chance, state, release, rude=False)
        if event is None or state.status != "running":
            return
        now += timedelta(days=1)
        state, _ = step(release, state, event, now)
        codes = {incident.code for incident in state.incidents.values()}
        assert "node_error" not in codes
        assert not (proven and "deadlock_now" in codes)


@settings(max_examples=60, deadline=None)
@given(st.one_of(wild_graphs(), tidy_graphs()), st.integers(0, 2**32))
def test_to_an_equal_release_nothing_changes(definition: Definition, seed: int) -> None:
    release = release_of(definition)
    log = play(release, seed)
    state = replay(release, log)
    if state.status != "running":
        return
    verdict = judge(release, release_of(definition), state)
    assert (verdict.level, verdict.findings) == ("green", ())
    assert verdict.event is not None
    after, commands = step(release, state, verdict.event, LATER)
    assert [type(command).__name__ for command in commands] == ["Note"]
    assert after == msgspec.structs.replace(state, version=state.version + 1)


@settings(max_examples=60, deadline=None)
@given(st.one_of(wild_graphs(), tidy_graphs()), st.integers(0, 2**32))
def test_other_names_there_and_back(definition: Definition, seed: int) -> None:
    old = release_of(definition)
    names = {key: f"{key}_other" for key in definition.graph.nodes}
    new = release_of(rename(definition, names))
    log = play(old, seed)
    state = replay(old, log)
    if state.status != "running":
        return
    verdict = judge(old, new, state, names)
    assert verdict.level == "green", verdict.findings
    assert verdict.event is not None
    there, _ = step(new, state, verdict.event, LATER)
    assert {token.node for token in there.tokens.values()} == {
        names[token.node] for token in state.tokens.values()
    }
    run_on(new, there, random.Random(seed))
    undo = msgspec.structs.replace(verdict.event, release="old", undo=True, former=state)
    back, _ = step(old, there, undo, LATER)
    assert forget_names(back) == forget_names(state)
    stored = [*log, Recorded(at=LATER, event=verdict.event), Recorded(at=LATER, event=undo)]
    decoded = msgspec.json.decode(msgspec.json.encode(stored), type=list[Recorded])
    assert replay(old, decoded, {"old": old, "new": new}.__getitem__) == back
    opposite = judge(new, old, there, {after: before for before, after in names.items()})
    assert opposite.level == "green", opposite.findings
    assert opposite.event is not None
    assert forget_names(step(old, there, opposite.event, LATER)[0]) == forget_names(state)


@settings(max_examples=250, deadline=None)
@given(tidy_graphs(), st.integers(0, 2**32))
def test_what_is_not_red_goes_on(definition: Definition, seed: int) -> None:
    chance = random.Random(seed)
    old = release_of(definition)
    state = replay(old, play(old, seed))
    edited = edit(definition, chance)
    if state.status != "running":
        return
    new = release_of(edited)
    verdict = judge(old, new, state)
    if verdict.event is None:
        assert verdict.level == "red"
        return
    before = msgspec.json.encode(state)
    after, _ = step(new, state, verdict.event, LATER)
    assert msgspec.json.encode(state) == before, "step changed the state it was given"
    doubtful = state.incidents or any(finding.code == "not_proven" for finding in verdict.findings)
    run_on(new, after, chance, proven=not doubtful)
    if after.status != "running":  # the new rule of a join let it come to its end at once
        return
    undo: Migrated = msgspec.structs.replace(verdict.event, release="old", undo=True, former=state)
    assert forget_names(step(old, after, undo, LATER)[0]) == forget_names(state)


def test_a_finished_ticket_is_refused() -> None:
    definition = msgspec.convert(
        {
            "graph": {
                "nodes": {"s": {"type": "start"}, "z": {"type": "end"}},
                "edges": {"e": {"source": "s", "port": "next", "target": "z"}},
            }
        },
        Definition,
    )
    release = release_of(definition)
    state = replay(release, play(release, 1))
    verdict = judge(release, release, state)
    assert (verdict.level, verdict.event) == ("red", None)
    try:
        step(release, state, Migrated(release="r", hash="", number=2), LATER)
    except Refused as refused:
        assert refused.code == "not_running"
