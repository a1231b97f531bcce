"""The README and the guides, checked: links lead somewhere, both languages have the same pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```", re.DOTALL)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|tmp|home|root|Users|var|mnt)/|\b[A-Z]:\\")
ISSUE_NUMBER = re.compile(r"(?<![\w&/.])#\d+\b|\bissues?/\d+")


def name_page(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def list_targets(page: Path) -> Iterator[str]:
    """What the page links to or shows, inside this repository."""
    for target in LINK.findall(CODE.sub("", page.read_text())):
        if not re.match(r"[a-z]+:", target):
            yield target


def list_anchors(page: Path) -> set[str]:
    """The headings as addresses: lower case, punctuation dropped, blanks as hyphens."""
    headings = re.findall(r"^#+ +(.+?) *$", CODE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def find_breach(page: Path, target: str) -> str | None:
    path, _, anchor = target.partition("#")
    found = (page.parent / path).resolve() if path else page
    if not found.is_relative_to(ROOT) or not found.exists():
        return f"{target}: there is no such file"
    if anchor and anchor not in list_anchors(found):
        return f"{target}: there is no such heading"
    return None


@pytest.mark.parametrize("page", PAGES, ids=name_page)
def test_every_relative_link_and_image_exists(page: Path) -> None:
    assert [breach for target in list_targets(page) if (breach := find_breach(page, target))] == []


@pytest.mark.parametrize("page", PAGES, ids=name_page)
def test_a_page_names_no_machine_and_no_issue(page: Path) -> None:
    text = page.read_text()
    assert MACHINE_PATH.findall(text) + ISSUE_NUMBER.findall(text) == []


def test_both_languages_have_the_same_pages() -> None:
    zh, en = ({page.name for page in (DOCS / locale).rglob("*.md")} for locale in ("zh", "en"))
    assert zh == en != set()


def test_the_index_names_every_guide() -> None:
    named = {target.partition("#")[0] for target in list_targets(DOCS / "README.md")}
    guides = {
        page.relative_to(DOCS).as_posix() for locale in ("zh", "en") for page in (DOCS / locale).rglob("*.md")
    }
    assert guides - named == set()


def test_every_picture_is_taken_by_a_browser_test() -> None:
    """So that it stays true: `queue.zh.png` comes from `take_picture(page, f"queue.{locale}")`, or from
    `visits.picture(member, path, "queue", size)` in both languages."""
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "e2e").glob("*.py"))
    shown = {target for page in PAGES for target in list_targets(page) if target.endswith(".png")}
    subjects = {Path(target).name.partition(".")[0] for target in shown}
    taken = {subject for subject in subjects if f'"{subject}.' in tests or f'"{subject}",' in tests}
    assert subjects - taken == set()


def test_a_guide_shows_pictures_in_its_own_language() -> None:
    """Wherever there is one; a picture of the other language is shown only while it is the only one."""
    foreign = set()
    for locale in ("zh", "en"):
        for page in (DOCS / locale).rglob("*.md"):
            for target in list_targets(page):
                shown = (page.parent / target).resolve()
                own = shown.with_name(f"{shown.name.partition('.')[0]}.{locale}.png")
                if shown.suffix == ".png" and shown != own and own.exists():
                    foreign.add(f"{name_page(page)}: {target}")
    assert foreign == set()
