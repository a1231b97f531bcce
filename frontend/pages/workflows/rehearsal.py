"""`/workflows/{workflow_id}/rehearsal`: the draft tried with the last tickets before it is published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.versions import (
    MoneyChange,
    Rehearsal,
    RehearsalTimes,
    RehearsedTicket,
    StartRehearsal,
)
from frontend.api.transport import quoted
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.i18n.formats import format_span
from frontend.pages.workflows.comparison import side_by_side
from frontend.pages.workflows.place import in_workflow
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.entry_box import choice_box
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import money, relative
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card, page_head, table

CLASSES = ("stuck", "invalid", "ended", "rerouted", "money", "unchanged", "unreadable")
TONES = {
    "stuck": ("circle-x", "text-error"),
    "invalid": ("triangle-alert", "text-warning"),
    "ended": ("flag", "text-warning"),
    "rerouted": ("split", "text-info"),
    "money": ("coins", "text-info"),
    "unchanged": ("circle-check", "text-success"),
    "unreadable": ("circle-question-mark", "text-muted"),
}
LIMITS = ("50", "200", "1000", "10000")
RUNNING = frozenset({"pending", "running"})
MOST_MONEY = 12


@component
def rehearsal(workflow_id: str) -> VdomDict:
    """Ask for one on top; below, the newest with all it found."""
    shell = use_shell()
    chosen, choose = use_state("")
    changed = use_changes(f"rehearsals:{workflow_id}", "rehearsal:*", f"workflow:{workflow_id}")
    path = f"/workflows/{quoted(workflow_id)}/rehearsals"
    loaded = use_resource(lambda: shell.api.transport.read(Page[Rehearsal], path), workflow_id, changed)

    def draw(page: Page[Rehearsal]) -> VdomDict:
        if not page.items:
            title, text = shell.t("versions.rehearsal.empty"), shell.t("versions.rehearsal.empty.text")
            return html.div({"className": "tf-card"}, empty(title, text, name="play"))
        shown = next((item for item in page.items if item.id == chosen), page.items[0])
        return html.div(
            {"className": "flex flex-col gap-5"},
            _choose_run(page.items, shown, choose, shell) if len(page.items) > 1 else None,
            report(shown, key=shown.id),
        )

    return in_workflow(
        html.div(
            {"className": "min-h-0 flex-1 overflow-y-auto p-4 md:p-6 pb-24 md:pb-6"},
            html.div(
                {"className": "mx-auto flex max-w-6xl flex-col gap-5"},
                page_head(shell.t("versions.rehearsal.title"), shell.t("versions.rehearsal.text")),
                ask_for(workflow_id, choose, key="ask") if shell.may("edit", "publish") else None,
                show(loaded, shell.t, draw),
            ),
        ),
    )


@component
def ask_for(workflow_id: str, choose: Any) -> VdomDict:
    """How many tickets, from where."""
    shell = use_shell()
    t = shell.t
    limit, set_limit = use_state("200")
    region, set_region = use_state("")
    regions = use_resource(shell.api.list_regions, "regions")

    async def start(_event: object) -> None:
        wanted = StartRehearsal(limit=int(limit), region_id=region or None)
        path = f"/workflows/{quoted(workflow_id)}/rehearsals"
        if await attempt(shell, shell.api.transport.write(Rehearsal, "POST", path, wanted)):
            choose("")

    places = [("", t("versions.everywhere"))]
    places += [
        (item.id, " / ".join(pick(part, shell.locale) for part in item.path) or pick(item.name, shell.locale))
        for item in (regions.value.items if regions.value else [])
    ]
    limits = [(value, t("versions.rehearsal.last", count=int(value))) for value in LIMITS]
    return html.div(
        {"className": "tf-card grid items-end gap-4 sm:grid-cols-[1fr_1fr_auto]"},
        choice_box(t("versions.rehearsal.tickets"), limits, limit, set_limit),
        choice_box(t("versions.region"), places, region, set_region),
        html.button(
            {"type": "button", "className": "btn btn-primary btn-sm h-9", "onClick": start},
            icon("play", 16),
            t("versions.rehearsal.start"),
        ),
    )


def _choose_run(items: Sequence[Rehearsal], shown: Rehearsal, choose: Any, shell: Shell) -> VdomDict:
    t = shell.t
    options = [
        (
            item.id,
            t("versions.rehearsal.run", revision=item.revision, count=item.total or item.limit)
            + f" · {t(f'versions.status.{item.status}')}",
        )
        for item in items
    ]
    return html.div(
        {"className": "max-w-md"}, choice_box(t("versions.rehearsal.earlier"), options, shown.id, choose)
    )


@component
def report(run: Rehearsal) -> VdomDict:
    """Progress, the classes, times and money, and the tickets of the class that is open."""
    shell = use_shell()
    t = shell.t
    first = next((name for name in CLASSES if run.counts.get(name)), "unchanged")
    picked, pick_class = use_state("")
    opened = picked or first

    async def cancel(_event: object) -> None:
        await attempt(shell, shell.api.transport.send("DELETE", f"/rehearsals/{quoted(run.id)}"))

    return html.div(
        {"className": "flex flex-col gap-5"},
        html.section(
            {"className": "tf-card flex flex-col gap-4"},
            _head(run, cancel, shell),
            html.div(
                {"className": "grid grid-cols-2 gap-2 sm:grid-cols-4 lg:grid-cols-7", "role": "tablist"},
                [_tile(name, run.counts.get(name, 0), name == opened, pick_class, shell) for name in CLASSES],
            ),
        ),
        html.div(
            {"className": "grid gap-5 lg:grid-cols-2"},
            _money(t("versions.money.regions"), run.regions, shell),
            _money(t("versions.money.people"), run.people, shell),
            html.div({"className": "lg:col-span-2"}, _times(run.times, shell)),
        )
        if run.done
        else None,
        tickets(run.id, run.workflow_id, opened, run.done, key=f"{run.id} {opened}"),
    )


def _head(run: Rehearsal, cancel: Any, shell: Shell) -> VdomDict:
    t = shell.t
    share = run.done * 100 // run.total if run.total else 0
    busy = run.status in RUNNING
    return html.div(
        {"className": "flex flex-col gap-3"},
        html.div(
            {"className": "flex flex-wrap items-center gap-2"},
            html.h2(
                {"className": "text-base font-semibold"}, t("versions.rehearsal.of", revision=run.revision)
            ),
            badge(t(f"versions.status.{run.status}"), "soft badge-info" if busy else "ghost"),
            badge(t("versions.rehearsal.published", number=run.published), "soft badge-success", "check")
            if run.published is not None
            else None
            if run.current
            else badge(t("versions.rehearsal.old"), "soft badge-warning", "triangle-alert"),
            html.span(
                {"className": "text-sm text-muted tf-tabular"},
                t("versions.progress", done=run.done, total=run.total),
            ),
            relative(run.created_at, shell.locale, shell.zone, css="text-sm text-muted"),
            html.span({"className": "flex-1"}),
            html.button(
                {"type": "button", "className": "btn btn-sm", "onClick": cancel}, t("versions.cancel")
            )
            if busy and shell.may("edit", "publish")
            else None,
            html.a(
                {"className": "btn btn-sm", "href": f"/workflows/{run.workflow_id}/design"},
                icon("arrow-right", 14),
                t("versions.rehearsal.publish"),
            )
            if run.status == "done" and run.current and run.published is None and shell.may("publish")
            else None,
        ),
        html.progress(
            {
                "className": "progress progress-primary w-full",
                "value": share,
                "max": 100,
                "aria-label": t("versions.progress", done=run.done, total=run.total),
            }
        )
        if busy
        else None,
        html.p({"className": "text-sm text-error", "role": "alert"}, run.message) if run.message else None,
    )


def _tile(name: str, count: int, is_open: bool, pick_class: Any, shell: Shell) -> VdomDict:
    symbol, tone = TONES[name]
    look = "border-primary bg-primary/5" if is_open else "border-base-300 hover:bg-base-200"
    return html.button(
        {
            "key": name,
            "type": "button",
            "role": "tab",
            "aria-selected": "true" if is_open else "false",
            "className": f"flex flex-col items-start gap-1 rounded-field border px-3 py-2 text-left {look}",
            "onClick": lambda _event: pick_class(name),
        },
        html.span(
            {"className": "flex items-center gap-1.5 text-sm text-muted"},
            html.span({"className": tone if count else ""}, icon(symbol, 14)),
            shell.t(f"versions.class.{name}"),
        ),
        html.span({"className": "text-xl font-semibold tf-tabular"}, str(count)),
    )


def _times(times: RehearsalTimes | None, shell: Shell) -> VdomDict:
    t = shell.t

    def row(name: str, old: int, new: int) -> VdomDict:
        change = new - old
        tone = "text-muted" if not change else "text-success" if change < 0 else "text-warning"
        sign = "±0" if not change else ("+" if change > 0 else "−") + _length(abs(change), shell)
        return html.tr(
            {"key": name},
            html.th({"scope": "row", "className": "font-normal"}, t(f"versions.time.{name}")),
            html.td({"className": "tf-tabular text-right"}, _length(old, shell)),
            html.td({"className": "tf-tabular text-right"}, _length(new, shell)),
            html.td({"className": f"tf-tabular text-right {tone}"}, sign),
        )

    heads = ("", t("versions.old"), t("versions.new"), t("versions.difference"))
    body: VdomDict
    if times is None:
        body = html.p({"className": "text-sm text-muted"}, t("versions.time.none"))
    else:
        rows = [
            row("length", times.old_length, times.new_length),
            row("waiting", times.old_waiting, times.new_waiting),
            row("handling", times.old_handling, times.new_handling),
        ]
        body = html.div(
            table(heads, rows, t("versions.time.title")),
            html.p({"className": "mt-2 text-sm text-muted"}, t("versions.time.basis", count=times.tickets)),
        )
    return card(body, title=t("versions.time.title"))


def _money(title: str, rows: Sequence[MoneyChange], shell: Shell) -> VdomDict:
    t = shell.t
    if not rows:
        return card(html.p({"className": "text-sm text-muted"}, t("versions.money.none")), title=title)
    drawn = [
        html.tr(
            {"key": f"{row.key} {row.currency}"},
            html.th({"scope": "row", "className": "min-w-36 font-normal break-words"}, row.label),
            html.td({"className": "text-right"}, money(row.old, row.currency, shell.locale)),
            html.td({"className": "text-right"}, money(row.new, row.currency, shell.locale)),
            html.td({"className": "text-right"}, _difference(row, shell)),
        )
        for row in rows[:MOST_MONEY]
    ]
    heads = ("", t("versions.old"), t("versions.new"), t("versions.difference"))
    more = len(rows) - len(drawn)
    return card(
        table(heads, drawn, title),
        html.p({"className": "mt-2 text-sm text-muted"}, f"+{more}") if more > 0 else None,
        title=title,
    )


def _length(seconds: int, shell: Shell) -> str:
    return format_span(seconds // 60, shell.locale)


def _difference(row: MoneyChange, shell: Shell) -> VdomDict:
    tone = "text-muted" if not row.difference else "text-success" if row.difference > 0 else "text-error"
    return money(row.difference, row.currency, shell.locale, tone)


# --- tickets ---


@component
def tickets(run_id: str, workflow_id: str, verdict: str, done: int) -> VdomDict:
    """A class, each ticket with its reasons; one opens to both ways."""
    shell = use_shell()
    t = shell.t
    opened, open_ticket = use_state("")
    path = f"/rehearsals/{quoted(run_id)}/tickets"
    loaded, growing = use_pages(
        lambda cursor: shell.api.transport.read(
            Page[RehearsedTicket], path, cursor=cursor, **{"class": verdict}
        ),
        run_id,
        verdict,
        done,
    )

    def draw(page: Page[RehearsedTicket]) -> VdomDict:
        if not page.items:
            return html.p({"className": "text-muted"}, t("versions.class.none"))
        return html.div(
            html.ul(
                {"className": "flex flex-col divide-y divide-base-300"},
                [
                    html.li(
                        {"key": item.ticket_id},
                        _ticket_row(item, item.ticket_id == opened, open_ticket, shell),
                        side_by_side(run_id, workflow_id, item.ticket_id, key="both")
                        if item.ticket_id == opened
                        else None,
                    )
                    for item in page.items
                ],
            ),
            more_button(page, growing, shell),
        )

    return card(show(loaded, t, draw), title=t(f"versions.class.{verdict}"))


def _ticket_row(item: RehearsedTicket, is_open: bool, open_ticket: Any, shell: Shell) -> VdomDict:
    turned = "rotate-90" if is_open else ""
    return html.button(
        {
            "type": "button",
            "className": "flex w-full flex-wrap items-start gap-x-3 gap-y-1 py-2.5 text-left",
            "aria-expanded": "true" if is_open else "false",
            "onClick": lambda _event: open_ticket("" if is_open else item.ticket_id),
        },
        html.span(
            {"className": f"mt-0.5 text-muted transition-transform {turned}"}, icon("chevron-right", 16)
        ),
        html.span({"className": "w-28 shrink-0 tf-tabular font-medium"}, item.number),
        html.span({"className": "min-w-0 flex-1 basis-40 truncate text-muted"}, item.title),
        html.span(
            {"className": "min-w-0 flex-[2] basis-64 text-sm"},
            [
                html.span({"key": at, "className": "block break-words"}, text)
                for at, text in enumerate(item.reasons)
            ],
        ),
        html.span(
            {"className": "flex flex-col items-end text-sm"},
            [_difference(row, shell) for row in item.money],
        ),
    )
