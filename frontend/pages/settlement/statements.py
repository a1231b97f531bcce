"""`/settlement/statements`: the parties of a period; below it `{kind}/{party_id}`: one statement."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.statements import Balance, Statement, StatementDay, StatementItem, StatementList
from frontend.addresses import address, use_query
from frontend.i18n import format_date
from frontend.pages.settlement.keys import period_select
from frontend.session import Resource, Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, breadcrumbs, card
from frontend.widgets.reasons import money_rows

PATH = "/settlement/statements"
FILES = "/api/v1/statements"
KINDS = ("member", "department", "region", "partner", "account", "project")
STATE_TONES = {
    "open": "ghost",
    "review": "info",
    "closing": "warning",
    "closed": "success",
    "frozen": "success",
}
WIDE = "max-sm:hidden"
LANGUAGES = (("zh", "中文"), ("en", "English"))


@component
def statements() -> VdomDict:
    """Everything that is chosen stands in the address."""
    shell = use_shell()
    query = use_query()
    filters = {name: query[name] for name in ("period", "kind", "region_id") if query.get(name)}
    changed = use_changes("settlement")
    pages, set_pages = use_state(1)
    loaded = use_resource(lambda: _load(shell, filters, pages), repr(filters), pages, changed)
    return html.div(
        show(
            loaded,
            shell.t,
            lambda found: _draw_list(found, query, lambda: set_pages(pages + 1), shell),
            card(skeleton(6, "h-10", shell.t("shell.loading"))),
        )
    )


async def _load(shell: Shell, filters: dict[str, str], pages: int) -> StatementList:
    """The first pages as one."""
    found = await shell.api.list_statements(**filters)
    items = list(found.items)
    for _ in range(pages - 1):
        if found.next is None:
            break
        found = await shell.api.list_statements(found.next, **filters)
        items += found.items
    return StatementList(period=found.period, periods=found.periods, items=items, next=found.next)


def _draw_list(found: StatementList, query: dict[str, str], more: Any, shell: Shell) -> VdomDict:
    t = shell.t
    places = {each: address(PATH, query, period=each) for each in (*found.periods, found.period.key)}
    chosen = {"period": found.period.key, "kind": query.get("kind"), "region_id": query.get("region_id")}
    links = [
        html.a(
            {
                "key": code,
                "className": "btn btn-sm",
                "href": address(f"{FILES}/statements.zip", chosen, language=code),
                "download": True,
            },
            icon("download", 16),
            t("statements.zip", language=name),
        )
        for code, name in LANGUAGES
    ]
    return html.div(
        {"className": "flex flex-col gap-5"},
        html.div(
            {"className": "flex flex-wrap items-center justify-between gap-3"},
            html.div(
                {"className": "flex items-center gap-3"},
                html.h1({"className": "text-xl font-semibold"}, t("statements.title")),
                state_badge(found.period.state, shell),
            ),
            html.div({"className": "flex flex-wrap gap-2"}, links if found.items else None),
        ),
        html.div(
            {"className": "flex flex-wrap items-center justify-between gap-3"},
            _kinds(query, shell),
            period_select(found.period.key, found.periods, places, shell),
        ),
        _table(found, shell)
        if found.items
        else card(empty(t("statements.empty"), t("statements.empty.text"), name="file-text")),
        html.div(
            {"className": "flex justify-center"},
            html.button(
                {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: more()},
                t("shell.more"),
            ),
        )
        if found.next
        else None,
    )


def state_badge(state: str, shell: Shell) -> VdomDict:
    """Whether the books of a period are still open."""
    tone = STATE_TONES.get(state, "ghost")
    return badge(shell.t(f"statements.state.{state}"), tone if tone == "ghost" else f"soft badge-{tone}")


def _kinds(query: dict[str, str], shell: Shell) -> VdomDict:
    def choice(kind: str) -> VdomDict:
        here = query.get("kind", "") == kind
        attributes = {"key": kind or "all", "href": address(PATH, query, kind=kind or None)}
        if here:
            attributes["aria-current"] = "true"
        css = f"btn btn-sm h-9 join-item {'btn-primary' if here else ''}"
        return html.a(attributes | {"className": css}, shell.t(f"statements.kind.{kind or 'all'}"))

    return html.nav(
        {"className": "join max-w-full overflow-x-auto", "aria-label": shell.t("statements.kind")},
        [choice(kind) for kind in ("", *KINDS)],
    )


def _table(found: StatementList, shell: Shell) -> VdomDict:
    """On a phone the party and the net amount; the rest on its statement."""
    t = shell.t
    label = t("statements.title")
    heads = (
        (t("settlement.party"), ""),
        (t("statements.received"), f"text-right {WIDE}"),
        (t("statements.borne"), f"text-right {WIDE}"),
        (t("statements.net"), "text-right"),
        (t("statements.lines"), WIDE),
    )
    head = [
        html.th({"key": at, "scope": "col", "className": css}, text) for at, (text, css) in enumerate(heads)
    ]
    rows = [_row(item, found.period.key, shell) for item in found.items]
    return html.section(
        {"className": "tf-card p-0 overflow-x-auto", "tabIndex": 0, "role": "region", "aria-label": label},
        html.table({"className": "table"}, html.thead(html.tr(head)), html.tbody(rows)),
    )


def _row(item: StatementItem, period: str, shell: Shell) -> VdomDict:
    href = address(f"{PATH}/{item.party.kind}/{item.party.id}", period=period)
    marks = [
        badge(shell.t("statements.late.count", count=item.late), "soft badge-warning") if item.late else None,
        badge(shell.t("statements.questions", count=item.questions), "soft badge-info", "message-square")
        if item.questions
        else None,
    ]
    return html.tr(
        {"key": f"{item.party.kind} {item.party.id} {item.currency}", "className": "hover:bg-base-200"},
        html.td(
            html.div(
                {"className": "flex flex-wrap items-center gap-2"},
                html.a({"className": "tf-link font-medium", "href": href}, item.party.name),
                *marks,
            )
        ),
        html.td({"className": f"text-right {WIDE}"}, money(item.received, item.currency, shell.locale)),
        html.td({"className": f"text-right {WIDE}"}, money(item.borne, item.currency, shell.locale)),
        html.td({"className": "text-right"}, money(item.net, item.currency, shell.locale, "font-medium")),
        html.td(
            {"className": f"text-muted tf-tabular whitespace-nowrap {WIDE}"},
            shell.t("settlement.counts", tickets=item.tickets, lines=item.lines),
        ),
    )


@component
def statement(kind: str, party_id: str) -> VdomDict:
    """`?period=2026-11`; the newest with lines without it."""
    shell = use_shell()
    query = use_query()
    changed = use_changes("settlement")
    filters = {name: query[name] for name in ("period", "region_id") if query.get(name)}
    party = f"{kind}:{party_id}"
    loaded: Resource[Statement] = use_resource(
        lambda: shell.api.find_statement(party, **filters), party, repr(filters), changed
    )
    return html.div(
        {"className": "mx-auto max-w-4xl"},
        show(loaded, shell.t, lambda found: _draw(found, query, shell), card(skeleton(6, "h-8"))),
    )


def _draw(found: Statement, query: dict[str, str], shell: Shell) -> VdomDict:
    t = shell.t
    here = f"{PATH}/{found.party.kind}/{found.party.id}"
    places = {each: address(here, query, period=each) for each in (*found.periods, found.period.key)}
    own = (found.party.kind, found.party.id) == ("member", shell.session.member_id)
    up = (
        (t("statements.title"), address(PATH, period=found.period.key))
        if shell.may("settle", "view")
        else (t("earnings.title"), address("/me/earnings", period=found.period.key))
    )
    last = found.period.ends_on
    days = format_date(found.period.starts_on, shell.locale)
    if last is not None:
        days = t("settlement.period.span", first=days, last=format_date(last, shell.locale))
    return html.div(
        {"className": "flex flex-col gap-5"},
        breadcrumbs(up, (found.party.name, None)),
        html.div(
            {"className": "flex flex-wrap items-start justify-between gap-3"},
            html.div(
                html.div(
                    {"className": "flex flex-wrap items-center gap-3"},
                    html.h1(
                        {"className": "text-xl font-semibold"},
                        t("statements.own") if own else t("statements.of", name=found.party.name),
                    ),
                    state_badge(found.period.state, shell),
                ),
                html.p({"className": "mt-1 text-muted tf-tabular"}, days),
                html.p({"className": "mt-1 text-sm text-muted"}, found.limited_to)
                if found.limited_to
                else None,
            ),
            html.div(
                {"className": "flex flex-wrap items-center gap-2"},
                period_select(found.period.key, found.periods, places, shell),
                _files(found, query, shell),
            ),
        ),
        html.div({"className": "flex flex-col gap-4"}, [_balance(each, shell) for each in found.balances]),
        _components(found, shell) if found.components else None,
        *_sections(found, shell),
        _rules(found, shell) if found.rules else None,
        html.p(
            {"className": "text-sm text-muted break-all"},
            t("statements.hash"),
            " ",
            html.span({"className": "font-mono"}, found.hash),
        )
        if found.hash
        else None,
    )


def _files(found: Statement, query: dict[str, str], shell: Shell) -> VdomDict:
    """Both kinds of file in both languages."""
    chosen = {
        "party": f"{found.party.kind}:{found.party.id}",
        "period": found.period.key,
        "region_id": query.get("region_id"),
    }
    return html.details(
        {"className": "dropdown dropdown-end"},
        html.summary(
            {"className": "btn btn-sm h-9 list-none"}, icon("download", 16), shell.t("statements.file")
        ),
        html.div(
            {"className": "dropdown-content z-30 mt-1 w-52 tf-card flex flex-col p-2"},
            [
                html.a(
                    {
                        "key": f"{ending} {code}",
                        "className": "btn btn-ghost btn-sm justify-start font-normal",
                        "href": address(f"{FILES}/statement.{ending}", chosen, language=code),
                        "download": True,
                    },
                    f"{shell.t(f'statements.file.{ending}')} · {name}",
                )
                for ending in ("pdf", "xlsx")
                for code, name in LANGUAGES
            ],
        ),
    )


def _balance(each: Balance, shell: Shell) -> VdomDict:
    def figure(name: str, css: str = "text-lg font-medium") -> VdomDict:
        return html.div(
            {"key": name, "className": "min-w-0"},
            html.dt({"className": "text-sm text-muted"}, shell.t(f"statements.{name}")),
            html.dd(money(getattr(each, name), each.currency, shell.locale, css)),
        )

    return html.section(
        {"key": each.currency, "className": "tf-card"},
        html.dl(
            {"className": "grid grid-cols-2 gap-4 sm:grid-cols-4"},
            figure("opening"),
            figure("received"),
            figure("borne"),
            figure("closing", "text-lg font-semibold"),
        ),
    )


def _components(found: Statement, shell: Shell) -> VdomDict:
    rows = [
        html.li(
            {
                "key": each.key,
                "className": "flex items-baseline justify-between gap-3 border-b border-base-300 py-2 "
                "last:border-0",
            },
            html.span(
                {"className": "min-w-0 break-words"},
                each.label,
                html.span(
                    {"className": "ml-2 text-sm text-muted tf-tabular"},
                    shell.t("statements.line_count", count=each.lines),
                ),
            ),
            money(each.amount, each.currency, shell.locale, "font-medium"),
        )
        for each in found.components
    ]
    return card(html.ul(rows), title=shell.t("statements.components"))


def _sections(found: Statement, shell: Shell) -> list[VdomDict]:
    sections = []
    back = address(shell.path, period=found.period.key)
    if found.days:
        days = [_day(day, back, shell) for day in found.days]
        sections.append(card(*days, title=shell.t("statements.days")))
    for name, lines in (("corrections", found.corrections), ("late", found.late)):
        if lines:
            rows = money_rows(lines, shell, parties=False, tickets=True, back=back)
            text = html.p({"className": "mb-2 text-sm text-muted"}, shell.t(f"statements.{name}.text"))
            sections.append(card(text, rows, title=shell.t(f"statements.{name}")))
    if not found.lines:
        sections.append(
            card(empty(shell.t("statements.none"), shell.t("settlement.empty.text"), name="receipt-text"))
        )
    if found.omitted:
        ledger = address("/settlement/lines", _ledger_query(found))
        sections.append(
            html.p(
                {"className": "text-muted"},
                shell.t("statements.omitted", count=found.omitted),
                " ",
                html.a({"className": "tf-link", "href": ledger}, shell.t("settlement.lines")),
            )
        )
    return sections


def _ledger_query(found: Statement) -> dict[str, str]:
    return {"party": f"{found.party.kind}:{found.party.id}", "period": found.period.key}


def _day(day: StatementDay, back: str, shell: Shell) -> VdomDict:
    lines = [line for ticket in day.tickets for line in ticket.lines]
    return html.div(
        {"key": day.date.isoformat(), "className": "mb-4 last:mb-0"},
        html.h3(
            {"className": "border-b border-base-300 pb-1 text-sm font-medium text-muted tf-tabular"},
            format_date(day.date, shell.locale),
        ),
        money_rows(lines, shell, parties=False, tickets=True, back=back),
    )


def _rules(found: Statement, shell: Shell) -> VdomDict:
    opens = shell.may("settle", "view", "edit", "publish")

    def rule(at: int, each: Any) -> VdomDict:
        params = {"key": each.tariff, "revision": each.revision, "row": each.row_name}
        words = shell.t("settlement.why.row", **params)
        href = address(f"/settlement/tariffs/{each.tariff_id}", revision=str(each.revision), row=each.row)
        return html.li(
            {"key": at, "className": "border-b border-base-300 py-2 last:border-0"},
            html.a({"className": "tf-link text-sm", "href": href}, words)
            if opens
            else html.span({"className": "text-sm text-muted"}, words),
            html.p({"className": "break-words"}, each.text),
        )

    return card(
        html.ul([rule(at, each) for at, each in enumerate(found.rules)]), title=shell.t("statements.rules")
    )
