"""Options that say which installation a command works on; they win over the environment."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from backend.features.platform.settings import Settings, default_database_url, read_settings


def add_options(parser: argparse.ArgumentParser) -> None:
    """`--data` and `--database-url`."""
    parser.add_argument("--data", type=Path, help="folder of the database and uploads (TIERFLOW_DATA)")
    parser.add_argument(
        "--database-url", help="sqlite+aiosqlite:/// or postgresql+asyncpg:// (TIERFLOW_DATABASE_URL)"
    )


def choose_settings(arguments: argparse.Namespace) -> Settings:
    """The environment's settings with the options over them; the data folder exists afterwards."""
    settings = read_settings()
    if arguments.data is not None:
        data = arguments.data.resolve()
        url = settings.database_url
        if url == default_database_url(settings.data):
            url = default_database_url(data)
        settings = msgspec.structs.replace(settings, data=data, database_url=url)
    if arguments.database_url:
        settings = msgspec.structs.replace(settings, database_url=arguments.database_url)
    settings.data.mkdir(parents=True, exist_ok=True)
    return settings


def find_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop for processes that serve: uvloop where it is installed (not on Windows); None: Python's.

    A server that is started inside a running loop, as ours is, does not choose one itself.
    """
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
