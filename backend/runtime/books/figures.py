"""A posting booked again by figures that finance knows better than the ticket: the late change of one whose
data is closed.

What it rests on else, the tariff's revision, the day, the region and the parties, stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from backend.engine.run import Refused
from backend.engine.state import State
from backend.runtime.books.basis import Basis
from backend.runtime.books.corrections import Changes, Grounds, Rebooked, rebook
from backend.runtime.books.identity import derive_reversal_id
from backend.runtime.books.reading import Line, PostingUnknown, read_posting, read_revision, rebuild_basis
from backend.runtime.books.rebooking import know
from backend.runtime.books.statements import TICKET_POSTINGS
from backend.runtime.books.sums import Desk
from backend.runtime.scripts import Script, ask
from backend.runtime.work import Work
from backend.settlement.tariff import Tariff

_decode_state = msgspec.json.Decoder(State).decode


class Figures(NamedTuple):
    """Those that are other than they were: quantities (money in minor units) and attributes."""

    quantities: Mapping[str, Decimal] = {}
    attributes: Mapping[str, str | None] = {}


class Ground(NamedTuple):
    """What a posting rests on, the tariff that made it, and its lines."""

    basis: Basis
    tariff: Tariff
    lines: tuple[Line, ...]


def read_ground(desk: Desk, posting_id: str, ticket_id: str) -> Script[Ground]:
    """Raises PostingUnknown, also for one of another ticket; Refused: reversal_final, basis_missing."""
    stored = yield from read_posting(desk, posting_id)
    if stored.place.ticket_id != ticket_id:
        raise PostingUnknown(posting_id)
    if stored.is_reversal:
        raise Refused("reversal_final")
    basis = stored.basis or (yield from rebuild_basis(desk, stored))
    tariff = yield from read_revision(desk, basis.tariff_id, basis.revision)
    return Ground(basis, tariff, stored.lines)


def rebook_figures(
    work: Work, stored_state: str | None, posting_id: str, figures: Figures, grounds: Grounds
) -> Script[tuple[Ground, Rebooked]]:
    """The ticket is locked. Asked for again with the same figures, it finds itself done.

    Raises what `read_ground` and `rebook` raise, and Refused: nothing_to_correct, posting_replaced (it was
    booked again meanwhile, by other figures).
    """
    ground = yield from read_ground(work, posting_id, work.ticket_id)
    rows = yield from ask(TICKET_POSTINGS, ticket=work.ticket_id, workspace=work.workspace_id)
    anew = next((row[0] for row in rows if row[2] == f"rebooking:{posting_id}"), None)
    if anew is not None:
        later = yield from read_posting(work, anew)
        if later.basis is None or not _holds(later.basis, figures):
            raise Refused("posting_replaced")
        done = yield from rebook(work, posting_id, grounds, kind=later.kind)
        return ground, done
    taken_back = any(row[0] == derive_reversal_id(posting_id) for row in rows)
    if _holds(ground.basis, figures) and not taken_back:
        raise Refused("nothing_to_correct")
    changes = Changes(quantities=figures.quantities, attributes=figures.attributes)
    if stored_state:
        changes = yield from know(work, _decode_state(stored_state), posting_id, changes)
    done = yield from rebook(work, posting_id, grounds, changes)
    return ground, done


def _holds(basis: Basis, figures: Figures) -> bool:
    return all(basis.quantities.get(name) == value for name, value in figures.quantities.items()) and all(
        basis.attributes.get(name) == value for name, value in figures.attributes.items()
    )


def tell_figures(ground: Ground, posting_id: str, figures: Figures) -> dict[str, Any]:
    """What a correction keeps: the figures that changed, as they were and as they are."""
    basis = ground.basis

    def tell(quantities: Mapping[str, Decimal], attributes: Mapping[str, str | None]) -> dict[str, Any]:
        told: dict[str, Any] = {
            name: str(quantities[name]) if name in quantities else None for name in figures.quantities
        }
        return {"quantities": told, "attributes": {name: attributes.get(name) for name in figures.attributes}}

    return {
        "posting": posting_id,
        "tariff": basis.tariff_id,
        "revision": basis.revision,
        "before": tell(basis.quantities, basis.attributes),
        "after": tell(figures.quantities, figures.attributes),
    }
