"""One posting under another revision, with the ticket's state at hand for what its basis does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from backend.db.models import Correction
from backend.engine.run import Refused
from backend.engine.state import State
from backend.runtime.books.corrections import Changes, Grounds, Rebooked, rebook
from backend.runtime.books.identity import derive_reversal_id
from backend.runtime.books.late import ask_step
from backend.runtime.books.reading import read_posting
from backend.runtime.books.statements import FIND_ENTRY, READ_REVISION
from backend.runtime.books.sums import Book
from backend.runtime.inline.parties import PartyFinder
from backend.runtime.inline.tariffs import make_evaluate
from backend.runtime.releases import load_release
from backend.runtime.scripts import Script, ask_one
from backend.runtime.statements import LOCK_TICKET, Ask
from backend.runtime.transition import Environment
from backend.runtime.work import Work
from backend.runtime.writes import WriteSet, encode_json

T = TypeVar("T")

_decode_state = msgspec.json.Decoder(State).decode


class Proposed(NamedTuple):
    """A revision that is not stored yet."""

    revision: int
    id: str
    document: Mapping[str, Any]

    def answer(self, script: Script[T]) -> Script[T]:
        """Whoever asks for this revision is given it."""
        rows: Any = None
        try:
            while True:
                wanted = script.send(rows)
                proposed = isinstance(wanted, Ask) and wanted.statement is READ_REVISION
                if proposed and wanted.params["revision"] == self.revision:  # type: ignore[union-attr]
                    rows = [(f"proposed:{self.id}", encode_json(self.document), self.document.get("key"))]
                else:
                    rows = yield wanted
        except StopIteration as stop:
            answer: T = stop.value
            return answer


def rebook_posting(
    environment: Environment,
    correction: Correction,
    posting_id: str,
    revision: int,
    *,
    ticket_id: str | None,
    writes: WriteSet | None,
) -> Script[Rebooked | None]:
    """With `writes`, what it writes is gathered there beside what was before; else it is written at the end.
    None for one that somebody has taken back since it was looked up. Raises what `rebook` raises."""
    row = None
    if ticket_id is not None:
        row = yield from ask_one(LOCK_TICKET, id=ticket_id, workspace=correction.workspace_id)
    reversal = derive_reversal_id(posting_id)
    if (yield from ask_one(FIND_ENTRY, id=reversal, workspace=correction.workspace_id)) is not None:
        return None
    gathered = WriteSet() if writes is None else writes
    grounds = Grounds(reason=correction.reason, by=correction.started_by, correction_id=correction.id)
    desk: Work | Book = Book(correction.workspace_id, environment.clock(), gathered)
    changes = Changes(revision=revision)
    if row is not None and row[0] and ticket_id is not None:
        place = (correction.workspace_id, ticket_id)
        work = yield from open_work(environment, place, row, correction.started_by, gathered)
        desk = work
        changes = yield from know(work, _decode_state(row[0]), posting_id, changes)
    done = yield from rebook(desk, posting_id, grounds, changes)
    if writes is None:
        gathered.announce(correction.workspace_id, *([f"ticket:{ticket_id}"] if ticket_id else []))
        yield gathered
    return done


def open_work(
    environment: Environment,
    place: tuple[str, str],
    row: Sequence[Any],
    by: str | None,
    writes: WriteSet,
) -> Script[Work]:
    """`place`: workspace and ticket; `row`: what locking the ticket answered."""
    release = yield from load_release(environment.releases, row[1])
    return Work(
        workspace_id=place[0],
        ticket_id=place[1],
        workflow_id=row[2],
        region_path=row[3],
        customer_key=row[4],
        actor=by,
        now=environment.clock(),
        release=release,
        writes=writes,
    )


def know(work: Work, state: State, posting_id: str, changes: Changes) -> Script[Changes]:
    """Who answers for references and conditions that the booking did not need."""
    stored = yield from read_posting(work, posting_id)
    payload: dict[str, Any] = {}
    node = stored.basis.node if stored.basis is not None else ""
    if node in work.release.nodes:
        try:
            payload = ask_step(work, state, node)
        except Refused:
            payload = {}
    finder = PartyFinder(work, state, payload)
    return msgspec.structs.replace(changes, evaluate=make_evaluate(state, work.now), find=finder.resolve)
