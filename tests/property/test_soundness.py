"""The quick search says what the search of every interleaving says, and both what the real engine does."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, example, given, note, settings
from hypothesis import strategies as st

from backend.graph.model import Definition, Node
from backend.graph.net import Net
from backend.graph.search import Search
from backend.graph.soundness import check_soundness
from backend.graph.validate import validate
from tests.support.exploration import Exploration, TooLarge
from tests.support.workflows import (
    REGISTRY,
    TASK,
    define,
    release_of,
    tidy_graphs,
    unhurried,
    wide_graphs,
    wild_graphs,
)

MAX_STATES = 400
FEW = [HealthCheck.filter_too_much, HealthCheck.too_slow]

SHUT_GATE = define(
    {
        "s": "start",
        "z": "end",
        "n0": "split",
        "n1": TASK,
        "n2": {"type": "gate", "config": {"reached": "n1"}},
    },
    [
        *(("s", "next", "n0"), ("n0", "next", "n2"), ("n0", "next", "n2")),
        *(("n2", "next", "n0"), ("n1", "done", "z")),
    ],
)
"""Two branches wait at a gate in a loop: both ways lead on to every node, and yet they meet there first."""
OVERTAKEN = define(
    {"s": "start", "z": "end", "p": "split", "a": TASK, "q": TASK}
    | {"g": {"type": "gate", "config": {"reached": "q"}}},
    [
        *(("s", "next", "p"), ("p", "next", "a"), ("p", "next", "g"), ("g", "next", "a")),
        *(("a", "done", "q"), ("q", "done", "z")),
    ],
)
"""The second branch comes to step a only when the first has left it: they meet at q."""
SWEPT = define(
    {"s": "start", "z": "end", "p": "split", "a": TASK, "q": TASK}
    | {"c": {"type": "cancel", "config": {"nodes": ["a"]}}},
    [
        *(("s", "next", "p"), ("p", "next", "a"), ("p", "next", "c"), ("c", "next", "a")),
        *(("a", "done", "q"), ("q", "done", "z")),
    ],
)
"""The second branch takes away the step of the first; only behind it do they meet."""


def search(definition: Definition, every: bool = False) -> Search:
    found = Search(Net(definition, REGISTRY), MAX_STATES, every)
    found.run()
    assume(not found.ended_early)
    return found


def summarise(found: Search) -> tuple[bool, bool, bool, set[int]]:
    stuck = bool(found.deadlocks or found.livelocks)
    dead = set() if stuck else set(range(len(found.net.ids))) - found.visited
    return bool(found.deadlocks), bool(found.livelocks), bool(found.doubled), dead


@settings(max_examples=150, deadline=None, suppress_health_check=FEW)
@given(st.one_of(wild_graphs(), wide_graphs()))
def test_reduced_search_agrees_with_every_interleaving(definition: Definition) -> None:
    whole, quick = search(definition, every=True), search(definition)
    assert summarise(quick) == summarise(whole)
    assert set(quick.cut_off) == set(whole.cut_off)
    assert len(quick.origin) <= len(whole.origin)


@settings(max_examples=150, deadline=None, suppress_health_check=FEW)
@given(st.one_of(wild_graphs(most=4), wide_graphs(most=4)))
@example(SHUT_GATE)
@example(OVERTAKEN)
@example(SWEPT)
def test_what_is_found_is_what_the_engine_does(definition: Definition) -> None:
    definition, conditions = unhurried(definition)
    codes = {issue.code for issue in validate(definition, REGISTRY)}
    assume(not codes & {"automatic_loop", "for_each_without_join"})
    found = search(definition)
    release = release_of(definition)
    assume(all(node.closer for node in release.nodes.values() if node.type.instances))
    try:
        run = Exploration(release, conditions)
    except TooLarge:
        assume(False)
    note(tell(definition))
    assert {found.net.ids[node] for node in found.visited} == run.entered
    assert bool(found.deadlocks) == bool(run.stuck), run.stuck
    assert bool(found.livelocks) == bool(run.circles)
    if any(is_meant_twice(node) for node in definition.graph.nodes.values()):
        assert bool(found.doubled) <= bool(run.doubled)
    else:
        assert bool(found.doubled) == bool(run.doubled), run.doubled


def tell(definition: Definition) -> str:
    """The graph in a few lines, for a failing example."""
    nodes = (
        f"{key}: {node.type} {node.config or ''} {list(node.boundary)}"
        for key, node in definition.graph.nodes.items()
    )
    edges = (
        f"{edge.source}.{edge.port} -> {edge.target} {edge.when or ''}"
        for edge in definition.graph.edges.values()
    )
    return "\n".join([*nodes, *edges])


def is_meant_twice(node: Node) -> bool:
    """Whether two tokens may stand at one step behind this node, and that is as it should be."""
    repeats = any(not event.interrupting for event in node.boundary.values())
    return node.type == "for_each" or node.config.get("mode") == "each" or repeats


@settings(max_examples=100, deadline=None)
@given(tidy_graphs())
def test_structured_graphs_are_sound(definition: Definition) -> None:
    found = check_soundness(definition, REGISTRY)
    assert found.verdict == "sound"
    assert [issue.code for issue in found.issues if issue.severity == "error"] == []


@settings(max_examples=100, deadline=None)
@given(wild_graphs())
def test_every_finding_shows_a_path_that_the_graph_has(definition: Definition) -> None:
    for issue in check_soundness(definition, REGISTRY, MAX_STATES).issues:
        assert issue.where.node in definition.graph.nodes
        assert issue.path
        assert set(issue.path) <= set(definition.graph.nodes)
