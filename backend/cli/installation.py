"""Options that say which installation a command works on; they win over the environment."""

from __future__ import annotations

import argparse
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
