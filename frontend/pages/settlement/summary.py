"""`/settlement`: sums by region, person, month or service; each opens into its parts, then into its lines."""

from __future__ import annotations

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.settlement import Summary, SummaryItem
from frontend.addresses import address, use_query
from frontend.i18n import pick
from frontend.pages.settlement.books import Calendar, load_calendar
from frontend.pages.settlement.keys import name_key
from frontend.pages.settlement.periods import DAYS, read_span, span_choice
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.icon import icon
from frontend.widgets.parts import breadcrumbs, card

PATH = "/settlement"
GROUPINGS = ("region", "person", "period", "service", "channel")
FILTERS = (
    "period_id",
    "region_id",
    "directly",
    "placed",
    "member_id",
    "party",
    "workflow_id",
    "currency",
    "channel",
)
"""What an address may narrow the sums by, beside the span of time."""


def read_filters(query: dict[str, str], zone: str) -> dict[str, str]:
    """The address as filters of the API."""
    return read_span(query, zone) | {name: query[name] for name in FILTERS if query.get(name)}


def export_links(filters: dict[str, str], shell: Shell) -> list[VdomDict]:
    """The same lines as files."""
    return [
        html.a(
            {
                "key": ending,
                "className": "btn btn-sm",
                "href": address(f"/api/v1/settlement/export.{ending}", filters),
                "download": True,
            },
            icon("download", 16),
            shell.t(f"settlement.export.{ending}"),
        )
        for ending in ("csv", "xlsx")
    ]


@component
def settlement() -> VdomDict:
    """Everything that is chosen stands in the address."""
    shell = use_shell()
    calendar = use_resource(lambda: load_calendar(shell), "calendar")
    known = calendar.value or Calendar()
    query = use_query()
    if not any(query.get(name) for name in ("period", "from", "to")) and known.running:
        query = {**query, "period": known.running}
    by = query["by"] if query.get("by") in GROUPINGS else "region"
    filters = read_filters(query, shell.zone)
    changed = use_changes("settlement")
    loaded = use_resource(lambda: shell.api.summarize_settlement(by, **filters), changed, by, repr(filters))
    return html.div(
        {"className": "flex flex-col gap-5"},
        html.div(
            {"className": "flex flex-wrap items-center justify-between gap-3"},
            html.h1({"className": "text-xl font-semibold"}, shell.t("settlement.title")),
            html.div(
                {"className": "flex flex-wrap gap-2"},
                *export_links(filters, shell),
            ),
        ),
        html.div(
            {"className": "flex flex-wrap items-center justify-between gap-3"},
            _groupings(by, query, shell),
            span_choice(PATH, query, shell, known.others),
        ),
        region_crumbs(query["region_id"], query, key=f"crumbs {query['region_id']}")
        if query.get("region_id")
        else None,
        show(
            loaded,
            shell.t,
            lambda found: _sums(found, by, query, shell),
            card(skeleton(5, "h-10", shell.t("shell.loading"))),
        ),
    )


def _groupings(by: str, query: dict[str, str], shell: Shell) -> VdomDict:
    def choice(name: str) -> VdomDict:
        attributes = {"key": name, "href": address(PATH, query, by=name)}
        if name == by:
            attributes["aria-current"] = "true"
        look = "btn-primary" if name == by else ""
        return html.a(
            attributes | {"className": f"btn btn-sm h-9 join-item {look}"}, shell.t(f"settlement.by.{name}")
        )

    return html.nav(
        {"className": "join max-w-full overflow-x-auto", "aria-label": shell.t("settlement.by")},
        [choice(name) for name in GROUPINGS],
    )


@component
def region_crumbs(region_id: str, query: dict[str, str]) -> VdomDict | None:
    """Where in the tree of regions the sums are, with the way back up."""
    shell = use_shell()
    found = use_resource(shell.api.list_regions, region_id).value
    regions = {region.id: region for region in found.items} if found else {}
    if region_id not in regions:
        return None
    rest = {name: value for name, value in query.items() if name != "region_id"}
    crumbs: list[tuple[str, str | None]] = [(pick(regions[region_id].name, shell.locale), None)]
    above = regions.get(regions[region_id].parent_id or "")
    while above is not None:
        crumbs.insert(0, (pick(above.name, shell.locale), address(PATH, rest, region_id=above.id)))
        above = regions.get(above.parent_id or "")
    return breadcrumbs((shell.t("settlement.everything"), address(PATH, rest)), *crumbs)


def _sums(found: Summary, by: str, query: dict[str, str], shell: Shell) -> VdomDict:
    if not found.items:
        wider = html.a(
            {
                "className": "btn btn-sm",
                "href": address(PATH, query, period="all", **{"from": None, "to": None}),
            },
            shell.t("settlement.empty.all"),
        )
        narrowed = query.get("period", DAYS) != "all"
        title, text = shell.t("settlement.empty"), shell.t("settlement.empty.text")
        return card(empty(title, text, *([wider] if narrowed else []), name="coins"))
    here = address(PATH, query)
    most = {
        currency: max(abs(item.amount) for item in found.items if item.currency == currency)
        for currency in {item.currency for item in found.items}
    }
    return html.div(
        {"className": "flex flex-col gap-5"},
        html.div(
            {"className": "grid gap-4 sm:grid-cols-2 lg:grid-cols-4"},
            [
                html.div(
                    {"key": total.currency, "className": "tf-card"},
                    html.p({"className": "text-sm text-muted"}, shell.t("settlement.total")),
                    money(total.amount, total.currency, shell.locale, "text-2xl font-semibold"),
                )
                for total in found.totals
            ],
        ),
        html.section(
            {"className": "tf-card p-0 overflow-hidden"},
            html.ul([_sum(item, by, most[item.currency] or 1, here, shell) for item in found.items]),
        ),
    )


def _sum(item: SummaryItem, by: str, most: int, here: str, shell: Shell) -> VdomDict:
    """One sum: a press opens its parts where it has any, else its lines, which know the way back."""
    lines = address("/settlement/lines", item.filters, via=here)
    href = address(PATH, item.opens) if item.opens else lines
    label = name_key(item.label, shell) if by == "period" else item.label
    counts = shell.t("settlement.counts", tickets=item.tickets, lines=item.lines)
    share = max(1.0, abs(item.amount) / most * 100)
    return html.li(
        {"key": f"{item.key} {item.currency}", "className": "border-b border-base-300 last:border-0"},
        html.div(
            {"className": "flex items-center gap-2 pr-3 hover:bg-base-200"},
            html.a(
                {"href": href, "className": "flex min-w-0 flex-1 items-center gap-3 px-5 py-3"},
                html.span(
                    {"className": "min-w-0 flex-1"},
                    html.span({"className": "block truncate font-medium"}, label),
                    html.span({"className": "block text-sm text-muted tf-tabular"}, counts),
                ),
                html.span(
                    {
                        "className": "hidden h-2 w-40 overflow-hidden rounded-full bg-base-200 "
                        "md:block lg:w-72"
                    },
                    html.span(
                        {
                            "className": f"block h-full {'bg-error' if item.amount < 0 else 'bg-primary'}",
                            "style": {"width": f"{share:.1f}%"},
                        }
                    ),
                ),
                money(item.amount, item.currency, shell.locale, "md:w-32 text-right font-medium"),
                html.span({"className": "text-muted"}, icon("chevron-right", 16)),
            ),
            html.a(
                {
                    "href": lines,
                    "className": "btn btn-ghost btn-sm hidden sm:inline-flex",
                    "aria-label": shell.t("settlement.lines_of", name=label),
                },
                shell.t("settlement.lines"),
            )
            if item.opens
            else None,
        ),
    )
