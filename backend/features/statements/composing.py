"""One statement out of the ledger: balances, components, days, corrections, late lines, rules in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import statements as wire
from backend.contracts.settlement import Party, SettlementLine
from backend.db.models import Workspace
from backend.features.settlement.access import sees_whole
from backend.features.settlement.naming import describe_rule, load_tariffs, name_party, pick_text
from backend.features.settlement.present import present_lines
from backend.features.settlement.share import describe_own, find_row, name_component
from backend.features.statements import queries
from backend.features.statements.queries import Scope
from backend.features.statements.spans import describe_period, read_key
from backend.messages import knows, render
from backend.settlement.tariff import Tariff

ON_PAGE = 200
MOST_HASHED = 200_000
"""Lines up to which a page shows the hash; files always carry it."""
CORRECTIONS = ("reversal", "rebooking", "resolution")
Sums = list[tuple[str, str, int, int]]


async def compose(
    session: AsyncSession,
    scope: Scope,
    party: tuple[str, str],
    period: str,
    *,
    most: int = ON_PAGE,
    periods: Sequence[str] = (),
    locale: str,
) -> wire.Statement:
    """Everything but the lines beyond `most` is whole: sums are the database's. Raises NotFound."""
    kind, key = party
    await queries.require_party(session, scope, kind, key)
    statement = queries.select_lines(scope, kind, key, period)
    lines: list[SettlementLine] = []
    regions = {region.path: region for region in scope.regions}
    async for rows in queries.read_chunks(session, statement, most):
        lines += await present_lines(session, rows, regions, locale, actor=scope.actor)
    components = await queries.sum_by_component(session, scope, kind, key, period)
    total = sum(found[6] for found in components)
    by_period = await queries.sum_by_period(session, scope, kind, key)
    rules = await queries.list_rules(session, scope, kind, key, period)
    wanted = {(found[0] or "", found[1] or 0) for found in components} | {rule[:2] for rule in rules}
    tariffs = await load_tariffs(session, {pair for pair in wanted if pair[0]})
    zone = find_zone(scope)
    members = {key} if kind == "member" else set[str]()
    names = await queries.load_party_names(session, scope, members)
    workspace = await session.get_one(Workspace, scope.actor.workspace_id)
    regular = [line for line in lines if not line.earned_period and line.kind not in CORRECTIONS]
    return wire.Statement(
        party=Party(kind=kind, id=key, name=name_party(names, kind, key, locale)),
        period=await describe_period(session, scope.actor.workspace_id, period),
        periods=list(periods),
        balances=list_balances(by_period, period),
        components=[_present_sum(found, tariffs, locale) for found in components],
        days=group_days(regular, zone),
        corrections=[line for line in lines if not line.earned_period and line.kind in CORRECTIONS],
        late=[line for line in lines if line.earned_period],
        rules=_word_rules(rules, components, tariffs, scope, locale),
        lines=total,
        hash=await queries.hash_lines(session, scope, kind, key, period) if total <= MOST_HASHED else "",
        workspace=workspace.name,
        zone=zone.key,
        limited_to=name_limit(scope, kind, key, locale),
        omitted=total - len(lines),
        questions=await queries.count_questions_of(session, scope, kind, key, period),
    )


def list_balances(sums: Sums, period: str) -> list[wire.Balance]:
    """By currency: what earlier periods came to, and this one."""
    starts = read_key(period).starts
    currencies = sorted({currency for _, currency, _, _ in sums})
    found = []
    for currency in currencies:
        opening = sum(r + b for key, c, r, b in sums if c == currency and read_key(key).starts < starts)
        received = sum(r for key, c, r, _ in sums if c == currency and key == period)
        borne = sum(b for key, c, _, b in sums if c == currency and key == period)
        found.append(
            wire.Balance(
                currency=currency,
                opening=opening,
                received=received,
                borne=borne,
                closing=opening + received + borne,
            )
        )
    return found


def find_zone(scope: Scope) -> ZoneInfo:
    """Of the region that is asked for, else the reader's, else the root's: where days begin."""
    if scope.region is not None:
        return ZoneInfo(scope.region.zone)
    own = next((region for region in scope.regions if region.id == scope.actor.region_id), None)
    first = own or (scope.regions[0] if scope.regions else None)
    return ZoneInfo(first.zone if first else "Asia/Shanghai")


def name_limit(scope: Scope, kind: str, key: str, locale: str) -> str | None:
    """The region beyond which the reader sees nothing of this party."""
    if not scope.is_limited(kind, key):
        return None
    reach = scope.actor.reach("settle", "view")
    region = scope.region or next((each for each in scope.regions if each.path == reach), None)
    if region is None:
        return render("statement_own_share", {}, locale)
    return render("statement_region", {"name": region.name}, locale)


def group_days(lines: Iterable[SettlementLine], zone: ZoneInfo) -> list[wire.StatementDay]:
    """By day, then by ticket, both in the order of booking."""
    days: dict[object, dict[str, list[SettlementLine]]] = {}
    for line in lines:
        day = line.booked_at.astimezone(zone).date()
        days.setdefault(day, {}).setdefault(line.ticket_id or line.posting_id, []).append(line)
    return [
        wire.StatementDay(
            date=day,  # type: ignore[arg-type]
            tickets=[
                wire.StatementTicket(ticket_id=of[0].ticket_id, number=of[0].number, lines=of)
                for of in tickets.values()
            ],
        )
        for day, tickets in days.items()
    ]


def _present_sum(
    found: tuple[str | None, int | None, str, str, str, int, int],
    tariffs: dict[tuple[str, int], Tariff],
    locale: str,
) -> wire.StatementSum:
    tariff_id, revision, row, component, currency, amount, lines = found
    tariff = tariffs.get((tariff_id or "", revision or 0))
    return wire.StatementSum(
        key=f"{tariff_id or ''}|{row}|{component}|{currency}",
        label=label_component(tariff, row, component, locale),
        amount=amount,
        currency=currency,
        lines=lines,
    )


def label_component(tariff: Tariff | None, row: str, component: str, locale: str) -> str:
    """`Site visits · labour`: the table and its part as people call them."""
    if tariff is None:
        code = f"component_{component}"
        return render(code, {}, locale) if knows(code) else component
    table = tariff.name.zh if locale == "zh" else tariff.name.en
    name = name_component(find_row(tariff, row), component)
    part = pick_text(name, locale) if name else "" if component == "charge" else component
    return " · ".join(word for word in (table, part) if word)


def _word_rules(
    rules: Sequence[tuple[str, int, str]],
    components: Sequence[tuple[str | None, int | None, str, str, str, int, int]],
    tariffs: dict[tuple[str, int], Tariff],
    scope: Scope,
    locale: str,
) -> list[wire.StatementRule]:
    """Each rule once; a party that sees only its share reads only its own parts of it."""
    found = []
    reach = scope.actor.reach("settle", "view")
    for tariff_id, revision, row_id in rules:
        tariff = tariffs.get((tariff_id, revision))
        row = find_row(tariff, row_id)
        if tariff is None or row is None:
            continue
        if reach is not None and sees_whole(scope.actor, reach):
            text = describe_rule(tariff, row_id, locale)
        else:
            own = [each[3] for each in components if (each[0], each[2]) == (tariff_id, row_id)]
            texts = [describe_own(tariff, row, component, locale) for component in own]
            text = ("。" if locale == "zh" else ". ").join(dict.fromkeys(filter(None, texts)))
        found.append(
            wire.StatementRule(
                tariff_id=tariff_id,
                tariff=tariff.name.zh if locale == "zh" else tariff.name.en,
                revision=revision,
                row=row_id,
                row_name=pick_text(row.name, locale) if row.name else row_id,
                text=text,
            )
        )
    return found


def list_all(statement: wire.Statement) -> list[SettlementLine]:
    """Every line of a composed statement, in the order of its sections."""
    days = [line for day in statement.days for ticket in day.tickets for line in ticket.lines]
    return [*days, *statement.corrections, *statement.late]
