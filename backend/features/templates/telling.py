"""A played scenario, told step by step in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from backend.contracts import templates as wire
from backend.contracts.common import Text
from backend.contracts.settlement import Party
from backend.engine.release import Release
from backend.engine.scenario import ScenarioStep
from backend.engine.simulation import Played
from backend.features.templates.package import RegionPlan
from backend.features.templates.playing import PlayedScenario
from backend.features.templates.present import to_text
from backend.features.templates.scenarios import ScenarioFile
from backend.messages import LOCALES, render
from backend.node_sdk import describe_duration


class Teller:
    """Knows what the release, the people and the regions are called."""

    def __init__(
        self,
        file: ScenarioFile,
        release: Release,
        *,
        regions: Iterable[RegionPlan],
        departments: Mapping[str, Text],
        locale: str,
    ) -> None:
        self.file = file
        self.release = release
        self.locale = locale
        self.people = {person.id: person.name or person.id for person in file.people}
        self.regions: dict[str, RegionPlan] = {region.key: region for region in regions}
        self.departments = departments

    def tell(self, key: str, played: PlayedScenario) -> wire.Played:
        """Every step; faults of answers stand with the last one."""
        steps = [
            self._tell_step(None if at == 0 else self.file.steps[at - 1], step)
            for at, step in enumerate(played.playback.steps)
        ]
        if played.faults:
            words = [self._tell_mismatch(fault.what, fault.expected, fault.found) for fault in played.faults]
            last = steps[-1]
            steps[-1] = msgspec.structs.replace(last, passed=False, mismatches=[*last.mismatches, *words])
        return wire.Played(
            key=key,
            name=Text(**self.file.name),
            workflow=self.file.workflow or "",
            passed=played.passed,
            steps=steps,
        )

    def _tell_step(self, step: ScenarioStep | None, played: Played) -> wire.PlayStep:
        return wire.PlayStep(
            event=self._tell_event(step),
            open_tasks=[self._label(node) for node in played.open],
            open_nodes=list(dict.fromkeys(played.open)),
            lines=[self._tell_line(line) for line in played.lines],
            visited=list(played.visited),
            node=_node_of(step),
            at=played.at,
            status=played.status,
            passed=not played.mismatches,
            mismatches=[self._tell_mismatch(m.what, m.expected, m.found) for m in played.mismatches],
        )

    def _tell_event(self, step: ScenarioStep | None) -> Text:
        if step is None:
            return _both(f"play_start_{self.file.ticket.source}", {})
        if step.complete is not None:
            node, outcome = step.complete.node, step.complete.outcome
            return _both(
                "play_complete", {"node": _plain(self._label(node)), "action": self._action(node, outcome)}
            )
        if step.advance is not None:
            return _both("play_advance", {"length": msgspec.to_builtins(describe_duration(step.advance))})
        if step.message is not None:
            return _both("play_message", {"name": step.message.name})
        if step.job is not None:
            return _both("play_job", {"node": _plain(self._label(step.job.node))})
        if step.add_item is not None:
            return _both("play_add_item", {"node": _plain(self._label(step.add_item.node))})
        if step.cancel is not None:
            return _both("play_cancel", {})
        return _both("play_look", {})

    def _label(self, node: str) -> Text:
        found = self.release.nodes.get(node)
        return Text(**found.label) if found else Text(zh=node, en=node)

    def _action(self, node: str, outcome: str) -> dict[str, str]:
        """The words on the port that the button leads to."""
        found = self.release.nodes.get(node)
        ports = found.ways_out if found else ()
        for port in ports:
            if port.name == outcome:
                return {"zh": port.label.zh, "en": port.label.en}
        return {"zh": outcome, "en": outcome}

    def _tell_line(self, line: dict[str, Any]) -> wire.PlayedLine:
        why = line["why"]
        return wire.PlayedLine(
            party=Party(kind=line["party_kind"], id=line["party"], name=self._party(line)),
            amount=line["amount"],
            currency=line["currency"],
            component=line["component"],
            side=line["side"],
            tariff=line["tariff"],
            row=line["row"],
            tier=line["tier"],
            why=render(why["code"], why["params"], self.locale),
        )

    def _party(self, line: dict[str, Any]) -> str:
        name: str = line["party"]
        if line["party_kind"] == "member":
            return self.people.get(name, name)
        if line["party_kind"] == "region" and name in self.regions:
            name = getattr(self.regions[name].name, self.locale)
        if line["party_kind"] == "department" and name in self.departments:
            name = getattr(self.departments[name], self.locale)
        return render(f"party_{line['party_kind']}", {"name": name}, self.locale)

    def _tell_mismatch(self, what: str, expected: Any, found: Any) -> str:
        params = {"what": what, "expected": to_text(expected), "found": to_text(found)}
        return render("play_mismatch", params, self.locale)


def _node_of(step: ScenarioStep | None) -> str | None:
    if step is None:
        return None
    if step.complete is not None:
        return step.complete.node
    return step.job.node if step.job is not None else None


def _plain(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _both(code: str, params: dict[str, Any]) -> Text:
    return Text(**{locale: render(code, params, locale) for locale in LOCALES})
