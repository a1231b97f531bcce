"""Whole HTML documents: the one that carries ReactPy, the plain ones, and the headers they travel with."""

from __future__ import annotations

import json
import secrets
from html import escape

from frontend.asgi import Scope, Send, read_headers, respond
from frontend.assets import entry_url, preload_urls, style_urls
from frontend.i18n import translate

IMPORTS = {
    "imports": {
        "react": "/reactpy/static/preact.js",
        "react-dom": "/reactpy/static/preact-dom.js",
        "react-dom/client": "/reactpy/static/preact-dom.js",
        "react/jsx-runtime": "/reactpy/static/preact-jsx-runtime.js",
    }
}
CLIENT = ("/reactpy/static/index.js", "/reactpy/static/preact.js", "/reactpy/static/preact-dom.js")
SKELETON = (
    '<div id="boot" aria-hidden="true"><div class="h-14 border-b border-base-300 bg-base-100"></div>'
    '<div class="mx-auto max-w-6xl p-4 md:pl-24 flex flex-col gap-4"><div class="skeleton h-8 w-48"></div>'
    '<div class="skeleton h-40 w-full"></div><div class="skeleton h-40 w-full"></div></div></div>'
)


def content_policy(nonce: str, host: str) -> str:
    """Scripts only from here or with this answer's nonce; nothing may evaluate text as code or frame us."""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "style-src-attr 'unsafe-inline'",
            "img-src 'self' data: blob:",
            f"connect-src 'self' ws://{host} wss://{host}" if _is_plain_host(host) else "connect-src 'self'",
            "font-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _is_plain_host(host: str) -> bool:
    return bool(host) and all(letter.isalnum() or letter in ".-:[]" for letter in host)


async def send_document(
    scope: Scope, send: Send, answer: tuple[int, str, str], cookies: tuple[str, ...] = ()
) -> None:
    """Sends a document that is never stored, with its security headers; `answer`: status, HTML, nonce."""
    status, html, nonce = answer
    host = read_headers(scope).get("host", "")
    headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("content-security-policy", content_policy(nonce, host)),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("permissions-policy", "camera=(self), geolocation=(), microphone=()"),
        *(("set-cookie", cookie) for cookie in cookies),
    ]
    await respond(send, status, b"" if scope["method"] == "HEAD" else html.encode(), headers)


def make_nonce() -> str:
    """128 bits, anew for each answer."""
    return secrets.token_urlsafe(16)


def document(
    locale: str, title: str, body: str, *, head: str = "", appearance: str = "system", body_class: str = ""
) -> str:
    """A document in the page's styles. `head` and `body` are HTML already; `title` is not."""
    tag = "zh-CN" if locale == "zh" else "en"
    theme = "tierflow-dark" if appearance == "dark" else "tierflow"
    return (
        f'<!doctype html><html lang="{tag}" data-appearance="{escape(appearance)}" data-theme="{theme}">'
        "<head>"
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1, '
        'viewport-fit=cover"><meta name="color-scheme" content="light dark">'
        f'<title>{escape(title)}</title><script src="/static/theme.js"></script>'
        '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{entry_url("app")}">{head}</head>'
        f'<body class="{body_class}">{body}</body></html>'
    )


def page_document(locale: str, appearance: str, csrf: str, nonce: str, bundle: str = "") -> str:
    """The document that carries every ReactPy page. `bundle` is fetched at once: otherwise the browser hears
    of the island only when ReactPy has drawn its page."""
    client = (*CLIENT, *(preload_urls(bundle) if bundle else ()))
    t_noscript = escape(translate(locale, "shell.noscript"))
    offline = escape(translate(locale, "shell.offline"))
    head = (
        f'<meta name="csrf" content="{escape(csrf)}">'
        f'<script type="importmap" id="reactpy-importmap" nonce="{nonce}">{json.dumps(IMPORTS)}</script>'
        + "".join(f'<link rel="modulepreload" href="{url}">' for url in client)
        + '<script type="module" src="/static/shell.js"></script>'
    )
    body = (
        f"<noscript>{t_noscript}</noscript>"
        f'<div class="tf-offline fixed inset-x-0 top-0 z-50 justify-center p-2" role="status">'
        f'<span class="badge badge-warning h-auto py-1">{offline}</span></div>'
        f'<div id="app"></div>{SKELETON}'
    )
    return document(locale, translate(locale, "shell.product"), body, head=head, appearance=appearance)


def public_document(locale: str, kind: str, token: str) -> str:
    """A customer's page: no account, no socket, only the public island."""
    head = "".join(f'<link rel="modulepreload" href="{url}">' for url in preload_urls("public"))
    head += "".join(f'<link rel="stylesheet" href="{url}">' for url in style_urls("public"))
    body = (
        f"<noscript>{escape(translate(locale, 'shell.noscript'))}</noscript>"
        f'<div id="public" data-kind="{escape(kind)}" data-token="{escape(token)}" '
        f'data-locale="{locale}"></div>'
        f'<script type="module" src="{entry_url("public")}"></script>'
    )
    return document(locale, translate(locale, "shell.product"), body, head=head)
