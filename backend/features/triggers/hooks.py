"""Deliveries of other systems, signed as the Standard Webhooks specification says (standardwebhooks.com).

Headers `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`: `v1,` and the base64
HMAC-SHA256 of `{id}.{timestamp}.{body}`; several are separated by spaces. The id is the cause: a delivery
that is sent again, or replayed by somebody who listened, starts nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from backend.features.platform.errors import BadRequest, SignInRequired, TooManyTries
from backend.features.triggers.service import SECRET_PREFIX
from backend.runtime.triggers.planning import Given

TOLERANCE = timedelta(minutes=5)
MAX_ID = 200
WINDOW = timedelta(minutes=10)
MAX_SUBJECTS = 10_000


def sign(secret: str, delivery: str, timestamp: str, body: bytes) -> str:
    """The value of `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    content = f"{delivery}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def read_delivery(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Given:
    """The delivery as a cause. Raises BadRequest, SignInRequired."""
    delivery = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not 1 <= len(delivery) <= MAX_ID or not delivery.isprintable():
        raise BadRequest("hook_id_missing")
    if not timestamp.isdigit() or abs(int(timestamp[:15]) - now.timestamp()) > TOLERANCE.total_seconds():
        raise SignInRequired("hook_timestamp_wrong")
    expected = sign(secret, delivery, timestamp, body).encode()
    given = headers.get("webhook-signature", "").split()[:10]
    matches = [hmac.compare_digest(each.encode("latin-1", "replace"), expected) for each in given]
    if not any(matches):
        raise SignInRequired("hook_signature_wrong")
    return Given(cause=delivery, **_read_body(body))


def _read_body(body: bytes) -> dict[str, Any]:
    """The body as expressions see it. Raises BadRequest."""
    try:
        value = msgspec.json.decode(body) if body else {}
    except msgspec.DecodeError as error:
        raise BadRequest("invalid_json") from error
    return {"names": {"body": value}, "plain": value if isinstance(value, dict) else {}}


class Forgeries:
    """Wrong signatures of one address, counted in this process: who guesses is turned away for a while."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen: dict[str, deque[datetime]] = {}

    def check(self, subject: str, now: datetime) -> None:
        """Raises TooManyTries."""
        seen = self._seen.get(subject, deque())
        while seen and seen[0] <= now - WINDOW:
            seen.popleft()
        if len(seen) >= self._limit:
            raise TooManyTries(extras={"retry_after": int((seen[0] + WINDOW - now).total_seconds()) + 1})

    def count(self, subject: str, now: datetime) -> None:
        """One more; the longest known subjects are forgotten when there are too many."""
        self._seen.setdefault(subject, deque()).append(now)
        while len(self._seen) > MAX_SUBJECTS:
            del self._seen[next(iter(self._seen))]
