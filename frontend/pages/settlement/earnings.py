"""`/me/earnings`: one's own period, day by day and ticket by ticket, and what is missing to the next tier.

Made for the phone; it moves while tickets are finished.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.settlement import Earnings, EarningsDay, SettlementLine
from frontend.addresses import address, use_query
from frontend.i18n import format_date, format_money
from frontend.pages.settlement.keys import name_key, neighbours
from frontend.pages.tickets.cards import tier_bar
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, button_link, card
from frontend.widgets.reasons import add_totals, money_rows

PATH = "/me/earnings"


@component
def earnings() -> VdomDict:
    """`?period=2026-11`; the running one without it."""
    shell = use_shell()
    period = use_query().get("period")
    changed = use_changes("settlement")
    loaded = use_resource(lambda: shell.api.find_earnings(period), period, changed)
    waiting = html.div(
        {"className": "flex flex-col gap-5"},
        skeleton(1, "h-24", shell.t("shell.loading")),
        skeleton(4, "h-12"),
    )
    return html.div(
        {"className": "mx-auto flex max-w-2xl flex-col gap-5"},
        show(loaded, shell.t, lambda found: _draw(found, shell), waiting),
    )


def _periods(found: Earnings, shell: Shell) -> VdomDict:
    """A period back, a period on: only those in which something was earned."""
    before, after = neighbours(found.period, found.periods)

    def step(to: str | None, name: str, text: str) -> VdomDict:
        if to is None:
            return html.span({"className": "size-10"})
        attributes = {"href": address(PATH, period=to), "className": "btn btn-square", "aria-label": text}
        return html.a(attributes, icon(name, 18))

    days = ""
    if found.starts_on and found.ends_on:
        days = f"{format_date(found.starts_on, shell.locale)} – {format_date(found.ends_on, shell.locale)}"
    return html.div(
        {"className": "flex items-center justify-between gap-3"},
        step(before, "chevron-left", shell.t("earnings.before")),
        html.div(
            {"className": "text-center"},
            html.h1({"className": "text-lg font-semibold"}, name_key(found.period, shell)),
            html.p({"className": "text-sm text-muted tf-tabular"}, days),
        ),
        step(after, "chevron-right", shell.t("earnings.after")),
    )


def _draw(found: Earnings, shell: Shell) -> VdomDict:
    t = shell.t
    statement = button_link(
        t("earnings.statement"),
        address(f"/settlement/statements/member/{shell.session.member_id}", period=found.period),
        "file-text",
    )
    if not found.totals:
        action = button_link(t("earnings.work"), "/tickets", "inbox", "btn-primary btn-sm")
        return html.div(
            {"className": "flex flex-col gap-5"},
            _periods(found, shell),
            card(empty(t("earnings.empty"), t("earnings.empty.text"), action, name="wallet")),
            _ahead(found, shell),
        )
    return html.div(
        {"className": "flex flex-col gap-5"},
        _periods(found, shell),
        html.section(
            {"className": "tf-card"},
            html.div(
                {"className": "flex items-start justify-between gap-3"},
                html.div(
                    html.p({"className": "text-sm text-muted"}, t("earnings.total")),
                    [
                        html.p(
                            {"key": total.currency},
                            money(total.amount, total.currency, shell.locale, "text-3xl font-semibold"),
                        )
                        for total in found.totals
                    ],
                ),
                badge(t("earnings.running"), "soft badge-primary") if found.period == found.running else None,
            ),
            html.div(
                {"className": "mt-3 flex flex-wrap gap-2"},
                statement,
                button_link(t("earnings.questions"), "/settlement/disputes?view=all", "message-square"),
            ),
        ),
        _ahead(found, shell),
        card(_days(found, shell), title=t("earnings.days")),
    )


def _ahead(found: Earnings, shell: Shell) -> VdomDict | None:
    if not found.next_tiers:
        return None
    bars = [tier_bar(at, ahead) for at, ahead in enumerate(found.next_tiers)]
    return card(html.div({"className": "flex flex-col gap-4"}, bars), title=shell.t("earnings.ahead"))


def _days(found: Earnings, shell: Shell) -> VdomDict:
    """A bar a day, the newest first; a press opens its tickets with their lines."""
    most = max((abs(day.amount) for day in found.days), default=1) or 1
    lines = _by_day(found.lines, shell.zone)
    left = [line.id for line in found.lines]
    return html.ul(
        [_day(day, most, lines.get((day.date.isoformat(), day.currency), []), shell) for day in found.days],
        html.li(
            {"key": "all", "className": "pt-3"},
            html.a(
                {"className": "tf-link text-sm", "href": address("/settlement/lines", period=found.period)},
                shell.t("earnings.all"),
            ),
        )
        if left
        else None,
    )


def _by_day(lines: Sequence[SettlementLine], zone: str) -> dict[tuple[str, str], list[SettlementLine]]:
    days: dict[tuple[str, str], list[SettlementLine]] = {}
    for line in lines:
        day = line.day or line.booked_at.astimezone(ZoneInfo(zone)).date()
        days.setdefault((day.isoformat(), line.currency), []).append(line)
    return days


def _day(day: EarningsDay, most: int, lines: list[SettlementLine], shell: Shell) -> VdomDict:
    share = max(2.0, abs(day.amount) / most * 100)
    tone = "bg-error" if day.amount < 0 else "bg-primary"
    row = html.span(
        {"className": "grid w-full grid-cols-[7rem_1fr_6.5rem] items-center gap-3"},
        html.span(
            {"className": "text-sm text-muted tf-tabular whitespace-nowrap"},
            format_date(day.date, shell.locale),
        ),
        html.span(
            {
                "className": "h-2.5 overflow-hidden rounded-full bg-base-200",
                "title": shell.t("earnings.tickets", count=day.tickets),
            },
            html.span(
                {"className": f"block h-full rounded-full {tone}", "style": {"width": f"{share:.1f}%"}}
            ),
        ),
        html.span(
            {"className": "tf-tabular text-right font-medium"},
            format_money(day.amount, day.currency, shell.locale),
        ),
    )
    tickets: dict[str, list[SettlementLine]] = {}
    for line in lines:
        tickets.setdefault(line.number, []).append(line)
    return html.li(
        {"key": f"{day.date} {day.currency}", "className": "border-b border-base-300 last:border-0"},
        html.details(
            {"className": "group/day"},
            html.summary(
                {"className": "flex cursor-pointer list-none items-center gap-2 py-2"},
                html.span(
                    {"className": "text-muted transition-transform group-open/day:rotate-90"},
                    icon("chevron-right", 14),
                ),
                row,
            ),
            html.div(
                {"className": "flex flex-col gap-3 pb-3 pl-5"},
                [_ticket(number, of, shell) for number, of in tickets.items()],
                _more(day, shell) if sum(line.amount for line in lines) != day.amount else None,
            ),
        ),
    )


def _more(day: EarningsDay, shell: Shell) -> VdomDict:
    """The lines of this day that are not among the newest."""
    iso = day.date.isoformat()
    href = address("/settlement/lines", {"period": "days", "from": iso, "to": iso})
    return html.a({"className": "tf-link text-sm", "href": href}, shell.t("earnings.day.all"))


def _ticket(number: str, lines: list[SettlementLine], shell: Shell) -> VdomDict:
    total = add_totals(lines)[0]
    name = html.a(
        {"className": "tf-link tf-tabular text-sm", "href": f"/tickets/{lines[0].ticket_id}"}, number
    )
    return html.div(
        {"key": number or lines[0].id},
        html.div(
            {"className": "flex items-baseline justify-between gap-3"},
            name if number else None,
            money(total.amount, total.currency, shell.locale, "text-sm text-muted"),
        ),
        money_rows(lines, shell, parties=False),
    )
