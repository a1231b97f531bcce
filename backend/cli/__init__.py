"""The `tierflow` command. One module a command, imported only when it is called, so that `--help` is quick.

A command's module has `configure(parser)` and `execute(arguments) -> exit code`: 0 done, 1 refused or
findings, 2 wrong usage.
To add one: write the module and name it in COMMANDS.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from backend.cli.troubles import explain

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("serving", "migrate, create the demo workspace if there is none, and serve, in one process"),
    "serve": ("serving", "migrate and serve; an empty installation prints its one-time set-up link"),
    "worker": ("working", "run jobs and timers (PostgreSQL; on SQLite the serving process does it)"),
    "migrate": ("migrating", "bring the database to the newest schema"),
    "archive": ("archiving", "move long closed tickets to cold tables, or bring one of them back"),
    "verify": ("verifying", "check that the database holds together: books, logs, jobs; changes nothing"),
    "demo": ("demo", "create the demo workspace with generated passwords"),
    "template": ("templates", "list, verify or clone industry templates"),
    "check": ("checking", "check a workflow definition: findings and soundness"),
    "run": ("scenarios", "play a scenario through a workflow without a server and print the booked lines"),
}
"""name -> (module of this package, help)."""


def list_commands() -> dict[str, tuple[str, str]]:
    """The commands whose module is installed."""
    return {name: row for name, row in COMMANDS.items() if find_spec(f"{__name__}.{row[0]}")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; answers the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="tierflow", description="Tierflow (织单): workflows that settle themselves"
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in given if word in COMMANDS), None)
    for name, (module, words) in list_commands().items():
        subparser = subparsers.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
        if name == chosen:
            import_module(f"{__name__}.{module}").configure(subparser)
    parsed = parser.parse_args(given)
    try:
        code: int = import_module(f"{__name__}.{COMMANDS[parsed.command][0]}").execute(parsed)
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        return 1
    return code
