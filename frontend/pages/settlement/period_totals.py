"""What a period comes to: by kind of account, account by account, and how it got where it is."""

from __future__ import annotations

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.periods import KindTotal, PartyTotal, PeriodDetail
from frontend.addresses import address
from frontend.i18n.formats import format_number
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.figures import money, relative
from frontend.widgets.parts import card


@component
def totals(period_id: str, state: str, changed: int) -> VdomDict:
    """By kind, then account by account: loaded by themselves, for a big open period is added up first."""
    shell = use_shell()
    loaded = use_resource(lambda: shell.api.list_kinds(period_id), period_id, state, changed)

    def draw(page: Page[KindTotal]) -> VdomDict:
        return html.div(
            {"className": "flex flex-col gap-5"},
            _kinds(page.items, shell),
            parties(period_id, state, page.items, key="parties"),
        )

    return html.div(show(loaded, shell.t, draw, card(skeleton(3, "h-9", shell.t("shell.loading")))))


def _kinds(kinds: list[KindTotal], shell: Shell) -> VdomDict:
    if not kinds:
        return html.section({"className": "tf-card text-sm text-muted"}, shell.t("periods.totals.empty"))

    def row(kind: KindTotal) -> VdomDict:
        return html.tr(
            {"key": f"{kind.kind} {kind.currency}"},
            html.td(kind.label),
            html.td(
                {"className": "hidden text-right tf-tabular sm:table-cell"},
                format_number(kind.parties, shell.locale),
            ),
            html.td(
                {"className": "hidden text-right tf-tabular sm:table-cell"},
                format_number(kind.lines, shell.locale),
            ),
            html.td({"className": "text-right"}, money(kind.received, kind.currency, shell.locale)),
            html.td({"className": "text-right"}, money(kind.borne, kind.currency, shell.locale)),
        )

    def head(name: str, css: str = "text-right") -> VdomDict:
        return html.th({"key": name, "className": css}, shell.t(f"periods.totals.{name}"))

    return html.section(
        {"className": "tf-card flex flex-col gap-3"},
        html.h2({"className": "font-semibold"}, shell.t("periods.totals")),
        html.div(
            {"className": "overflow-x-auto"},
            html.table(
                {"className": "table table-sm", "aria-label": shell.t("periods.totals")},
                html.thead(
                    html.tr(
                        head("kind", ""),
                        head("parties", "hidden text-right sm:table-cell"),
                        head("lines", "hidden text-right sm:table-cell"),
                        head("received"),
                        head("borne"),
                    )
                ),
                html.tbody([row(kind) for kind in kinds]),
            ),
        ),
    )


@component
def parties(period_id: str, state: str, kinds: list[KindTotal]) -> VdomDict | None:
    """Account by account; each opens its lines, and a line its ticket and its rule."""
    shell = use_shell()
    chosen, choose = use_state("")
    options = list(dict.fromkeys((kind.kind, kind.label) for kind in kinds))
    kind = chosen or (options[0][0] if options else "")
    loaded, growing = use_pages(
        lambda cursor: shell.api.list_totals(period_id, kind or None, cursor), period_id, kind, state
    )
    if not options or state == "closing":
        return None

    def row(total: PartyTotal) -> VdomDict:
        lines = address("/settlement/lines", {**total.filters, "side": "both", "period": "all"})
        return html.tr(
            {"key": f"{total.party.id} {total.currency}"},
            html.td(html.a({"href": lines, "className": "link"}, total.party.name)),
            html.td({"className": "text-right tf-tabular"}, format_number(total.lines, shell.locale)),
            html.td(
                {"className": "text-right"}, money(total.received + total.borne, total.currency, shell.locale)
            ),
        )

    def draw(page: Page[PartyTotal]) -> VdomDict:
        heads = (("party", ""), ("lines", "text-right"), ("sum", "text-right"))
        return html.div(
            html.table(
                {"className": "table table-sm", "aria-label": shell.t("periods.accounts")},
                html.thead(
                    html.tr(
                        [
                            html.th({"key": name, "className": css}, shell.t(f"periods.totals.{name}"))
                            for name, css in heads
                        ]
                    )
                ),
                html.tbody([row(total) for total in page.items]),
            ),
            more_button(page, growing, shell),
        )

    def tab(key: str, text: str) -> VdomDict:
        look = "btn-primary" if key == kind else ""
        return html.button(
            {
                "key": key,
                "type": "button",
                "aria-pressed": "true" if key == kind else "false",
                "className": f"btn btn-sm {look}",
                "onClick": lambda _event: choose(key),
            },
            text,
        )

    return html.section(
        {"className": "tf-card flex flex-col gap-3"},
        html.h2({"className": "font-semibold"}, shell.t("periods.accounts")),
        html.div({"className": "flex flex-wrap gap-1.5"}, [tab(key, text) for key, text in options]),
        show(loaded, shell.t, draw, skeleton(3, "h-9", shell.t("shell.loading"))),
    )


def history(found: PeriodDetail, shell: Shell) -> VdomDict | None:
    """Who brought it into which state, the newest first."""
    if not found.steps:
        return None
    return html.section(
        {"className": "tf-card flex flex-col gap-2"},
        html.h2({"className": "font-semibold"}, shell.t("periods.history")),
        html.ul(
            {"className": "flex flex-col gap-1 text-sm"},
            [
                html.li(
                    {"key": at, "className": "flex flex-wrap gap-x-3"},
                    html.span({"className": "font-medium"}, shell.t(f"periods.state.{step.state}")),
                    html.span(step.by or ""),
                    relative(step.at, shell.locale, shell.zone, "text-muted"),
                    html.span({"className": "text-muted"}, step.reason) if step.reason else None,
                )
                for at, step in enumerate(found.steps)
            ],
        ),
    )
