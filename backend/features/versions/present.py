"""Rehearsals on the wire: averages, money by name, reasons in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Row

from backend.contracts import versions as wire
from backend.contracts.common import Reference, Text
from backend.db.models import Rehearsal, RehearsalTicket
from backend.features.versions.queries import Names
from backend.messages import knows, render

CLASSES = ("unchanged", "rerouted", "stuck", "invalid", "ended", "unreadable", "money")
MOST_ROWS = 200
OWN_WORDS = frozenset(
    {"never_asked", "not_answered", "button_gone", "message_missing", "waits_at_join", "no_start"}
)


def present_rehearsal(row: Row[Rehearsal, str, int, int | None], names: Names, locale: str) -> wire.Rehearsal:
    """With its report as far as it goes."""
    rehearsal, by, revision, published = row
    report: dict[str, Any] = rehearsal.report
    counts = report.get("counts", {})
    return wire.Rehearsal(
        id=rehearsal.id,
        workflow_id=rehearsal.workflow_id,
        revision=rehearsal.revision,
        current=rehearsal.revision == revision,
        published=published,
        status=rehearsal.status,
        limit=rehearsal.most,
        total=rehearsal.total,
        done=rehearsal.done,
        counts={name: counts.get(name, 0) for name in CLASSES},
        created_at=rehearsal.created_at,
        since=rehearsal.since,
        region=name_path(names, rehearsal.region_path),
        times=present_times(report.get("times", {})),
        regions=present_money(report.get("regions", {}), lambda key: _name_region(names, key, locale)),
        people=present_money(report.get("people", {}), lambda key: name_party(names, key, locale)),
        by=Reference(id=rehearsal.created_by, name=by or "") if rehearsal.created_by else None,
        finished_at=rehearsal.finished_at,
        message=render(rehearsal.error, {}, locale) if rehearsal.error else None,
    )


def present_times(times: Mapping[str, int]) -> wire.RehearsalTimes | None:
    """Averages; None while no ticket ends on both sides."""
    tickets = times.get("tickets", 0)
    if not tickets:
        return None
    mean = {
        name: times.get(name, 0) // tickets
        for name in ("old_length", "new_length", "old_handling", "new_handling")
    }
    return wire.RehearsalTimes(
        tickets=tickets,
        **mean,
        old_waiting=max(0, mean["old_length"] - mean["old_handling"]),
        new_waiting=max(0, mean["new_length"] - mean["new_handling"]),
    )


def present_money(books: Mapping[str, Mapping[str, int]], name: Any) -> list[wire.MoneyChange]:
    """The largest differences first; rows without a difference last."""
    rows = []
    for joined, sums in books.items():
        key, _, currency = joined.rpartition("\n")
        old, new = sums["old"], sums["new"]
        rows.append(
            wire.MoneyChange(
                key=key, label=name(key), currency=currency, old=old, new=new, difference=new - old
            )
        )
    rows.sort(key=lambda row: (-abs(row.difference), -abs(row.old), row.label))
    return rows[:MOST_ROWS]


def name_path(names: Names, path: str) -> list[Text]:
    """From the root to the region; empty for the whole workspace."""
    found, so_far = [], "/"
    for part in path.split("/"):
        if part:
            so_far += f"{part}/"
            found.append(names.regions.get(so_far, Text(part, part)))
    return found


def _name_region(names: Names, path: str, locale: str) -> str:
    return " / ".join(_say(text, locale) for text in name_path(names, path)) or "/"


def name_party(names: Names, party: str, locale: str) -> str:
    """A person by name; others with the word that says what they are."""
    kind, _, key = party.partition(":")
    if kind == "member":
        return names.members.get(key, key)
    region = names.regions.get(key) if kind == "region" else None
    department = names.departments.get(key) if kind == "department" else None
    name: Any = msgspec.to_builtins(region) if region else department or key
    return render(f"party_{kind}", {"name": name}, locale)


def _say(text: Text, locale: str) -> str:
    return (text.zh if locale == "zh" else text.en) or text.zh or text.en


# --- tickets ---


def present_ticket(row: RehearsalTicket, names: Names, locale: str) -> wire.RehearsedTicket:
    """One line of a class."""
    detail: dict[str, Any] = row.detail
    old: dict[str, Any] = detail.get("old", {})
    new = detail.get("new", old)
    lines = detail.get("lines", {"old": []})
    return wire.RehearsedTicket(
        ticket_id=row.ticket_id,
        number=row.number,
        title=row.title,
        release_number=row.release_number,
        verdict=row.verdict,
        reasons=list(dict.fromkeys(_list_reasons(row, names, locale))),
        money=_compare_lines(lines, names, locale) if row.pays_otherwise else [],
        old_length=old.get("length", 0),
        new_length=new.get("length", 0),
    )


def _list_reasons(row: RehearsalTicket, names: Names, locale: str) -> Iterable[str]:
    detail: dict[str, Any] = row.detail
    if row.verdict == "unreadable":
        yield render("rehearsal.unreadable", {}, locale)
        return
    for spot in detail.get("spots", ()):
        yield _say_spot(spot, names, locale)
    for fault in detail.get("faults", ()):
        field = fault["field"].split("/")[1] if "/" in fault["field"] else fault["field"]
        why = render(f"answer.{fault['code']}", fault.get("params", {}), locale)
        label = names.fields.get(field, Text(field, field))
        params = {"node": _label(names, fault["node"]), "field": msgspec.to_builtins(label), "why": why}
        yield render("rehearsal.fault", params, locale)
    old = detail.get("old", {})
    new = detail.get("new", old)
    if row.verdict == "ended":
        yield render("rehearsal.ends", {"old": _end(old, locale), "new": _end(new, locale)}, locale)
    if detail.get("parting"):
        yield _say_parting(detail["parting"], old, new, names, locale)


def _say_spot(spot: Mapping[str, Any], names: Names, locale: str) -> str:
    why, params = spot["why"], {**spot.get("params", {}), "node": _label(names, spot["node"])}
    if why in OWN_WORDS:
        return render(f"rehearsal.{why}", params, locale)
    code = f"incident.{why}" if knows(f"incident.{why}") else why
    return render("rehearsal.incident", {**params, "why": render(code, params, locale)}, locale)


def _say_parting(
    parting: list[int | None], old: Mapping[str, Any], new: Mapping[str, Any], names: Names, locale: str
) -> str:
    there, here = parting
    params = {
        "old": _label(names, old["way"][there][0]) if there is not None else "",
        "new": _label(names, new["way"][here][0]) if here is not None else "",
    }
    code = (
        "parts"
        if there is not None and here is not None
        else "parts_more"
        if here is not None
        else "parts_less"
    )
    return render(f"rehearsal.{code}", params, locale)


def _end(side: Mapping[str, Any], locale: str) -> str:
    status, result = side.get("status", ""), side.get("result")
    word = render(f"rehearsal_end.{status}", {}, locale)
    return f"{word} ({result})" if result and result not in {"completed", "cancelled"} else word


def _label(names: Names, node: str) -> Any:
    return msgspec.to_builtins(names.nodes.get(node, Text(node, node)))


def _compare_lines(lines: Mapping[str, Any], names: Names, locale: str) -> list[wire.MoneyChange]:
    books: dict[str, dict[str, int]] = {}
    for side in ("old", "new"):
        for line in lines.get(side, lines["old"]):
            if not line["counter"]:
                key = f"{line['party']}\n{line['currency']}"
                books.setdefault(key, {"old": 0, "new": 0})[side] += line["amount"]
    rows = present_money(books, lambda key: name_party(names, key, locale))
    return [row for row in rows if row.difference]


def present_comparison(row: RehearsalTicket, names: Names, locale: str) -> wire.TicketComparison:
    """Both sides, the place where they part marked on each."""
    detail: dict[str, Any] = row.detail
    old: dict[str, Any] = detail.get("old", {})
    parting = detail.get("parting") or (None, None)
    lines = detail.get("lines", {"old": []})
    return wire.TicketComparison(
        ticket=present_ticket(row, names, locale),
        old=_present_side(old, parting[0], lines["old"], names, locale),
        new=_present_side(detail.get("new", old), parting[1], lines.get("new", lines["old"]), names, locale),
    )


def _present_side(
    side: Mapping[str, Any],
    parting: int | None,
    lines: Iterable[Mapping[str, Any]],
    names: Names,
    locale: str,
) -> wire.RehearsedSide:
    way = [
        wire.WayPoint(node=node, label=names.nodes.get(node, Text(node, node)), at=at, parts=index == parting)
        for index, (node, _, at) in enumerate(side.get("way", ()))
    ]
    return wire.RehearsedSide(
        status=side.get("status", ""),
        result=side.get("result"),
        length=side.get("length", 0),
        handling=side.get("handling", 0),
        way=[msgspec.convert(msgspec.to_builtins(point), wire.WayPoint) for point in way],
        standing=list(side.get("standing", ())),
        lines=[_present_line(line, names, locale) for line in lines],
    )


def _present_line(line: Mapping[str, Any], names: Names, locale: str) -> wire.RehearsedLine:
    return wire.RehearsedLine(
        node=line["node"],
        label=names.nodes.get(line["node"], Text(line["node"], line["node"])),
        party=name_party(names, line["party"], locale),
        amount=line["amount"],
        currency=line["currency"],
        component=line["component"],
        tariff=line["tariff"],
        revision=line["revision"],
        row=line["row"],
        tier=line["tier"],
        bearing=line["counter"],
    )
