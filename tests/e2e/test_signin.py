"""Signing in, the first set-up, what each role meets, language and theme."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from frontend.i18n import translator
from tests.e2e.conftest import FindMember
from tests.e2e.visits import TAGS, Visits, visiting
from tests.support.browsing import DESKTOP, PHONE
from tests.support.serving import LiveServer, serve


def find_setup_link(server: LiveServer) -> str:
    """What the server prints once, a moment after it answers."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        found = re.search(r"http://\S+/setup\?token=\S+", (server.data / "server.log").read_text())
        if found:
            return found.group()
        time.sleep(0.05)
    raise AssertionError("no set-up link was printed")


def fill_in(page: Page, email: str, password: str) -> None:
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    page.locator("form button[type=submit]").click()


@pytest.mark.parametrize(("locale", "size"), [("zh", PHONE), ("en", DESKTOP)])
def test_a_wrong_password_says_so_and_a_right_one_leads_on(
    visits: Visits, live_server: LiveServer, locale: str, size: dict[str, int]
) -> None:
    visit = visits.start(None, locale, size)
    visit.complaints.expected = {401}
    page, account = visit.page, live_server.account("finance")
    page.goto("/tickets")
    expect(page).to_have_url(re.compile("/login"))
    fill_in(page, account.email, "not the password")
    expect(page.get_by_role("alert")).to_have_text(visit.t("signin.wrong"))
    expect(page.locator("#email")).to_have_value(account.email)
    expect(page.locator("#password")).to_have_value("")
    fill_in(page, account.email, account.password)
    expect(page).to_have_url(re.compile("/tickets$"))
    expect(page.locator("html")).to_have_attribute("lang", re.compile("."))


def test_the_sign_in_page_changes_its_language(visits: Visits) -> None:
    visit = visits.start(None, "zh")
    page = visit.page
    page.goto("/login")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading")).to_have_text(translator("en")("signin.title"))
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_an_empty_installation_is_set_up_once_and_slows_guessing_down(
    browser: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "empty", "serve") as server, visiting(browser, server) as visits:
        link = find_setup_link(server)
        visit = visits.start(None, "en")
        visit.complaints.expected = {401, 403, 404, 409, 422, 429}
        page = visit.page
        page.goto(link)
        for name, value in (("workspace", "Riverside"), ("name", "Ann Lee"), ("email", "ann@example.com")):
            page.locator(f"#{name}").fill(value)
        page.locator("#password").fill("correct horse battery")
        page.locator("form button[type=submit]").click()
        expect(page.locator("#main")).to_contain_text("Ann Lee")

        stranger = visits.start(None, "en")
        stranger.complaints.expected = {401, 403, 404, 409, 422, 429}
        page = stranger.page
        page.goto(link)
        for name, value in (("workspace", "Other"), ("name", "Eve"), ("email", "eve@example.com")):
            page.locator(f"#{name}").fill(value)
        page.locator("#password").fill("correct horse battery")
        page.locator("form button[type=submit]").click()
        expect(page.get_by_role("alert")).to_have_text(stranger.t("signin.setup.used"))

        page.goto("/login")
        wrong, slow = stranger.t("signin.wrong"), re.compile("Too many tries|minutes")
        for _ in range(30):
            fill_in(page, "ann@example.com", "a guess")
            alert = page.get_by_role("alert")
            alert.wait_for()
            if alert.inner_text() != wrong:
                break
        expect(page.get_by_role("alert")).to_contain_text(slow)


class Arrival(NamedTuple):
    """Who comes home, how, and what must be there."""

    role: str
    locale: str
    size: dict[str, int]
    shows: tuple[str, ...]


@pytest.mark.parametrize(
    "arrival",
    [
        Arrival("agent", "zh", PHONE, ("home.tasks.title", "home.earnings.title")),
        Arrival("admin", "zh", DESKTOP, ("home.workflows.title", "home.settlement.title")),
        Arrival("implementer", "en", DESKTOP, ("home.workflows.title",)),
        Arrival("finance", "en", PHONE, ("home.settlement.title",)),
        Arrival("regional_manager", "zh", DESKTOP, ("home.tasks.title", "home.tickets.title")),
    ],
    ids=lambda arrival: arrival.role,
)
def test_the_home_page_fits_the_role(visits: Visits, member: FindMember, arrival: Arrival) -> None:
    person = member(arrival.role)
    visit = visits.start(person, arrival.locale, arrival.size)
    page = visit.open("/")
    name = person.session["user"]["name"]
    expect(page.locator("#main")).to_contain_text(visit.t("home.greeting", name=name))
    for key in arrival.shows:
        expect(page.get_by_role("heading", name=visit.t(key), exact=True)).to_be_visible()
    administers = "administer" in person.session["rights"]
    assert (page.locator("nav a[href='/admin']").count() > 0) == administers


def test_language_and_theme_change_at_once_and_stay(visits: Visits, member: FindMember) -> None:
    visit = visits.start(member("regional_manager"), "zh")
    page = visit.open("/")
    account = page.locator("header details summary").last
    account.click()
    page.get_by_role("button", name="English", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", TAGS["en"].split("-")[0])
    expect(page.locator("header")).to_contain_text("Home")
    if page.locator("header details[open]").count() == 0:
        account.click()
    page.get_by_role("button", name="Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "tierflow-dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "tierflow-dark")
    expect(page.locator("header")).to_contain_text("Home")


def test_signing_out_ends_the_session(visits: Visits, live_server: LiveServer) -> None:
    visit = visits.start(None, "zh")
    page, account = visit.page, live_server.account("finance")
    page.goto("/login")
    fill_in(page, account.email, account.password)
    page.locator("header details summary").last.click()
    page.get_by_role("button", name=re.compile("退出登录|Sign out")).click()
    expect(page.get_by_role("alert")).to_have_text(visit.t("signin.signed_out"))
    page.goto("/")
    expect(page).to_have_url(re.compile("/login"))
