"""One server with its demo workspace and one browser for all tests; a browser context for each visit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.visits import PATIENCE, Member, Visits, visiting
from tests.support.serving import LiveServer

expect.set_options(timeout=PATIENCE)

FindMember = Callable[..., Member]


@pytest.fixture(scope="session")
def member(live_server: LiveServer) -> FindMember:
    """`member("agent", 1)`: the second agent; each account signs in once."""
    known: dict[tuple[str, int], Member] = {}

    def find(role: str, at: int = 0) -> Member:
        if (role, at) not in known:
            known[role, at] = Member(live_server.url, live_server.account(role, at))
        return known[role, at]

    return find


@pytest.fixture
def visits(browser: Browser, live_server: LiveServer) -> Iterator[Visits]:
    with visiting(browser, live_server) as visits:
        yield visits
