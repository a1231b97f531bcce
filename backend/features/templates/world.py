"""The world of a scenario: regions, people and tariffs in memory, asked by the code that works real tickets.

The runtime's inline work (settling, dispatching, finding people) is written as scripts that ask a database.
Here the same scripts run against values, so that a scenario can never disagree with production.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from backend.engine.events import Event
from backend.engine.release import Release
from backend.engine.state import Calendar, Job, State, TicketFacts
from backend.features.templates.package import RegionPlan
from backend.features.templates.scenarios import PlayedPerson
from backend.runtime import people_statements as people_asked
from backend.runtime import statements as asked
from backend.runtime import writes as w
from backend.runtime.books.periods import OPEN_PERIOD, UNIT_LINE
from backend.runtime.books.statements import TICKET_POSTINGS
from backend.runtime.inline.reversing import ORIGINAL
from backend.runtime.inline.table import INLINE
from backend.runtime.jobs.email import Recipient, find_recipients
from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.scripts import Script
from backend.runtime.statements import Ask, Statement
from backend.runtime.work import Work
from backend.runtime.writes import WriteSet, encode_json

WORKSPACE = "scenario"

T = TypeVar("T")

Row = tuple[Any, ...]


class World:
    """What the scripts of one scenario find, and what they have booked."""

    def __init__(
        self,
        *,
        release: Release,
        regions: Sequence[RegionPlan],
        people: Sequence[PlayedPerson],
        tariffs: Mapping[str, dict[str, Any]],
    ) -> None:
        self.release = release
        self.regions = {region.key: region for region in regions}
        self.people = {person.id: person for person in people}
        self.tariffs = {key: encode_json(document).decode() for key, document in tariffs.items()}
        self.sums: dict[tuple[str, str], Row] = {}
        self._mailed_from = "/"
        self._answers: dict[Statement, Callable[[dict[str, Any]], list[Row]]] = {
            people_asked.MEMBERS: lambda _: [self._member_row(person) for person in self.people.values()],
            people_asked.OPEN_LOAD: lambda _: [(person.id, person.load) for person in self.people.values()],
            people_asked.LAST_ASSIGNED: lambda _: [],
            people_asked.LAST_HANDLER: lambda _: [
                (person.id,) for person in self.people.values() if person.served
            ],
            asked.REGION_OF_PATH: self._find_region,
            asked.TARIFF_IN_FORCE: self._find_tariff,
            people_asked.ADDRESSES: lambda _: [self._address_row(person) for person in self.people.values()],
            asked.TICKET_PATH: lambda _: [(self._mailed_from,)],
            asked.FIND_POSTING: lambda _: [],
            asked.OPEN_ACCUMULATOR: lambda _: [],
            asked.LOCK_ACCUMULATOR: self._read_sums,
            asked.READ_ACCUMULATOR: self._read_sums,
            TICKET_POSTINGS: lambda _: [],
            ORIGINAL: lambda _: [],
            asked.LOCK_TICKET: lambda _: [],
            UNIT_LINE: lambda _: [],
            OPEN_PERIOD: lambda _: [("", "open")],
        }

    def region_path(self, region: str | None) -> tuple[str, ...]:
        """Keys from the root down; a region that the package does not know is a root of its own."""
        path: list[str] = []
        while region is not None and region not in path:
            path.insert(0, region)
            region = self.regions[region].parent if region in self.regions else None
        return tuple(path)

    def calendar(self, region: str | None) -> Calendar:
        """Around the clock in the region's zone."""
        found = self.regions.get(region or "")
        return Calendar(zone=found.zone) if found else Calendar()

    def work(self, job: Job, state: State, now: datetime) -> tuple[Event, list[dict[str, Any]]]:
        """The answer of an inline job and the ledger rows it wrote. KeyError for a job that is not inline."""
        work = Work(
            workspace_id=WORKSPACE,
            ticket_id=state.ticket.id,
            workflow_id=WORKSPACE,
            region_path=self._write_path(state.ticket.region),
            customer_key="customer",
            actor=None,
            now=now,
            release=self.release,
            writes=WriteSet(),
        )
        event = self._run(INLINE[job.kind](work, state, job))
        for row in work.writes.of(w.ACCUMULATORS):
            self.sums[row["key"], row["period"]] = (row["tickets"], row["quantities"], row["booked"])
        return event, list(work.writes.of(w.LINES))

    def find_recipients(self, job: Job, state: State, now: datetime) -> list[Recipient]:
        """Whom an e-mail of this ticket would reach."""
        self._mailed_from = self._write_path(state.ticket.region)
        claimed = ClaimedJob(
            id=job.id,
            workspace_id=WORKSPACE,
            ticket_id=state.ticket.id,
            key=job.id,
            kind=job.kind,
            payload=job.payload,
            due_at=now,
            tries=1,
            fence=1,
        )
        return self._run(find_recipients(claimed))

    def make_facts(self, region: str | None, at: datetime) -> TicketFacts:
        """A ticket of this region."""
        return TicketFacts(
            id="00000000-0000-7000-8000-000000000001",
            number="T-EARLIER",
            workflow=WORKSPACE,
            region=region,
            region_path=self.region_path(region),
            created_at=at,
            calendar=self.calendar(region),
        )

    def _run(self, script: Script[T]) -> T:
        try:
            wanted = next(script)
            while True:
                assert isinstance(wanted, Ask)
                wanted = script.send(self._answers[wanted.statement](wanted.params))
        except StopIteration as done:
            answer: T = done.value
            return answer

    def _write_path(self, region: str | None) -> str:
        return "/" + "".join(f"{key}/" for key in self.region_path(region))

    def _member_row(self, person: PlayedPerson) -> Row:
        path = self._write_path(person.region) if person.region else None
        return person.id, person.name, list(person.roles), list(person.skills), path, person.level, []

    def _address_row(self, person: PlayedPerson) -> Row:
        path = self._write_path(person.region) if person.region else None
        return person.id, person.name, list(person.roles), path, f"{person.id}@staff.example", "zh"

    def _find_region(self, params: dict[str, Any]) -> list[Row]:
        key = params["path"].strip("/").rpartition("/")[2]
        region = self.regions.get(key)
        return [(key, region.zone, region.currency)] if region else []

    def _find_tariff(self, params: dict[str, Any]) -> list[Row]:
        document = self.tariffs.get(params["key"])
        return [(params["key"], params["key"], 1, document)] if document else []

    def _read_sums(self, params: dict[str, Any]) -> list[Row]:
        found = self.sums.get((params["key"], params["period"]))
        return [found] if found else []


def plain_line(row: Mapping[str, Any]) -> dict[str, Any]:
    """A ledger row as scenarios and screens read it: who, how much, by which rule."""
    line = {
        "party": row["party_id"],
        "party_kind": row["party_kind"],
        "amount": row["amount"],
        "currency": row["currency"],
        "component": row["component"],
        "account": row["account"],
        "side": "bearing" if row["counter"] else "receiving",
        "tariff": row["tariff_id"],
        "row": row["row"],
        "tier": row["tier"],
        "period": row["period"],
        "inputs": row["inputs"],
        "why": row["formula"],
    }
    plain: dict[str, Any] = msgspec.to_builtins(line)
    return plain
