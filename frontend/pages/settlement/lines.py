"""`/settlement/lines`: the lines behind a sum; `/settlement/lines/{line_id}`: why this amount."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.settlement import SettlementLine, Summary
from frontend.addresses import address, use_query
from frontend.i18n import pick
from frontend.pages.settlement.correcting import posting_actions
from frontend.pages.settlement.disputes import asking
from frontend.pages.settlement.keys import name_key, read_back
from frontend.pages.settlement.periods import name_span
from frontend.pages.settlement.summary import FILTERS, export_links, read_filters
from frontend.pages.tariffs.words import DIMENSIONS, name_measure, show_quantity
from frontend.paging import more_button, use_pages
from frontend.session import Resource, Shell, use_changes, use_resource, use_shell
from frontend.widgets.corrected import stands
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import moment, money
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, breadcrumbs, card
from frontend.widgets.reasons import explain, name_party

LINE_FILTERS = (*FILTERS, "ticket_id")


@component
def lines() -> VdomDict:
    """The filters stand in the address, as a sum gave them."""
    shell = use_shell()
    query = use_query()
    filters = read_filters(query, shell.zone)
    if query.get("ticket_id"):
        filters["ticket_id"] = query["ticket_id"]
    changed = use_changes("settlement")
    loaded, growing = use_pages(
        lambda cursor: shell.api.list_lines(cursor, **filters), changed, repr(filters)
    )
    total: Resource[Summary] = use_resource(
        lambda: shell.api.summarize_settlement("period", **filters), changed, repr(filters)
    )
    above = address("/settlement", {name: query[name] for name in ("period", "from", "to") if name in query})
    back = read_back(query, above)
    crumbs = breadcrumbs((shell.t(_name_back(back)), back), (shell.t("settlement.lines"), None))
    here = address("/settlement/lines", query)
    return html.div(
        {"className": "flex flex-col gap-5"},
        crumbs,
        html.div(
            {"className": "flex flex-wrap items-end justify-between gap-3"},
            html.div(
                html.h1({"className": "text-xl font-semibold"}, shell.t("settlement.lines")),
                html.p({"className": "text-muted"}, name_span(query, shell)),
            ),
            html.div(
                {"className": "flex flex-wrap items-center gap-4"},
                [
                    html.span(
                        {"key": each.currency, "className": "text-lg font-semibold"},
                        money(each.amount, each.currency, shell.locale),
                    )
                    for each in (total.value.totals if total.value else [])
                ],
                *export_links(filters, shell),
            ),
        ),
        show(
            loaded,
            shell.t,
            lambda page: html.div(_list(page.items, here, shell), more_button(page, growing, shell)),
            card(skeleton(6, "h-12", shell.t("shell.loading"))),
        ),
    )


def _list(items: list[SettlementLine], here: str, shell: Shell) -> VdomDict:
    if not items:
        return card(empty(shell.t("settlement.empty"), shell.t("settlement.empty.text"), name="receipt-text"))
    return html.section(
        {"className": "tf-card p-0 overflow-hidden"}, html.ul([_row(line, here, shell) for line in items])
    )


def _row(line: SettlementLine, here: str, shell: Shell) -> VdomDict:
    region = pick(line.region_path[-1], shell.locale) if line.region_path else ""
    below = " · ".join(part for part in (name_party(line, shell), line.number, region) if part)
    return html.li(
        {"key": line.id, "className": "border-b border-base-300 last:border-0"},
        html.a(
            {
                "href": address(f"/settlement/lines/{line.id}", via=here),
                "className": "flex items-center gap-4 px-5 py-3 hover:bg-base-200",
            },
            html.span(
                {"className": "min-w-0 flex-1"},
                html.span({"className": "block break-words"}, line.why or line.component),
                html.span({"className": "block text-sm text-muted"}, below),
            ),
            badge(shell.t("settlement.reversal")) if line.reversal_of else None,
            badge(shell.t("statements.late"), "soft badge-warning") if line.earned_period else None,
            html.span(
                {"className": "hidden text-sm text-muted sm:block"},
                moment(line.booked_at, shell.locale, shell.zone),
            ),
            money(line.amount, line.currency, shell.locale, "font-medium"),
            html.span({"className": "text-muted"}, icon("chevron-right", 16)),
        ),
    )


def facts_list(facts: Sequence[tuple[str, VdomDict | str]]) -> VdomDict:
    """Names and values in two columns."""
    return html.dl(
        {"className": "grid grid-cols-[auto_1fr] gap-x-6 gap-y-2"},
        [
            html.div(
                {"key": name, "className": "contents"},
                html.dt({"className": "text-muted"}, name),
                html.dd({"className": "min-w-0 break-words"}, value),
            )
            for name, value in facts
        ],
    )


@component
def line(line_id: str) -> VdomDict:
    """One amount down to the ticket, the rule, the tier and what it was worked out from."""
    shell = use_shell()
    query = use_query()
    loaded = use_resource(lambda: shell.api.find_line(line_id), line_id)
    return html.div(
        {"className": "mx-auto max-w-3xl"},
        show(loaded, shell.t, lambda found: _draw(found, query, shell), card(skeleton(4, "h-8"))),
    )


def _draw(found: SettlementLine, query: dict[str, str], shell: Shell) -> VdomDict:
    t = shell.t
    back = read_back(query, address("/settlement/lines", period=found.period))
    via = _name_back(back)
    region = " / ".join(pick(name, shell.locale) for name in found.region_path)
    facts: list[tuple[str, VdomDict | str]] = [
        (t("settlement.party"), name_party(found, shell)),
        (t("settlement.side"), t(f"settlement.side.{found.side}")),
        (t("settlement.region"), region),
        (t("settlement.booked_at"), moment(found.booked_at, shell.locale, shell.zone)),
        (t("settlement.period"), name_key(found.period, shell)),
        (t("settlement.earned"), name_key(found.earned_period, shell) if found.earned_period else ""),
        (t("settlement.posting"), html.span({"className": "font-mono text-sm break-all"}, found.posting_id)),
    ]
    if found.ticket_id:
        link = html.a(
            {"href": f"/tickets/{found.ticket_id}", "className": "tf-link tf-tabular"}, found.number
        )
        facts.insert(0, (t("settlement.ticket"), link))
    if found.reversal_of:
        facts.append(
            (
                t("settlement.reversal"),
                html.span({"className": "font-mono text-sm break-all"}, found.reversal_of),
            )
        )
    facts += _tell_correction(found, shell)
    return html.div(
        {"className": "flex flex-col gap-5"},
        breadcrumbs(
            *([(t("settlement.title"), "/settlement")] if shell.may("settle", "view") else []),
            (t(via), back),
            (found.number or found.component, None),
        ),
        card(
            money(found.amount, found.currency, shell.locale, "text-3xl font-semibold"),
            html.p({"className": "mt-2 text-base"}, found.why),
        ),
        card(explain(found, shell, linked=False), title=t("settlement.why")),
        inputs(found, key="inputs") if shell.may("settle", "view", "edit", "publish") else None,
        asking(found.id, found.currency, key=f"asking {found.id}"),
        card(
            facts_list([fact for fact in facts if fact[1]]),
            posting_actions(found, key=f"acts {found.posting_id}")
            if stands(found) and shell.may("settle")
            else None,
            title=t("settlement.facts"),
        ),
    )


def _tell_correction(found: SettlementLine, shell: Shell) -> list[tuple[str, VdomDict | str]]:
    """What took it back, or why and by whom it was corrected."""
    taken = html.span({"className": "font-mono text-sm break-all"}, found.reversed_by or "")
    return [
        (shell.t("corrections.line.reversed_by"), taken if found.reversed_by else ""),
        (shell.t("corrections.line.reason"), found.reason),
        (shell.t("corrections.line.by"), found.by or ""),
    ]


def _name_back(back: str) -> str:
    """The text of the page that the reader came from."""
    places = (
        ("/settlement/statements", "statements.title"),
        ("/settlement/comparison", "comparison.title"),
        ("/settlement/disputes", "disputes.title"),
        ("/me/earnings", "earnings.title"),
        ("/settlement/lines", "settlement.lines"),
        ("/settlement", "settlement.title"),
        ("/tickets", "settlement.ticket"),
    )
    return next((text for path, text in places if back.startswith(path)), "settlement.lines")


@component
def inputs(found: SettlementLine) -> VdomDict | None:
    """What the amount was worked out from, named and measured as the tariff of that revision says."""
    shell = use_shell()
    used = found.tariff

    async def load() -> dict[str, Any]:
        if used is None:
            return {}
        return (await shell.api.find_tariff(used.id, used.revision)).document.get("measures") or {}

    measures = use_resource(load).value
    if measures is None:
        return None
    rows = [
        (name_measure(measures[name], shell), show_quantity(measures[name], value, found.currency, shell))
        for name, value in found.inputs.items()
        if name in measures
    ]
    attributes = found.inputs.get("attributes")
    if isinstance(attributes, dict):
        rows += [
            (shell.t(f"tariffs.match.{name}"), name_code(found, str(attributes[name]), shell))
            for name in DIMENSIONS
            if attributes.get(name)
        ]
    if not rows:
        return None
    return card(facts_list(rows), title=shell.t("settlement.inputs"))


def name_code(line: SettlementLine, code: str, shell: Shell) -> str:
    """What people call it; a code that nobody has named is shown as it is."""
    return pick(line.codes[code], shell.locale) if code in line.codes else code
