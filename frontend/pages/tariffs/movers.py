"""Tickets that a backtest moves, those that differ most first; each opens to both reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.tariff_drafts import Mover, WhyBoth, WhyLine
from frontend.i18n import pick
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.icon import icon
from frontend.widgets.parts import card, tabs


@component
def movers(run_id: str, moved: int, unmatched: int, done: int) -> VdomDict:
    """Two lists: paid otherwise, and not to be worked out."""
    shell = use_shell()
    t = shell.t
    chosen, choose = use_state("moved" if moved else "unmatched")
    options = [
        ("moved", f"{t('tariff_changes.movers.moved')} ({moved})"),
        ("unmatched", f"{t('tariff_changes.movers.unmatched')} ({unmatched})"),
    ]
    return card(
        tabs(options, chosen, choose),
        html.div({"key": chosen, "className": "mt-3"}, mover_list(run_id, chosen, done, key=chosen)),
        title=t("tariff_changes.movers.title"),
    )


@component
def mover_list(run_id: str, verdict: str, done: int) -> VdomDict:
    """One page after the other."""
    shell = use_shell()
    opened, open_mover = use_state("")
    loaded, growing = use_pages(
        lambda cursor: shell.api.list_movers(run_id, verdict, cursor), run_id, verdict, done
    )

    def draw(page: Page[Mover]) -> VdomDict:
        if not page.items:
            return html.p({"className": "text-muted"}, shell.t("tariff_changes.movers.none"))
        return html.div(
            html.ul(
                {"className": "flex flex-col divide-y divide-base-300"},
                [
                    html.li(
                        {"key": item.posting_id},
                        _row(item, item.posting_id == opened, open_mover, shell),
                        both_sides(run_id, item.posting_id, key="both")
                        if item.posting_id == opened
                        else None,
                    )
                    for item in page.items
                ],
            ),
            more_button(page, growing, shell),
        )

    return html.div(show(loaded, shell.t, draw))


def _row(item: Mover, is_open: bool, open_mover: Callable[[str], object], shell: Shell) -> VdomDict:
    change = item.after - item.before
    tone = "text-success" if change > 0 else "text-error" if change < 0 else "text-muted"
    place = " / ".join(pick(part, shell.locale) for part in item.region_path[-2:])
    figures = (
        [html.span({"key": "reason", "className": "text-sm text-warning"}, item.reason)]
        if item.verdict == "unmatched"
        else [
            html.span(
                {"key": "both", "className": "text-sm text-muted"},
                money(item.before, item.currency, shell.locale),
                " → ",
                money(item.after, item.currency, shell.locale),
            ),
            html.span({"key": "change"}, money(change, item.currency, shell.locale, f"font-medium {tone}")),
        ]
    )
    return html.button(
        {
            "type": "button",
            "aria-expanded": "true" if is_open else "false",
            "className": "flex w-full flex-wrap items-center gap-x-4 gap-y-1 py-2 text-left",
            "onClick": lambda _event: open_mover("" if is_open else item.posting_id),
        },
        html.span({"className": "font-medium tf-tabular"}, item.number or "—"),
        html.span(
            {"className": "min-w-0 flex-1 basis-40 break-words text-sm text-muted"}, f"{item.title} {place}"
        ),
        *figures,
        html.span({"className": "text-muted"}, icon("chevron-down" if is_open else "chevron-right", 16)),
    )


@component
def both_sides(run_id: str, posting_id: str) -> VdomDict:
    """Why the booked amounts, and why the others."""
    shell = use_shell()
    t = shell.t
    loaded = use_resource(lambda: shell.api.explain_mover(run_id, posting_id), run_id, posting_id)

    def draw(why: WhyBoth) -> VdomDict:
        link = (
            html.a(
                {"href": f"/tickets/{why.mover.ticket_id}", "className": "link text-sm"},
                t("tariff_changes.movers.open"),
            )
            if why.mover.ticket_id
            else None
        )
        return html.div(
            {"className": "flex flex-col gap-3 rounded-field bg-base-200/50 p-3"},
            html.div(
                {"className": "grid gap-4 md:grid-cols-2"},
                _side(t("tariff_changes.backtest.before"), why.before, why.mover.reason, shell),
                _side(t("tariff_changes.backtest.after"), why.after, why.mover.reason, shell),
            ),
            link,
        )

    return html.div({"className": "pb-3"}, show(loaded, t, draw, skeleton(2, "h-8", t("shell.loading"))))


def _side(title: str, lines: Sequence[WhyLine], reason: str, shell: Shell) -> VdomDict:
    body = [
        html.li(
            {"key": at, "className": "flex items-start justify-between gap-3"},
            html.span(
                {"className": "min-w-0 break-words"},
                line.why,
                html.span({"className": "block text-sm text-muted"}, line.party),
            ),
            money(line.amount, line.currency, shell.locale),
        )
        for at, line in enumerate(lines)
    ]
    return html.div(
        html.p({"className": "mb-1 text-sm font-medium"}, title),
        html.ul({"className": "flex flex-col gap-1"}, body)
        if body
        else html.p({"className": "text-muted"}, reason or "—"),
    )
