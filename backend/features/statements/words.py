"""What a statement says in words, the same on paper and in a spreadsheet."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from backend.contracts import statements as wire
from backend.contracts.settlement import SettlementLine
from backend.features.settlement.naming import pick_text
from backend.messages import knows, render
from backend.settlement.money import format_minor

Head = tuple[str, str]
"""A name and its value."""


def head_facts(statement: wire.Statement, locale: str) -> list[Head]:
    """Whom it is about, and when."""

    def text(code: str, **params: str) -> str:
        return render(f"statement_{code}", params, locale)

    facts = [
        (text("party"), statement.party.name),
        (text("period"), f"{statement.period.key} ({tell_span(statement.period, locale)})"),
        (text("state"), text(f"state_{statement.period.state}")),
    ]
    if statement.limited_to:
        facts.append((text("scope"), statement.limited_to))
    return facts


def tell_span(period: wire.StatementPeriod, locale: str) -> str:
    """`2026-11-01 to 2026-11-30`."""
    first = period.starts_on.isoformat()
    if period.ends_on is None:
        return render("statement_since", {"first": first}, locale)
    return render("statement_days", {"first": first, "last": period.ends_on.isoformat()}, locale)


def tell_day(line: SettlementLine, statement: wire.Statement) -> str:
    """When a line was booked, in the zone of the statement."""
    return line.booked_at.astimezone(ZoneInfo(statement.zone)).date().isoformat()


def name_line(line: SettlementLine, locale: str) -> str:
    """What was paid for: the part as the table calls it, else the table."""
    if line.component_name is not None:
        return pick_text(line.component_name, locale)
    code = f"component_{line.component}"
    if knows(code):
        return render(code, {}, locale)
    if line.component == "charge" and line.tariff is not None and line.tariff.name is not None:
        return pick_text(line.tariff.name, locale)
    return line.component


def explain_line(line: SettlementLine, locale: str) -> str:
    """How the amount came about; of late work, the period it belongs to."""
    if not line.earned_period:
        return line.why
    return render("statement_earned", {"why": line.why, "period": line.earned_period}, locale)


def write_money(amount: int, currency: str) -> str:
    """`¥1,234.56`; a currency whose sign no font of a statement has stands by its code."""
    written = format_minor(amount, currency)
    if all(ord(sign) <= 0xFF for sign in written):
        return written
    figures = written.lstrip("-").lstrip("€₩₹")
    return f"{'-' if amount < 0 else ''}{currency} {figures}"
