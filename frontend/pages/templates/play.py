"""Playing a scenario of a template: step by step on the graph, with what it would book; nothing is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from reactpy import component, html, use_async_effect, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.templates import Played, PlayedLine, PlayStep, Scenario, TemplateDetail
from frontend.addresses import address
from frontend.i18n import pick
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import moment, money
from frontend.widgets.icon import icon
from frontend.widgets.island import island
from frontend.widgets.parts import badge

BEAT = 1.6
"""Seconds a step stays while the scenario plays by itself."""


@component
def play(found: TemplateDetail, chosen: str) -> VdomDict:
    """The list of scenarios beside the stage; the chosen one stands in the address."""
    shell = use_shell()
    if not found.scenarios:
        return html.div(
            {"className": "tf-card"},
            empty(shell.t("templates.play.none"), shell.t("templates.play.none.text"), name="play"),
        )
    known = {scenario.key: scenario for scenario in found.scenarios}
    scenario = known.get(chosen, found.scenarios[0])
    return html.div(
        {"className": "grid grid-cols-1 gap-5 xl:grid-cols-[19rem_1fr]"},
        _scenarios(found, scenario.key, shell),
        stage(found, scenario, key=scenario.key),
    )


def _scenarios(found: TemplateDetail, here: str, shell: Shell) -> VdomDict:
    path = f"/templates/{found.industry}/{found.slug}"

    def entry(scenario: Scenario) -> VdomDict:
        tone, name = ("text-success", "circle-check") if scenario.passed else ("text-error", "circle-x")
        active = scenario.key == here
        attributes = {"key": scenario.key, "href": address(path, part="play", scenario=scenario.key)}
        if active:
            attributes["aria-current"] = "true"
        look = "bg-accent text-accent-content" if active else "hover:bg-base-200"
        return html.a(
            attributes | {"className": f"flex items-start gap-2 rounded-field px-3 py-2 {look}"},
            html.span({"className": f"mt-0.5 {tone}"}, icon(name, 16)),
            html.span(pick(scenario.name, shell.locale)),
        )

    return html.nav(
        {
            "aria-label": shell.t("templates.part.play"),
            "className": "tf-card flex max-h-64 flex-col gap-1 self-start overflow-y-auto p-2 "
            "xl:max-h-[34rem]",
        },
        [entry(scenario) for scenario in found.scenarios],
    )


@component
def stage(found: TemplateDetail, scenario: Scenario) -> VdomDict:
    """Plays on the server, then shows one step at a time."""
    shell = use_shell()
    loaded = use_resource(
        lambda: shell.api.play_scenario(found.industry, found.slug, scenario.key), scenario.key
    )

    def draw(played: Played) -> VdomDict:
        return html.div({"className": "min-w-0"}, theatre(found, played, key="theatre"))

    return html.div(
        {"className": "min-w-0"}, show(loaded, shell.t, draw, skeleton(2, "h-56", shell.t("shell.loading")))
    )


@component
def theatre(found: TemplateDetail, played: Played) -> VdomDict:
    """Graph above, steps below left, what is booked below right."""
    shell = use_shell()
    at, set_at = use_state(0)
    is_running, set_running = use_state(False)
    last = len(played.steps) - 1
    position = use_ref(0)
    running = use_ref(asyncio.Event())

    def show_step(step: int) -> None:
        position.current = max(0, min(last, step))
        set_at(position.current)

    def stop() -> None:
        running.current.clear()
        set_running(False)

    async def run() -> None:
        while True:
            await running.current.wait()
            await asyncio.sleep(BEAT)
            if not running.current.is_set():
                continue
            show_step(position.current + 1)
            if position.current >= last:
                stop()

    use_async_effect(run, dependencies=[])

    def choose(step: int) -> None:
        stop()
        show_step(step)

    def start() -> None:
        if is_running:
            stop()
            return
        if position.current >= last:
            show_step(0)
        running.current.set()
        set_running(True)

    if not played.steps:
        return html.div(
            {"className": "tf-card"},
            empty(shell.t("templates.play.empty"), shell.t("templates.play.none.text"), name="play"),
        )
    step = played.steps[at]
    lines = [line for each in played.steps[: at + 1] for line in each.lines]
    return html.div(
        {"className": "flex flex-col gap-5"},
        html.section(
            {"className": "tf-card overflow-hidden p-0"},
            _controls((at, last), is_running, start, choose, shell),
            island("canvas", "GraphView", _graph(found, played, step, shell)),
        ),
        html.div(
            {"className": "grid grid-cols-1 gap-5 lg:grid-cols-2"},
            _steps(played.steps, at, choose, shell),
            _booked(lines, shell),
        ),
    )


def _graph(found: TemplateDetail, played: Played, step: PlayStep, shell: Shell) -> dict[str, Any]:
    workflow = played.workflow or next(iter(found.workflows))
    return {
        "path": f"/templates/{found.industry}/{found.slug}",
        "at": ["workflows", workflow],
        "derivedAt": ["derived", workflow],
        "locale": shell.locale,
        "csrf": shell.session.csrf,
        "tokens": step.open_nodes,
        "visited": step.visited,
        "height": 360,
        "follow": True,
    }


def _controls(
    place: tuple[int, int],
    is_running: bool,
    start: Callable[[], None],
    choose: Callable[[int], None],
    shell: Shell,
) -> VdomDict:
    """`place` is the step shown and the last one, both from 0."""
    t = shell.t
    at, last = place

    def step(name: str, text: str, to: int) -> VdomDict:
        return html.button(
            {
                "type": "button",
                "className": "btn btn-sm btn-square btn-ghost",
                "aria-label": text,
                "title": text,
                "disabled": not 0 <= to <= last,
                "onClick": lambda _event: choose(to),
            },
            icon(name, 16),
        )

    return html.div(
        {"className": "flex items-center gap-2 border-b border-base-300 px-4 py-2.5"},
        html.button(
            {"type": "button", "className": "btn btn-sm btn-primary", "onClick": lambda _event: start()},
            icon("pause" if is_running else "play", 14),
            t("templates.play.pause" if is_running else "templates.play.start"),
        ),
        step("chevron-left", t("templates.play.back"), at - 1),
        step("chevron-right", t("templates.play.forward"), at + 1),
        html.span(
            {"className": "text-sm text-muted tf-tabular", "aria-live": "polite"},
            t("templates.play.step", number=at + 1, total=last + 1),
        ),
    )


def _steps(steps: Sequence[PlayStep], at: int, choose: Callable[[int], None], shell: Shell) -> VdomDict:
    t = shell.t

    def row(number: int, step: PlayStep) -> VdomDict:
        active = number == at
        look = "bg-accent text-accent-content" if active else "hover:bg-base-200"
        faint = "" if number <= at else "text-muted"
        attributes: dict[str, Any] = {
            "type": "button",
            "className": f"flex w-full items-start gap-3 rounded-field px-3 py-2 text-left {look} {faint}",
            "onClick": lambda _event: choose(number),
        }
        if active:
            attributes["aria-current"] = "step"
        return html.li(
            {"key": number},
            html.button(
                attributes,
                html.span({"className": "w-5 shrink-0 text-right tf-tabular text-muted"}, str(number + 1)),
                html.span(
                    {"className": "min-w-0 flex-1"},
                    html.span({"className": "block font-medium"}, pick(step.event, shell.locale)),
                    _outcome(step, shell),
                    [
                        html.span({"key": each, "className": "block text-sm text-error"}, words)
                        for each, words in enumerate(step.mismatches)
                    ],
                ),
                html.span(
                    {"className": "shrink-0 text-sm text-muted"}, moment(step.at, shell.locale, shell.zone)
                )
                if step.at
                else None,
            ),
        )

    return html.section(
        {"className": "tf-card"},
        html.h2({"className": "mb-3 text-base font-semibold"}, t("templates.play.steps")),
        html.ol(
            {"className": "-mx-3 flex flex-col gap-0.5"},
            [row(number, step) for number, step in enumerate(steps)],
        ),
    )


def _outcome(step: PlayStep, shell: Shell) -> VdomDict:
    """Who has to act now, or that it is over."""
    if step.open_tasks:
        names = shell.t("templates.join").join(pick(task, shell.locale) for task in step.open_tasks)
        words = shell.t("templates.play.open", tasks=names)
    elif step.status == "running":
        words = shell.t("templates.play.waiting")
    else:
        words = shell.t("templates.play.ended")
    return html.span({"className": "block text-sm text-muted"}, words)


def _booked(lines: Sequence[PlayedLine], shell: Shell) -> VdomDict:
    t = shell.t

    def row(number: int, line: PlayedLine) -> VdomDict:
        return html.li(
            {
                "key": number,
                "className": "flex items-start justify-between gap-3 border-b border-base-300 py-2 "
                "last:border-0",
            },
            html.div(
                {"className": "min-w-0"},
                html.div(
                    {"className": "flex flex-wrap items-center gap-2"},
                    html.span({"className": "font-medium"}, line.party.name),
                    badge(t(f"templates.side.{line.side}")),
                ),
                html.div({"className": "break-words text-sm text-muted"}, line.why),
            ),
            money(
                line.amount, line.currency, shell.locale, "text-error" if line.amount < 0 else "font-medium"
            ),
        )

    return html.section(
        {"className": "tf-card"},
        html.h2({"className": "mb-3 text-base font-semibold"}, t("templates.play.booked")),
        html.ul([row(number, line) for number, line in enumerate(lines)])
        if lines
        else html.p({"className": "text-muted"}, t("templates.play.unbooked")),
    )
