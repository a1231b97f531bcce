"""Why this amount: a booked or foreseen line that opens into its reason, rule, tier and inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reactpy import html
from reactpy.types import VdomDict

from backend.contracts.settlement import SettlementLine, Total
from frontend.addresses import address
from frontend.i18n import pick
from frontend.session import Shell
from frontend.widgets.corrected import correction_words
from frontend.widgets.figures import money
from frontend.widgets.icon import icon


def add_totals(lines: Iterable[SettlementLine]) -> list[Total]:
    """Sums by currency."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount
    return [Total(amount=amount, currency=currency) for currency, amount in sorted(sums.items())]


def name_party(line: SettlementLine, shell: Shell) -> str:
    """Who receives or bears it."""
    return line.party.name if line.party else line.account


def explain(line: SettlementLine, shell: Shell, *, linked: bool = True, back: str = "") -> VdomDict:
    """The line's rule in words, and where it stands; `linked`: with the way to the line's own page, which
    leads `back` to where the reader was."""
    t = shell.t
    facts: list[tuple[str, Any]] = []
    if line.formula:
        facts.append((t("settlement.why.rule"), line.formula))
    if line.tariff is not None:
        words = t(
            "settlement.why.row",
            key=pick(line.tariff.name, shell.locale) if line.tariff.name else line.tariff.key,
            revision=line.tariff.revision,
            row=pick(line.tariff.row_name, shell.locale) if line.tariff.row_name else line.tariff.row,
        )
        if line.tariff.tier is not None:
            words = f"{words} · {t('settlement.why.tier', number=line.tariff.tier)}"
        opens = shell.may("settle", "view", "edit", "publish")
        href = f"/settlement/tariffs/{line.tariff.id}?revision={line.tariff.revision}&row={line.tariff.row}"
        facts.append(
            (
                t("settlement.why.tariff"),
                html.a({"href": href, "className": "tf-link"}, words) if opens else words,
            )
        )
    if line.input_words:
        facts.append((t("settlement.inputs"), " · ".join(line.input_words)))
    if linked and line.id and line.ticket_id:
        here = back or shell.path
        href = address(f"/settlement/lines/{line.id}", via=here)
        links = html.span(
            {"className": "flex flex-wrap gap-x-4"},
            html.a({"href": href, "className": "tf-link"}, line.number),
            html.a(
                {"href": address(f"/settlement/lines/{line.id}", via=here, ask="1"), "className": "tf-link"},
                t("disputes.ask.short"),
            ),
        )
        facts.append((t("settlement.why.line"), links))
    return html.dl(
        {"className": "grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm"},
        [
            html.div(
                {"key": at, "className": "contents"},
                html.dt({"className": "text-muted"}, name),
                html.dd({"className": "min-w-0 break-words"}, value),
            )
            for at, (name, value) in enumerate(facts)
        ],
    )


def money_rows(
    lines: Sequence[SettlementLine],
    shell: Shell,
    *,
    parties: bool = True,
    tickets: bool = False,
    back: str = "",
) -> VdomDict:
    """One row a line; a press opens its reasons. `parties`, `tickets`: what stands below the reason; `back`:
    the reader's address where its query matters."""

    def row(at: int, line: SettlementLine) -> VdomDict:
        told = (name_party(line, shell) if parties else "", line.number if tickets else "")
        below = " · ".join(part for part in (*told, correction_words(line, shell)) if part)
        return _row(at, line, shell, below, back)

    return html.ul({"className": "flex flex-col"}, [row(at, line) for at, line in enumerate(lines)])


def _row(at: int, line: SettlementLine, shell: Shell, below: str, back: str) -> VdomDict:
    struck = "" if line.reversed_by is None else "line-through text-muted"
    return html.li(
        {"key": line.id or at, "className": "border-b border-base-300 last:border-0"},
        html.details(
            {"className": "group/why"},
            html.summary(
                {"className": "flex cursor-pointer list-none items-start gap-2 py-2"},
                html.span(
                    {"className": "mt-0.5 text-muted transition-transform group-open/why:rotate-90"},
                    icon("chevron-right", 14),
                ),
                html.span(
                    {"className": "min-w-0 flex-1"},
                    html.span({"className": f"block break-words {struck}"}, line.why or line.component),
                    html.span({"className": "block text-sm text-muted"}, below) if below else None,
                ),
                money(line.amount, line.currency, shell.locale, struck or ("text-error" * (line.amount < 0))),
            ),
            html.div({"className": "pb-3 pl-6"}, explain(line, shell, back=back)),
        ),
    )


def totals_row(totals: Sequence[Total], shell: Shell) -> VdomDict:
    """The sum of each currency."""
    return html.div(
        {
            "className": "flex items-baseline justify-between gap-3 border-t border-base-300 pt-3 mt-1 "
            "font-semibold"
        },
        html.span(shell.t("settlement.total")),
        html.span(
            {"className": "flex flex-col items-end"},
            [
                html.span({"key": total.currency}, money(total.amount, total.currency, shell.locale))
                for total in totals
            ],
        ),
    )
