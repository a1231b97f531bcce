"""The past of a tariff: who changed what, when and why; any revision can be taken up again as a draft."""

from __future__ import annotations

from collections.abc import Callable

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.settlement import TariffDetail, TariffRevision
from backend.contracts.tariff_drafts import CellChange, SaveDraft, TariffDiff
from frontend.attempts import attempt
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.figures import moment
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card

TONES = {
    "added": ("plus", "text-success"),
    "removed": ("minus", "text-error"),
    "changed": ("pencil", "text-info"),
}
MOST = 60


@component
def history(found: TariffDetail, reload: Callable[[], None]) -> VdomDict:
    """Revisions, newest first; one opens to what changed in it."""
    shell = use_shell()
    newest = found.revisions[0].revision if found.revisions else 0
    opened, open_revision = use_state(newest)
    if not found.revisions:
        return card(html.p({"className": "text-muted"}, shell.t("tariff_changes.history.none")))
    rows = [
        html.li(
            {"key": each.revision, "className": "border-b border-base-300 last:border-0"},
            _row(each, each.revision == opened, open_revision, shell),
            one_revision(found, each, reload, key=f"open {each.revision}")
            if each.revision == opened
            else None,
        )
        for each in found.revisions
    ]
    return html.section({"className": "tf-card p-0 overflow-hidden"}, html.ul(rows))


def _row(
    each: TariffRevision, is_open: bool, open_revision: Callable[[int], object], shell: Shell
) -> VdomDict:
    t = shell.t
    facts = [t("tariff_changes.history.by", name=each.author or "—")]
    if each.approved_by is not None:
        facts.append(t("tariff_changes.history.approved", name=each.approved_by.name))
    return html.button(
        {
            "type": "button",
            "aria-expanded": "true" if is_open else "false",
            "className": "flex w-full flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3 text-left "
            "hover:bg-base-200",
            "onClick": lambda _event: open_revision(0 if is_open else each.revision),
        },
        html.span({"className": "font-medium"}, t("tariffs.revision", number=each.revision)),
        badge(t("tariffs.now"), "soft badge-success") if each.in_force else None,
        html.span({"className": "min-w-0 flex-1 basis-40 break-words"}, each.note),
        html.span({"className": "text-sm text-muted"}, " · ".join(facts)),
        html.span(
            {"className": "text-sm text-muted"},
            t("tariffs.effective"),
            " ",
            moment(each.effective_from, shell.locale, shell.zone),
        ),
        html.span({"className": "text-muted"}, icon("chevron-down" if is_open else "chevron-right", 16)),
    )


@component
def one_revision(found: TariffDetail, each: TariffRevision, reload: Callable[[], None]) -> VdomDict:
    """What it changed, and taking it up again."""
    shell = use_shell()
    t = shell.t
    loaded = use_resource(
        lambda: shell.api.compare_tariff(found.id, each.revision - 1, each.revision), found.id, each.revision
    )

    async def restore(_event: object) -> None:
        if not shell.may("settle", "publish"):
            return
        wanted = await shell.api.find_tariff(found.id, each.revision)
        now = await shell.api.find_tariff(found.id)
        body = SaveDraft(
            document=wanted.document,
            base_revision=now.current_revision,
            etag=now.draft.etag if now.draft else None,
        )
        done = t("tariff_changes.history.restored", number=each.revision)
        if await attempt(shell, shell.api.save_draft(found.id, body), done):
            reload()

    is_newest = each.revision == found.current_revision
    button = html.button(
        {"type": "button", "className": "btn btn-sm", "onClick": restore},
        icon("undo-2", 16),
        t("tariff_changes.history.restore"),
    )
    return html.div(
        {"className": "flex flex-col gap-3 border-t border-base-300 bg-base-200/40 px-5 py-4"},
        show(loaded, t, lambda diff: change_list(diff, shell), skeleton(3, "h-6", t("shell.loading"))),
        html.div(button) if not is_newest and shell.may("settle", "publish") else None,
    )


def change_list(diff: TariffDiff, shell: Shell) -> VdomDict:
    """Every change in words, at most MOST of them."""
    if not diff.changes:
        return html.p({"className": "text-muted"}, shell.t("tariff_changes.same"))
    more = len(diff.changes) - MOST
    return html.div(
        html.ul(
            {"className": "flex flex-col gap-2"},
            [_change(at, each) for at, each in enumerate(diff.changes[:MOST])],
        ),
        html.p({"className": "mt-2 text-sm text-muted"}, shell.t("tariff_changes.more", count=more))
        if more > 0
        else None,
    )


def _change(at: int, each: CellChange) -> VdomDict:
    symbol, tone = TONES[each.kind]
    return html.li(
        {"key": at, "className": "flex items-start gap-2"},
        html.span({"className": f"mt-0.5 {tone}"}, icon(symbol, 16)),
        html.span({"className": "min-w-0 break-words tf-tabular"}, each.text),
    )
