"""A draft tariff over what was booked: who would have got what, before it is published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.common import MoneyValue, Page
from backend.contracts.settlement import TariffDetail
from backend.contracts.tariff_drafts import Backtest, Difference, StartBacktest
from frontend.attempts import attempt
from frontend.i18n import format_money, pick
from frontend.pages.tariffs.movers import movers
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.entry_box import choice_box
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import money
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card, table

RUNNING = frozenset({"pending", "running"})
TONES = {"done": "success", "failed": "error", "stopped": "warning", "pending": "info", "running": "info"}
MOST_ROWS = 15
DAYS = 30


@component
def backtest(found: TariffDetail, reload: Callable[[], None]) -> VdomDict:
    """Ask for one on top; below, the newest with all it found."""
    shell = use_shell()
    chosen, choose = use_state("")
    changed = use_changes(f"backtests:{found.id}", "backtest:*")
    loaded = use_resource(lambda: shell.api.list_backtests(found.id), found.id, changed)

    def draw(page: Page[Backtest]) -> VdomDict:
        if not page.items:
            title, text = (
                shell.t("tariff_changes.backtest.empty"),
                shell.t("tariff_changes.backtest.empty.text"),
            )
            return card(empty(title, text, name="history"))
        shown = next((item for item in page.items if item.id == chosen), page.items[0])
        return html.div(
            {"className": "flex flex-col gap-4"},
            _choose_run(page.items, shown, choose, shell) if len(page.items) > 1 else None,
            report(shown, key=shown.id),
        )

    return html.div(
        {"className": "flex flex-col gap-4"},
        ask_for(found, lambda: choose(""), key="ask"),
        html.div({"key": "found"}, show(loaded, shell.t, draw)),
    )


@component
def ask_for(found: TariffDetail, started: Callable[[], object]) -> VdomDict:
    """Over which days, and where."""
    shell = use_shell()
    t = shell.t
    today = datetime.now(ZoneInfo(shell.zone)).date()
    typed: Any = use_ref({"from": (today - timedelta(days=DAYS)).isoformat(), "to": today.isoformat()})
    region, set_region = use_state("")
    attempt_key = use_ref(str(uuid4()))
    regions = use_resource(shell.api.list_regions, "regions")

    def note(name: str) -> Callable[[dict[str, Any]], None]:
        def change(event: dict[str, Any]) -> None:
            typed.current[name] = str(event["target"]["value"])

        return change

    async def start(_event: object) -> None:
        if not shell.may("settle", "publish"):
            return
        try:
            first, last = (date.fromisoformat(typed.current[name]) for name in ("from", "to"))
        except ValueError:
            shell.toast(t("tariff_changes.backtest.days_needed"), "error")
            return
        wanted = StartBacktest(first=first, last=last, region_id=region or None)
        if await attempt(shell, shell.api.start_backtest(found.id, wanted, attempt_key.current)):
            started()
        attempt_key.current = str(uuid4())

    def day(name: str) -> VdomDict:
        return html.label(
            {"key": name, "className": "flex min-w-0 flex-col gap-1"},
            html.span({"className": "text-sm text-muted"}, t(f"tariff_changes.backtest.{name}")),
            html.input(
                {
                    "type": "date",
                    "className": "input input-sm h-9 w-full",
                    "defaultValue": typed.current[name],
                    "onChange": note(name),
                }
            ),
        )

    places = [("", t("tariff_changes.backtest.everywhere"))]
    places += [
        (item.id, " / ".join(pick(part, shell.locale) for part in item.path) or pick(item.name, shell.locale))
        for item in (regions.value.items if regions.value else [])
    ]
    what = "tariff_changes.backtest.of_draft" if found.draft else "tariff_changes.backtest.of_newest"
    return card(
        html.p({"className": "mb-4 text-muted"}, t("tariff_changes.backtest.text"), " ", t(what)),
        html.div(
            {"className": "grid items-end gap-4 sm:grid-cols-[1fr_1fr_1.5fr_auto]"},
            day("from"),
            day("to"),
            choice_box(t("tariff_changes.backtest.region"), places, region, set_region),
            html.button(
                {"type": "button", "className": "btn btn-primary btn-sm h-9", "onClick": start},
                icon("play", 16),
                t("tariff_changes.backtest.start"),
            ),
        ),
        title=t("tariff_changes.backtest.title"),
    )


def _choose_run(items: Sequence[Backtest], shown: Backtest, choose: Any, shell: Shell) -> VdomDict:
    options = [
        (item.id, f"{item.first} – {item.last} · {shell.t(f'tariff_changes.run.{item.status}')}")
        for item in items
    ]
    label = shell.t("tariff_changes.backtest.earlier")
    return html.div({"className": "max-w-md"}, choice_box(label, options, shown.id, choose))


@component
def report(run: Backtest) -> VdomDict:
    """Progress, both sums, the three tables, and who moves most."""
    shell = use_shell()
    t = shell.t
    groups = (("region", run.by_region), ("person", run.by_person), ("tier", run.by_tier))
    return html.div(
        {"className": "flex flex-col gap-4"},
        _head(run, shell),
        html.div(
            {"className": "grid grid-cols-1 items-start gap-4 xl:grid-cols-3"},
            [
                html.div(
                    {"key": name, "className": "min-w-0"},
                    _group(t(f"tariff_changes.backtest.by_{name}"), rows, shell),
                )
                for name, rows in groups
            ],
        )
        if run.by_region
        else None,
        movers(run.id, run.moved, run.unmatched, run.done, key="movers")
        if run.moved or run.unmatched
        else None,
    )


def _head(run: Backtest, shell: Shell) -> VdomDict:
    t = shell.t
    busy = run.status in RUNNING
    act = "stop" if busy else "resume" if run.status in {"stopped", "failed"} else ""

    async def steer(_event: object) -> None:
        if shell.may("settle", "publish"):
            await attempt(shell, shell.api.steer_backtest(run.id, act))

    return html.section(
        {"className": "tf-card flex flex-col gap-4"},
        html.div(
            {"className": "flex flex-wrap items-center gap-3"},
            badge(t(f"tariff_changes.run.{run.status}"), f"soft badge-{TONES[run.status]}"),
            html.span({"className": "text-muted tf-tabular"}, f"{run.first} – {run.last}"),
            html.span(
                {"className": "text-sm text-muted tf-tabular"},
                t("tariff_changes.backtest.progress", done=run.done, total=run.total),
            ),
            html.button(
                {"type": "button", "className": "btn btn-sm ml-auto", "onClick": steer},
                t(f"tariff_changes.backtest.{act}"),
            )
            if act
            else None,
        ),
        html.progress(
            {
                "className": "progress progress-primary w-full",
                "value": run.done,
                "max": max(run.total, 1),
                "aria-label": t("tariff_changes.backtest.progress", done=run.done, total=run.total),
            }
        )
        if busy
        else None,
        html.p({"className": "text-sm text-error", "role": "alert"}, run.error) if run.error else None,
        html.div(
            {"className": "grid gap-4 sm:grid-cols-2 lg:grid-cols-4"},
            _figure(t("tariff_changes.backtest.before"), _say(run.before, shell)),
            _figure(t("tariff_changes.backtest.after"), _say(run.after, shell)),
            _figure(t("tariff_changes.backtest.difference"), _say_difference(run, shell)),
            _figure(
                t("tariff_changes.backtest.moved"),
                t("tariff_changes.backtest.moved.count", moved=run.moved, unmatched=run.unmatched),
            ),
        ),
        html.p(
            {"className": "text-sm text-warning"},
            t("tariff_changes.backtest.left_out", count=run.unmatched, amount=_say(run.left_out, shell)),
        )
        if run.unmatched
        else None,
    )


def _figure(label: str, text: str) -> VdomDict:
    return html.div(
        html.p({"className": "text-sm text-muted"}, label),
        html.p({"className": "text-lg font-semibold tf-tabular break-words"}, text),
    )


def _say(sums: Sequence[MoneyValue], shell: Shell) -> str:
    return " + ".join(format_money(each.amount, each.currency, shell.locale) for each in sums) or "—"


def _say_difference(run: Backtest, shell: Shell) -> str:
    before = {each.currency: each.amount for each in run.before}
    after = {each.currency: each.amount for each in run.after}
    changes = [
        MoneyValue(amount=after.get(currency, 0) - before.get(currency, 0), currency=currency)
        for currency in sorted({*before, *after})
    ]
    return _say(changes, shell)


def _group(title: str, rows: Sequence[Difference], shell: Shell) -> VdomDict:
    t = shell.t
    drawn = [
        html.tr(
            {"key": f"{row.key} {row.currency}"},
            html.th({"scope": "row", "className": "min-w-28 font-normal break-words"}, row.label),
            html.td({"className": "text-right"}, money(row.before, row.currency, shell.locale)),
            html.td({"className": "text-right"}, money(row.after, row.currency, shell.locale)),
            html.td({"className": "text-right"}, _difference(row.after - row.before, row.currency, shell)),
        )
        for row in rows[:MOST_ROWS]
    ]
    heads = (
        "",
        t("tariff_changes.backtest.before"),
        t("tariff_changes.backtest.after"),
        t("tariff_changes.backtest.difference"),
    )
    more = len(rows) - len(drawn)
    return card(
        table(heads, drawn, title),
        html.p({"className": "mt-2 text-sm text-muted"}, t("tariff_changes.more", count=more))
        if more > 0
        else None,
        title=title,
    )


def _difference(change: int, currency: str, shell: Shell) -> VdomDict:
    tone = "text-muted" if not change else "text-success" if change > 0 else "text-error"
    return money(change, currency, shell.locale, tone)
