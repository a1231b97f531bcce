"""Sign-in, sign-out and first set-up: plain forms that work without a script and without a socket.

The forms post here, and this hands the words to the API in process and passes its cookie on. A post must come
from a page of ours (Origin), so that nobody can be signed in to somebody else's account from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from backend.contracts.identity import SetUp, SignIn
from frontend.api.transport import ApiError, Caller, Transport
from frontend.asgi import App, Receive, Scope, Send, read_body, read_cookies, read_headers, redirect
from frontend.documents import document, make_nonce, send_document
from frontend.i18n import Translate, choose_locale, translator

LONGEST_FORM = 16 * 1024
LOCALE_COOKIE = "tf_locale"
YEAR = 31_536_000

Fields = dict[str, str]


class _Entry(msgspec.Struct, frozen=True):
    """An input: its name, HTML type, autocomplete hint and whether a hint stands below."""

    name: str
    kind: str
    fill: str
    hint: bool = False
    least: int = 0


SIGN_IN = (_Entry("email", "email", "username"), _Entry("password", "password", "current-password"))
SET_UP = (
    _Entry("workspace", "text", "organization", hint=True),
    _Entry("name", "text", "name"),
    _Entry("email", "email", "username"),
    _Entry("password", "password", "new-password", hint=True, least=10),
)


class _Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One request to one of the forms; `form` holds the posted fields, None when nothing valid was posted."""

    scope: Scope
    send: Send
    locale: str
    query: Fields
    form: Fields | None

    @property
    def t(self) -> Translate:
        return translator(self.locale)


class SignInPages:
    """`/login`, `/logout` and `/setup`."""

    def __init__(self, api: App, origins: frozenset[str] = frozenset()) -> None:
        self._api = api
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = read_headers(scope)
        query = _read_query(scope)
        locale = find_locale(headers, query)
        form = await self._read_form(scope, receive, headers) if scope["method"] == "POST" else None
        visit = _Visit(scope=scope, send=send, locale=locale, query=query, form=form)
        if scope["method"] == "POST" and form is None:
            await self._draw(visit, 403, visit.t("signin.origin"))
            return
        transport = Transport(self._api, Caller.of(scope, locale=locale, csrf=(form or {}).get("csrf", "")))
        match scope["path"], form:
            case "/logout", dict():
                await self._sign_out(transport, send)
            case "/setup", dict():
                await self._set_up(transport, visit, form)
            case "/login", dict():
                await self._sign_in(transport, visit, form)
            case "/logout", None:
                await redirect(send, "/")
            case _:
                await self._draw(visit, 200, _greet(query, visit.t))

    async def _sign_in(self, transport: Transport, visit: _Visit, form: Fields) -> None:
        email, password = form.get("email", "").strip(), form.get("password", "")
        if not email or not password:
            await self._draw(visit, 422, visit.t("signin.missing"))
            return
        try:
            answer = await transport.send("POST", "/session", body=SignIn(email=email, password=password))
        except ApiError as error:
            await self._draw(visit, error.problem.status, _explain(error, visit.t))
            return
        cookies = [("set-cookie", value) for value in answer.headers.get_list("set-cookie")]
        await redirect(visit.send, safe_path(visit.query.get("next", "/")), cookies)

    async def _set_up(self, transport: Transport, visit: _Visit, form: Fields) -> None:
        wanted = SetUp(
            token=visit.query.get("token", ""),
            workspace_name=form.get("workspace", "").strip(),
            name=form.get("name", "").strip(),
            email=form.get("email", "").strip(),
            password=form.get("password", ""),
        )
        try:
            answer = await transport.send("POST", "/setup", body=wanted)
        except ApiError as error:
            await self._draw(visit, error.problem.status, _explain(error, visit.t, setup=True))
            return
        cookies = [("set-cookie", value) for value in answer.headers.get_list("set-cookie")]
        await redirect(visit.send, "/", cookies)

    async def _sign_out(self, transport: Transport, send: Send) -> None:
        try:
            answer = await transport.send("DELETE", "/session")
        except ApiError as error:
            await redirect(send, "/login" if error.problem.status == 401 else "/")
            return
        cookies = [("set-cookie", value) for value in answer.headers.get_list("set-cookie")]
        await redirect(send, "/login?out=1", cookies)

    async def _read_form(self, scope: Scope, receive: Receive, headers: Mapping[str, str]) -> Fields | None:
        """The posted fields; None when they do not come from a page of ours or are too long."""
        origin = headers.get("origin", "")
        if urlsplit(origin).netloc != headers.get("host") and origin not in self._origins:
            return None
        body = await read_body(receive, LONGEST_FORM)
        if body is None:
            return None
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
        return {name: values[0] for name, values in fields.items()}

    async def _draw(self, visit: _Visit, status: int, message: tuple[str, str] | str | None) -> None:
        notice = ("error", message) if isinstance(message, str) else message
        html = _form_page(visit, notice)
        chosen = f"{LOCALE_COOKIE}={visit.locale}; Path=/; Max-Age={YEAR}; SameSite=Lax"
        cookies = (chosen,) if "lang" in visit.query else ()
        await send_document(visit.scope, visit.send, (status, html, make_nonce()), cookies)


def find_locale(headers: Mapping[str, str], query: Mapping[str, str] | None = None) -> str:
    """What the address asks for, else what was chosen before, else what the browser prefers."""
    chosen = read_cookies(headers).get(LOCALE_COOKIE)
    return choose_locale((query or {}).get("lang"), chosen, headers.get("accept-language"))


def safe_path(path: str) -> str:
    """`path` if it leads to a page of ours, else the home page: sign-in must not send people elsewhere."""
    parts = urlsplit(path)
    ours = (
        path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    )
    return path if ours and path.isprintable() and "\\" not in path else "/"


def _read_query(scope: Scope) -> Fields:
    fields = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=20)
    return {name: values[0] for name, values in fields.items()}


def _greet(query: Fields, t: Translate) -> tuple[str, str] | None:
    if "out" in query:
        return "info", t("signin.signed_out")
    if "ended" in query:
        return "info", t("signin.ended")
    return None


def _explain(error: ApiError, t: Translate, *, setup: bool = False) -> str:
    problem = error.problem
    if problem.status == 429:
        seconds = error.headers.get("retry-after", "")
        return t("signin.slow", minutes=max(1, -(-int(seconds) // 60)) if seconds.isdigit() else 15)
    if problem.errors:
        return " ".join(each.message for each in problem.errors)
    if setup and problem.status in (401, 403, 404, 409):
        return t("signin.setup.used")
    if problem.status in (400, 401, 403, 422):
        return t("signin.wrong") if not setup else problem.detail or problem.title
    return t("shell.failed.network")


def _form_page(visit: _Visit, notice: tuple[str, str] | None) -> str:
    t, locale, query, typed = visit.t, visit.locale, visit.query, visit.form or {}
    setup = visit.scope["path"] == "/setup"
    title = t("signin.setup.title" if setup else "signin.title")
    kept: Fields = {name: query[name] for name in ("token", "next") if name in query}
    inputs = "".join(_input(entry, t, typed) for entry in (SET_UP if setup else SIGN_IN))
    alert = ""
    if notice:
        tone, words = notice
        alert = f'<div role="alert" class="alert alert-{tone} alert-soft mb-4">{escape(words)}</div>'
    intro = f'<p class="text-muted mb-4">{escape(t("signin.setup.text"))}</p>' if setup else ""
    other = "en" if locale == "zh" else "zh"
    body = (
        '<main class="min-h-dvh flex flex-col items-center justify-center p-4 gap-6">'
        '<div class="flex items-center gap-3"><img src="/static/icon.svg" width="40" height="40" alt="">'
        f'<div><div class="text-xl font-semibold">{escape(t("shell.product"))}</div>'
        f'<div class="text-muted text-sm">{escape(t("shell.tagline"))}</div></div></div>'
        f'<div class="tf-card w-full max-w-sm"><h1 class="text-lg font-semibold mb-4">{escape(title)}</h1>'
        f'{intro}{alert}<form method="post" action="{_address(setup, kept)}">{inputs}'
        f'<button class="btn btn-primary btn-block mt-2" type="submit">'
        f"{escape(t('signin.setup.submit' if setup else 'signin.submit'))}</button></form></div>"
        f'<a class="tf-link text-sm" href="{_address(setup, kept | {"lang": other})}" hreflang="{other}" '
        f'rel="nofollow">{escape(t("signin.other_language"))}</a></main>'
    )
    return document(locale, f"{title} · {t('shell.product')}", body)


def _input(entry: _Entry, t: Translate, typed: Fields) -> str:
    """Passwords are never written back into the page."""
    value = "" if entry.kind == "password" else escape(typed.get(entry.name, ""))
    least = f' minlength="{entry.least}"' if entry.least else ""
    hint = (
        f'<p class="text-muted text-xs mt-1">{escape(t(f"signin.{entry.name}.hint"))}</p>'
        if entry.hint
        else ""
    )
    return (
        f'<div class="mb-4"><label class="block mb-1 text-sm text-muted" for="{entry.name}">'
        f"{escape(t(f'signin.{entry.name}'))}</label>"
        f'<input class="input w-full" id="{entry.name}" name="{entry.name}" type="{entry.kind}" '
        f'autocomplete="{entry.fill}" value="{value}" maxlength="200" required{least}>{hint}</div>'
    )


def _address(setup: bool, query: Mapping[str, str]) -> str:
    path = "/setup" if setup else "/login"
    return escape(f"{path}?{urlencode(query)}" if query else path)
