"""`/me`: who one is here, and one's own language and appearance."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.identity import Role
from frontend.i18n import pick
from frontend.pages.admin.tokens import token_list
from frontend.session import use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.generated import generated_form, object_of, text_field
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, button_link, card, page_head

THEMES = (("light", "sun"), ("dark", "moon"), ("system", "monitor"))
LANGUAGES = ("zh", "en")


@component
def me() -> VdomDict:
    """Everything here takes effect at once."""
    shell = use_shell()
    t = shell.t
    languages = [(code, t(f"shell.language.{code}"), "languages") for code in LANGUAGES]
    themes = [(key, t(f"shell.theme.{key}"), name) for key, name in THEMES]
    return html.div(
        {"className": "mx-auto flex max-w-2xl flex-col gap-5"},
        page_head(t("me.title"), t("me.text")),
        account(key="account"),
        card(
            _choice(
                t("shell.menu.language"),
                languages,
                shell.locale,
                lambda code: shell.change_preferences(code, shell.theme),
            ),
            _choice(
                t("shell.menu.theme"),
                themes,
                shell.theme,
                lambda key: shell.change_preferences(shell.locale, key),
            ),
            title=t("me.look"),
        ),
        password(key="password"),
        card(token_list(key="tokens"), title=t("me.tokens"), css="[&_.tf-card]:border-0 [&_.tf-card]:p-0")
        if not shell.may("administer")
        else None,
        card(button_link(t("labour.mine"), "/me/timesheet", "clock", "btn"), title=t("me.hours")),
        html.form(
            {"method": "post", "action": "/logout"},
            html.input({"type": "hidden", "name": "csrf", "value": shell.session.csrf}),
            html.button(
                {"type": "submit", "className": "btn max-md:h-12 max-md:w-full"},
                icon("log-out", 16),
                t("shell.menu.sign_out"),
            ),
        ),
    )


@component
def account() -> VdomDict:
    """Name, address, roles, region: an administrator changes these."""
    shell = use_shell()
    t = shell.t
    loaded = use_resource(shell.api.list_roles)
    session = shell.session
    region = pick(session.region.name, shell.locale) if session.region else t("me.everywhere")

    def draw(page: Page[Role]) -> VdomDict:
        names = {role.key: pick(role.name, shell.locale) for role in page.items}
        return html.dl(
            {"className": "grid grid-cols-[auto_1fr] gap-x-6 gap-y-3"},
            _fact(t("me.name"), session.user.name),
            _fact(t("me.email"), session.user.email),
            _fact(t("me.workspace"), session.workspace.name),
            _fact(t("me.region"), region),
            html.dt({"className": "text-muted"}, t("me.roles")),
            html.dd(
                {"className": "flex flex-wrap gap-1"},
                [html.span({"key": key}, badge(names.get(key, key), "secondary")) for key in session.roles],
            ),
        )

    return card(
        show(loaded, t, draw),
        html.p({"className": "mt-4 text-sm text-muted"}, t("me.account.text")),
        title=t("me.account"),
    )


@component
def password() -> VdomDict:
    """Takes the present one; every other session of one's own ends."""
    shell = use_shell()
    t = shell.t
    sent, set_sent = use_state(0)

    def heard(event: str, _detail: dict[str, Any]) -> None:
        if event == "submitted":
            shell.toast(t("me.password.saved"), "success")
            set_sent(lambda old: old + 1)

    schema = object_of(
        {
            "current_password": text_field(
                t("me.password.current"), longest=200, format="password", minLength=1
            ),
            "new_password": text_field(t("me.password.new"), longest=200, format="password", minLength=1),
        },
        ["current_password", "new_password"],
    )
    form = generated_form(shell, schema, heard, url="/me/password", submit=t("me.password.save"))
    return card(html.div({"key": f"form-{sent}"}, form), title=t("me.password"))


def _fact(name: str, value: str) -> VdomDict:
    return html.div(
        {"key": name, "className": "contents"},
        html.dt({"className": "text-muted"}, name),
        html.dd({"className": "min-w-0 break-words"}, value),
    )


def _choice(
    title: str,
    options: Sequence[tuple[str, str, str]],
    chosen: str,
    choose: Callable[[str], Awaitable[None]],
) -> VdomDict:
    """Exclusive options side by side, thumb-sized on a phone; an option is (key, text, icon)."""

    def option(key: str, text: str, name: str) -> VdomDict:
        async def press(_event: object) -> None:
            await choose(key)

        active = key == chosen
        return html.button(
            {
                "key": key,
                "type": "button",
                "aria-pressed": "true" if active else "false",
                "className": f"btn join-item flex-1 max-md:h-12 {'btn-primary' if active else ''}",
                "onClick": press,
            },
            icon(name, 16),
            text,
        )

    return html.div(
        {"className": "mb-4 last:mb-0", "role": "group", "aria-label": title},
        html.p({"className": "mb-1 text-sm text-muted"}, title),
        html.div({"className": "join flex"}, [option(*each) for each in options]),
    )
