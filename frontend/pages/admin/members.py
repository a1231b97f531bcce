"""People of the workspace: who they are, what they may do, where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.identity import Member, Role
from backend.contracts.teams import Team
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.generated import choices_field, generated_form, object_of, region_field, text_field
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, dialog, page_head
from frontend.widgets.search_box import search_box

BLANKS: dict[str, Any] = {"region_id": None, "department": "", "level": "", "skills": [], "roles": []}
TEAMLESS: dict[str, Any] = {**BLANKS, "teams": []}
LONGEST_PASSWORD = 200


@component
def members() -> VdomDict:
    """Head and search; the list and each row keep their own state."""
    shell = use_shell()
    text, set_text = use_state("")
    added, set_added = use_state(0)
    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(
            shell.t("admin.section.members"),
            shell.t("admin.members.text"),
            new_button(lambda: set_added(lambda old: old + 1), key="new"),
        ),
        html.div(
            {"className": "max-w-sm"}, search_box(shell.t("admin.members.search"), set_text, key="search")
        ),
        member_list(text, added, key="list"),
    )


@component
def new_button(added: Callable[[], None]) -> VdomDict:
    """Opens the dialog for a new member."""
    shell = use_shell()
    is_open, set_open = use_state(False)

    def close(changed: bool) -> None:
        set_open(False)
        if changed:
            added()

    return html.div(
        html.button(
            {
                "type": "button",
                "className": "btn btn-sm btn-primary",
                "onClick": lambda _event: set_open(True),
            },
            icon("plus", 16),
            shell.t("admin.members.new"),
        ),
        new_member(close, key="form") if is_open else None,
    )


@component
def member_list(text: str, added: int) -> VdomDict:
    """Those whose name or address holds `text`; loads again when `added` rises."""
    shell = use_shell()
    loaded, growing = use_pages(shell.api.list_members, added)
    known = use_resource(shell.api.list_roles)
    roles = known.value.items if known.value else []

    def draw(page: Page[Member]) -> VdomDict:
        wanted = text.casefold()
        found = [item for item in page.items if wanted in f"{item.name} {item.email}".casefold()]
        if not found:
            return html.div(
                {"className": "tf-card"},
                empty(shell.t("admin.members.none"), shell.t("admin.members.none.text"), name="search"),
            )
        rows = [member_row(item, roles, loaded.reload, key=item.id) for item in found]
        return html.div(html.ul({"className": "tf-card p-0"}, rows), more_button(page, growing, shell))

    return html.div(show(loaded, shell.t, draw))


@component
def member_row(member: Member, roles: Sequence[Role], reload: Callable[[], None]) -> VdomDict:
    """Who, what, where; changed in a dialog, switched off and on by a press."""
    shell = use_shell()
    t = shell.t
    is_open, set_open = use_state(False)
    is_self = member.id == shell.session.member_id

    def close(changed: bool) -> None:
        set_open(False)
        if changed:
            reload()

    async def toggle(_event: object) -> None:
        key = "admin.members.stopped" if member.active else "admin.members.resumed"
        work = shell.api.change_member(member.id, {"active": not member.active})
        if await attempt(shell, work, t(key, name=member.name)):
            reload()

    return html.li(
        {
            "className": "flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-base-300 px-5 py-3.5 "
            "last:border-0"
        },
        _who(member, is_self, shell),
        _what(member, roles, shell),
        html.div(
            {"className": "flex gap-1"},
            html.button(
                {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: set_open(True)},
                icon("pencil", 14),
                t("admin.edit"),
            ),
            html.button(
                {
                    "type": "button",
                    "className": "btn btn-sm btn-ghost",
                    "onClick": toggle,
                    "disabled": is_self,
                },
                t("admin.members.stop") if member.active else t("admin.members.resume"),
            ),
        ),
        edit_member(member, roles, close, key="form") if is_open else None,
    )


def _who(member: Member, is_self: bool, shell: Shell) -> VdomDict:
    return html.div(
        {"className": f"min-w-0 flex-1 basis-56 {'' if member.active else 'text-muted'}"},
        html.div(
            {"className": "flex items-center gap-2"},
            html.span({"className": "truncate font-medium"}, member.name),
            badge(shell.t("admin.members.inactive")) if not member.active else None,
            badge(shell.t("admin.members.you"), "soft badge-info") if is_self else None,
        ),
        html.div({"className": "truncate text-sm text-muted"}, member.email),
    )


def _what(member: Member, roles: Sequence[Role], shell: Shell) -> VdomDict:
    names = {role.key: pick(role.name, shell.locale) for role in roles}
    everywhere = shell.t("admin.members.everywhere")
    where = pick(member.region.name, shell.locale) if member.region else everywhere
    pieces = [where, member.department, member.level or "", *member.skills]
    return html.div(
        {"className": "flex min-w-0 flex-1 basis-56 flex-col gap-1"},
        html.div(
            {"className": "flex flex-wrap gap-1"},
            [html.span({"key": key}, badge(names.get(key, key), "secondary")) for key in member.roles],
        ),
        html.div(
            {"className": "truncate text-sm text-muted"}, " · ".join(piece for piece in pieces if piece)
        ),
    )


def _fields(roles: Sequence[Role], teams: Sequence[Team], shell: Shell) -> dict[str, Any]:
    """Without teams there is none to choose."""
    t = shell.t
    known = [(team.key, pick(team.name, shell.locale)) for team in teams]
    options = [(role.key, pick(role.name, shell.locale)) for role in roles]
    return {
        "name": text_field(t("admin.members.name"), minLength=1),
        "roles": choices_field(t("admin.members.roles"), options),
        "region_id": region_field(t("admin.members.region"), hint=t("admin.members.region.hint")),
        "department": text_field(t("admin.members.department"), longest=60),
        "level": text_field(t("admin.members.level"), longest=60, hint=t("admin.members.level.hint")),
        "skills": {
            "type": "array",
            "title": t("admin.members.skills"),
            "maxItems": 50,
            "items": {"type": "string", "maxLength": 60, "title": t("admin.members.skill")},
        },
        **({"teams": choices_field(t("admin.members.teams"), known)} if known else {}),
    }


@component
def new_member(close: Callable[[bool], None]) -> VdomDict:
    """A new account; a generated password is shown once."""
    shell = use_shell()
    t = shell.t
    made, set_made = use_state(_nobody)
    known = use_resource(lambda: _load_offers(shell))

    def heard(kind: str, detail: dict[str, Any]) -> None:
        if kind != "submitted":
            close(False)
            return
        member = msgspec.convert(detail["answer"], Member)
        if member.initial_password is None:
            close(True)
        else:
            set_made(member)

    if made is not None:
        return _first_password(made, shell, lambda: close(True))

    def draw(found: tuple[list[Role], list[Team]]) -> VdomDict:
        return generated_form(
            shell,
            _new_schema(*found, shell),
            heard,
            url="/members",
            submit=t("admin.members.create"),
            cancel=t("shell.cancel"),
        )

    return dialog(t("admin.members.new"), t, lambda: close(False), show(known, t, draw))


async def _load_offers(shell: Shell) -> tuple[list[Role], list[Team]]:
    return (await shell.api.list_roles()).items, (await shell.api.list_teams()).items


def _nobody() -> Member | None:
    return None


def _new_schema(roles: Sequence[Role], teams: Sequence[Team], shell: Shell) -> dict[str, Any]:
    t = shell.t
    fields = _fields(roles, teams, shell)
    email = text_field(t("admin.members.email"), longest=254, format="email", minLength=3)
    hint = t("admin.members.password.hint")
    password = text_field(t("admin.members.password"), longest=LONGEST_PASSWORD, hint=hint, format="password")
    ordered = {"name": fields.pop("name"), "email": email, **fields, "password": password}
    return object_of(ordered, ["name", "email", "roles"])


def _first_password(member: Member, shell: Shell, close: Callable[[], None]) -> VdomDict:
    t = shell.t
    return dialog(
        t("admin.members.made", name=member.name),
        t,
        close,
        html.p({"className": "mb-4"}, t("admin.members.made.text")),
        html.dl(
            {"className": "grid grid-cols-[auto_1fr] gap-x-4 gap-y-2"},
            html.dt({"className": "text-muted"}, t("admin.members.email")),
            html.dd({"className": "break-all"}, member.email),
            html.dt({"className": "text-muted"}, t("admin.members.password")),
            html.dd(html.code({"className": "select-all break-all"}, member.initial_password or "")),
        ),
        actions=[
            html.button(
                {"type": "button", "className": "btn btn-primary", "onClick": lambda _event: close()},
                t("admin.members.noted"),
            )
        ],
    )


@component
def edit_member(member: Member, roles: Sequence[Role], close: Callable[[bool], None]) -> VdomDict:
    """What may change; a new password signs the member out."""
    shell = use_shell()
    t = shell.t
    hint = t("admin.members.new_password.hint")
    password = text_field(
        t("admin.members.new_password"), longest=LONGEST_PASSWORD, hint=hint, format="password"
    )
    known = use_resource(shell.api.list_teams)
    value = {
        "name": member.name,
        "roles": member.roles,
        "region_id": member.region.id if member.region else None,
        "department": member.department,
        "level": member.level or "",
        "skills": member.skills,
        "teams": member.teams,
    }

    def heard(kind: str, _detail: dict[str, Any]) -> None:
        if kind == "submitted":
            shell.toast(t("admin.saved"), "success")
        close(kind == "submitted")

    def draw(page: Page[Team]) -> VdomDict:
        fields = _fields(roles, page.items, shell)
        schema = object_of({**fields, "password": password}, ["name", "roles"])
        return generated_form(
            shell,
            schema,
            heard,
            value={name: part for name, part in value.items() if part and name in schema["properties"]},
            url=f"/members/{member.id}",
            method="PATCH",
            blanks=TEAMLESS if page.items else BLANKS,
            submit=t("admin.save"),
            cancel=t("shell.cancel"),
        )

    return dialog(member.name, t, lambda: close(False), show(known, t, draw))
