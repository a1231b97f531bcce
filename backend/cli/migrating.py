"""`tierflow migrate`."""

from __future__ import annotations

import argparse
import asyncio

from backend.cli.installation import add_options, choose_settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    add_options(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Safe to repeat: nothing is done at the newest schema."""
    from backend.db.migration import find_head, upgrade

    changed = asyncio.run(upgrade(choose_settings(arguments).database_url))
    print(f"migrated to {find_head()}" if changed else f"already at {find_head()}")
    return 0
