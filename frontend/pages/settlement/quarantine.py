"""`/settlement/quarantine`: amounts that wait for somebody to say whose they are; one click does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.quarantine import (
    Candidate,
    PartyChoice,
    QuarantineItem,
    QuarantineSummary,
    Resolve,
    ResolveMany,
)
from frontend.addresses import address, use_query
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.pages.settlement.party_choice import party_choice
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import moment, money
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card, dialog, page_head

PATH = "/settlement/quarantine"
STATES = ("open", "resolved", "withdrawn")
Choose = Callable[[PartyChoice], Awaitable[None]]


@component
def quarantine() -> VdomDict:
    """`?state=resolved` for what was decided; `?reason=` and `?region=` for one of them."""
    shell = use_shell()
    t = shell.t
    query = use_query()
    state = query["state"] if query.get("state") in STATES else "open"
    reason, region = query.get("reason") or None, query.get("region") or None
    kept = {"state": query.get("state"), "reason": reason, "region": region}
    changed = use_changes("quarantine")
    loaded, growing = use_pages(
        lambda cursor: shell.api.list_quarantine(cursor, state=state, reason=reason, region_id=region),
        f"{state} {reason} {region}",
        changed,
    )

    def choice(name: str) -> VdomDict:
        attributes = {"key": name, "href": address(PATH, kept, state=None if name == "open" else name)}
        if name == state:
            attributes["aria-current"] = "true"
        css = f"btn btn-sm join-item {'btn-primary' if name == state else ''}"
        return html.a(attributes | {"className": css}, t(f"quarantine.state.{name}"))

    return html.div(
        {"className": "mx-auto flex max-w-5xl flex-col gap-5"},
        page_head(t("quarantine.title"), t("quarantine.text")),
        overview(kept, key=f"overview {reason} {region}"),
        html.div(
            {"className": "flex flex-wrap items-center justify-between gap-3"},
            html.nav(
                {"className": "join", "aria-label": t("quarantine.view")}, [choice(name) for name in STATES]
            ),
            region_choice(kept, key=f"region {region}"),
        ),
        html.div(
            show(
                loaded,
                t,
                lambda page: html.div(
                    items(page.items, key=f"{state} {reason} {region}"), more_button(page, growing, shell)
                ),
                card(skeleton(5, "h-20", t("shell.loading"))),
            )
        ),
    )


@component
def region_choice(kept: dict[str, str | None]) -> VdomDict | None:
    """Of the reader's regions, where there is more than one."""
    shell = use_shell()
    regions = use_resource(shell.api.list_regions).value
    if regions is None or len(regions.items) < 2:
        return None

    def choose(event: dict[str, Any]) -> None:
        shell.go(address(PATH, kept, region=str(event["target"]["value"]) or None))

    return html.select(
        {
            "className": "select select-sm w-full sm:w-64",
            "aria-label": shell.t("quarantine.region"),
            "value": kept["region"] or "",
            "onChange": choose,
        },
        html.option({"value": ""}, shell.t("quarantine.region.all")),
        [
            html.option(
                {"key": each.id, "value": each.id},
                " / ".join(pick(name, shell.locale) for name in each.path),
            )
            for each in regions.items
        ],
    )


@component
def overview(kept: dict[str, str | None]) -> VdomDict | None:
    """How much waits, and for which reasons."""
    shell = use_shell()
    region = kept["region"]
    found = use_resource(
        lambda: shell.api.summarize_quarantine(region), region, use_changes("quarantine")
    ).value
    return _overview(found, kept, shell) if found is not None and found.open else None


def _overview(found: QuarantineSummary, kept: dict[str, str | None], shell: Shell) -> VdomDict:
    def reason(code: str, label: str, count: int) -> VdomDict:
        here = code == kept["reason"]
        css = f"btn btn-sm {'btn-primary' if here else ''}"
        return html.a(
            {"key": code, "href": address(PATH, kept, reason=None if here else code), "className": css},
            label,
            html.span({"className": "badge badge-sm"}, str(count)),
        )

    return html.section(
        {"className": "tf-card flex flex-wrap items-center gap-x-8 gap-y-3"},
        html.div(
            html.p({"className": "text-sm text-muted"}, shell.t("quarantine.waiting")),
            html.p({"className": "text-2xl font-semibold tf-tabular"}, str(found.open)),
        ),
        [
            html.div(
                {"key": total.currency},
                html.p({"className": "text-sm text-muted"}, shell.t("quarantine.amount")),
                money(total.amount, total.currency, shell.locale, "text-2xl font-semibold"),
            )
            for total in found.total
        ],
        html.div(
            {"className": "flex flex-wrap gap-2"},
            [reason(each.code, each.label, each.items) for each in found.reasons],
        ),
    )


@component
def items(found: list[QuarantineItem]) -> VdomDict:
    """Several may be marked and resolved at once."""
    shell = use_shell()
    t = shell.t
    marked, set_marked = use_state(frozenset[str]())
    other, set_other = use_state("")
    if not found:
        return card(empty(t("quarantine.empty"), t("quarantine.empty.text"), name="shield-check"))

    def mark(item_id: str) -> None:
        set_marked(lambda old: old ^ {item_id})

    async def give(item_id: str, party: PartyChoice, note: str = "") -> None:
        wanted = Resolve(party=party, note=note)
        await attempt(shell, shell.api.resolve_quarantine(item_id, wanted), t("quarantine.done"))
        set_other("")

    async def give_many(party: PartyChoice | None, note: str = "") -> None:
        ids = [item.id for item in found if item.id in marked]
        done = await shell.api.resolve_many(ResolveMany(ids=ids, party=party, note=note))
        failed = [each.message for each in done.items if not each.resolved]
        count = len(ids) - len(failed)
        shell.toast(
            failed[0] if failed else t("quarantine.done_many", count=count), "error" if failed else "success"
        )
        set_marked(frozenset())
        set_other("")

    async def choose(party: PartyChoice, note: str) -> None:
        await (give_many(party, note) if other == "*" else give(other, party, note))

    settles = shell.may("settle")
    rows = [
        _row(
            item, shell, give=give if settles else None, mark=mark, open_other=set_other, on=item.id in marked
        )
        for item in found
    ]
    return html.div(
        html.section({"className": "tf-card p-0 overflow-hidden"}, html.ul(rows)),
        html.div(
            {"key": "bulk"}, _bulk(len(marked & {item.id for item in found}), give_many, set_other, shell)
        ),
        html.div(
            {"key": "other"},
            dialog(t("quarantine.other.title"), t, lambda: set_other(""), party_choice(choose, key=other))
            if other
            else None,
        ),
    )


def _bulk(count: int, give_many: Any, open_other: Callable[[str], None], shell: Shell) -> VdomDict | None:
    if not count:
        return None

    async def press(_event: Any) -> None:
        await give_many(None)

    t = shell.t
    return html.div(
        {"className": "tf-card sticky bottom-4 mt-4 flex flex-wrap items-center gap-3"},
        html.span({"className": "font-medium"}, t("quarantine.marked", count=count)),
        html.button(
            {"type": "button", "className": "btn btn-primary btn-sm", "onClick": press}, t("quarantine.first")
        ),
        html.button(
            {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: open_other("*")},
            t("quarantine.other"),
        ),
    )


def _row(
    item: QuarantineItem, shell: Shell, *, give: Any, mark: Any, open_other: Callable[[str], None], on: bool
) -> VdomDict:
    t = shell.t
    waits = give is not None and item.state == "open"
    region = pick(item.region_path[-1], shell.locale) if item.region_path else ""
    subject: VdomDict | str = item.order_number
    if item.ticket_id:
        link = {"href": f"/tickets/{item.ticket_id}", "className": "tf-link tf-tabular"}
        subject = html.a(link, item.number)
    return html.li(
        {"key": item.id, "className": "flex gap-3 border-b border-base-300 px-5 py-4 last:border-0"},
        html.input(
            {
                "type": "checkbox",
                "className": "checkbox checkbox-sm mt-1",
                "aria-label": t("quarantine.mark", number=item.number or item.order_number),
                "checked": on,
                "onChange": lambda _event: mark(item.id),
            }
        )
        if waits
        else None,
        html.div(
            {"className": "min-w-0 flex-1"},
            html.div(
                {"className": "flex flex-wrap items-baseline justify-between gap-x-4"},
                html.p({"className": "min-w-0 font-medium break-words"}, item.reason),
                money(item.amount, item.currency, shell.locale, "font-medium"),
            ),
            html.p(
                {"className": "text-sm text-muted"},
                subject,
                f" · {item.waits_for} · {region} · " if region else f" · {item.waits_for} · ",
                moment(item.created_at, shell.locale, shell.zone),
            ),
            html.p(
                {"key": "shared", "className": "mt-1 flex items-start gap-1.5 text-sm text-muted"},
                html.span({"className": "mt-0.5"}, icon("info", 14)),
                t("quarantine.shared"),
            )
            if item.shared
            else None,
            html.div(
                {"key": "answer"},
                _candidates(item, give, open_other, shell) if waits else _decision(item, shell),
            ),
        ),
    )


def _candidates(item: QuarantineItem, give: Any, open_other: Callable[[str], None], shell: Shell) -> VdomDict:
    def button(candidate: Candidate) -> VdomDict:
        async def press(_event: Any) -> None:
            kind: Any = candidate.kind
            await give(item.id, PartyChoice(kind=kind, id=candidate.id, tariff=candidate.tariff))

        return html.button(
            {
                "key": f"{candidate.kind} {candidate.id} {candidate.tariff}",
                "type": "button",
                "className": "btn btn-sm h-auto min-h-8 max-w-full flex-wrap justify-start py-1 text-left",
                "title": candidate.why,
                "onClick": press,
            },
            candidate.name,
            html.span({"className": "text-sm font-normal text-muted"}, candidate.why),
        )

    return html.div(
        {"className": "mt-3 flex flex-wrap gap-2"},
        [button(candidate) for candidate in item.candidates],
        html.button(
            {
                "type": "button",
                "className": "btn btn-ghost btn-sm",
                "onClick": lambda _event: open_other(item.id),
            },
            icon("ellipsis", 16),
            shell.t("quarantine.other"),
        ),
    )


def _decision(item: QuarantineItem, shell: Shell) -> VdomDict:
    if item.party is None or item.resolved_at is None:
        return html.p({"className": "mt-2"}, badge(shell.t(f"quarantine.state.{item.state}")))
    words = shell.t("quarantine.resolved", party=item.party.name, by=item.resolved_by)
    return html.p(
        {"className": "mt-2 text-sm"},
        f"{words} · ",
        moment(item.resolved_at, shell.locale, shell.zone),
        f" · {item.note}" if item.note else "",
    )
