"""Messages and signals from outside."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

MessageName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["paid"])]


class SendMessage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message for the tickets that wait for its name with the same correlation.

    When none waits yet, it is kept for `ttl_seconds` (0: not at all; 30 days at most). The same `id` again is
    the same message: nothing is sent twice.
    """

    name: MessageName
    correlation: Annotated[str, Meta(max_length=200, examples=["T-2026-0412"])] = ""
    data: Annotated[dict[str, Any], Meta(max_length=50, examples=[{"amount": 5000}])] = {}
    ttl_seconds: Annotated[int, Meta(ge=0, le=2_592_000, examples=[3600])] = 3600
    id: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class SentMessage(msgspec.Struct, frozen=True, kw_only=True):
    """`delivered`: ids of the tickets that receive it. `buffered`: it is kept until somebody waits."""

    delivered: list[str]
    buffered: bool


class SendSignal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signal for every ticket that waits for it at this moment."""

    name: MessageName
    data: Annotated[dict[str, Any], Meta(max_length=50, examples=[{}])] = {}


class SentSignal(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of the tickets that hear it."""

    delivered: list[str]
