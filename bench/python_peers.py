"""Peers from PyPI that are no part of the development environment: installed into `.bench/` at the first run.

Each runs in a process of its own with only its folder added to the path, so that its requirements touch
nothing of ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench.automation_peers import FOLDER, INSTALL_S

VERSIONS = {"cel-python": "0.5.0", "dbos": "3.4.0"}


def install(name: str) -> Path | None:
    """The folder to put on the path; None when it cannot be installed here."""
    folder = FOLDER / name
    if not (folder / "ready").exists():
        words = ["install", "-q", "--target", str(folder), f"{name}=={VERSIONS[name]}"]
        try:
            subprocess.run([sys.executable, "-m", "pip", *words], timeout=INSTALL_S, check=True)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return None
        (folder / "ready").touch()
    return folder


def start(name: str, program: str, *arguments: str) -> subprocess.Popen[str] | None:
    """Run Python source with the peer on its path; it talks by lines."""
    folder = install(name)
    if folder is None:
        return None
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )


def ask(process: subprocess.Popen[str], line: str) -> str:
    """One line there, one line back."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return process.stdout.readline().strip()
