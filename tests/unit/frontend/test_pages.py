"""Documents, sign-in forms and static files, as a browser gets them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from frontend import assets
from frontend.app import mount
from frontend.asgi import App
from frontend.i18n import catalogue, choose_locale, format_money, translate
from frontend.routes import PAGES, find_page
from frontend.signin import safe_path
from tests.unit.frontend.conftest import Accounts, browse

MANIFEST = (
    '{"app": {"file": "app-12345678.css", "name": "app", "isEntry": true},'
    ' "public/entry.tsx": {"file": "public-12345678.js", "name": "public", "isEntry": true,'
    ' "imports": ["c"]},'
    ' "c": {"file": "chunk-c-12345678.js", "name": "c"}}'
)


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build of the islands, so that these tests need no Node."""
    (tmp_path / "manifest.json").write_text(MANIFEST, "utf-8")
    monkeypatch.setattr(assets, "DIST", tmp_path)


@pytest.fixture
def app(api: App) -> App:
    return mount(api)


async def test_a_page_without_a_session_leads_to_sign_in_and_remembers_where(app: App) -> None:
    async with browse(app) as browser:
        answer = await browser.get("/tickets?q=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Ftickets%3Fq%3D1"


async def test_a_page_carries_a_strict_policy_whose_nonce_is_new_each_time(app: App) -> None:
    async with browse(app) as browser:
        browser.cookies.set("tf_session", "good")
        first, second = await browser.get("/"), await browser.get("/")
    policy = first.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce and f'nonce="{nonce[1]}"' in first.text
    assert nonce[1] not in second.headers["content-security-policy"]
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'nonce-" in policy
    assert '<meta name="csrf" content="csrf-1">' in first.text
    assert '<html lang="zh-CN"' in first.text
    assert first.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("path", "kind"), [("/f/tok", "form"), ("/t/tok", "ticket")])
async def test_customers_get_a_plain_page_without_a_socket(app: App, path: str, kind: str) -> None:
    async with browse(app) as browser:
        answer = await browser.get(path, headers={"accept-language": "en-GB,en;q=0.9,zh;q=0.5"})
    assert answer.status_code == 200
    assert f'data-kind="{kind}" data-token="tok" data-locale="en"' in answer.text
    assert "reactpy" not in answer.text
    assert "/static/dist/public-12345678.js" in answer.text
    assert "/static/dist/chunk-c-12345678.js" in answer.text


async def test_a_token_cannot_break_out_of_its_attribute(app: App) -> None:
    async with browse(app) as browser:
        answer = await browser.get("/f/%22%3E%3Cscript%3Ealert(1)%3C%5Cscript%3E")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


async def test_signing_in_passes_the_cookie_on_and_returns_to_the_page(app: App) -> None:
    async with browse(app) as browser:
        answer = await browser.post(
            "/login?next=/tickets",
            data={"email": "a@b.test", "password": "right"},
            headers={"origin": "http://site.test"},
        )
    assert (answer.status_code, answer.headers["location"]) == (303, "/tickets")
    assert "tf_session=good" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"email": "a@b.test", "password": "wrong"}, 401, "signin.wrong"),
        ({"email": "", "password": ""}, 422, "signin.missing"),
    ],
)
async def test_a_refused_sign_in_says_so_and_keeps_the_address(
    app: App, fields: dict[str, str], status: int, words: str
) -> None:
    async with browse(app) as browser:
        answer = await browser.post("/login", data=fields, headers={"origin": "http://site.test"})
    assert answer.status_code == status
    assert translate("zh", words) in answer.text
    assert f'value="{fields["email"]}"' in answer.text
    assert 'value="wrong"' not in answer.text


async def test_too_many_attempts_say_how_long_to_wait(app: App) -> None:
    async with browse(app) as browser:
        answer = await browser.post(
            "/login",
            data={"email": "a@b.test", "password": "too often"},
            headers={"origin": "http://site.test", "accept-language": "en"},
        )
    assert answer.status_code == 429
    assert "in 14 minutes" in answer.text


@pytest.mark.parametrize("origin", [None, "http://elsewhere.test", "null"])
async def test_a_form_of_another_site_signs_nobody_in(app: App, origin: str | None) -> None:
    async with browse(app) as browser:
        answer = await browser.post(
            "/login",
            data={"email": "a@b.test", "password": "right"},
            headers={"origin": origin} if origin else {},
        )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_signing_out_ends_the_session(app: App, accounts: Accounts) -> None:
    async with browse(app) as browser:
        browser.cookies.set("tf_session", "good")
        answer = await browser.post(
            "/logout", data={"csrf": "csrf-1"}, headers={"origin": "http://site.test"}
        )
    assert answer.headers["location"] == "/login?out=1"
    assert "good" not in accounts.sessions


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/tickets?q=1", "/tickets?q=1"),
        ("https://elsewhere.test/", "/"),
        ("//elsewhere.test", "/"),
        ("/\\elsewhere.test", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nset-cookie: x=1", "/"),
        ("", "/"),
    ],
)
def test_sign_in_leads_only_to_pages_of_ours(path: str, expected: str) -> None:
    assert safe_path(path) == expected


async def test_static_files_are_compressed_and_answered_from_the_cache(app: App) -> None:
    async with browse(app) as browser:
        first = await browser.get("/static/shell.js")
        again = await browser.get("/static/shell.js", headers={"if-none-match": first.headers["etag"]})
        client = await browser.get("/reactpy/static/index.js")
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["content-type"].startswith("text/javascript")
    assert again.status_code == 304
    assert client.status_code == 200


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/none.js", "/static/"]
)
async def test_nothing_outside_the_folder_is_served(app: App, path: str) -> None:
    async with browse(app) as browser:
        assert (await browser.get(path)).status_code in (303, 404)


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ((None, "en-GB,zh;q=0.4"), "en"),
        (("zh", "en"), "zh"),
        (("fr", "de-DE, en;q=0.5"), "en"),
        (("",), "zh"),
    ],
)
def test_the_first_language_we_speak_is_chosen(wishes: tuple[str | None, ...], expected: str) -> None:
    assert choose_locale(*wishes) == expected


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "expected"),
    [
        (4200, "CNY", "zh", "¥42.00"),
        (-525, "CNY", "zh", "-¥5.25"),
        (1200, "JPY", "en", "JP¥1,200"),
        (1200, "JPY", "zh", "JP¥1,200"),
        (123456, "USD", "en", "$1,234.56"),
        (123456, "USD", "zh", "$1,234.56"),
        (1001, "KWD", "en", "KWD1.001"),
    ],
)
def test_money_shows_the_decimals_of_its_currency(
    amount: int, currency: str, locale: str, expected: str
) -> None:
    assert format_money(amount, currency, locale) == expected


def test_both_languages_have_the_same_keys() -> None:
    assert catalogue.load_texts("zh").keys() == catalogue.load_texts("en").keys()


def test_every_page_has_a_title_and_is_found_by_its_own_path() -> None:
    for page in PAGES:
        for locale in ("zh", "en"):
            assert translate(locale, page.title)
        found = find_page(re.sub(r"{\w+}", "abc", page.path))
        assert found is not None and found.page is page


def test_an_unknown_path_has_no_page() -> None:
    assert find_page("/no/such/page") is None
