"""What changed from one revision of a tariff to another, or to its draft, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tariff_drafts as wire
from backend.contracts.common import Text
from backend.db.models import Tariff, TariffDraft
from backend.features.platform.errors import BadRequest, NotFound
from backend.features.settlement.naming import join_phrases
from backend.features.settlement.tariffs import read_document
from backend.messages import render
from backend.settlement.diff_words import Told, Words, name_row, tell
from backend.settlement.diffing import Change, compare, normalize

MAX_NUMBER = 2**31 - 1


async def compare_revisions(
    session: AsyncSession, record: Tariff, older: str, newer: str, locale: str
) -> wire.TariffDiff:
    """`older` and `newer` are numbers of revisions, `draft`, or `0`: before there was anything. Raises
    NotFound, BadRequest (`revision_unfit`)."""
    before = await _find_document(session, record, older)
    after = await _find_document(session, record, newer)
    return wire.TariffDiff(older=older, newer=newer, changes=present_changes(before, after, locale))


async def _find_document(session: AsyncSession, record: Tariff, wanted: str) -> Mapping[str, Any]:
    if wanted == "draft":
        draft = await session.get(TariffDraft, record.id)
        if draft is None:
            raise NotFound("tariff_draft_missing")
        return draft.document
    if not wanted.isascii() or not wanted.isdecimal() or len(wanted) > len(str(MAX_NUMBER)):
        raise BadRequest("revision_unfit")
    number = int(wanted)
    if number == 0:
        return {}
    return await read_document(session, record, min(number, MAX_NUMBER))


def present_changes(older: Mapping[str, Any], newer: Mapping[str, Any], locale: str) -> list[wire.CellChange]:
    """Cell by cell, in words."""
    before, after = normalize(older), normalize(newer)
    return [
        _present(change, tell(change, before, after), before, after, locale)
        for change in compare(older, newer)
        if change.path != ("format",)
    ]


def _present(
    change: Change, told: Told, older: Mapping[str, Any], newer: Mapping[str, Any], locale: str
) -> wire.CellChange:
    name = None
    if told.row is not None:
        found = name_row(older if change.kind == "removed" else newer, told.row)
        name = Text(zh=found, en=found) if isinstance(found, str) else Text(**found)
    params = {
        "where": _join(change, told, name, locale),
        "before": _say(told.before, locale),
        "after": _say(told.after, locale),
    }
    return wire.CellChange(
        kind=change.kind,
        subject=told.subject,
        pointer=change.pointer,
        row=told.row,
        row_name=name,
        before=None if told.before is None else params["before"],
        after=None if told.after is None else params["after"],
        text=render(f"diff.{change.kind}", params, locale),
    )


def _join(change: Change, told: Told, name: Text | None, locale: str) -> str:
    """From the row to the cell."""
    places = [render(place.code, place.params, locale) for place in told.where]
    if name is not None:
        label = name.zh if locale == "zh" else name.en
        places.insert(0, render("diff.row", {"name": label or told.row or ""}, locale))
    return (" · " if locale == "zh" else ", ").join(places) or change.pointer


def _say(words: Words | None, locale: str) -> str:
    if words is None:
        return ""
    if isinstance(words, tuple):
        return join_phrases(words, locale)
    if isinstance(words, dict):
        return words.get(locale) or words.get("zh") or words.get("en") or ""
    return words
