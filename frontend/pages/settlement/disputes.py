"""`/settlement/disputes`: questions about amounts; below it `{dispute_id}`: one with all that was said."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.statements import (
    DisputeDetail,
    DisputeItem,
    DisputeMessage,
    OpenDispute,
    ResolveDispute,
)
from frontend.addresses import address, use_query
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.pages.settlement.amounts import read_amount
from frontend.pages.settlement.correcting import posting_actions
from frontend.pages.settlement.keys import name_key
from frontend.pages.settlement.refiguring import After
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.corrected import stands
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.figures import moment, money, relative
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, breadcrumbs, card
from frontend.widgets.reasons import explain

PATH = "/settlement/disputes"
VIEWS = ("open", "closed", "all")
LONGEST = 2000


@component
def disputes() -> VdomDict:
    """`?view=closed`; those that wait for an answer without it."""
    shell = use_shell()
    query = use_query()
    view = query["view"] if query.get("view") in VIEWS else "open"
    changed = use_changes("disputes")
    loaded, growing = use_pages(lambda cursor: shell.api.list_disputes(cursor, view=view), view, changed)

    def choice(name: str) -> VdomDict:
        attributes = {"key": name, "href": address(PATH, view=name)}
        if name == view:
            attributes["aria-current"] = "true"
        css = f"btn btn-sm h-9 join-item {'btn-primary' if name == view else ''}"
        return html.a(attributes | {"className": css}, shell.t(f"disputes.view.{name}"))

    return html.div(
        {"className": "mx-auto flex max-w-4xl flex-col gap-5"},
        html.div(
            {"className": "flex flex-wrap items-center justify-between gap-3"},
            html.h1({"className": "text-xl font-semibold"}, shell.t("disputes.title")),
            html.nav(
                {"className": "join", "aria-label": shell.t("disputes.view")},
                [choice(name) for name in VIEWS],
            ),
        ),
        show(
            loaded,
            shell.t,
            lambda page: html.div(_list(page.items, shell), more_button(page, growing, shell)),
            card(skeleton(5, "h-12", shell.t("shell.loading"))),
        ),
    )


def _list(items: list[DisputeItem], shell: Shell) -> VdomDict:
    if not items:
        return card(empty(shell.t("disputes.empty"), shell.t("disputes.empty.text"), name="message-square"))
    rows = html.ul([_row(item, shell) for item in items])
    return html.section({"className": "tf-card p-0 overflow-hidden"}, rows)


def _row(item: DisputeItem, shell: Shell) -> VdomDict:
    region = pick(item.region_path[-1], shell.locale) if item.region_path else ""
    below = " · ".join(part for part in (item.by.name, item.number, region) if part)
    return html.li(
        {"key": item.id, "className": "border-b border-base-300 last:border-0"},
        html.a(
            {"href": f"{PATH}/{item.id}", "className": "flex items-center gap-4 px-5 py-3 hover:bg-base-200"},
            html.span(
                {"className": "min-w-0 flex-1"},
                html.span({"className": "line-clamp-2 break-words"}, item.text),
                html.span({"className": "block text-sm text-muted"}, below),
            ),
            html.span(
                {"className": "flex shrink-0 flex-col items-end gap-1"},
                money(item.amount, item.currency, shell.locale, "font-medium"),
                _state(item, shell),
            ),
            html.span(
                {"className": "hidden w-24 text-right text-sm text-muted sm:block"},
                relative(item.updated_at, shell.locale, shell.zone),
            ),
        ),
    )


def _state(item: DisputeItem, shell: Shell) -> VdomDict:
    key = "answered" if item.state == "open" and item.answered else item.state
    tones = {"open": "soft badge-warning", "answered": "soft badge-info", "accepted": "soft badge-success"}
    return badge(shell.t(f"disputes.state.{key}"), tones.get(key, "ghost"))


@component
def dispute(dispute_id: str) -> VdomDict:
    """The line on top, the talk below it, what may be done next at the end."""
    shell = use_shell()
    changed = use_changes("disputes", "settlement")
    loaded = use_resource(lambda: shell.api.find_dispute(dispute_id), dispute_id, changed)
    return html.div(
        {"className": "mx-auto max-w-3xl"},
        show(
            loaded,
            shell.t,
            lambda found: _draw(found, loaded.reload, shell),
            card(skeleton(5, "h-10", shell.t("shell.loading"))),
        ),
    )


def _draw(found: DisputeDetail, reload: Any, shell: Shell) -> VdomDict:
    t, item = shell.t, found.item
    return html.div(
        {"className": "flex flex-col gap-5"},
        breadcrumbs((t("disputes.title"), PATH), (item.number or name_key(item.period, shell), None)),
        card(
            html.div(
                {"className": "flex flex-wrap items-start justify-between gap-3"},
                html.div(
                    {"className": "min-w-0"},
                    money(item.amount, item.currency, shell.locale, "text-2xl font-semibold"),
                    html.p(
                        {"className": "mt-1 text-muted"},
                        t("disputes.expected"),
                        " ",
                        money(item.expected, item.currency, shell.locale, "font-medium text-base-content"),
                    )
                    if item.expected is not None
                    else None,
                ),
                _state(item, shell),
            ),
            html.p({"className": "mt-3 break-words"}, found.line.why),
            html.div({"className": "mt-3"}, explain(found.line, shell, linked=False)),
            html.div({"className": "mt-3 flex flex-wrap gap-x-4 text-sm"}, _links(found, shell)),
            html.p(
                {"className": "mt-3 text-sm text-muted"},
                " · ".join(
                    part
                    for part in (
                        item.by.name,
                        name_key(item.period, shell),
                        " / ".join(pick(name, shell.locale) for name in item.region_path),
                    )
                    if part
                ),
            ),
        ),
        card(
            html.ol({"className": "flex flex-col gap-4"}, [_message(each, shell) for each in found.messages]),
            title=t("disputes.talk"),
        ),
        answering(found, reload, key=f"answer {item.state} {len(found.messages)} {stands(found.line)}")
        if found.may
        else None,
    )


def _links(found: DisputeDetail, shell: Shell) -> list[VdomDict]:
    """To the line and to its ticket."""
    here = f"{PATH}/{found.item.id}"
    places = [(address(f"/settlement/lines/{found.line.id}", via=here), shell.t("settlement.line"))]
    if found.item.ticket_id:
        places.append((f"/tickets/{found.item.ticket_id}", found.item.number))
    return [html.a({"key": href, "className": "tf-link", "href": href}, text) for href, text in places]


def _message(each: DisputeMessage, shell: Shell) -> VdomDict:
    """One's own words stand to the right, on a tint."""
    side = "items-end" if each.mine else "items-start"
    ground = "bg-accent text-accent-content" if each.mine else "bg-base-200"
    mark = shell.t(f"disputes.kind.{each.kind}") if each.kind != "message" else ""
    return html.li(
        {"key": each.id, "className": f"flex flex-col gap-1 {side}"},
        html.p(
            {"className": "text-sm text-muted"},
            " · ".join(part for part in (each.by.name, mark) if part),
            " · ",
            moment(each.at, shell.locale, shell.zone),
        ),
        html.p(
            {"className": f"max-w-[90%] rounded-box px-3 py-2 break-words whitespace-pre-line {ground}"},
            each.text,
        )
        if each.text
        else None,
    )


@component
def answering(found: DisputeDetail, reload: Any) -> VdomDict:
    """Words and what to do with them."""
    shell = use_shell()
    words: Any = use_ref("")
    key = use_ref(str(uuid4()))
    busy, set_busy = use_state(False)
    t, item = shell.t, found.item

    async def do(work: Any, done: str, *, needs_words: bool = True) -> None:
        if busy:
            return
        if needs_words and not words.current.strip():
            shell.toast(t("disputes.words_missing"), "error")
            return
        set_busy(True)
        if await attempt(shell, work(), done):
            words.current, key.current = "", str(uuid4())
            reload()
        set_busy(False)

    async def say(_event: object) -> None:
        def work() -> Any:
            return shell.api.reply_dispute(item.id, words.current.strip(), key.current)

        await do(work, t("disputes.sent"))

    def close(outcome: str) -> Any:
        async def resolve(_event: object) -> None:
            def work() -> Any:
                wanted = ResolveDispute(outcome=outcome, text=words.current.strip())  # type: ignore[arg-type]
                return shell.api.resolve_dispute(item.id, wanted)

            await do(work, t(f"disputes.done.{outcome}"))

        return resolve

    async def accept(reason: str) -> None:
        said = words.current.strip() or reason
        wanted = ResolveDispute(outcome="accepted", text=said[:LONGEST])
        await shell.api.resolve_dispute(item.id, wanted)
        reload()

    async def take_back(_event: object) -> None:
        await do(lambda: shell.api.withdraw_dispute(item.id), t("disputes.done.withdrawn"), needs_words=False)

    def button(text: str, act: Any, css: str = "") -> VdomDict:
        attributes = {"type": "button", "className": f"btn btn-sm {css}", "onClick": act, "disabled": busy}
        return html.button({"key": text} | attributes, text)

    buttons = []
    if "message" in found.may:
        reopens = item.state == "explained"
        css = "" if "resolve" in found.may else "btn-primary"
        buttons.append(button(t("disputes.ask_again" if reopens else "disputes.send"), say, css))
    if "resolve" in found.may:
        buttons.append(button(t("disputes.explain"), close("explained"), "btn-primary"))
        if not stands(found.line):
            buttons.append(button(t("disputes.accept"), close("accepted")))
    if "withdraw" in found.may:
        buttons.append(button(t("disputes.withdraw"), take_back, "btn-ghost"))
    return card(
        html.textarea(
            {
                "className": "textarea w-full",
                "rows": 3,
                "maxLength": LONGEST,
                "aria-label": t("disputes.words"),
                "placeholder": t("disputes.words"),
                "onChange": lambda event: setattr(words, "current", str(event["target"]["value"])),
            }
        ),
        _correct(found, accept, shell) if "resolve" in found.may else None,
        html.div({"className": "mt-3 flex flex-wrap justify-end gap-2"}, buttons),
        title=t("disputes.answer"),
    )


def _correct(found: DisputeDetail, accept: After, shell: Shell) -> VdomDict:
    """A question is accepted by putting the amount right, for the reason that was asked; or it has been."""
    t = shell.t
    if not stands(found.line):
        return html.p({"className": "mt-2 text-sm text-muted"}, t("disputes.accept.ready"))
    return html.div(
        {"className": "mt-2 flex flex-wrap items-center gap-x-4 gap-y-2 text-sm text-muted"},
        html.span(t("disputes.accept.text")),
        posting_actions(found.line, found.item.text, accept, key="acts"),
    )


@component
def asking(line_id: str, currency: str) -> VdomDict:
    """Asks about a line: the words, and what the member holds to be right if they know."""
    shell = use_shell()
    words: Any = use_ref("")
    expected: Any = use_ref("")
    key = use_ref(str(uuid4()))
    is_open, set_open = use_state(use_query().get("ask") == "1")
    busy, set_busy = use_state(False)
    changed = use_changes("disputes")
    known = use_resource(lambda: shell.api.list_disputes(view="all", line_id=line_id), line_id, changed)
    asked = known.value.items if known.value else []

    async def send(_event: object) -> None:
        if busy:
            return
        if not words.current.strip():
            shell.toast(shell.t("disputes.words_missing"), "error")
            return
        typed = expected.current.strip()
        amount = read_amount(typed, currency) if typed else None
        if typed and amount is None:
            shell.toast(shell.t("disputes.expected.unreadable", text=typed), "error")
            return
        set_busy(True)
        wanted = OpenDispute(line_id=line_id, text=words.current.strip(), amount=amount)
        if await attempt(shell, shell.api.open_dispute(wanted, key.current), shell.t("disputes.opened")):
            set_open(False)
            known.reload()
        set_busy(False)

    links = [
        html.li(
            {"key": each.id, "className": "flex items-center gap-3 py-1"},
            icon("message-square", 16),
            html.a({"className": "tf-link min-w-0 flex-1 truncate", "href": f"{PATH}/{each.id}"}, each.text),
            _state(each, shell),
        )
        for each in asked
    ]
    button = html.button(
        {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: set_open(True)},
        icon("circle-question-mark", 16),
        shell.t("disputes.ask"),
    )
    form = html.div(
        {"className": "mt-2"},
        html.textarea(
            {
                "className": "textarea w-full",
                "rows": 3,
                "maxLength": LONGEST,
                "aria-label": shell.t("disputes.what"),
                "placeholder": shell.t("disputes.what"),
                "onChange": lambda event: setattr(words, "current", str(event["target"]["value"])),
            }
        ),
        html.label(
            {"className": "mt-2 flex flex-col gap-1"},
            html.span({"className": "text-sm text-muted"}, shell.t("disputes.expected.ask")),
            html.span(
                {"className": "input flex w-full items-center gap-2 sm:max-w-60"},
                html.input(
                    {
                        "type": "text",
                        "inputMode": "decimal",
                        "className": "tf-tabular min-w-0 grow",
                        "name": "expected",
                        "maxLength": 24,
                        "onChange": lambda event: setattr(expected, "current", str(event["target"]["value"])),
                    }
                ),
                html.span({"className": "shrink-0 text-sm text-muted"}, currency),
            ),
        ),
        html.div(
            {"className": "mt-2 flex justify-end gap-2"},
            html.button(
                {
                    "type": "button",
                    "className": "btn btn-sm btn-ghost",
                    "onClick": lambda _event: set_open(False),
                },
                shell.t("shell.cancel"),
            ),
            html.button(
                {"type": "button", "className": "btn btn-sm btn-primary", "onClick": send, "disabled": busy},
                shell.t("disputes.send"),
            ),
        ),
    )
    waits = any(each.state == "open" and each.by.id == shell.session.member_id for each in asked)
    return card(
        html.ul(links) if links else None,
        None if waits else form if is_open else button,
        title=shell.t("disputes.about"),
    )
