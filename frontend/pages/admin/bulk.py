"""One act upon many, and how far it has come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from reactpy import component, html, use_effect, use_state
from reactpy.types import VdomDict

from backend.contracts.operations import BulkRun
from frontend.api.transport import ApiError
from frontend.session import use_every, use_resource, use_shell
from frontend.widgets.icon import icon

Begin = Callable[[], Awaitable[BulkRun]]


@component
def bulk_button(text: str, name: str, begin: Begin, done: Callable[[], None]) -> VdomDict:
    """Begins at a press; then shows progress in the button's place until it is over."""
    shell = use_shell()
    run, set_run = use_state("")

    async def press(_event: object) -> None:
        try:
            started = await begin()
        except ApiError as error:
            shell.toast(error.problem.detail or error.problem.title, "error")
            return
        set_run(started.id)

    def over(found: BulkRun) -> None:
        key = "operations.bulk.failed" if found.failed else "operations.bulk.done"
        shell.toast(
            shell.t(key, done=found.done, failed=found.failed), "error" if found.failed else "success"
        )
        set_run("")
        done()

    if run:
        return html.div(bulk_progress(run, over, key=run))
    return html.div(
        html.button({"type": "button", "className": "btn btn-sm", "onClick": press}, icon(name, 14), text)
    )


@component
def bulk_progress(run_id: str, over: Callable[[BulkRun], None]) -> VdomDict:
    """Asked once a second."""
    shell = use_shell()
    ticks = use_every(1.0)
    found = use_resource(lambda: shell.api.find_bulk_run(run_id), run_id, ticks).value
    finished = found is not None and found.finished_at is not None

    def tell() -> None:
        if found is not None and finished:
            over(found)

    use_effect(tell, dependencies=[finished])
    so_far, total = (found.done + found.failed, found.total) if found else (0, 1)
    return html.div(
        {"className": "flex items-center gap-2 text-sm", "role": "status"},
        html.progress({"className": "progress progress-primary w-32", "value": so_far, "max": max(1, total)}),
        html.span({"className": "tf-tabular"}, shell.t("operations.bulk.progress", done=so_far, total=total)),
    )
