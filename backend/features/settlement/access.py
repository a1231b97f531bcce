"""Who sees which booked lines: the same rule for lists, sums, the export and the ticket page.

With `settle` or `view`: the lines of the regions where the right holds. Everybody: the lines that pay
oneself, and of their rule only what concerns oneself.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from backend.db.models import LedgerLine, Region
from backend.features.platform.actor import Actor


def lines_in_sight(actor: Actor) -> ColumnElement[bool]:
    """As a clause over ledger lines."""
    own = and_(LedgerLine.party_kind == "member", LedgerLine.party_id == actor.member_id)
    reach = actor.reach("settle", "view")
    if reach is None:
        scoped: ColumnElement[bool] = false()
    elif reach == "/":
        scoped = true()
    else:
        scoped = in_branch(actor.workspace_id, reach)
    return and_(LedgerLine.workspace_id == actor.workspace_id, or_(scoped, own))


def in_branch(workspace_id: str, path: str) -> ColumnElement[bool]:
    """Lines of the region at `path` and below, as the tree is now: a region that moved takes its lines
    along.
    """
    branch = select(Region.id).where(
        Region.workspace_id == workspace_id, Region.path.startswith(path, autoescape=True)
    )
    return LedgerLine.region_id.in_(branch)


def sees(actor: Actor, party_kind: str, party_id: str, region_path: str) -> bool:
    """The same rule for an amount that is not booked yet."""
    reach = actor.reach("settle", "view")
    if reach is not None and region_path.startswith(reach):
        return True
    return (party_kind, party_id) == ("member", actor.member_id)


def sees_whole(actor: Actor | None, region_path: str) -> bool:
    """Whether the actor may read the whole rule behind a line booked there, with what others are paid by
    it. A party that only sees its own share reads its own part of the rule."""
    reach = actor.reach("settle", "view") if actor is not None else None
    return reach is not None and region_path.startswith(reach)
