"""The quick search says what the search of every interleaving says, and what it proves is what runs."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings

from backend.graph.markings import choose_every
from backend.graph.model import Definition, Soundness
from backend.graph.soundness import check_soundness
from tests.support.workflows import REGISTRY, tidy_graphs, wild_graphs

MAX_STATES = 3000


def summarise(found: Soundness) -> tuple[str, frozenset[str]]:
    return found.verdict, frozenset(issue.code for issue in found.issues if issue.severity == "error")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(wild_graphs())
def test_reduced_search_agrees_with_every_interleaving(definition: Definition) -> None:
    whole = check_soundness(definition, REGISTRY, MAX_STATES, choose_every)
    quick = check_soundness(definition, REGISTRY, MAX_STATES)
    assume("not_proven" not in {whole.verdict, quick.verdict})
    assume(whole.states < MAX_STATES)
    assert quick.verdict == whole.verdict
    assert quick.states <= whole.states


@settings(max_examples=150, deadline=None)
@given(tidy_graphs())
def test_structured_graphs_are_sound(definition: Definition) -> None:
    found = check_soundness(definition, REGISTRY)
    assert summarise(found) == ("sound", frozenset())


@settings(max_examples=150, deadline=None)
@given(wild_graphs())
def test_every_error_shows_a_path_that_the_graph_has(definition: Definition) -> None:
    for issue in check_soundness(definition, REGISTRY, MAX_STATES).issues:
        assert issue.where.node in definition.graph.nodes
        assert set(issue.path) <= set(definition.graph.nodes)
        if issue.code != "dead_node":
            assert issue.path
