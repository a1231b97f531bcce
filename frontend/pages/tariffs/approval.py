"""A second person looks at a tariff's draft: what changed, who changed it, and yes or no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.settlement import TariffDetail
from backend.contracts.tariff_drafts import RejectDraft, TariffDraft
from frontend.attempts import attempt
from frontend.pages.tariffs.history import change_list
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import moment
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card, dialog


@component
def approval(found: TariffDetail, reload: Callable[[], None]) -> VdomDict:
    """The draft's changes and its state; the commands of whoever may use them."""
    shell = use_shell()
    t = shell.t
    draft = found.draft
    if draft is None:
        text = t("tariff_changes.approval.none.text")
        return card(empty(t("tariff_changes.approval.none"), text, name="circle-check"))
    loaded = html.div(
        {"key": draft.etag}, changes(found.id, found.current_revision, draft.etag, key=draft.etag)
    )
    return html.div(
        {"className": "flex flex-col gap-4"},
        _state(found, draft, shell),
        card(loaded, title=t("tariff_changes.approval.changes")),
        commands(found, draft, reload, key=draft.etag),
    )


@component
def changes(tariff_id: str, current: int, etag: str) -> VdomDict:
    """Against the revision that is the newest now."""
    shell = use_shell()
    loaded = use_resource(lambda: shell.api.compare_tariff(tariff_id, current, "draft"), tariff_id, etag)
    return html.div(
        show(
            loaded,
            shell.t,
            lambda diff: change_list(diff, shell),
            skeleton(3, "h-6", shell.t("shell.loading")),
        )
    )


def _state(found: TariffDetail, draft: TariffDraft, shell: Shell) -> VdomDict:
    t = shell.t
    waiting = draft.state == "submitted"
    tone = "soft badge-warning" if waiting else "soft badge-info"
    facts = [t("tariff_changes.approval.authors", names="、".join(each.name for each in draft.authors))]
    if draft.submitted_by is not None:
        facts.append(t("tariff_changes.approval.submitted_by", name=draft.submitted_by.name))
    return card(
        html.div(
            {"className": "flex flex-wrap items-center gap-3"},
            badge(t(f"tariff_changes.state.{draft.state}"), tone, "eye" if waiting else "pencil"),
            html.span({"className": "text-sm text-muted"}, " · ".join(facts)),
            html.span(
                {"className": "text-sm text-muted"},
                t("tariffs.effective"),
                " ",
                moment(draft.effective_from, shell.locale, shell.zone),
            )
            if draft.effective_from
            else None,
        ),
        html.p({"className": "mt-3 break-words"}, draft.note) if draft.note else None,
        _notice("text-warning", t("tariff_changes.approval.stale", number=found.current_revision))
        if draft.stale
        else None,
        _notice(
            "text-error",
            t(
                "tariff_changes.approval.sent_back",
                name=draft.rejected_by.name if draft.rejected_by else "",
                comment=draft.comment,
            ),
        )
        if draft.comment and not waiting
        else None,
        _notice("text-muted", t("tariff_changes.approval.own"))
        if waiting and not draft.may_approve
        else None,
    )


def _notice(tone: str, text: str) -> VdomDict:
    return html.p(
        {"className": f"mt-3 flex items-start gap-2 {tone}"},
        html.span({"className": "mt-0.5"}, icon("info", 16)),
        html.span({"className": "min-w-0 break-words"}, text),
    )


@component
def commands(found: TariffDetail, draft: TariffDraft, reload: Callable[[], None]) -> VdomDict:
    """Approve or send back for a second person; withdraw for everybody who may edit."""
    shell = use_shell()
    t = shell.t
    refusing, set_refusing = use_state(False)
    attempt_key = use_ref(str(uuid4()))

    async def approve(_event: object) -> None:
        if not shell.may("settle", "publish"):
            return
        done = t("tariff_changes.approval.approved", number=draft.base_revision + 1)
        if await attempt(shell, shell.api.approve_draft(found.id, draft.etag, attempt_key.current), done):
            reload()
        else:
            attempt_key.current = str(uuid4())

    async def withdraw(_event: object) -> None:
        if not shell.may("settle", "publish"):
            return
        work = shell.api.withdraw_submission(found.id)
        if await attempt(shell, work, t("tariff_changes.approval.withdrawn")):
            reload()

    def button(name: str, css: str, press: Any, symbol: str) -> VdomDict:
        return html.button(
            {"key": name, "type": "button", "className": f"btn {css}", "onClick": press},
            icon(symbol, 16),
            t(f"tariff_changes.approval.{name}"),
        )

    shown: list[VdomDict] = []
    if draft.may_approve:
        shown.append(button("approve", "btn-primary", approve, "check"))
        shown.append(button("reject", "", lambda _event: set_refusing(True), "undo-2"))
    if draft.state == "submitted" and shell.may("settle", "publish"):
        shown.append(button("withdraw", "btn-ghost", withdraw, "x"))
    return html.div(
        html.div({"className": "flex flex-wrap gap-2"}, shown),
        refusal(found, draft, lambda: set_refusing(False), reload, key="refusal") if refusing else None,
    )


@component
def refusal(
    found: TariffDetail, draft: TariffDraft, close: Callable[[], None], reload: Callable[[], None]
) -> VdomDict:
    """Sending back needs a reason, for its authors read it."""
    shell = use_shell()
    t = shell.t
    typed: Any = use_ref("")
    attempt_key = use_ref(str(uuid4()))

    def note(event: dict[str, Any]) -> None:
        typed.current = str(event["target"]["value"])

    async def send(_event: object) -> None:
        if not shell.may("settle", "publish"):
            return
        if not typed.current.strip():
            shell.toast(t("tariff_changes.approval.reason_needed"), "error")
            return
        wanted = RejectDraft(etag=draft.etag, comment=typed.current.strip())
        work = shell.api.reject_draft(found.id, wanted, attempt_key.current)
        if await attempt(shell, work, t("tariff_changes.approval.rejected")):
            close()
            reload()
        else:
            attempt_key.current = str(uuid4())

    box = html.textarea(
        {
            "className": "textarea w-full",
            "rows": 3,
            "maxLength": 1000,
            "aria-label": t("tariff_changes.approval.reason"),
            "placeholder": t("tariff_changes.approval.reason"),
            "onChange": note,
        }
    )
    action = html.button(
        {"type": "button", "className": "btn btn-primary", "onClick": send},
        t("tariff_changes.approval.reject"),
    )
    return dialog(t("tariff_changes.approval.reject"), t, close, box, actions=[action])
