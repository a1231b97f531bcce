"""Real receivers for what the product sends out: a mail server and an HTTP server on this machine."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.serving import find_port


class Mailbox:
    """A mail server without a password; `messages` holds what came in, in order."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refuses = False
        """While true, mail is turned away for now (451), as a busy server does."""
        self.host = "127.0.0.1"
        self.port = find_port()
        self._controller = Controller(self, hostname=self.host, port=self.port)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuses:
            return "451 try again later"
        self.messages.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))
        return "250 received"

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()


class Listener:
    """Takes connections on this machine, and counts them."""

    def __init__(self) -> None:
        self.seen = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = self._server.accept()[0]
                self.seen += 1
                connection.close()

    def stop(self) -> None:
        self._server.close()


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One request that the receiver was sent; header names in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class WebhookReceiver:
    """An HTTP server that notes every request and answers with the next of `answers`, else 200 and {}."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.answers: list[tuple[int, bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                size = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(size)
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.deliveries.append(
                    Delivery(method=self.command, path=self.path, headers=headers, body=body)
                )
                status, answer = receiver.answers.pop(0) if receiver.answers else (200, b"{}")
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server of this test's own, at `mailbox.host` and `mailbox.port`."""
    mailbox = Mailbox()
    mailbox.start()
    yield mailbox
    mailbox.stop()


@pytest.fixture
def webhook_receiver() -> Iterator[WebhookReceiver]:
    """An HTTP server of this test's own, at `webhook_receiver.url`."""
    receiver = WebhookReceiver()
    receiver.start()
    yield receiver
    receiver.stop()
