"""Mending one incident: its cause in words, the data its step looks at, and the ways out of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.operations import IncidentDetail
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.generated import choice_field, generated_form
from frontend.widgets.icon import icon

MODES = ("retry", "repair", "skip", "cancel")
ICONS = {"retry": "rotate-ccw", "repair": "pencil", "skip": "arrow-right", "cancel": "circle-x"}


@component
def mending(incident_id: str, done: Callable[[], None]) -> VdomDict:
    """The actions of one incident; `done` is called when one of them has worked."""
    shell = use_shell()
    mode, set_mode = use_state("")
    loaded = use_resource(lambda: shell.api.find_incident(incident_id), incident_id)

    async def retry(_event: object) -> None:
        if shell.may("edit", "administer"):
            work = shell.api.retry_incident(incident_id)
            if await attempt(shell, work, shell.t("tickets.incident.retried")):
                done()

    def choose(key: str) -> VdomDict:
        attributes: dict[str, Any] = {"key": key, "type": "button", "className": "btn btn-sm"}
        if key == "retry":
            attributes["onClick"] = retry
        else:
            attributes |= {"aria-expanded": "true" if mode == key else "false"}
            attributes["onClick"] = lambda _event: set_mode("" if mode == key else key)
            attributes["className"] += " btn-active" if mode == key else ""
        return html.button(attributes, icon(ICONS[key], 14), shell.t(f"operations.mend.{key}"))

    def draw(found: IncidentDetail) -> VdomDict:
        return html.div(
            {"className": "flex flex-col gap-3"},
            html.p({"className": "text-sm"}, found.advice),
            html.div({"className": "flex flex-wrap gap-2"}, [choose(key) for key in MODES]),
            _repair(found, done, shell) if mode == "repair" else None,
            _skip(found, done, shell) if mode == "skip" else None,
            cancelling(incident_id, done, key="cancel") if mode == "cancel" else None,
        )

    return html.div(show(loaded, shell.t, draw))


def _heard(done: Callable[[], None], shell: Shell) -> Callable[[str, dict[str, Any]], None]:
    def heard(kind: str, _detail: dict[str, Any]) -> None:
        if kind == "submitted":
            shell.toast(shell.t("operations.mended"), "success")
            done()

    return heard


def _repair(found: IncidentDetail, done: Callable[[], None], shell: Shell) -> VdomDict:
    """The fields the step looks at; saving tries it again."""
    return html.div(
        {"key": "repair", "className": "tf-card bg-base-100 text-base-content"},
        generated_form(
            shell,
            found.form.schema,
            _heard(done, shell),
            value=found.data,
            ui=found.form.ui,
            url=f"/incidents/{found.incident.id}/repair",
            wrap="set",
            submit=shell.t("operations.mend.repair.submit"),
        ),
    )


def _skip(found: IncidentDetail, done: Callable[[], None], shell: Shell) -> VdomDict:
    """Where to go on, and what the step would have written."""
    ways = [(way.port, pick(way.label, shell.locale)) for way in found.ways]
    port = choice_field(shell.t("operations.mend.skip.port"), ways)
    values = {**found.form.schema, "title": shell.t("operations.mend.skip.values")}
    schema = {"type": "object", "required": ["port"], "properties": {"port": port, "set": values}}
    return html.div(
        {"key": "skip", "className": "tf-card bg-base-100 text-base-content"},
        generated_form(
            shell,
            schema,
            _heard(done, shell),
            value={"set": found.data, **({"port": ways[0][0]} if len(ways) == 1 else {})},
            ui={"set": found.form.ui},
            url=f"/incidents/{found.incident.id}/skip",
            submit=shell.t("operations.mend.skip.submit"),
        ),
    )


@component
def cancelling(incident_id: str, done: Callable[[], None]) -> VdomDict:
    """Stops the whole ticket; asks why."""
    shell = use_shell()
    reason: Any = use_ref("")

    def note(event: dict[str, Any]) -> None:
        reason.current = str(event["target"]["value"])

    async def cancel(_event: object) -> None:
        if not shell.may("edit", "administer"):
            return
        if not reason.current.strip():
            shell.toast(shell.t("tickets.cancel.needs_reason"), "error")
            return
        work = shell.api.cancel_by_incident(incident_id, reason.current.strip())
        if await attempt(shell, work, shell.t("tickets.cancel.done")):
            done()

    label = shell.t("tickets.cancel.reason")
    return html.div(
        {"className": "flex flex-wrap items-end gap-2"},
        html.input(
            {
                "className": "input input-sm min-w-60 flex-1 bg-base-100 text-base-content",
                "aria-label": label,
                "placeholder": label,
                "maxLength": 1000,
                "onChange": note,
            }
        ),
        html.button(
            {"type": "button", "className": "btn btn-sm btn-error", "onClick": cancel},
            shell.t("tickets.cancel"),
        ),
    )
