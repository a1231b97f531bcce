"""`/workflows/{workflow_id}/migration`: running tickets judged and moved to another release, and back."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.versions import (
    Migration,
    MigrationFinding,
    MigrationTicket,
    RunMigration,
    StartMigration,
)
from backend.contracts.workflows import Release
from frontend.api.transport import quoted
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.pages.workflows.place import in_workflow
from frontend.paging import load_all, more_button, use_pages
from frontend.session import Rendered, Shell, use_changes, use_resource, use_shell
from frontend.widgets.entry_box import choice_box
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import relative
from frontend.widgets.icon import icon
from frontend.widgets.island import island
from frontend.widgets.parts import badge, card, page_head

PILES = ("green", "amber", "red")
RESULTS = ("migrated", "left", "undone", "kept")
TONES = {
    "green": ("circle-check", "text-success"),
    "amber": ("triangle-alert", "text-warning"),
    "red": ("circle-x", "text-error"),
}
BUSY = frozenset({"checking", "running", "undoing"})


@component
def migration(workflow_id: str) -> VdomDict:
    """The way from one release to another on top; below, the newest migration with its piles."""
    shell = use_shell()
    changed = use_changes(f"migrations:{workflow_id}", "migration:*", f"workflow:{workflow_id}")
    path = f"/workflows/{quoted(workflow_id)}/migrations"
    loaded = use_resource(lambda: shell.api.transport.read(Page[Migration], path), workflow_id, changed)
    releases = use_resource(
        lambda: load_all(lambda cursor: shell.api.list_releases(workflow_id, cursor)), workflow_id
    )

    def draw(page: Page[Migration]) -> Rendered:
        return piles(page.items[0], key=page.items[0].id) if page.items else None

    def prepare(found: list[Release]) -> Rendered:
        if len(found) < 2:
            title, text = shell.t("versions.migration.empty"), shell.t("versions.migration.empty.text")
            return html.div({"className": "tf-card"}, empty(title, text, name="history"))
        return way(workflow_id, [release.number for release in found], key="way")

    return in_workflow(
        html.div(
            {"className": "min-h-0 flex-1 overflow-y-auto p-4 md:p-6 pb-24 md:pb-6"},
            html.div(
                {"className": "mx-auto flex max-w-6xl flex-col gap-5"},
                page_head(shell.t("versions.migration.title"), shell.t("versions.migration.text")),
                show(releases, shell.t, prepare),
                show(loaded, shell.t, draw),
            ),
        ),
    )


@component
def way(workflow_id: str, numbers: list[int]) -> VdomDict:
    """From which release to which; both drawn, what is which by a click on each side."""
    shell = use_shell()
    t = shell.t
    target, set_target = use_state(numbers[0])
    origin, set_origin = use_state(numbers[1])
    no_mapping: dict[str, str] = {}
    mapping, set_mapping = use_state(no_mapping)

    def choose_target(text: str) -> None:
        set_target(int(text))
        set_mapping({})

    def choose_origin(text: str) -> None:
        set_origin(int(text))
        set_mapping({})

    async def check(_event: object) -> None:
        wanted = StartMigration(to=target, origins=[origin], mapping=mapping)
        path = f"/workflows/{quoted(workflow_id)}/migrations"
        await attempt(shell, shell.api.transport.write(Migration, "POST", path, wanted))

    def hear(kind: str, detail: dict[str, Any]) -> None:
        if kind == "mapping":
            set_mapping(dict(detail.get("mapping") or {}))

    def name(number: int) -> tuple[str, str]:
        return str(number), t("workflows.release", number=number)

    olds = [name(number) for number in numbers if number != target]
    news = [name(number) for number in numbers if number != origin]
    props = {
        "workflowId": workflow_id,
        "origin": origin,
        "target": target,
        "locale": shell.locale,
        "csrf": shell.session.csrf,
    }
    return html.section(
        {"className": "tf-card flex flex-col gap-4"},
        html.div(
            {"className": "grid items-end gap-4 sm:grid-cols-[1fr_1fr_auto]"},
            choice_box(t("versions.migration.from"), olds, str(origin), choose_origin),
            choice_box(t("versions.migration.to"), news, str(target), choose_target),
            html.button(
                {"type": "button", "className": "btn btn-primary btn-sm h-9", "onClick": check},
                icon("list-checks", 16),
                t("versions.migration.check"),
            )
            if shell.may("publish")
            else None,
        ),
        html.div({"key": f"{origin} {target}"}, island("canvas", "MappingCanvas", props, hear)),
    )


@component
def piles(run: Migration) -> VdomDict:
    """Green, amber, red; what became of them; and the tickets of the pile that is open."""
    shell = use_shell()
    t = shell.t
    first = next((name for name in ("red", "amber", "green") if run.counts.get(name)), "green")
    picked, pick_pile = use_state("")
    opened = picked or first
    results = [name for name in RESULTS if run.counts.get(name)]
    return html.div(
        {"className": "flex flex-col gap-5"},
        html.section(
            {"className": "tf-card flex flex-col gap-4"},
            _head(run, shell),
            html.div(
                {"className": "grid grid-cols-3 gap-2", "role": "tablist"},
                [_pile(name, run.counts.get(name, 0), name == opened, pick_pile, shell) for name in PILES],
            ),
            html.div(
                {"className": "flex flex-wrap gap-2"},
                [
                    html.button(
                        {
                            "key": name,
                            "type": "button",
                            "className": f"btn btn-xs {'btn-active' if name == opened else ''}",
                            "onClick": lambda _event, name=name: pick_pile(name),
                        },
                        f"{t(f'versions.result.{name}')} {run.counts[name]}",
                    )
                    for name in results
                ],
            )
            if results
            else None,
        ),
        tickets(run.id, opened, run.done, f"{run.status} {run.counts}", key=f"{run.id} {opened}"),
    )


def _head(run: Migration, shell: Shell) -> VdomDict:
    t = shell.t
    busy = run.status in BUSY
    moved = run.counts.get("migrated", 0)
    done = run.done if run.status == "checking" else moved
    total = max(run.total, 1)
    return html.div(
        {"className": "flex flex-col gap-3"},
        html.div(
            {"className": "flex flex-wrap items-center gap-2"},
            html.h2(
                {"className": "text-base font-semibold"},
                t("versions.migration.of", sources=", ".join(map(str, run.sources)), target=run.target),
            ),
            badge(t(f"versions.status.{run.status}"), "soft badge-info" if busy else "ghost"),
            html.span(
                {"className": "text-sm text-muted tf-tabular"}, t("versions.migration.count", count=run.total)
            ),
            relative(run.created_at, shell.locale, shell.zone, css="text-sm text-muted"),
        ),
        html.progress(
            {
                "className": "progress progress-primary w-full",
                "value": done,
                "max": total,
                "aria-label": t(f"versions.status.{run.status}"),
            }
        )
        if busy
        else None,
        html.p({"className": "text-sm text-error", "role": "alert"}, run.message) if run.message else None,
        _commands(run, shell) if shell.may("publish") else None,
    )


def _commands(run: Migration, shell: Shell) -> VdomDict | None:
    t = shell.t

    def send(what: str, body: RunMigration | None = None) -> Any:
        async def act(_event: object) -> None:
            path = f"/migrations/{quoted(run.id)}/{what}"
            await attempt(shell, shell.api.transport.write(Migration, "POST", path, body))

        return act

    def button(text: str, act: Any, css: str = "", name: str = "") -> VdomDict:
        return html.button(
            {"key": text, "type": "button", "className": f"btn btn-sm {css}", "onClick": act},
            icon(name, 14) if name else None,
            text,
        )

    found = []
    left = {pile: run.counts.get(pile, 0) for pile in PILES}
    if run.status in {"ready", "stopped", "done"}:
        if left["green"] and run.status != "done":
            text = t("versions.migration.run", count=left["green"])
            found.append(button(text, send("run", RunMigration(amber=False)), "btn-primary", "play"))
        if left["amber"] and not (run.status == "done" and run.amber):
            text = t("versions.migration.run_amber", count=left["amber"])
            found.append(button(text, send("run", RunMigration(amber=True)), "", "triangle-alert"))
    if run.status in BUSY:
        found.append(button(t("versions.migration.stop"), send("stop"), "", "pause"))
    elif run.counts.get("migrated"):
        found.append(button(t("versions.migration.undo"), send("undo"), "", "undo-2"))
    return html.div({"className": "flex flex-wrap gap-2"}, found) if found else None


def _pile(name: str, count: int, is_open: bool, pick_pile: Any, shell: Shell) -> VdomDict:
    symbol, tone = TONES[name]
    look = "border-primary bg-primary/5" if is_open else "border-base-300 hover:bg-base-200"
    return html.button(
        {
            "key": name,
            "type": "button",
            "role": "tab",
            "aria-selected": "true" if is_open else "false",
            "className": f"flex flex-col items-start gap-1 rounded-field border px-3 py-2 text-left {look}",
            "onClick": lambda _event: pick_pile(name),
        },
        html.span(
            {"className": "flex items-center gap-1.5 text-sm"},
            html.span({"className": tone}, icon(symbol, 14)),
            shell.t(f"versions.pile.{name}"),
        ),
        html.span({"className": "text-xl font-semibold tf-tabular"}, str(count)),
        html.span({"className": "text-sm text-muted max-sm:hidden"}, shell.t(f"versions.pile.{name}.text")),
    )


@component
def tickets(run_id: str, pile: str, done: int, stamp: str) -> VdomDict:
    """A pile, each ticket with every reason in words."""
    shell = use_shell()
    t = shell.t
    path = f"/migrations/{quoted(run_id)}/tickets"
    loaded, growing = use_pages(
        lambda cursor: shell.api.transport.read(Page[MigrationTicket], path, cursor=cursor, pile=pile),
        run_id,
        pile,
        done,
        stamp,
    )

    def draw(page: Page[MigrationTicket]) -> VdomDict:
        if not page.items:
            return html.p({"className": "text-muted"}, t("versions.pile.none"))
        return html.div(
            html.ul(
                {"className": "flex flex-col divide-y divide-base-300"},
                [_row(item, shell) for item in page.items],
            ),
            more_button(page, growing, shell),
        )

    title = t(f"versions.pile.{pile}") if pile in PILES else t(f"versions.result.{pile}")
    return card(show(loaded, t, draw), title=title)


def _row(item: MigrationTicket, shell: Shell) -> VdomDict:
    standing = shell.t("workflows.join").join(pick(label, shell.locale) for label in item.standing)
    return html.li(
        {"key": item.ticket_id, "className": "flex flex-wrap items-start gap-x-3 gap-y-1 py-2.5"},
        html.a(
            {"className": "tf-link w-28 shrink-0 tf-tabular", "href": f"/tickets/{item.ticket_id}"},
            item.number,
        ),
        html.span(
            {"className": "min-w-0 flex-1 basis-48"},
            html.span({"className": "block truncate"}, item.title),
            html.span({"className": "block text-sm text-muted"}, standing),
        ),
        html.ul(
            {"className": "min-w-0 flex-[2] basis-64 text-sm"},
            [_finding(at, finding, shell) for at, finding in enumerate(item.findings)],
        ),
        badge(shell.t(f"versions.result.{item.status}"), "ghost") if item.status != "checked" else None,
    )


def _finding(at: int, finding: MigrationFinding, shell: Shell) -> VdomDict:
    symbol, tone = TONES[finding.level]
    return html.li(
        {"key": at, "className": "flex items-start gap-1.5"},
        html.span({"className": f"mt-0.5 {tone}"}, icon(symbol, 14)),
        html.span(
            {"className": "min-w-0 break-words"},
            html.span({"className": "text-muted"}, f"{shell.t(f'versions.area.{finding.area}')} · "),
            finding.message,
        ),
    )
