"""What stands beside the form: customer, money, time limit, flow, and what was answered so far."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from reactpy import component, html
from reactpy.types import Component, VdomDict

from backend.contracts.settlement import Party, PartyAhead, SettlementLine, SettlementPreview
from backend.contracts.tickets import TicketDetail
from frontend.i18n import pick
from frontend.pages.settlement.correcting import booking_actions
from frontend.pages.tickets.records import record_actions
from frontend.pages.tickets.task import choose_task
from frontend.pages.tickets.values import show_value
from frontend.session import Resource, Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.figures import moment, time_left
from frontend.widgets.flow_picture import flow_picture
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card
from frontend.widgets.reasons import add_totals, money_rows, totals_row


def customer(found: TicketDetail, shell: Shell) -> VdomDict | None:
    """Name, grade, and a number to call with one press."""
    who = found.customer or {}
    name, phone, grade = (str(who.get(part) or "") for part in ("name", "phone", "grade"))
    if not (name or phone or grade):
        return None
    title = name or shell.t("tickets.customer.unnamed")
    return card(
        html.div(
            {"className": "flex items-center gap-3"},
            html.span(
                {
                    "className": "inline-flex size-10 items-center justify-center rounded-full "
                    "bg-base-200 font-medium"
                },
                title[:1],
            ),
            html.div(
                {"className": "min-w-0 flex-1"},
                html.div(
                    {"className": "flex items-center gap-2"},
                    html.span({"className": "truncate font-medium"}, title),
                    badge(grade, "soft badge-warning") if grade else None,
                ),
                html.a({"href": f"tel:{phone}", "className": "tf-link tf-tabular text-sm"}, phone)
                if phone
                else None,
            ),
            html.a(
                {
                    "href": f"tel:{phone}",
                    "className": "btn btn-square btn-sm md:hidden",
                    "aria-label": shell.t("tickets.customer.call"),
                },
                icon("phone", 16),
            )
            if phone
            else None,
        ),
        title=shell.t("tickets.customer"),
    )


@component
def money_card(ticket_id: str, lines: list[SettlementLine], status: str) -> VdomDict | None:
    """Booked lines once there are some; before that what would be booked, each with its reason."""
    shell = use_shell()
    changed = use_changes(f"ticket:{ticket_id}")
    receiving = [line for line in lines if line.side == "receiving"]
    preview: Resource[SettlementPreview | None] = use_resource(
        lambda: _preview(shell, ticket_id, bool(lines) or status != "running"), bool(lines), status, changed
    )
    if receiving:
        return card(
            money_rows(receiving, shell),
            totals_row(add_totals(receiving), shell),
            _ahead(ticket_id, receiving, shell),
            booking_actions(ticket_id, receiving, status, key="acts"),
            title=shell.t("tickets.money.booked"),
        )
    if status != "running":
        return None

    def draw(found: SettlementPreview | None) -> VdomDict:
        if found is None or not (found.lines or found.gaps):
            return html.p({"className": "text-muted"}, shell.t("tickets.money.none"))
        return html.div(
            money_rows([line for line in found.lines if line.side == "receiving"], shell),
            totals_row(found.totals, shell) if found.totals else None,
            [
                html.div(
                    {"key": gap.node, "className": "mt-2 flex gap-2 text-sm text-muted"},
                    icon("info", 16),
                    html.div(html.p(pick(gap.label, shell.locale)), html.p(gap.message)),
                )
                for gap in found.gaps
            ],
            _ahead(ticket_id, found.lines, shell),
        )

    title = shell.t("tickets.money.preview")
    return card(show(preview, shell.t, draw, skeleton(2, "h-6")), title=title)


async def _preview(shell: Shell, ticket_id: str, pointless: bool) -> SettlementPreview | None:
    return None if pointless else await shell.api.preview_settlement(ticket_id)


def _ahead(ticket_id: str, lines: list[SettlementLine], shell: Shell) -> Component | None:
    tariffs = sorted({line.tariff.id for line in lines if line.tariff is not None})
    if not tariffs:
        return None
    booked = any(line.id for line in lines)
    return next_tier(ticket_id if booked else "", tariffs, key=f"ahead {booked}")


@component
def next_tier(ticket_id: str, tariffs: list[str]) -> VdomDict | None:
    """How much is missing to the next tier: for those whom the ticket has paid; before that for the reader,
    in the tariffs that the ticket follows."""
    shell = use_shell()
    changed = use_changes("settlement")

    async def load() -> list[PartyAhead]:
        if ticket_id:
            return await shell.api.list_next_tiers(ticket_id)
        if not shell.may("run"):
            return []
        tiers = (await shell.api.find_earnings()).next_tiers
        own = Party(kind="member", id=shell.session.member_id, name="")
        return [PartyAhead(party=own, next_tiers=[each for each in tiers if each.tariff_id in tariffs])]

    known = use_resource(load, ticket_id, repr(tariffs), changed).value or []
    bars = [
        (each, None if each.party.id == shell.session.member_id else each.party.name, tier)
        for each in known
        for tier in each.next_tiers
    ]
    if not bars:
        return None
    return html.div(
        {"className": "mt-3 flex flex-col gap-3"},
        [
            html.div(
                {"key": f"{each.party.id} {at}"},
                html.p({"className": "text-sm font-medium"}, name) if name else None,
                tier_bar(at, tier),
            )
            for at, (each, name, tier) in enumerate(bars)
        ],
    )


def tier_bar(at: int, ahead: Any) -> VdomDict:
    """A bar filled as far as the next tier is reached, with the words below."""
    share = float(ahead.reached / ahead.begins_at * 100) if ahead.begins_at else 100.0
    return html.div(
        {"key": f"tier {at}"},
        html.p({"className": "mb-1 text-sm text-muted"}, ahead.text),
        html.progress(
            {"className": "progress progress-primary w-full", "value": f"{min(share, 100):.1f}", "max": "100"}
        ),
    )


def time_limit(found: TicketDetail, wanted: str, shell: Shell) -> VdomDict | None:
    """How much of the time of the task in hand is used; only while one with a limit is open."""
    task = choose_task(found.tasks, wanted)
    if task is None or task.due_at is None:
        return None
    whole = (task.due_at - task.opened_at).total_seconds()
    used = (datetime.now(UTC) - task.opened_at).total_seconds()
    share = min(100.0, used / whole * 100) if whole > 0 else 100.0
    tone = "progress-error" if share >= 100 else "progress-warning" if share >= 75 else "progress-success"
    return card(
        html.div(
            {"className": "mb-2 flex items-center justify-between gap-2"},
            html.span({"className": "truncate"}, pick(task.label, shell.locale)),
            time_left(task.due_at, shell.locale, shell.zone),
        ),
        html.progress({"className": f"progress {tone} w-full", "value": f"{share:.1f}", "max": "100"}),
        html.div(
            {"className": "mt-1 flex justify-between gap-2 text-sm text-muted"},
            moment(task.opened_at, shell.locale, shell.zone),
            moment(task.due_at, shell.locale, shell.zone),
        ),
        title=shell.t("tickets.limit"),
    )


def flow(found: TicketDetail, shell: Shell) -> VdomDict | None:
    """Where the tokens are, in small; a press shows it large."""
    if not found.flow.nodes:
        return None
    tokens = [token.node for token in found.tokens]
    picture = flow_picture(found.flow, shell.locale, tokens=tokens, visited=found.visited, labels=False)
    large = flow_picture(
        found.flow, shell.locale, tokens=tokens, visited=found.visited, css="h-80 max-w-none w-auto"
    )
    return card(
        picture,
        html.details(
            {"className": "mt-2"},
            html.summary({"className": "tf-link cursor-pointer text-sm"}, shell.t("tickets.flow.large")),
            html.div({"className": "mt-3 overflow-x-auto", "tabIndex": 0}, large),
        ),
        title=shell.t("tickets.flow"),
    )


def answers(found: TicketDetail, shell: Shell) -> VdomDict | None:
    """Everything that was filled in so far, folded while a task is in hand."""
    if not found.shown:
        return None
    return html.section(
        {"className": "tf-card"},
        html.details(
            {"open": not any(task.mine for task in found.tasks)},
            html.summary({"className": "cursor-pointer text-base font-semibold"}, shell.t("tickets.answers")),
            html.dl(
                {"className": "mt-4 grid gap-x-6 gap-y-4 sm:grid-cols-2"},
                [
                    html.div(
                        {"key": field.path, "className": "min-w-0"},
                        html.dt({"className": "text-sm text-muted"}, pick(field.label, shell.locale)),
                        html.dd({"className": "break-words whitespace-pre-line"}, show_value(field, shell)),
                    )
                    for field in found.shown
                ],
            ),
        ),
        record_actions(found.id, found.correctable, key="record"),
    )
