"""The commands over packages, as a shell calls them: what they print and how they exit."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.cli import main
from backend.db.migration import upgrade
from backend.db.session import Database
from backend.features.identity.workspaces import create_account, create_workspace
from backend.features.platform.settings import default_database_url
from backend.features.templates.package import LIBRARY

TRIAL = LIBRARY / "education" / "trial-lesson"
WORKFLOW = str(TRIAL / "workflows" / "trial.json")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_library_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "template", "list", "--lang", "zh")
    assert code == 0
    assert [line.split("\t")[0] for line in out.splitlines()] == [
        "automotive/body-and-paint",
        "education/trial-lesson",
        "restaurant/chain-complaint",
    ]
    assert "连锁餐饮客诉" in out


def test_the_library_is_verified(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "template", "verify")
    assert code == 0
    assert [line for line in out.splitlines() if not line.startswith(" ")] == [
        "automotive/body-and-paint 1.0.0: ok, scenarios 6/6",
        "education/trial-lesson 1.0.0: ok, scenarios 7/7",
        "restaurant/chain-complaint 1.0.0: ok, scenarios 8/8",
    ]


def test_a_failing_scenario_is_named_with_both_sides(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "education" / "trial-lesson"
    shutil.copytree(TRIAL, folder)
    path = folder / "scenarios" / "no-show-and-gone.json"
    scenario: Any = msgspec.json.decode(path.read_bytes())
    scenario["steps"][-1]["expect"]["result"] = "enrolled"
    path.write_bytes(msgspec.json.encode(scenario))
    code, out, _ = run(capsys, "template", "verify", str(folder))
    assert code == 1
    assert "FAILED, scenarios 6/7" in out
    failed = "scenarios/no-show-and-gone.json step 6 (complete n_no_show done)"
    assert f'{failed}: result: expected "enrolled", found "not_enrolled"' in out


@pytest.mark.parametrize("words", [("template", "verify", "none/none"), ("check", "/nowhere.json")])
def test_what_is_not_there_is_wrong_usage(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "") and err


def test_a_scenario_is_played_with_its_booked_lines(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(TRIAL / "scenarios" / "crossing-fifty-thousand.json")
    code, out, _ = run(capsys, "run", WORKFLOW, "--scenario", file)
    assert code == 0
    booked = [line.split() for line in out.splitlines() if "_commission/" in line]
    amounts = [word for line in booked for word in line if word.startswith("¥") or word.startswith("-¥")]
    assert {"¥640.00", "¥1,350.00", "¥250.00", "¥240.00", "-¥1,350.00"} <= set(amounts)
    assert out.rstrip().endswith("passed")


def test_a_scenario_that_goes_otherwise_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    scenario: Any = msgspec.json.decode((TRIAL / "scenarios" / "no-show-and-gone.json").read_bytes())
    scenario["expect"]["open"] = ["n_enrol"]
    file = tmp_path / "scenario.json"
    file.write_bytes(msgspec.json.encode(scenario))
    code, out, _ = run(capsys, "run", WORKFLOW, "--scenario", str(file))
    assert code == 1
    assert "FAILED" in out and "n_enrol" in out


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"{", 1, "not a valid JSON file"),
        (b"[]", 1, ""),
        (b'{"format": "tierflow.workflow/2"}', 1, ""),
        (
            b'{"format": "tierflow.workflow/1", "graph": {"nodes": {"a": {"type": "teleport"}}}}',
            1,
            "teleport",
        ),
    ],
)
def test_bad_definitions_are_findings(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes, code: int, words: str
) -> None:
    file = tmp_path / "flow.json"
    file.write_bytes(content)
    found, out, _ = run(capsys, "check", str(file))
    assert found == code
    assert words in out and "0 errors" not in out


def test_a_sound_definition_has_no_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check", WORKFLOW)[:2] == (0, "trial.json: 0 errors, 0 warnings\n")


async def open_installation(data: Path) -> None:
    """A workspace with one administrator."""
    url = default_database_url(data)
    await upgrade(url)
    database = Database(url)
    async with database.unit_of_work() as session:
        workspace = await create_workspace(session, "own", database.clock())
        await create_account(
            session,
            workspace.id,
            name="admin",
            email="admin@demo.example",
            password_hash="none",
            roles=["admin"],
            now=database.clock(),
        )
    await database.dispose()


def test_a_package_is_cloned_from_the_shell(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    asyncio.run(open_installation(tmp_path))
    words = ("template", "clone", "restaurant/chain-complaint", "--data", str(tmp_path))
    name = 'workflow_name={"zh": "客诉", "en": "Complaints"}'
    code, out, _ = run(capsys, *words, "--set", "north_fixed=4200", "--set", name)
    assert code == 0
    kinds = [line.split("\t")[0] for line in out.splitlines()]
    assert kinds == ["workflow", "tariff", "link", "link"]
    code, out, err = run(capsys, *words, "--set", "north_fixed=-1")
    assert (code, out) == (1, "") and "/parameters/north_fixed" in err
    assert run(capsys, *words, "--set", "north_fixed")[0] == 2
    assert run(capsys, *words, "--workspace", "none")[0] == 2
    code, out, _ = run(capsys, *words)
    assert code == 0 and out.splitlines()[0].split("\t")[:2] == ["workflow", "complaint"]
