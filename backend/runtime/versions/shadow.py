"""Settling in the mind: the code that books, against rows in memory, for both sides of a rehearsal.

Sums of periods begin at zero on both sides, so that tiers are reached by the same tickets and the
comparison is of like with like. What is not in memory is not asked: a rehearsal writes nothing and holds no
lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from backend.engine.events import JobDone, JobFailed
from backend.engine.release import Release
from backend.engine.state import Job, State
from backend.runtime import statements as asked
from backend.runtime import writes as w
from backend.runtime.books.periods import OPEN_PERIOD, UNIT_LINE
from backend.runtime.inline.settling import settle
from backend.runtime.people_statements import MEMBERS
from backend.runtime.statements import Ask, Statement
from backend.runtime.work import Work
from backend.runtime.writes import WriteSet

SideName = Literal["old", "new"]
Row = tuple[Any, ...]
Rows = list[Row]


class TariffRow(NamedTuple):
    """A revision of a tariff."""

    key: str
    effective_from: datetime
    revision: int
    tariff_id: str
    revision_id: str
    document: str


class Books(NamedTuple):
    """What settling asks the database for: rows as the statements answer them."""

    members: Mapping[str, Row]
    regions: Mapping[str, Row]
    """By path: (id, zone, currency)."""
    tariffs: Mapping[str, tuple[TariffRow, ...]]
    """By key, the latest in force first."""


class Line(NamedTuple):
    """A line that would be booked. `party` is `kind:id`."""

    node: str
    party: str
    region: str
    amount: int
    currency: str
    component: str
    row: str
    tier: int | None
    tariff: str
    revision: int
    counter: bool


class TicketPlace(NamedTuple):
    """What a ticket's row knows beside its state."""

    id: str
    workspace_id: str
    workflow_id: str
    region_path: str
    customer_key: str | None


class ShadowMoney:
    """`backend.engine.record.Money`. `begin` names the ticket; `lines` are its lines on each side since."""

    def __init__(self, books: Books, sums: Mapping[str, Mapping[str, list[Any]]] | None = None) -> None:
        self._books = books
        self._keys = {row.tariff_id: row.key for rows in books.tariffs.values() for row in rows}
        self._sums: dict[SideName, dict[str, list[Any]]] = {
            "old": {key: list(row) for key, row in (sums or {}).get("old", {}).items()},
            "new": {key: list(row) for key, row in (sums or {}).get("new", {}).items()},
        }
        self._place = TicketPlace("", "", "", "/", None)
        self._side: SideName = "old"
        self._people: frozenset[str] = frozenset()
        self.lines: dict[SideName, list[Line]] = {"old": [], "new": []}
        self._answers: dict[Statement, Callable[[dict[str, Any]], Rows]] = {
            asked.FIND_POSTING: lambda _: [],
            asked.OPEN_ACCUMULATOR: lambda _: [],
            asked.LOCK_ACCUMULATOR: self._read_sums,
            asked.READ_ACCUMULATOR: self._read_sums,
            UNIT_LINE: lambda _: [],
            OPEN_PERIOD: lambda _: [("", "open")],
            asked.TARIFF_IN_FORCE: self._find_tariff,
            asked.REGION_OF_PATH: self._find_region,
            MEMBERS: self._list_members,
        }

    @property
    def sums(self) -> dict[str, dict[str, list[Any]]]:
        """Of both sides, to be taken up again."""
        return {side: dict(sums) for side, sums in self._sums.items()}

    def begin(self, place: TicketPlace) -> None:
        self._place = place
        self.lines = {"old": [], "new": []}

    def reckon(  # noqa: PLR0917 - the engine's protocol
        self, side: SideName, release: Release, job: Job, state: State, now: datetime, worker: str | None
    ) -> JobDone | JobFailed:
        """The answer of a settle step; its lines are remembered."""
        place = self._place
        work = Work(
            workspace_id=place.workspace_id,
            ticket_id=place.id,
            workflow_id=place.workflow_id,
            region_path=place.region_path,
            customer_key=place.customer_key,
            actor=None,
            now=now,
            release=release,
            writes=WriteSet(),
        )
        work.worker = worker
        self._side = side
        self._people = _concerned(state, job, worker)
        answer = self._run(settle(work, state, job))
        for row in work.writes.of(w.ACCUMULATORS):
            key = f"{row['key']}\n{row['period']}"
            self._sums[side][key] = [row["tickets"], row["quantities"], row["booked"]]
        self.lines[side] += [self._read_line(job.node, row) for row in work.writes.of(w.LINES)]
        assert isinstance(answer, (JobDone, JobFailed))
        return answer

    def _run(self, script: Any) -> Any:
        try:
            wanted = next(script)
            while True:
                assert isinstance(wanted, Ask)
                wanted = script.send(self._answers[wanted.statement](wanted.params))
        except StopIteration as done:
            return done.value

    def _read_sums(self, params: dict[str, Any]) -> Rows:
        found = self._sums[self._side].get(f"{params['key']}\n{params['period']}")
        return [tuple(found)] if found is not None else []

    def _find_tariff(self, params: dict[str, Any]) -> Rows:
        for row in self._books.tariffs.get(params["key"], ()):
            if row.effective_from <= params["moment"]:
                return [(row.tariff_id, row.revision_id, row.revision, row.document)]
        return []

    def _find_region(self, params: dict[str, Any]) -> Rows:
        found = self._books.regions.get(params["path"])
        return [found] if found is not None else []

    def _list_members(self, _: dict[str, Any]) -> Rows:
        """Only who has to do with the ticket: nobody else can be paid by it."""
        return [self._books.members[key] for key in sorted(self._people) if key in self._books.members]

    def _read_line(self, node: str, row: Mapping[str, Any]) -> Line:
        return Line(
            node=node,
            party=f"{row['party_kind']}:{row['party_id']}",
            region=row["region_path"],
            amount=row["amount"],
            currency=row["currency"],
            component=row["component"],
            row=row["row"],
            tier=row["tier"],
            tariff=self._keys.get(row["tariff_id"], ""),
            revision=row["tariff_revision"],
            counter=row["counter"],
        )


def _concerned(state: State, job: Job, worker: str | None) -> frozenset[str]:
    slots: Iterable[Mapping[str, str]] = (job.payload.get("parties") or {}).values()
    named = [slot.get("id", "") for slot in slots]
    people = (job.payload.get("people") or {}).values()
    return frozenset([*state.people.values(), *people, *named, worker or ""])
