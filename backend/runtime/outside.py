"""Which hosts outside may be reached, and at which address: closed by default, for every kind of call.

A workspace's list is its `webhook` connection. A name is resolved once, every address is checked, and the
address itself is called, so that a second answer of the name server cannot lead elsewhere. Addresses that
are not public are refused unless the entry stands in `private_hosts`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Literal, NamedTuple

from backend.runtime.scripts import Script, ask_one
from backend.runtime.statements import CONNECTION, read_json

LIST = "webhook"
"""The connection that holds the list."""

_ENTRY = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^:]+)(?::(?P<port>\d+))?")

Resolve = Callable[[str, int], Awaitable[list[str]]]
Reason = Literal["host_not_allowed", "address_refused", "host_unknown"]


class HostRefused(Exception):
    """Not to be called. `host_unknown` may pass; the other reasons stay until the list is changed."""

    def __init__(self, reason: Reason, host: str) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.host = host


class AllowedHost(NamedTuple):
    """One entry of the allow-list; `private` permits addresses that are not public."""

    host: str
    """A name, an address, or `*.` and a domain: any name below it."""
    port: int | None
    """None: any."""
    private: bool

    def covers(self, host: str, port: int) -> bool:
        """Whether the entry is for this host and port."""
        if self.port not in {None, port}:
            return False
        if self.host.startswith("*."):
            return host.endswith(self.host[1:])
        return host == self.host


async def resolve_host(host: str, port: int) -> list[str]:
    """Addresses of a name. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def load_allow_list(workspace_id: str) -> Script[list[AllowedHost]]:
    """What the workspace allows now; empty while nothing is set."""
    row = yield from ask_one(CONNECTION, workspace=workspace_id, kind=LIST)
    return read_allow_list(read_json(row[0]) if row else {})


def read_allow_list(config: dict[str, Any]) -> list[AllowedHost]:
    """Each entry is `host` or `host:port`; `private_hosts` first: who is in both lists may have an inner
    address."""
    listed = [(entry, True) for entry in config.get("private_hosts") or []]
    listed += [(entry, False) for entry in config.get("hosts") or []]
    return [_read_entry(str(entry), private) for entry, private in listed]


def _read_entry(entry: str, private: bool) -> AllowedHost:
    found = _ENTRY.fullmatch(entry.lower())
    if found is None:
        return AllowedHost(entry.lower(), None, private)
    return AllowedHost(found["host"].strip("[]"), int(found["port"]) if found["port"] else None, private)


def find_allowed(listed: list[AllowedHost], host: str, port: int, *, named: bool = False) -> AllowedHost:
    """The entry that covers host and port. `named`: a connection of its own names the host, so that only
    an inner address needs an entry. Raises HostRefused.
    """
    for entry in listed:
        if entry.covers(host.lower(), port):
            return entry
    if named:
        return AllowedHost(host.lower(), port, private=False)
    raise HostRefused("host_not_allowed", host)


def refuse_plainly_inner(allowed: AllowedHost, host: str) -> None:
    """What can be told without asking a name server, for screens. Raises HostRefused."""
    if allowed.private:
        return
    try:
        inner = not is_public(host.strip("[]"))
    except ValueError:
        inner = host.lower() == "localhost" or host.lower().endswith(".localhost")
    if inner:
        raise HostRefused("address_refused", host)


async def find_address(allowed: AllowedHost, host: str, port: int, resolve: Resolve = resolve_host) -> str:
    """The address to call. Raises HostRefused."""
    try:
        addresses = await resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise HostRefused("host_unknown", host) from error
    if not allowed.private and not all(map(is_public, addresses)):
        raise HostRefused("address_refused", host)
    if not addresses:
        raise HostRefused("host_unknown", host)
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet; embedded IPv4 addresses are looked through."""
    found = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(found, ipaddress.IPv6Address):
        embedded = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if embedded is not None:
            return is_public(str(embedded))
    return found.is_global and not found.is_multicast
