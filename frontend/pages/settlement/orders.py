"""`/settlement/orders`: bringing orders in, who holds how much of them, and the orders themselves."""

from __future__ import annotations

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.orders import Order, Pools
from frontend.addresses import address, use_query
from frontend.i18n import pick
from frontend.pages.settlement.order_import import order_import
from frontend.pages.settlement.order_rules import order_rules
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import moment, money
from frontend.widgets.parts import badge, button_link, card, page_head

PATH = "/settlement/orders"
STATES = ("all", "booked", "quarantined", "returned")
TONES = {"booked": "success", "quarantined": "warning", "returned": "ghost"}


@component
def orders() -> VdomDict:
    """`?state=quarantined` shows only these; `?import=` opens one import."""
    shell = use_shell()
    query = use_query()
    state = query["state"] if query.get("state") in STATES else "all"
    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(shell.t("orders.title"), shell.t("orders.text")),
        html.div(
            {"className": "grid items-start gap-5 xl:grid-cols-[3fr_2fr]"},
            html.div(
                {"className": "flex min-w-0 flex-col gap-5"},
                order_import(query.get("import", ""), key="import") if shell.may("settle") else None,
                order_list(state, key=f"orders {state}"),
            ),
            html.div(
                {"className": "flex min-w-0 flex-col gap-5"},
                pools(key="pools"),
                order_rules(key="rules"),
            ),
        ),
    )


@component
def pools() -> VdomDict:
    """Quarantine is one of them, so they sum to the total."""
    shell = use_shell()
    loaded = use_resource(shell.api.show_pools, use_changes("orders"))
    return card(
        html.div(show(loaded, shell.t, lambda found: _pools(found, shell))), title=shell.t("orders.pools")
    )


def _pools(found: Pools, shell: Shell) -> VdomDict:
    t = shell.t
    if not found.items:
        return html.p({"className": "text-muted"}, t("orders.pools.empty"))
    rows = [
        html.li(
            {
                "key": f"{pool.owner.kind} {pool.owner.id} {pool.currency}",
                "className": "flex items-center justify-between gap-4 border-b border-base-300 py-2.5",
            },
            html.span(
                {"className": "min-w-0"},
                html.span({"className": "block break-words"}, pool.owner.name),
                html.span({"className": "text-sm text-muted"}, t("orders.pools.count", count=pool.orders)),
            ),
            money(pool.amount, pool.currency, shell.locale, "font-medium"),
        )
        for pool in found.items
    ]
    totals = [
        html.div(
            {
                "key": total.currency,
                "className": "flex items-center justify-between gap-4 pt-3 font-semibold",
            },
            html.span(t("orders.pools.total")),
            money(total.amount, total.currency, shell.locale),
        )
        for total in found.total
    ]
    return html.div(html.ul(rows), html.div(totals))


@component
def order_list(state: str) -> VdomDict:
    """Newest first, with whose each is and why."""
    shell = use_shell()
    t = shell.t
    chosen = None if state == "all" else state
    loaded, growing = use_pages(
        lambda cursor: shell.api.list_orders(cursor, state=chosen), state, use_changes("orders")
    )

    def choice(name: str) -> VdomDict:
        attributes = {"key": name, "href": address(PATH, state=None if name == "all" else name)}
        if name == state:
            attributes["aria-current"] = "true"
        css = f"btn btn-sm join-item {'btn-primary' if name == state else ''}"
        return html.a(attributes | {"className": css}, t(f"orders.state.{name}"))

    def draw_rows(items: list[Order]) -> VdomDict:
        if not items:
            return empty(t("orders.empty"), t("orders.empty.text"), name="receipt-text")
        return html.ul([_row(order, shell) for order in items])

    return card(
        html.nav(
            {"className": "join mb-3 flex-wrap", "aria-label": t("orders.list")}, [choice(s) for s in STATES]
        ),
        html.div(
            show(
                loaded,
                t,
                lambda page: html.div(draw_rows(page.items), more_button(page, growing, shell)),
                skeleton(5, "h-12", t("shell.loading")),
            )
        ),
        title=t("orders.list"),
    )


def _row(order: Order, shell: Shell) -> VdomDict:
    t = shell.t
    region = pick(order.region_path[-1], shell.locale) if order.region_path else ""
    below = " · ".join(part for part in (order.channel, order.store, region) if part)
    owner = order.owner.name if order.owner else t("orders.owner.none")
    left = order.amount - order.returned
    return html.li(
        {
            "key": order.id,
            "className": "flex flex-wrap items-start gap-x-4 gap-y-1 border-b border-base-300 py-3",
        },
        html.span(
            {"className": "min-w-0 flex-1 basis-56"},
            html.span({"className": "font-medium break-all"}, order.number),
            html.span({"className": "block text-sm text-muted"}, below),
            html.span(
                {"className": "block text-sm text-muted"}, moment(order.ordered_at, shell.locale, shell.zone)
            ),
        ),
        html.span(
            {"className": "min-w-0 flex-1 basis-48 text-sm"},
            html.span({"className": "block break-words"}, owner),
            html.span({"className": "block text-muted"}, order.why),
        ),
        html.span(
            {"className": "flex flex-col items-end gap-1"},
            money(left, order.currency, shell.locale, "font-medium"),
            html.span(
                {"className": "text-sm text-muted"},
                t("orders.returned"),
                " ",
                money(order.returned, order.currency, shell.locale),
            )
            if order.returned
            else None,
            badge(t(f"orders.state.{order.state}"), TONES[order.state]),
            button_link(t("orders.resolve"), "/settlement/quarantine", "", "btn-xs")
            if order.state == "quarantined" and shell.may("settle")
            else None,
        ),
    )
