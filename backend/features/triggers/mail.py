"""One mail as a trigger sees it: who, what, the text without markup, the attachments that were taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser
from typing import NamedTuple

MAX_TEXT = 20_000
MAX_SUBJECT = 500
MAX_ATTACHMENTS = 10
MAX_ADDRESS = 200

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")
_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "table", "h1", "h2", "h3", "h4", "blockquote", "pre"})
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript"})
MAX_HTML = 200_000
"""Characters of HTML that are read."""


class Attachment(NamedTuple):
    """As the mail says; nothing of it is believed yet."""

    name: str
    media_type: str
    content: bytes


class Mail(NamedTuple):
    """A mail, read."""

    message_id: str
    subject: str
    sender: str
    sender_name: str
    to: str
    text: str
    attachments: list[Attachment]
    is_automatic: bool
    """A bounce, an out-of-office answer, a list: answering it with a ticket could run in a circle."""


class MailBroken(ValueError):
    """What came cannot be read as a mail."""


def read_mail(raw: bytes) -> Mail:
    """Raises MailBroken."""
    try:
        return _read(message_from_bytes(raw, policy=policy.default))
    except Exception as error:  # the library raises whatever broken headers and charsets lead to
        raise MailBroken(type(error).__name__) from error


def _read(message: EmailMessage) -> Mail:
    name, address = parseaddr(_line(message, "from"))
    if not list(message.keys()) or "@" not in address:
        raise MailBroken("no sender")
    automatic = _line(message, "auto-submitted").lower()
    return Mail(
        message_id=_line(message, "message-id"),
        subject=_line(message, "subject")[:MAX_SUBJECT],
        sender=address[:MAX_ADDRESS],
        sender_name=(name or address)[:MAX_ADDRESS],
        to=parseaddr(_line(message, "to"))[1][:MAX_ADDRESS],
        text=_find_text(message),
        attachments=list(_list_attachments(message)),
        is_automatic=automatic not in {"", "no"} or _line(message, "return-path") == "<>",
    )


def _line(message: EmailMessage, name: str) -> str:
    """A header on one line."""
    return " ".join(clean_text(str(message.get(name) or "")).split())


def _find_text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    content = body.get_content()
    text = content if isinstance(content, str) else ""
    if body.get_content_type() == "text/html":
        text = strip_html(text)
    return clean_text(_BLANK_LINES.sub("\n\n", text.replace("\r\n", "\n"))).strip()[:MAX_TEXT]


def _list_attachments(message: EmailMessage) -> Iterator[Attachment]:
    for part in list(message.iter_attachments())[:MAX_ATTACHMENTS]:
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content:
            yield Attachment(part.get_filename() or "file", part.get_content_type(), content)


def clean_text(text: str) -> str:
    """Without characters that no column holds and no page shows."""
    return _CONTROL.sub("", text)


def strip_html(html: str) -> str:
    """The words of a page; nothing of it is ever rendered again."""
    reader = _TextReader()
    reader.feed(html[:MAX_HTML])
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(lines)


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)
