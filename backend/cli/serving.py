"""`tierflow up` and `tierflow serve`: the API and the pages in one process."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from backend.cli.installation import add_options, choose_settings, find_loop

if TYPE_CHECKING:
    from backend.cli.demo import Account
    from backend.db.session import Database
    from backend.features.platform.settings import Settings

MAX_FRAME = 256 * 1024
"""Bytes of one WebSocket message; the guard in front of the pages says the same."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of both commands."""
    add_options(parser)
    parser.add_argument("--host", help="address to listen on (HOST, default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (PORT, default 8000)")
    parser.add_argument("--accounts-json", type=Path, help="up: also write the demo accounts to this file")


def execute(arguments: argparse.Namespace) -> int:
    """Serves until it is stopped; 1 when it could not start."""
    settings = choose_settings(arguments)
    if arguments.host:
        settings = msgspec.structs.replace(settings, host=arguments.host)
    if arguments.port:
        settings = msgspec.structs.replace(settings, port=arguments.port)
    wants_demo = arguments.command == "up"
    with asyncio.Runner(loop_factory=find_loop()) as runner:
        return runner.run(_serve(settings, wants_demo=wants_demo, accounts_json=arguments.accounts_json))


async def _serve(settings: Settings, *, wants_demo: bool, accounts_json: Path | None) -> int:
    import uvicorn

    from backend.app import create_app
    from backend.cli.awaiting import upgrade_when_reachable
    from backend.cli.demo import prepare_demo, write_accounts
    from backend.db.ownership import own
    from backend.db.session import Database

    listener = _listen(settings)
    if listener is None:
        return 1
    database = Database(settings.database_url)
    if database.path is not None:
        own(database.path)
    await upgrade_when_reachable(settings.database_url)
    accounts: list[Account] = []
    if wants_demo:
        settings = msgspec.structs.replace(settings, run_jobs=True)
        accounts = await prepare_demo(settings, database)
        if accounts_json is not None:
            write_accounts(accounts_json, accounts)
    link = await _issue_link(settings, database)
    config = uvicorn.Config(
        create_app(settings, database),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws_max_size=MAX_FRAME,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not (server.started or serving.done()):
        await asyncio.sleep(0.02)
    if server.started:
        _greet(settings, accounts, link)
    await serving
    return 0 if server.started else 1


def _listen(settings: Settings) -> socket.socket | None:
    """The port is taken before anything is created; None, with a word, when somebody else has it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        print(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}", file=sys.stderr)
        return None


async def _issue_link(settings: Settings, database: Database) -> str | None:
    from backend.features.identity.service import issue_setup_link

    async with database.unit_of_work() as session:
        token = await issue_setup_link(session, database.clock())
    return f"{_address(settings)}/setup?token={token}" if token else None


def _address(settings: Settings) -> str:
    if settings.public_url:
        return settings.public_url
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host
    return f"http://{host}:{settings.port}"


_DUTIES = {
    "admin": "成员、区域、连接、全部设置 everything",
    "implementer": "克隆模板、画流程、发布 clones, draws, publishes",
    "finance": "结算表、台账、对账 tariffs and the ledger",
    "regional_manager": "审批、区域进展 approves, watches the region",
    "agent": "接单、填表、看收入 works the tickets",
}
"""What to try with each account."""


def _greet(settings: Settings, accounts: list[Account], link: str | None) -> None:
    print(f"\n  Tierflow 织单   {_address(settings)}\n", flush=True)
    if link:
        print(f"  Set up (once)   {link}\n", flush=True)
    if accounts:
        width = max(len(account.email) for account in accounts)
        for account in accounts:
            who = f"{account.role:<17} {account.email:<{width}}  {account.password}"
            duty = _DUTIES.get(account.role, "")
            print(f"  {who}   {account.name} · {account.region}   {duty}", flush=True)
        print(flush=True)
