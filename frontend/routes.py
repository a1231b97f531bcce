"""Which page stands at which path.

To add a page: write a component in `frontend/pages/<noun>.py` whose parameters are the names in braces of its
path, and add one line here. A page with `nav` appears in the rail (desktop) and in the tab bar (phone).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from reactpy.types import Component
from reactpy_router import route
from reactpy_router.resolvers import ReactPyResolver

from frontend.pages import home, me, notifications
from frontend.pages.admin import frame
from frontend.pages.settlement import (
    books,
    closing,
    comparison,
    corrections,
    disputes,
    labour,
    quarantine,
    statements,
    summary,
    timesheet,
)
from frontend.pages.settlement import earnings as own_earnings
from frontend.pages.settlement import frame as money
from frontend.pages.settlement import lines as ledger
from frontend.pages.settlement import orders as order_page
from frontend.pages.tariffs import catalog as tariff_catalog
from frontend.pages.tariffs import tariff as tariff_page
from frontend.pages.templates import clone as cloning
from frontend.pages.templates import detail as template_page
from frontend.pages.templates import gallery
from frontend.pages.tickets import board, desk
from frontend.pages.tickets import new as new_ticket
from frontend.pages.workflows import (
    catalog,
    design,
    forms,
    migration,
    place,
    rehearsal,
    releases,
    triggers,
)


class Nav(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the navigation: its icon, its text (`shell.nav.<text>`), and whether phones show it."""

    icon: str
    text: str
    on_phone: bool = True


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page. `rights` are the verbs of which one is needed; none means that everybody may open it."""

    path: str
    draw: Callable[..., Component]
    title: str
    rights: tuple[str, ...] = ()
    nav: Nav | None = None
    wide: bool = False
    """Takes the whole width and height beside the rail, as the designer does."""
    edge: bool = False
    """Takes the whole width without a margin, and scrolls as a whole."""
    head: Callable[..., Component] | None = None
    """Stands in the header instead of the title: where the reader is among the pages of one thing."""
    bundle: str = ""
    """The island that fills the page, if one does."""
    group: str = ""
    """Pages of one group are drawn by the same component, which stays when the reader goes between them."""


PAGES: tuple[Page, ...] = (
    Page(path="/", draw=home.home, title="shell.nav.home", nav=Nav(icon="house", text="home")),
    Page(
        path="/tickets",
        draw=desk.desk,
        title="tickets.title",
        rights=("run", "view"),
        nav=Nav(icon="inbox", text="tickets"),
        edge=True,
        group="desk",
    ),
    Page(path="/tickets/board", draw=board.board, title="tickets.board", rights=("run", "view")),
    Page(path="/tickets/new", draw=new_ticket.new_ticket, title="tickets.new.title", rights=("run",)),
    Page(
        path="/tickets/{ticket_id}",
        draw=desk.desk,
        title="tickets.title",
        rights=("run", "view"),
        edge=True,
        group="desk",
    ),
    Page(
        path="/settlement",
        draw=summary.settlement,
        title="settlement.title",
        head=money.settlement_bar,
        rights=("settle", "view"),
        nav=Nav(icon="coins", text="settlement"),
    ),
    Page(
        path="/settlement/tariffs",
        draw=tariff_catalog.tariffs,
        title="tariffs.title",
        head=money.settlement_bar,
        rights=("settle", "view", "edit", "publish"),
    ),
    Page(
        path="/settlement/tariffs/{tariff_id}",
        draw=tariff_page.tariff,
        title="tariffs.title",
        head=money.settlement_bar,
        rights=("settle", "view", "edit", "publish"),
        edge=True,
        bundle="tariffgrid",
    ),
    Page(path="/notifications", draw=notifications.notifications, title="notifications.title"),
    Page(path="/settlement/lines", draw=ledger.lines, title="settlement.lines", head=money.settlement_bar),
    Page(
        path="/settlement/lines/{line_id}",
        draw=ledger.line,
        title="settlement.line",
        head=money.settlement_bar,
    ),
    Page(
        path="/settlement/periods",
        draw=books.books,
        title="periods.title",
        head=money.settlement_bar,
        rights=("settle", "view"),
    ),
    Page(
        path="/settlement/periods/{period_id}",
        draw=closing.period_page,
        title="periods.title",
        head=money.settlement_bar,
        rights=("settle", "view"),
    ),
    Page(
        path="/settlement/statements",
        draw=statements.statements,
        title="statements.title",
        head=money.settlement_bar,
        rights=("settle", "view"),
    ),
    Page(
        path="/settlement/statements/{kind}/{party_id}",
        draw=statements.statement,
        title="statements.title",
        head=money.settlement_bar,
    ),
    Page(
        path="/settlement/disputes",
        draw=disputes.disputes,
        title="disputes.title",
        head=money.settlement_bar,
    ),
    Page(
        path="/settlement/disputes/{dispute_id}",
        draw=disputes.dispute,
        title="disputes.title",
        head=money.settlement_bar,
    ),
    Page(
        path="/settlement/corrections",
        draw=corrections.corrections,
        title="corrections.title",
        head=money.settlement_bar,
        rights=("settle",),
    ),
    Page(
        path="/settlement/corrections/{correction_id}",
        draw=corrections.correction,
        title="corrections.title",
        head=money.settlement_bar,
        rights=("settle",),
    ),
    Page(
        path="/settlement/comparison",
        draw=comparison.comparison,
        title="comparison.title",
        head=money.settlement_bar,
        rights=("settle", "view"),
    ),
    Page(
        path="/settlement/orders",
        draw=order_page.orders,
        title="orders.title",
        head=money.settlement_bar,
        rights=("settle", "view"),
    ),
    Page(
        path="/settlement/quarantine",
        draw=quarantine.quarantine,
        title="quarantine.title",
        head=money.settlement_bar,
        rights=("settle", "view"),
    ),
    Page(
        path="/settlement/labour",
        draw=labour.labour,
        title="labour.title",
        head=money.settlement_bar,
        rights=("settle", "view"),
    ),
    Page(path="/me/timesheet", draw=timesheet.timesheet, title="labour.mine"),
    Page(
        path="/me/earnings",
        draw=own_earnings.earnings,
        title="earnings.title",
        rights=("run",),
        nav=Nav(icon="wallet", text="earnings"),
    ),
    Page(
        path="/templates",
        draw=gallery.gallery,
        title="templates.title",
        rights=("edit", "publish"),
        nav=Nav(icon="layout-template", text="templates"),
    ),
    Page(
        path="/templates/{industry}/{slug}",
        draw=template_page.template,
        title="templates.title",
        rights=("view", "edit"),
    ),
    Page(
        path="/templates/{industry}/{slug}/clone",
        draw=cloning.clone,
        title="templates.clone",
        rights=("publish",),
    ),
    Page(
        path="/workflows",
        draw=catalog.catalog,
        title="workflows.title",
        rights=("edit", "publish"),
        nav=Nav(icon="workflow", text="workflows"),
    ),
    Page(
        path="/workflows/{workflow_id}/design",
        draw=design.design,
        title="workflows.part.design",
        head=place.place_bar,
        rights=("view", "edit"),
        wide=True,
        bundle="canvas",
    ),
    Page(
        path="/workflows/{workflow_id}/forms",
        draw=forms.forms,
        title="workflows.part.forms",
        head=place.place_bar,
        rights=("view", "edit"),
        wide=True,
    ),
    Page(
        path="/workflows/{workflow_id}/forms/{form_key}",
        draw=forms.form_builder,
        title="workflows.part.forms",
        head=place.place_bar,
        rights=("view", "edit"),
        wide=True,
        bundle="formbuilder",
    ),
    Page(
        path="/workflows/{workflow_id}/triggers",
        draw=triggers.triggers,
        title="workflows.part.triggers",
        head=place.place_bar,
        rights=("view", "edit", "publish"),
        wide=True,
    ),
    Page(
        path="/workflows/{workflow_id}/releases",
        draw=releases.releases,
        title="workflows.part.releases",
        head=place.place_bar,
        rights=("view", "edit", "publish"),
        wide=True,
    ),
    Page(
        path="/workflows/{workflow_id}/rehearsal",
        draw=rehearsal.rehearsal,
        title="workflows.part.rehearsal",
        head=place.place_bar,
        rights=("view", "edit", "publish"),
        wide=True,
    ),
    Page(
        path="/workflows/{workflow_id}/migration",
        draw=migration.migration,
        title="workflows.part.migration",
        head=place.place_bar,
        rights=("view", "edit", "publish"),
        wide=True,
    ),
    Page(
        path="/admin",
        draw=frame.admin,
        title="admin.title",
        rights=("administer",),
        nav=Nav(icon="settings", text="admin", on_phone=False),
        group="admin",
    ),
    Page(
        path="/admin/{section}",
        draw=frame.admin,
        title="admin.title",
        rights=("administer",),
        group="admin",
    ),
    Page(path="/me", draw=me.me, title="me.title"),
)


class Found(msgspec.Struct, frozen=True):
    """The page of a path, with what the path says."""

    page: Page
    parameters: dict[str, Any]


@cache
def _resolvers() -> tuple[tuple[Page, ReactPyResolver], ...]:
    return tuple((page, ReactPyResolver(route(page.path, None))) for page in PAGES)


def find_page(path: str) -> Found | None:
    """The first page whose path fits; a slash at the end makes no difference."""
    wanted = path.rstrip("/") or "/"
    for page, resolver in _resolvers():
        match = resolver.resolve(wanted)
        if match is not None:
            return Found(page, match.params)
    return None
