"""The `tierflow` command: help, exit codes, and an installation made with it."""

from __future__ import annotations

import argparse
import os
from importlib import import_module
from pathlib import Path

import msgspec
import pytest

from backend.cli import list_commands, main


@pytest.mark.parametrize("command", [None, *list_commands()])
def test_help(command: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"] if command else ["--help"])
    assert stopped.value.code == 0
    assert "usage: tierflow" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["fly"], ["migrate", "--odd"]])
def test_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


@pytest.mark.parametrize("module", sorted({module for module, _ in list_commands().values()}))
def test_every_command_has_its_module(module: str) -> None:
    found = import_module(f"backend.cli.{module}")
    found.configure(argparse.ArgumentParser())
    assert callable(found.execute)


def test_migrate_then_demo_then_demo_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--data", str(tmp_path)]
    assert main(["migrate", *options]) == 0
    assert main(["migrate", *options]) == 0
    assert "already at" in capsys.readouterr().out
    assert main(["demo", *options]) == 0
    first = capsys.readouterr().out
    accounts = msgspec.json.decode((tmp_path / "demo-accounts.json").read_bytes())
    assert {account["role"] for account in accounts} >= {
        "admin",
        "implementer",
        "finance",
        "regional_manager",
    }
    assert len({account["password"] for account in accounts}) == len(accounts)
    assert os.stat(tmp_path / "demo-accounts.json").st_mode & 0o077 == 0
    assert main(["demo", *options]) == 0
    assert capsys.readouterr().out == first
    (tmp_path / "demo-accounts.json").unlink()
    assert main(["demo", *options]) == 1


def test_a_worker_needs_postgresql(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker", "--data", str(tmp_path)]) == 2
    assert "SQLite" in capsys.readouterr().out
