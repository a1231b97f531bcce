"""What a running ticket will book: the runtime's dry run of the settle steps that still lie ahead."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.contracts.common import Text
from backend.db.models import Ticket
from backend.engine.release import CompiledEdge, CompiledNode, Release
from backend.engine.run import Run
from backend.engine.state import State
from backend.features.platform.actor import Actor
from backend.features.settlement.access import sees
from backend.features.settlement.naming import (
    Names,
    describe_rule,
    list_regions,
    load_departments,
    load_tariffs,
    map_members,
    name_party,
    name_region,
    name_rule,
)
from backend.features.settlement.present import add_up
from backend.features.settlement.queries import DEFAULT_ZONE
from backend.forms.fields import Label, list_fields
from backend.graph.expressions import ExpressionFailed
from backend.messages import knows, render
from backend.runtime.preview import SettlementPreview as Foreseen
from backend.runtime.runtime import Runtime
from backend.settlement.periods import name_period


async def present_preview(
    session: AsyncSession,
    runtime: Runtime,
    actor: Actor,
    ticket: Ticket,
    *,
    release: Release,
    state: State,
    locale: str,
) -> wire.SettlementPreview:
    """Lines that the actor would see once they are booked; nothing is written."""
    now: datetime = session.info["clock"]()
    ahead = find_ahead(release, state, now) if state.status == "running" else set()
    foreseen = [
        step
        for step in (await runtime.preview_settlement(ticket.workspace_id, ticket.id) if ahead else [])
        if step.node in ahead
    ]
    names = await _load_names(session, ticket, foreseen)
    lines: list[wire.SettlementLine] = []
    for step in foreseen:
        lines += _present_step(step, actor, ticket, names, locale=locale, now=now)
    return wire.SettlementPreview(
        lines=lines,
        totals=add_up((line.amount, line.currency) for line in lines if line.side == "receiving"),
        gaps=[
            wire.PreviewGap(
                node=step.node, label=Text(**step.label), message=explain_gap(step, release, locale)
            )
            for step in foreseen
            if step.calculation is None
        ],
    )


def explain_gap(step: Foreseen, release: Release, locale: str) -> str:
    """Why a step cannot be worked out yet; a field is called what its form calls it."""
    if step.code == "expression_missing_field":
        label = _find_label(release, str(step.params.get("field", "")))
        if label is not None:
            return render(
                "settlement.field_awaited", {"field": label.zh if locale == "zh" else label.en}, locale
            )
    code = next(
        (code for code in (f"settlement.{step.code}", step.code or "") if knows(code)),
        "settlement.not_known_yet",
    )
    return render(code, step.params, locale)


def _find_label(release: Release, name: str) -> Label | None:
    forms = {
        key: {"schema": form.schema, "ui": form.ui, "title": form.title}
        for key, form in release.definition.forms.items()
    }
    fields = {field.path: field.label for field in list_fields(forms)}
    return fields.get(f"data.{name}") or fields.get(name)


async def _load_names(session: AsyncSession, ticket: Ticket, foreseen: list[Foreseen]) -> Names:
    regions = await list_regions(session, ticket.workspace_id)
    used = {(step.tariff_id, step.revision) for step in foreseen if step.tariff_id and step.revision}
    parties = [line.party for step in foreseen if step.posting for line in step.posting.lines]
    return Names(
        members=await map_members(
            session, ticket.workspace_id, {party.id for party in parties if party.kind == "member"}
        ),
        regions={region.id: region for region in regions},
        region_keys={region.key: region for region in regions},
        tariffs=await load_tariffs(session, {(key, number) for key, number in used if key and number}),
        departments=await load_departments(session, ticket.workspace_id),
    )


def _present_step(
    step: Foreseen, actor: Actor, ticket: Ticket, names: Names, *, locale: str, now: datetime
) -> list[wire.SettlementLine]:
    if step.calculation is None or step.posting is None or step.tariff_id is None or step.revision is None:
        return []
    region = names.regions.get(ticket.region_id or "")
    today = now.astimezone(ZoneInfo(region.zone if region else DEFAULT_ZONE)).date()
    tariff = names.tariffs.get((step.tariff_id, step.revision))
    shared: dict[str, Any] = {
        "id": "",
        "posting_id": "",
        "ticket_id": ticket.id,
        "number": ticket.number,
        "booked_at": now,
        "period": name_period(today, "month"),
        "inputs": {measure: str(value) for measure, value in step.calculation.inputs.items()},
        "region_path": name_region(names, ticket.region_id),
    }
    return [
        wire.SettlementLine(
            **shared,
            account=line.account,
            party=wire.Party(
                kind=line.party.kind,
                id=line.party.id,
                name=name_party(names, line.party.kind, line.party.id, locale),
            ),
            amount=line.amount,
            currency=line.currency,
            component=line.component,
            tariff=wire.TariffUsed(
                id=step.tariff_id,
                key=step.calculation.tariff,
                revision=step.revision,
                row=line.row,
                tier=line.tier,
                **name_rule(tariff, line.row),
            ),
            why=render(line.why.code, line.why.params, locale),
            formula=describe_rule(tariff, line.row, locale) if tariff else "",
            side="bearing" if line.counter else "receiving",
        )
        for line in step.posting.lines
        if sees(actor, line.party.kind, line.party.id, ticket.region_path)
    ]


def find_ahead(release: Release, state: State, now: datetime) -> set[str]:
    """Nodes that the ticket can still come to, and settle steps that it stands at because they failed. A
    decision whose fields are all known goes one way only."""
    context = Run(release, state, now).context()
    standing = {token.node for token in state.tokens.values()}
    found = {node for node in standing if release.nodes[node].type.type == "settle"}
    waiting = [edge for token in state.tokens.values() for edge in release.nodes[token.node].edges]
    while waiting:
        edge = waiting.pop()
        if edge.target not in found:
            found.add(edge.target)
            waiting += _leave(release.nodes[edge.target], context)
    return found


def _leave(node: CompiledNode, context: dict[str, Any]) -> tuple[CompiledEdge, ...]:
    if node.type.shape != "choice":
        return node.edges
    try:
        for edge in node.edges:
            if edge.when is None:
                continue
            if not _is_known(edge.when.reads, context):
                return node.edges
            if edge.when.holds(context):
                return (edge,)
    except ExpressionFailed:
        return node.edges
    return tuple(edge for edge in node.edges if edge.when is None)


def _is_known(paths: tuple[str, ...], context: dict[str, Any]) -> bool:
    split = (path.partition(".") for path in paths)
    return all(root != "data" or not name or name in context["data"] for root, _, name in split)
