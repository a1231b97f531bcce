"""Why the runtime could not do what was asked. Nothing here knows HTTP; `Refused` of the engine is the
other half."""

from __future__ import annotations

from backend.engine.run import Refused

__all__ = [
    "IdempotencyMismatch",
    "IdempotencyReplay",
    "JobGone",
    "NotPublished",
    "Refused",
    "RegionUnknown",
    "TicketUnknown",
]


class TicketUnknown(LookupError):
    """No ticket of this id in this workspace."""


class NotPublished(LookupError):
    """The workflow or release does not exist in this workspace, or was never published."""


class RegionUnknown(LookupError):
    """No region of this id in this workspace."""


class JobGone(LookupError):
    """The job is done, cancelled, or leased to somebody else: a late result is refused."""


class IdempotencyReplay(Exception):
    """This key was already answered; `status` and `response` are the first answer."""

    def __init__(self, status: int, response: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.response = response


class IdempotencyMismatch(Exception):
    """This key was already used with another body."""
