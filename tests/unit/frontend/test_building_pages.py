"""Parts of the pages of workflows, templates and administration."""

from __future__ import annotations

import pytest

from backend.contracts.common import FieldProblem, Page, Problem, Text
from backend.contracts.templates import TemplateCounts, TemplateDetail
from backend.contracts.tickets import Flow
from frontend.i18n import LOCALES
from frontend.i18n.catalogue import load_texts
from frontend.pages.admin import audit, frame, jobs, roles
from frontend.pages.templates.detail import name_part
from frontend.pages.workflows import place, releases
from frontend.paging import load_all, load_pages
from frontend.routes import PAGES, find_page
from frontend.widgets.generated import (
    Refusal,
    both_languages,
    choices_field,
    object_of,
    present_refusal,
    text_field,
)

NUMBERS = Page[int](items=[1, 2], next="b"), Page[int](items=[3], next="c"), Page[int](items=[4])

KEYS = [
    *(page.title for page in PAGES),
    *(f"shell.nav.{page.nav.text}" for page in PAGES if page.nav),
    *(f"admin.section.{key}" for key in frame.SECTIONS),
    *(f"admin.right.{right}" for right in roles.RIGHTS),
    *(f"admin.jobs.status.{status}" for status in jobs.STATUSES),
    *(f"admin.jobs.kind.{kind}" for kind in jobs.KINDS),
    *(f"admin.act.{action}" for action in audit.ACTIONS),
    *(f"workflows.part.{part}" for part, _ in place.PARTS),
    *(f"workflows.kind.{kind}" for kind in releases.SIGNS),
    *(f"workflows.subject.{subject}" for subject in ("node", "edge", "form", "field", "setting")),
    *(f"workflows.detail.{key}" for key in (*releases.DETAILS.values(), "other")),
    *(f"templates.part.{part}" for part in ("flow", "forms", "tariffs", "play")),
    *(f"templates.side.{side}" for side in ("receiving", "bearing")),
]


async def load_numbers(cursor: str | None) -> Page[int]:
    return NUMBERS[{None: 0, "b": 1, "c": 2}[cursor]]


@pytest.mark.parametrize(
    ("count", "items", "following"),
    [(1, [1, 2], "b"), (2, [1, 2, 3], "c"), (3, [1, 2, 3, 4], None), (9, [1, 2, 3, 4], None)],
)
async def test_opened_pages_are_one_list(count: int, items: list[int], following: str | None) -> None:
    page = await load_pages(load_numbers, count)
    assert (page.items, page.next) == (items, following)


async def test_choices_are_complete() -> None:
    assert await load_all(load_numbers) == [1, 2, 3, 4]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_that_is_named_by_data_exists(locale: str) -> None:
    assert set(KEYS) - load_texts(locale).keys() == set()


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/workflows", "/workflows"),
        ("/workflows/w1/forms", "/workflows/{workflow_id}/forms"),
        ("/workflows/w1/forms/visit/", "/workflows/{workflow_id}/forms/{form_key}"),
        ("/templates/food/complaint", "/templates/{industry}/{slug}"),
        ("/templates/food/complaint/clone", "/templates/{industry}/{slug}/clone"),
        ("/admin", "/admin"),
        ("/admin/audit", "/admin/{section}"),
        ("/me", "/me"),
    ],
)
def test_paths_lead_to_their_pages(path: str, page: str) -> None:
    found = find_page(path)
    assert found is not None
    assert found.page.path == page


@pytest.mark.parametrize("path", ["/admin", "/admin/members"])
def test_administration_needs_its_right(path: str) -> None:
    found = find_page(path)
    assert found is not None
    assert found.page.rights == ("administer",)


def test_schemas_of_pages() -> None:
    schema = object_of(
        {
            "name": both_languages("Name"),
            "mail": text_field("Mail", hint="why", format="email"),
            "roles": choices_field("Roles", [("agent", "Agent")]),
        },
        ["name"],
    )
    assert list(schema["properties"]) == ["name", "mail", "roles"]
    assert schema["required"] == ["name"]
    assert schema["properties"]["mail"]["description"] == "why"
    assert schema["properties"]["roles"]["items"] == {
        "type": "string",
        "oneOf": [{"const": "agent", "title": "Agent"}],
    }


def test_a_refusal_speaks_at_its_field_or_in_one_sentence() -> None:
    fault = FieldProblem(pointer="/key", code="taken", message="Taken")
    at_field = Problem(title="Invalid", status=422, code="invalid", errors=[fault])
    whole = Problem(title="Conflict", status=409, code="conflict", detail="Already there")
    assert present_refusal(None) is None
    assert present_refusal(Refusal(1, whole)) == {"attempt": 1, "message": "Already there", "errors": []}
    assert present_refusal(Refusal(2, at_field)) == {
        "attempt": 2,
        "message": "",
        "errors": [{"pointer": "/key", "message": "Taken"}],
    }


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("tariffs/commission.json/rows/0", "Commission"),
        ("tariffs/unknown.json", "tariffs/unknown.json"),
        ("roles.json", "roles.json"),
        ("", ""),
    ],
)
def test_findings_name_their_part(pointer: str, name: str) -> None:
    found = TemplateDetail(
        id="x/y",
        slug="y",
        industry="x",
        version="1.0.0",
        name=Text(),
        summary=Text(),
        counts=TemplateCounts(nodes=0, forms=0, tariffs=1),
        graph=Flow(nodes=[], edges=[]),
        workflows={},
        tariffs={"commission": {"name": {"zh": "提成", "en": "Commission"}}},
        parameters={},
        scenarios=[],
    )
    assert name_part(pointer, found, "en") == name
