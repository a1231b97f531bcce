"""Scenario files: a played ticket, who is there to work it, and what the period has booked before."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from backend.engine.scenario import Expect, Scenario, ScenarioStep, TicketStart


class PlayedPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who is there. `region` is a region's key, None the whole workspace."""

    id: str
    name: str = ""
    roles: tuple[str, ...] = ()
    region: str | None = None
    skills: tuple[str, ...] = ()
    level: str = ""
    load: int = 0
    """Open tasks that this person has already."""
    served: bool = False
    """Whether this person served the scenario's customer last."""


class Earlier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ticket that was settled before the scenario begins: worked out by the same rules, so that sums of the
    period are never made up."""

    tariff: str
    region: str
    assignee: str | None = None
    at: datetime
    quantities: dict[str, Decimal]


class ScenarioFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`tierflow.scenario/1` with the world around it.

    `unanswered` names kinds of jobs (`email`, `webhook` ...) that the scenario answers by a step of its own.
    """

    format: str = "tierflow.scenario/1"
    name: dict[str, str] = {}
    workflow: str | None = None
    people: tuple[PlayedPerson, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    unanswered: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}
    """Over the package's defaults."""
    ticket: TicketStart = TicketStart()
    customer: dict[str, Any] = {}
    start: dict[str, Any] = {}
    at: datetime = Scenario().at
    expect: Expect = Expect()
    steps: tuple[ScenarioStep, ...] = ()

    @property
    def scenario(self) -> Scenario:
        """The engine's part."""
        return Scenario(
            name=self.name,
            workflow=self.workflow,
            ticket=self.ticket,
            customer=self.customer,
            start=self.start,
            at=self.at,
            expect=self.expect,
            steps=self.steps,
        )
