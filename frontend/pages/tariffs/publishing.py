"""Putting a tariff's draft into force: at once or at a moment, with a note; or dropping it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.settlement import TariffDetail
from backend.contracts.tariff_drafts import SubmitDraft, TariffDraft
from frontend.addresses import address
from frontend.attempts import attempt
from frontend.i18n.formats import read_local
from frontend.session import use_shell
from frontend.widgets.figures import moment
from frontend.widgets.parts import dialog


@component
def draft_bar(found: TariffDetail, draft: TariffDraft, reload: Callable[[], None]) -> VdomDict:
    """Who edited last, and the two ways on from here."""
    shell = use_shell()
    asking, set_asking = use_state(False)

    async def drop(_event: object) -> None:
        if not shell.may("settle", "publish"):
            return
        if await attempt(shell, shell.api.drop_draft(found.id, draft.etag), shell.t("tariffs.draft.dropped")):
            reload()

    commands = html.div(
        {"className": "flex gap-2"},
        html.button(
            {"type": "button", "className": "btn btn-sm btn-ghost", "onClick": drop},
            shell.t("tariffs.edit.drop"),
        ),
        html.button(
            {
                "type": "button",
                "className": "btn btn-sm btn-primary",
                "onClick": lambda _event: set_asking(True),
            },
            shell.t("tariff_changes.submit" if found.four_eyes else "tariffs.publish"),
        ),
    )
    if draft.state == "submitted":
        path = address(f"/settlement/tariffs/{found.id}", tab="approval")
        commands = html.a(
            {"className": "btn btn-sm", "href": path}, shell.t("tariff_changes.state.submitted")
        )
    return html.div(
        {"className": "flex flex-wrap items-center justify-end gap-3"},
        html.p(
            {"className": "text-sm text-muted", "title": shell.t("tariffs.draft.hint")},
            shell.t("tariffs.draft.by", name=draft.updated_by.name),
            " ",
            moment(draft.updated_at, shell.locale, shell.zone),
        ),
        commands if shell.may("settle", "publish") else None,
        publishing(found, draft, lambda: set_asking(False), reload, key="publishing") if asking else None,
    )


@component
def publishing(
    found: TariffDetail, draft: TariffDraft, close: Callable[[], None], reload: Callable[[], None]
) -> VdomDict:
    """A dialog; the past of a tariff never changes, so the moment is now or later."""
    shell = use_shell()
    later, set_later = use_state(False)
    typed: Any = use_ref({"at": "", "note": ""})
    key = use_ref(str(uuid4()))

    def note(name: str) -> Any:
        def change(event: dict[str, Any]) -> None:
            typed.current[name] = str(event["target"]["value"])

        return change

    async def publish(_event: object) -> None:
        if not shell.may("settle", "publish"):
            return
        moment = read_local(typed.current["at"], shell.zone) if later else None
        if later and moment is None:
            shell.toast(shell.t("tariffs.publish.needs_moment"), "error")
            return
        wanted = SubmitDraft(etag=draft.etag, effective_from=moment, note=typed.current["note"].strip())
        done = shell.t("tariffs.publish.done", number=found.current_revision + 1)
        if found.four_eyes:
            done = shell.t("tariff_changes.submitted")
        if await attempt(shell, shell.api.submit_draft(found.id, wanted, key.current), done):
            close()
            reload()
        else:
            key.current = str(uuid4())

    def when(value: bool, text: str) -> VdomDict:
        return html.label(
            {"className": "flex items-center gap-2"},
            html.input(
                {
                    "type": "radio",
                    "name": "moment",
                    "className": "radio radio-sm",
                    "checked": later is value,
                    "onChange": lambda _event: set_later(value),
                }
            ),
            text,
        )

    title = shell.t("tariffs.publish.title", number=found.current_revision + 1)
    command = shell.t("tariff_changes.submit" if found.four_eyes else "tariffs.publish")
    return dialog(
        shell.t("tariff_changes.submit") if found.four_eyes else title,
        shell.t,
        close,
        html.div(
            {"className": "flex flex-col gap-3"},
            when(False, shell.t("tariffs.publish.now")),
            when(True, shell.t("tariffs.publish.later")),
            html.input(
                {
                    "type": "datetime-local",
                    "className": "input w-full",
                    "aria-label": shell.t("tariffs.publish.later"),
                    "onChange": note("at"),
                }
            )
            if later
            else None,
            html.textarea(
                {
                    "className": "textarea w-full",
                    "rows": 2,
                    "maxLength": 1000,
                    "placeholder": shell.t("tariffs.publish.note"),
                    "aria-label": shell.t("tariffs.publish.note"),
                    "onChange": note("note"),
                }
            ),
            html.p({"className": "text-sm text-muted"}, shell.t("tariff_changes.submit.text"))
            if found.four_eyes
            else None,
            html.p({"className": "text-sm text-muted"}, shell.t("tariffs.publish.text")),
        ),
        actions=[
            html.button(
                {"type": "button", "className": "btn btn-primary", "onClick": publish},
                command,
            )
        ],
    )
