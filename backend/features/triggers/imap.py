"""Reading a mailbox over IMAP, in a thread: what is new since the last look, never more than a batch.

The address was checked before (backend.runtime.outside) and is called itself; the certificate is that of the
name. The mailbox is opened read-only; nothing in it is marked, moved or deleted.
"""

from __future__ import annotations

import contextlib
import imaplib
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from backend.runtime.triggers.config import EmailConfig

TIMEOUT_S = 15.0
BUDGET_S = 35.0
"""Of one look; a job has a minute."""
BATCH = 20
MAX_MAIL = 25 * 1024 * 1024


class MailboxFailed(Exception):
    """The mailbox could not be read; the reason in the server's words."""


class Fetched(NamedTuple):
    """One mail; `raw` None: it is too large."""

    uid: int
    raw: bytes | None


class Batch(NamedTuple):
    """`validity` and `last` are the place from which to go on."""

    validity: int
    last: int
    mails: list[Fetched]


def fetch_new(config: EmailConfig, address: str, password: str, place: dict[str, Any]) -> Batch:
    """Blocks; run it in a thread. Raises MailboxFailed."""
    try:
        with _connect(config, address, password) as box:
            return _fetch(box, config, place)
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        raise MailboxFailed(_describe(error)) from error


class _Box(imaplib.IMAP4):
    """Calls an address, and knows the server by its name."""

    def __init__(self, config: EmailConfig, address: str, context: ssl.SSLContext) -> None:
        self._address = address
        self._context = context if config.security == "tls" else None
        super().__init__(config.host, config.port, timeout=TIMEOUT_S)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        opened = socket.create_connection((self._address, self.port), timeout)
        if self._context is None:
            return opened
        return self._context.wrap_socket(opened, server_hostname=self.host)


@contextlib.contextmanager
def _connect(config: EmailConfig, address: str, password: str) -> Iterator[imaplib.IMAP4]:
    context = ssl.create_default_context()
    box = _Box(config, address, context)
    try:
        if config.security == "starttls":
            box.starttls(context)
        box.login(_quote(config.username), password)
        yield box
    finally:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            box.logout()


def _fetch(box: imaplib.IMAP4, config: EmailConfig, place: dict[str, Any]) -> Batch:
    _check(*box.select(_quote(config.folder), readonly=True))
    validity = _read_number(box, "UIDVALIDITY")
    if place.get("validity") == validity:
        last = int(place.get("last", 0))
    elif config.existing and not place:
        last = 0
    else:
        last = max(0, _read_number(box, "UIDNEXT") - 1)
    began = time.monotonic()
    mails: list[Fetched] = []
    for uid in _list_uids(box, last)[:BATCH]:
        if mails and time.monotonic() - began > BUDGET_S:
            break
        mails.append(Fetched(uid, _fetch_one(box, uid)))
    return Batch(validity, mails[-1].uid if mails else last, mails)


def _list_uids(box: imaplib.IMAP4, last: int) -> list[int]:
    """`n:*` names the newest mail even when it is older than n."""
    found = _check(*box.uid("SEARCH", f"UID {last + 1}:*"))
    uids = (found[0] or b"").split() if found else []
    return sorted(uid for uid in map(int, uids) if uid > last)


def _fetch_one(box: imaplib.IMAP4, uid: int) -> bytes | None:
    described = _check(*box.uid("FETCH", str(uid), "(RFC822.SIZE)"))
    size = _find_number(described, b"RFC822.SIZE")
    if size > MAX_MAIL:
        return None
    answer = _check(*box.uid("FETCH", str(uid), "(BODY.PEEK[])"))
    parts = [part[1] for part in answer if isinstance(part, tuple) and len(part) > 1]
    return bytes(parts[0]) if parts else b""


def _find_number(lines: list[Any], name: bytes) -> int:
    for line in lines:
        text = line[0] if isinstance(line, tuple) else line
        if isinstance(text, bytes) and name in text:
            digits = text.split(name, 1)[1].strip().split(b" ", 1)[0].rstrip(b")")
            return int(digits) if digits.isdigit() else 0
    return 0


def _read_number(box: imaplib.IMAP4, code: str) -> int:
    found = box.response(code)[1]
    if not found or found[0] is None:
        raise MailboxFailed(f"the server tells no {code}")
    return int(found[0])


def _check(status: str, lines: list[Any]) -> list[Any]:
    if status != "OK":
        raise MailboxFailed(_describe(lines))
    return lines


def _describe(problem: object) -> str:
    if isinstance(problem, list):
        problem = b" ".join(line for line in problem if isinstance(line, bytes)).decode("utf-8", "replace")
    if isinstance(problem, Exception):
        first = problem.args[0] if problem.args else ""
        words = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(problem)
        problem = f"{type(problem).__name__}: {words}"
    return " ".join(str(problem).split())[:300]


def _quote(text: str) -> str:
    """An IMAP quoted string. Raises ValueError for what it cannot hold."""
    if not text.isascii() or not text.isprintable():
        raise ValueError("only printable ASCII characters are allowed in IMAP names")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
