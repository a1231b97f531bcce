"""The real product in a process of its own, as `make run` starts it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import msgspec
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
START_LIMIT = 90
"""Seconds until the demo workspace must be there, on a busy machine."""


class Account(msgspec.Struct, frozen=True):
    """One of the demo workspace's people."""

    role: str
    email: str
    password: str
    name: str
    region: str


class LiveServer(msgspec.Struct, frozen=True):
    """`url` without a trailing slash; accounts by role key, several of one role in order."""

    url: str
    data: Path
    accounts: tuple[Account, ...]

    def account(self, role: str, at: int = 0) -> Account:
        return [account for account in self.accounts if account.role == role][at]


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serve(data: Path, command: str = "up") -> Iterator[LiveServer]:
    """Start, wait for /health, hand over, stop."""
    port, accounts, log = find_port(), data / "accounts.json", data / "server.log"
    data.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "backend.cli", command, "--port", str(port), "--data", str(data)]
    if command == "up":
        words += ["--accounts-json", str(accounts)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with log.open("w") as out:
        process = subprocess.Popen(words, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=environment)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url, process, log)
            people = (
                msgspec.convert(json.loads(accounts.read_text()), tuple[Account, ...])
                if accounts.exists()
                else ()
            )
            yield LiveServer(url, data, people)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until /health answers 200. Raises RuntimeError with the log."""
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(f"{url}/api/v1/health", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The product with its demo workspace, shared by all tests of this process."""
    with serve(tmp_path_factory.mktemp("live")) as server:
        yield server
