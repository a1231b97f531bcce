"""Every package is proven part by part, and a proof notices when a part is broken."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.features.templates.package import LIBRARY, Package, PackageInvalid, list_packages, load_package
from backend.features.templates.proofs import play_scenario, prove
from backend.features.templates.views import open_view
from backend.graph.registry import Registry
from backend.settlement.document import decode
from backend.settlement.tariff import TIERED, WHOLE_AMOUNT
from designer_nodes import NODE_TYPES

REGISTRY = Registry(NODE_TYPES)
SILENT = "scenarios/nobody-on-duty.json"
PACKAGES = list_packages()
SCENARIOS = [(package, name) for package in PACKAGES for name in package.scenarios]


@pytest.mark.parametrize(
    ("package", "name"), SCENARIOS, ids=[f"{package.slug}/{name}" for package, name in SCENARIOS]
)
def test_a_scenario_goes_as_it_says(package: Package, name: str) -> None:
    played = play_scenario(package, package.scenarios[name], REGISTRY)
    assert [step.mismatches for step in played.playback.steps if step.mismatches] == []
    assert played.faults == ()
    booked = [line for step in played.playback.steps for line in step.lines]
    assert sum(line["amount"] for line in booked) == 0


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.slug)
def test_a_package_is_sound_and_speaks_both_languages(package: Package) -> None:
    proof = prove(package, REGISTRY)
    assert [finding for finding in proof.findings if finding.severity == "error"] == []
    assert proof.passed and len(package.scenarios) >= 4
    texts = [package.manifest.name, package.manifest.summary, *(role.name for role in package.roles)]
    assert all(text.zh and text.en and text.zh != text.en for text in texts)
    for release in open_view(package, REGISTRY).releases.values():
        for node in release.definition.graph.nodes.values():
            assert node.label.zh and node.label.en


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.slug)
def test_every_node_is_entered_by_some_scenario(package: Package) -> None:
    """What no scenario enters, none proves."""
    entered: set[str] = set()
    for file in package.scenarios.values():
        entered |= set(play_scenario(package, file, REGISTRY).playback.state.visits)
    assert entered == {
        node for release in open_view(package, REGISTRY).releases.values() for node in release.nodes
    }


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.slug)
def test_nodes_do_not_lie_on_each_other(package: Package) -> None:
    """The gallery draws its pictures from these places."""
    for release in open_view(package, REGISTRY).releases.values():
        places = [node.position for node in release.definition.graph.nodes.values()]
        for at, one in enumerate(places):
            assert not any(abs(one.x - two.x) < 220 and abs(one.y - two.y) < 90 for two in places[:at])


def test_both_readings_of_a_monthly_tier_table_are_used_once() -> None:
    """月销 5 万 8 %，10 万 12 %: the whole amount for the campus, marginal for the consultant."""
    package = next(package for package in PACKAGES if package.slug == "trial-lesson")
    tariffs = [decode(document) for document in open_view(package, REGISTRY).instance.tariffs.values()]
    readings = {
        tariff.key: {
            isinstance(row.charge, WHOLE_AMOUNT) for row in tariff.rows if isinstance(row.charge, TIERED)
        }
        for tariff in tariffs
    }
    assert readings == {"campus_commission": {True}, "consultant_commission": {False}}
    assert all(tariff.accumulation == "period" for tariff in tariffs)


# --- what a proof must notice ---


def change(folder: Path, name: str, edit: Callable[[Any], None]) -> None:
    document = msgspec.json.decode((folder / name).read_bytes())
    edit(document)
    (folder / name).write_bytes(msgspec.json.encode(document))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The complaint package to break."""
    folder = tmp_path / "restaurant" / "chain-complaint"
    shutil.copytree(LIBRARY / "restaurant" / "chain-complaint", folder)
    return folder


def _halve_coefficient(tariff: Any) -> None:
    for row in tariff["rows"]:
        row["modifiers"][0]["factor"] = "1.25"


def _pay_north_more(manifest: Any) -> None:
    manifest["parameters"]["properties"]["north_fixed"]["default"] = 3501


def _swap_regions(tariff: Any) -> None:
    north, east = tariff["rows"][0]["match"], tariff["rows"][1]["match"]
    north["region"], east["region"] = east["region"], north["region"]


def _raise_threshold(workflow: Any) -> None:
    edge = workflow["graph"]["edges"]["e_amount_next_approve"]
    edge["when"] = edge["when"].replace(" > ", " >= ")


def _forget_urgency(workflow: Any) -> None:
    workflow["graph"]["nodes"]["n_food"]["config"]["priority"] = "high"


def _one_after_the_other(workflow: Any) -> None:
    edges = workflow["graph"]["edges"]
    edges["e_split_next_quality"]["source"] = "n_supervisor"
    edges["e_split_next_quality"]["port"] = "done"
    del edges["e_supervisor_done_join"]


@pytest.mark.parametrize(
    ("part", "edit"),
    [
        ("tariffs/complaint_handling.json", _halve_coefficient),
        ("tariffs/complaint_handling.json", _swap_regions),
        ("template.json", _pay_north_more),
        ("workflows/complaint.json", _raise_threshold),
        ("workflows/complaint.json", _forget_urgency),
        ("workflows/complaint.json", _one_after_the_other),
    ],
)
def test_a_changed_rule_fails_a_scenario(copy: Path, part: str, edit: Callable[[Any], None]) -> None:
    assert prove(load_package(copy), REGISTRY).passed
    change(copy, part, edit)
    proof = prove(load_package(copy), REGISTRY)
    assert not proof.passed
    assert any(not played.passed for played in proof.scenarios.values()) or proof.findings


def test_an_unsound_graph_is_found_and_not_played(copy: Path) -> None:
    change(copy, "workflows/complaint.json", lambda raw: raw["graph"]["edges"].pop("e_quality_done_join"))
    proof = prove(load_package(copy), REGISTRY)
    assert not proof.passed and proof.scenarios == {}
    assert any(finding.severity == "error" for finding in proof.findings)


def test_an_answer_that_the_form_refuses_fails(copy: Path) -> None:
    """A scenario cannot press a button with data that nobody could have typed."""

    def leave_out(scenario: Any) -> None:
        del scenario["steps"][1]["complete"]["data"]["finding"]

    change(copy, "scenarios/north-fixed-amount.json", leave_out)
    played = prove(load_package(copy), REGISTRY).scenarios["north-fixed-amount"]
    assert played.playback.passed and not played.passed
    assert [fault.found for fault in played.faults] == ["required"]


@pytest.mark.parametrize(
    ("part", "edit", "where"),
    [
        ("template.json", lambda raw: raw.update(id="restaurant/other"), "template.json"),
        ("template.json", lambda raw: raw.update(format="tierflow.template/2"), "template.json"),
        ("template.json", lambda raw: raw.update(extra=1), "template.json"),
        ("template.json", lambda raw: raw["contains"]["tariffs"].append("gone"), "tariffs/gone.json"),
        ("template.json", lambda raw: raw["entry_links"][0].update(region="mars"), "template.json"),
        ("roles.json", lambda raw: raw[0].update(rights=["administer"]), "roles.json"),
        ("regions.json", lambda raw: raw[1].update(parent="mars"), "regions.json"),
        (
            "scenarios/nobody-on-duty.json",
            lambda raw: raw.update(workflow="x"),
            "scenarios/nobody-on-duty.json",
        ),
        (SILENT, lambda raw: raw.update(typo=1), SILENT),
        ("forms/rating.json", lambda raw: raw.update(schema=7), "forms/rating.json"),
    ],
)
def test_a_broken_package_names_the_file(
    copy: Path, part: str, edit: Callable[[Any], None], where: str
) -> None:
    change(copy, part, edit)
    with pytest.raises(PackageInvalid) as refused:
        load_package(copy)
    assert refused.value.where == where


def test_a_package_is_read_again_only_after_a_change(copy: Path) -> None:
    first = load_package(copy)
    assert load_package(copy) is first
    change(copy, "template.json", _pay_north_more)
    assert load_package(copy).hash != first.hash
