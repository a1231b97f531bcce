"""Mail in, from a real IMAP server: each mail once, bad ones logged and left behind."""

from __future__ import annotations

import imaplib
import io
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from backend.db.models import StoredFile, Ticket, TriggerFiring
from backend.features.triggers import imap
from backend.features.triggers.mail import MailBroken, read_mail, strip_html
from backend.features.triggers.mailbox import attach_mailboxes
from tests.support.receivers import Listener
from tests.support.serving import find_port
from tests.unit.runtime.test_triggers import Triggers, intake
from tests.unit.runtime.world import World

USER, PASSWORD = "demouser", "demopass"


class ImapServer:
    """pymap in a process of its own, with one account."""

    def __init__(self) -> None:
        self.port = find_port()
        program = Path(sys.executable).with_name("pymap")
        words = ["--host", "127.0.0.1", "--port", str(self.port), "--no-tls", "--no-service", "admin"]
        self._process = subprocess.Popen(
            [program, *words, "dict", "--demo-data"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def open(self) -> imaplib.IMAP4:
        for _ in range(200):
            try:
                box = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
            except OSError:
                time.sleep(0.05)
                continue
            box.login(USER, PASSWORD)
            return box
        raise AssertionError("no IMAP server")

    def deliver(self, *mails: bytes) -> None:
        box = self.open()
        for mail in mails:
            assert box.append("INBOX", "", None, mail)[0] == "OK"
        box.logout()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@pytest.fixture(scope="module")
def imap_server() -> Iterator[ImapServer]:
    server = ImapServer()
    server.open().logout()
    yield server
    server.stop()


def write(subject: str, number: int, body: str = "Guten Tag", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "王芳 <fang@example.com>"
    mail["To"] = "service@example.com"
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{number}@example.com>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(body)
    return mail


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def mailbox(world: World, imap_server: ImapServer, tmp_path: Path) -> Triggers:
    """A trigger that takes what comes from now on."""
    found = Triggers(world)
    found.workflow = await world.publish(intake(["subject"]), "intake")
    attach_mailboxes(world.runtime, world.database, tmp_path)
    await world.connect("webhook", {"private_hosts": ["127.0.0.1", "localhost"]})
    config = {
        "host": "127.0.0.1",
        "port": imap_server.port,
        "security": "none",
        "username": USER,
        "mapping": [{"field": "subject", "value": "mail.subject"}],
        "condition": "!mail.subject.startsWith('Re:')",
    }
    await found.add("email", config, secret=PASSWORD)
    await found.run_due()
    return found


async def look(mailbox: Triggers) -> list[Any]:
    mailbox.world.clock.advance(minutes=5)
    await mailbox.run_due()
    return [(firing.outcome, firing.code) for firing in await mailbox.read(TriggerFiring)]


async def test_each_mail_becomes_one_ticket(mailbox: Triggers, imap_server: ImapServer) -> None:
    assert await look(mailbox) == [], "what was there before stays there"
    mail = write("空调坏了", 1)
    mail.add_attachment(picture(), maintype="image", subtype="png", filename="photo.png")
    mail.add_attachment(b"MZ\x90\x00", maintype="application", subtype="pdf", filename="invoice.pdf")
    imap_server.deliver(bytes(mail), bytes(write("Re: 空调坏了", 2)), bytes(mail))
    await look(mailbox)
    log = await look(mailbox)
    assert log == [("started", "trigger_started"), ("skipped", "trigger_condition_false")]
    (ticket,) = await mailbox.read(Ticket)
    assert ticket.customer == {"name": "王芳", "email": "fang@example.com"}
    assert '"subject":"空调坏了"' in ticket.state
    (file,) = await mailbox.read(StoredFile)
    assert (file.name, file.media_type, file.ticket_id) == ("photo.png", "image/png", ticket.id)


async def test_bad_mail_never_loops(
    mailbox: Triggers, imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MAX_MAIL", 2000)
    imap_server.deliver(
        b"\xff\xfe garbage without a header\r\n\r\n",
        bytes(write("huge", 11, "x" * 5000)),
        bytes(write("I am away", 12, Auto_Submitted="auto-replied")),
        bytes(write("this subject does not fit the form at all", 13)),
        bytes(write("good", 14)),
    )
    await look(mailbox)
    log = await look(mailbox)
    assert log == [
        ("skipped", "trigger_mail_broken"),
        ("skipped", "trigger_mail_too_large"),
        ("skipped", "trigger_mail_automatic"),
        ("failed", "trigger_data_unfit"),
        ("started", "trigger_started"),
    ]
    assert len(await mailbox.read(Ticket)) == 1


async def test_a_mailbox_that_cannot_be_read_is_one_line_a_day(mailbox: Triggers) -> None:
    await mailbox.add(
        "email",
        {"host": "127.0.0.1", "port": find_port(), "security": "none", "username": USER},
        secret="wrong",
    )
    for _ in range(3):
        await look(mailbox)
    (firing,) = await mailbox.read(TriggerFiring)
    assert (firing.outcome, firing.code) == ("failed", "trigger_mailbox_failed")
    assert "ConnectionRefusedError" in firing.params["reason"]


@pytest.mark.parametrize(
    ("host", "allowed", "code", "seen"),
    [
        ("127.0.0.1", {}, "trigger_host_not_allowed", 0),
        ("localhost", {"private_hosts": ["127.0.0.1"]}, "trigger_host_not_allowed", 0),
        ("127.0.0.1", {"private_hosts": ["127.0.0.1:993"]}, "trigger_host_not_allowed", 0),
        ("127.0.0.1", {"hosts": ["127.0.0.1"]}, "trigger_address_refused", 0),
        ("localhost", {"hosts": ["localhost"]}, "trigger_address_refused", 0),
        ("2130706433", {"hosts": ["2130706433"]}, "trigger_address_refused", 0),
        ("localhost", {"private_hosts": ["localhost"]}, "trigger_mailbox_failed", 1),
    ],
)
@pytest.mark.parametrize("security", ["none", "tls"])
async def test_only_an_allowed_mailbox_is_called(
    *,
    world: World,
    tmp_path: Path,
    host: str,
    allowed: dict[str, list[str]],
    code: str,
    seen: int,
    security: str,
) -> None:
    listener = Listener()
    found = Triggers(world)
    found.workflow = await world.publish(intake(["subject"]), "intake")
    attach_mailboxes(world.runtime, world.database, tmp_path)
    await world.connect("webhook", allowed)
    config = {"host": host, "port": listener.port, "security": security, "username": USER}
    await found.add("email", config, secret=PASSWORD)
    await found.run_due()
    (firing,) = await found.read(TriggerFiring)
    assert (firing.outcome, firing.code, listener.seen) == ("failed", code, seen)
    listener.stop()


async def test_a_mailbox_is_called_at_the_address_that_was_checked(
    mailbox: Triggers, imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second answer of a name server that lies leads nowhere."""
    asked: list[str] = []

    def answer(host: str, *given: Any, **more: Any) -> list[Any]:
        asked.append(host)
        return real(host if host == "127.0.0.1" else "127.0.0.1", *given, **more)

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", answer)
    await mailbox.add(
        "email",
        {
            "host": "localhost",
            "port": imap_server.port,
            "security": "none",
            "username": USER,
            "existing": True,
        },
        secret=PASSWORD,
    )
    imap_server.deliver(bytes(write("pinned", 30)))
    asked.clear()
    await look(mailbox)
    assert asked.count("localhost") == 1


def test_words_of_a_page() -> None:
    html = "<head><title>t</title></head><p>Hello&nbsp;<b>you</b></p><script>alert(1)</script><p>2 &lt; 3</p>"
    assert strip_html(html).split() == ["Hello", "you", "2", "<", "3"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00" * 100, b"Subject: no sender\r\n\r\nx", b"From: nobody\r\n\r\nx"],
)
def test_what_is_no_mail(raw: bytes) -> None:
    with pytest.raises(MailBroken):
        read_mail(raw)


def test_odd_mail_is_read_all_the_same() -> None:
    raw = (
        b"From: =?utf-8?q?A=00B?= <a@b.example>\r\nSubject: =?x-unknown?q?hi?=\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n\r\n<div>one</div><div>two\x00</div>"
    )
    mail = read_mail(raw)
    assert mail.sender == "a@b.example"
    assert "\0" not in mail.subject + mail.text + mail.sender_name
    assert mail.text.split() == ["one", "two"]
