"""Hours in the books: `project:<key>` bears what `labour:<member>` on the account `payroll` receives.

An entry has one posting of its own, which no ticket's reversal takes along: that a ticket was cancelled does
not give the hours back. A wrong entry is reversed and entered anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from backend.db.models import LabourEntry, LabourRate, Project, Region
from backend.engine.run import Refused
from backend.runtime import writes as w
from backend.runtime.books.corrections import Grounds, reverse
from backend.runtime.books.deeds import Deed, close_deed
from backend.runtime.books.entries import Head, Place, find_times, write_entry
from backend.runtime.books.identity import derive_posting_id
from backend.runtime.books.sums import Book, Desk
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import Statement, read_json
from backend.runtime.writes import WriteSet
from backend.settlement.labour import Rate, Slice, find_rate, price

_p = bindparam
LIST_RATES = Statement(
    select(
        LabourRate.member_id,
        LabourRate.kind,
        LabourRate.hourly,
        LabourRate.currency,
        LabourRate.valid_from,
    ).where(LabourRate.workspace_id == _p("workspace"))
)
LIST_PROJECTS = Statement(
    select(Project.id, Project.key, Region.path, Project.workflows)
    .outerjoin(Region, Region.id == Project.region_id)
    .where(Project.workspace_id == _p("workspace"), Project.active.is_(True))
    .order_by(Project.key)
)
LOCK_ENTRY = Statement(
    select(
        LabourEntry.state,
        LabourEntry.member_id,
        LabourEntry.entered_by,
        LabourEntry.day,
        LabourEntry.seconds,
        LabourEntry.region_id,
        LabourEntry.region_path,
        LabourEntry.posting_id,
        Project.key,
        LabourEntry.kind,
        LabourEntry.hourly,
        LabourEntry.amount,
        LabourEntry.currency,
    )
    .join(Project, Project.id == LabourEntry.project_id)
    .where(LabourEntry.workspace_id == _p("workspace"), LabourEntry.id == _p("id"))
    .with_for_update(of=LabourEntry)
)


class ProjectRow(NamedTuple):
    """What decides whether a ticket is of a project."""

    id: str
    key: str
    region_path: str | None
    workflows: tuple[str, ...]


class Worked(NamedTuple):
    """What an entry's posting says."""

    entry_id: str
    project: str
    member_id: str
    day: str
    seconds: int
    hourly: int
    amount: int
    currency: str
    ticket: str = ""


def load_rates(workspace_id: str) -> Script[dict[str, list[Rate]]]:
    """By member."""
    found: dict[str, list[Rate]] = {}
    for member, kind, hourly, currency, valid_from in (yield from ask(LIST_RATES, workspace=workspace_id)):
        rate = Rate(kind=kind, hourly=hourly, currency=currency, valid_from=date.fromisoformat(valid_from))
        found.setdefault(member, []).append(rate)
    return found


def load_projects(workspace_id: str) -> Script[tuple[ProjectRow, ...]]:
    """The active ones."""
    rows = yield from ask(LIST_PROJECTS, workspace=workspace_id)
    return tuple(ProjectRow(row[0], row[1], row[2], tuple(read_json(row[3]))) for row in rows)


def match_project(
    projects: Iterable[ProjectRow], data: Mapping[str, Any], workflow_id: str, region_path: str
) -> ProjectRow | None:
    """The one that the ticket names in its field `project`; else of its workflow, the nearest region's."""
    known = list(projects)
    named = data.get("project")
    for project in known:
        if isinstance(named, str) and project.key == named:
            return project
    fitting = [
        project
        for project in known
        if workflow_id in project.workflows and region_path.startswith(project.region_path or "/")
    ]
    return max(fitting, key=lambda project: (len(project.region_path or ""), project.key), default=None)


def book_hours(desk: Desk, worked: Worked, place: Place, by: str | None) -> Script[str]:
    """The posting of an entry; its id."""
    cause = f"labour:{worked.entry_id}"
    head = Head(
        id=derive_posting_id(worked.entry_id, cause, "labour"), cause=cause, kind="labour", booked_by=by
    )
    times = yield from find_times(desk, place, date.fromisoformat(worked.day))
    write_entry(desk, head, place, times, _list_lines(worked))
    return head.id


def _list_lines(worked: Worked) -> Iterable[dict[str, Any]]:
    params = {
        "hours": f"{worked.seconds // 3600}:{worked.seconds % 3600 // 60:02d}",
        "project": worked.project,
    }
    inputs = {
        "day": worked.day,
        "seconds": str(worked.seconds),
        "hourly": str(worked.hourly),
        "member": worked.member_id,
        "ticket": worked.ticket,
    }
    sides = (
        (f"labour:{worked.member_id}", "account", "payroll", worked.amount, False),
        (f"project:{worked.project}", "project", worked.project, -worked.amount, True),
    )
    for account, kind, party, amount, counter in sides:
        yield {
            "account": account,
            "party_kind": kind,
            "party_id": party,
            "amount": amount,
            "currency": worked.currency,
            "component": "labour",
            "counter": counter,
            "tariff_id": None,
            "tariff_revision": None,
            "row": "",
            "tier": None,
            "inputs": inputs,
            "formula": {"code": "why.labour", "params": params},
        }


def confirm_entry(workspace_id: str, entry_id: str, by: str, now: Any) -> Script[Deed]:
    """A second person confirms what somebody entered: it is priced and booked.

    Raises Refused: labour_entry_state, labour_own_entry, labour_no_rate.
    """
    row = yield from ask_one(LOCK_ENTRY, workspace=workspace_id, id=entry_id)
    if row is None or row[0] != "entered":
        raise Refused("labour_entry_state")
    if by in {row[1], row[2]}:
        raise Refused("labour_own_entry")
    rates = yield from load_rates(workspace_id)
    rate = find_rate(rates.get(row[1], ()), date.fromisoformat(row[3]))
    if rate is None:
        raise Refused("labour_no_rate")
    (amount,) = price((Slice(seconds=row[4], rate=rate),))
    book = Book(workspace_id, now, WriteSet())
    posting_id = None
    if amount:
        worked = Worked(entry_id, row[8], row[1], row[3], row[4], rate.hourly, amount, rate.currency)
        posting_id = yield from book_hours(book, worked, Place(None, None, row[5], row[6]), by)
    change = {"kind": rate.kind, "hourly": rate.hourly, "amount": amount, "currency": rate.currency}
    return (
        yield from _change(book, entry_id, by, state="booked", posting_id=posting_id, reason="", **change)
    )


def reverse_entry(workspace_id: str, entry_id: str, reason: str, by: str, now: Any) -> Script[Deed]:
    """Take a booked entry back; the hours can be entered or gathered anew. Raises Refused."""
    row = yield from ask_one(LOCK_ENTRY, workspace=workspace_id, id=entry_id)
    if row is None or row[0] != "booked":
        raise Refused("labour_entry_state")
    book = Book(workspace_id, now, WriteSet())
    if row[7] is not None:
        yield from reverse(book, row[7], Grounds(reason=reason, by=by))
    change = {"kind": row[9], "hourly": row[10], "amount": row[11], "currency": row[12]}
    return (
        yield from _change(book, entry_id, by, state="reversed", posting_id=row[7], reason=reason, **change)
    )


def _change(book: Book, entry_id: str, by: str, **changed: Any) -> Script[Deed]:
    row = {"id": entry_id, "decided_by": by, "decided_at": book.now, **changed}
    book.writes.add(w.LABOUR_CHANGES, row)
    book.writes.announce(book.workspace_id, "labour", "settlement")
    yield book.writes
    return close_deed(book.writes, entry_id)
