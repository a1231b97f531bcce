"""Every page, in both languages, at both widths, light and dark: it loads, fits, and names its controls."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Visit, Visits
from tests.support.browsing import DESKTOP, PHONE, take_picture

PAGES = {
    "admin": (
        "/",
        "/tickets",
        "/workflows",
        "/admin",
        "/admin/members",
        "/admin/regions",
        "/me",
        "/notifications",
    ),
    "implementer": (
        "/templates",
        "/templates/automotive/body-and-paint",
        "/templates/education/trial-lesson?part=forms",
    ),
    "finance": ("/settlement", "/settlement/lines", "/settlement/tariffs"),
    "agent": ("/", "/tickets", "/tickets/board", "/tickets/new", "/me/earnings"),
    "regional_manager": ("/", "/tickets?view=open"),
}
NAMELESS = """() => {
  const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=tab]';
  const named = (element) => {
    const labels = (element.getAttribute('aria-labelledby') || '').split(/\\s+/).filter(Boolean);
    const parts = [
      element.getAttribute('aria-label'), element.title, element.placeholder, element.alt,
      ...labels.map((id) => document.getElementById(id)?.textContent),
      ...[...(element.labels || [])].map((label) => label.textContent),
      element.matches('input, select, textarea') ? '' : element.textContent,
      ...[...element.querySelectorAll('img[alt], [aria-label]')].map((child) => child.alt || child.ariaLabel),
    ];
    return parts.some((part) => part && part.trim());
  };
  return [...document.querySelectorAll(controls)]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))
    .filter((element) => !element.closest('[inert], [aria-hidden=true]'))
    .filter((element) => !named(element))
    .map((element) => element.outerHTML.slice(0, 160));
}"""
STRUCTURE = """() => {
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  return {
    twice: ids.filter((id, at) => id && ids.indexOf(id) !== at),
    mains: document.querySelectorAll('main').length,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    pictures: [...document.querySelectorAll('img:not([alt])')].map((img) => img.src),
    raw: document.body.innerText.match(/\\b(shell|tickets|home|workflows)\\.[a-z_.]{3,}\\b/g) || [],
  };
}"""


def judge(page: Page, path: str) -> list[str]:
    """What a careful reader would object to."""
    found = page.evaluate(STRUCTURE)
    faults = [f"{path}: no name: {each}" for each in page.evaluate(NAMELESS)]
    faults += [f"{path}: id stands twice: {each}" for each in found["twice"]]
    faults += [f"{path}: picture without alt: {each}" for each in found["pictures"]]
    faults += [f"{path}: text missing: {each}" for each in found["raw"]]
    if found["wide"] > 0:
        faults.append(f"{path}: {found['wide']} px too wide")
    if found["mains"] != 1:
        faults.append(f"{path}: {found['mains']} main landmarks")
    return faults


def look_through(visit: Visit, paths: tuple[str, ...]) -> list[str]:
    faults: list[str] = []
    for path in paths:
        page = visit.open(path)
        faults += judge(page, path)
    return faults


class Look(NamedTuple):
    """How a person looks at the pages."""

    locale: str
    size: dict[str, int]
    theme: str


@pytest.mark.parametrize(
    "look", [Look("zh", DESKTOP, "light"), Look("en", PHONE, "dark")], ids=["desk", "phone"]
)
@pytest.mark.parametrize("role", list(PAGES))
def test_every_page_of_a_role(visits: Visits, member: FindMember, role: str, look: Look) -> None:
    visit = visits.start(member(role), look.locale, look.size, look.theme)
    assert not look_through(visit, PAGES[role])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_designer_with_a_whole_template(visits: Visits, member: FindMember, theme: str) -> None:
    admin = member("admin")
    found = next(item for item in admin.get("/workflows")["items"] if item["name"]["zh"] == "连锁餐饮客诉")
    for locale in ("zh", "en"):
        visit = visits.start(admin, locale, DESKTOP, theme)
        page = visit.open(f"/workflows/{found['id']}/design")
        page.locator(".react-flow__node").nth(10).wait_for()
        page.locator("[data-save-state=saved]").wait_for()
        page.locator(".react-flow__node[data-id=n_store]").click()
        panel = page.get_by_role("complementary", name=visit.t("canvas.panel.label"))
        expect(panel.locator("select").first).to_be_visible()
        assert not judge(page, "designer")
        if theme == "light":
            take_picture(page, f"designer.{locale}")


def test_the_desk_in_the_dark(visits: Visits, member: FindMember) -> None:
    visit = visits.start(member("agent"), "en", DESKTOP, "dark")
    page = visit.open("/tickets")
    page.locator("aside li a").first.click()
    expect(page.get_by_label("What was done")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    take_picture(page, "ticket-dark.en")
