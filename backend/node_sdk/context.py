"""What a node's functions may see of the ticket, and what can wake a waiting node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec


class NodeContext(Protocol):
    """A read-only view of the ticket at one moment; what is not asked for is never put together.

    A node that answers without reading any of it gives the same answer to every ticket: the engine asks
    such a node once, when the release is compiled.
    """

    @property
    def node(self) -> str:
        """The node's id."""

    @property
    def visit(self) -> int:
        """1 for the first token that ever entered this node, 2 for the second ..."""

    @property
    def data(self) -> Mapping[str, Any]:
        """The ticket's fields; inside an instance of `for_each`, with those of the instance above them."""

    @property
    def ticket(self) -> Mapping[str, Any]:
        """id, number, title, priority, region, region_path, source, channel, created_at, creator, workflow,
        zone and handling_seconds (working time of people by node id)."""

    @property
    def customer(self) -> Mapping[str, Any]:
        """name, phone, grade."""

    @property
    def people(self) -> Mapping[str, str]:
        """The member id last chosen or seen in a slot ("owner", "creator", a node id)."""

    @property
    def visits(self) -> Mapping[str, int]:
        """How many times each node was entered; a node never entered is missing."""

    @property
    def active(self) -> Set[str]:
        """Nodes at which a token stands now, this one included."""

    @property
    def now(self) -> datetime:
        """The moment of the event, aware UTC."""

    @property
    def memo(self) -> Mapping[str, Any]:
        """What this token's node stored with its last outcome."""

    def evaluate(self, text: str) -> Any:
        """CEL over data, ticket, customer, now. Raises ExpressionFailed (the engine turns it into an
        incident)."""

    def find(self, text: str) -> Any:
        """The same, but None where a field it reads is missing: for optional attributes, never for
        amounts."""


class GivenContext(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A context of values that are all there already, for tests of node types."""

    node: str
    visit: int
    data: Mapping[str, Any]
    ticket: Mapping[str, Any]
    customer: Mapping[str, Any]
    people: Mapping[str, str]
    now: datetime
    memo: Mapping[str, Any]
    evaluate: Callable[[str], Any]
    find: Callable[[str], Any]
    visits: Mapping[str, int] = {}
    active: frozenset[str] = frozenset()


class Signal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Why a waiting node is called again.

    task_completed: `outcome`, `data` (what this form wrote), `member`; tasks: votes so far as {task id:
    outcome}.
    timer_fired: `name`. job_done / job_failed: `result` or `code`. message: `name`, `data`. changed:
    something happened to the ticket (after Watch).
    """

    kind: Literal["task_completed", "timer_fired", "job_done", "job_failed", "message", "changed"]
    name: str = ""
    outcome: str = ""
    data: Mapping[str, Any] = {}
    member: str | None = None
    result: Any = None
    code: str = ""
    votes: Mapping[str, str] = {}
    """For nodes that opened several tasks: outcome of each closed one, by task id."""
    opened: int = 1
    """How many tasks the node opened."""
    added: int = 0
    """How many of them are signers that somebody added."""
