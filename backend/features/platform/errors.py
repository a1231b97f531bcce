"""What a feature can refuse, by meaning. No HTTP here: `problems.py` holds the one table from these to
statuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One thing to mend: a JSON pointer into the request's body, a message code and its params."""

    pointer: str
    code: str
    params: dict[str, Any] = {}


class Rejection(Exception):
    """Root of all refusals. `code` is a stable message code; `extras` are added to the problem's JSON as
    they are.
    """

    code = "bad_request"

    def __init__(
        self,
        code: str | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        errors: Sequence[FieldError] = (),
        extras: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code or self.code
        self.params = dict(params or {})
        self.errors = tuple(errors)
        self.extras = dict(extras or {})
        super().__init__(self.code, self.params)


class BadRequest(Rejection):
    """The request cannot be read."""


class SignInRequired(Rejection):
    """Nobody is signed in, or the credential is not valid any more."""

    code = "sign_in_required"


class NotAllowed(Rejection):
    """Signed in, but without the right."""

    code = "not_allowed"


class NotFound(Rejection):
    """Unknown, or not this actor's to see: both look the same."""

    code = "not_found"


class Conflict(Rejection):
    """What the caller knew is not so any more."""

    code = "conflict"


class Invalid(Rejection):
    """Understood, but the content must be mended; `errors` say where."""

    code = "invalid_fields"


class PreconditionRequired(Rejection):
    """The request must say which revision it was made for."""

    code = "precondition_required"


class TooManyTries(Rejection):
    """A rate limit; `extras["retry_after"]` in seconds."""

    code = "too_many_requests"


class TooLarge(Rejection):
    """More bytes than are taken."""

    code = "body_too_large"


class UnsupportedContent(Rejection):
    """Not a kind of content that is taken."""

    code = "unsupported_media_type"


def invalid_field(pointer: str, code: str, **params: Any) -> Invalid:
    """One field that must be mended."""
    return Invalid(errors=[FieldError(pointer, code, params)])
