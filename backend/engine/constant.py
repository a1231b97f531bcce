"""Which nodes answer every token alike, found out when a release is compiled.

A node is asked once with a context that refuses to be read. If it answers all the same, its answer cannot
depend on the ticket (node functions are pure), so the engine need not ask again: decisions, splits, joins,
ends, and human steps whose task is always the same.
"""

from __future__ import annotations

from typing import Any, get_args

from backend.node_sdk import NodeType, Outcome

_OUTCOMES = get_args(Outcome)


class _Read(BaseException):
    """The node wanted to know something. No `Exception`, so that no node swallows it by accident."""


class _Blindfold:
    """Stands for the context of no ticket."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        raise _Read


_BLIND: Any = _Blindfold()


def find_constant(node_type: NodeType, config: Any) -> Outcome | None:
    """The answer that `enter` gives whatever the ticket; None when it has to be asked each time.

    A node that breaks is asked again too: its error belongs to the ticket that meets it.
    """
    try:
        answer = node_type.enter(config, _BLIND)
    except (_Read, Exception):
        return None
    return answer if isinstance(answer, _OUTCOMES) else None
