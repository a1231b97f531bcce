"""`/me/earnings`: one's own month, day by day, and what is missing to the next tier. Made for the phone."""

from __future__ import annotations

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.settlement import Earnings, EarningsDay
from frontend.addresses import address, use_query
from frontend.i18n import format_date, format_money
from frontend.pages.settlement.periods import move_month, name_month, this_month
from frontend.pages.tickets.cards import tier_bar
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.icon import icon
from frontend.widgets.parts import button_link, card
from frontend.widgets.reasons import money_rows

PATH = "/me/earnings"


@component
def earnings() -> VdomDict:
    """`?period=2026-11`; the running month without it."""
    shell = use_shell()
    period = use_query().get("period") or this_month()
    changed = use_changes("settlement")
    loaded = use_resource(lambda: shell.api.find_earnings(period), period, changed)
    waiting = html.div(
        {"className": "flex flex-col gap-5"},
        skeleton(1, "h-24", shell.t("shell.loading")),
        skeleton(4, "h-12"),
    )
    return html.div(
        {"className": "mx-auto flex max-w-2xl flex-col gap-5"},
        _months(period, shell),
        show(loaded, shell.t, lambda found: _draw(found, shell), waiting),
    )


def _months(period: str, shell: Shell) -> VdomDict:
    """A month back, a month on."""
    try:
        before, after = move_month(period, -1), move_month(period, 1)
    except ValueError:
        before, after = move_month(this_month(), -1), this_month()

    def step(to: str, name: str, text: str) -> VdomDict:
        attributes = {"href": address(PATH, period=to), "className": "btn btn-square", "aria-label": text}
        return html.a(attributes, icon(name, 18))

    last = period >= this_month()
    return html.div(
        {"className": "flex items-center justify-between gap-3"},
        step(before, "chevron-left", shell.t("earnings.before")),
        html.h1({"className": "text-lg font-semibold"}, name_month(period, shell)),
        html.span({"className": "size-10"})
        if last
        else step(after, "chevron-right", shell.t("earnings.after")),
    )


def _draw(found: Earnings, shell: Shell) -> VdomDict:
    if not found.totals:
        action = button_link(shell.t("earnings.work"), "/tickets", "inbox", "btn-primary btn-sm")
        return html.div(
            {"className": "flex flex-col gap-5"},
            card(empty(shell.t("earnings.empty"), shell.t("earnings.empty.text"), action, name="wallet")),
            _ahead(found, shell),
        )
    return html.div(
        {"className": "flex flex-col gap-5"},
        html.section(
            {"className": "tf-card"},
            html.p({"className": "text-sm text-muted"}, shell.t("earnings.total")),
            [
                html.p(
                    {"key": total.currency},
                    money(total.amount, total.currency, shell.locale, "text-3xl font-semibold"),
                )
                for total in found.totals
            ],
        ),
        _ahead(found, shell),
        card(_days(found.days, shell), title=shell.t("earnings.days")),
        card(money_rows(found.lines, shell, parties=False, tickets=True), title=shell.t("earnings.lines")),
    )


def _ahead(found: Earnings, shell: Shell) -> VdomDict | None:
    if not found.next_tiers:
        return None
    bars = [tier_bar(at, ahead) for at, ahead in enumerate(found.next_tiers)]
    return card(html.div({"className": "flex flex-col gap-4"}, bars), title=shell.t("earnings.ahead"))


def _days(days: list[EarningsDay], shell: Shell) -> VdomDict:
    """A bar a day, the newest first."""
    most = max((abs(day.amount) for day in days), default=1) or 1

    def row(day: EarningsDay) -> VdomDict:
        share = max(2.0, abs(day.amount) / most * 100)
        tone = "bg-error" if day.amount < 0 else "bg-primary"
        return html.li(
            {
                "key": f"{day.date} {day.currency}",
                "className": "grid grid-cols-[7.5rem_1fr_6.5rem] items-center gap-3 py-1.5",
            },
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
                {"className": "tf-tabular font-medium text-right"},
                format_money(day.amount, day.currency, shell.locale),
            ),
        )

    return html.ul([row(day) for day in days])
