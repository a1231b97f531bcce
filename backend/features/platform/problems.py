"""The ONE table from errors to HTTP: RFC 9457 problem details with a stable code, in the caller's
language.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from errno import EDQUOT, EFBIG, ENOSPC
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from backend.db.outages import is_outage
from backend.engine.step import Refused
from backend.features.platform.errors import (
    BadRequest,
    Conflict,
    FieldError,
    Invalid,
    NotAllowed,
    NotFound,
    PreconditionRequired,
    Rejection,
    SignInRequired,
    TooLarge,
    TooManyTries,
    UnsupportedContent,
)
from backend.features.platform.languages import choose_locale
from backend.messages import render
from backend.runtime.errors import (
    IdempotencyMismatch,
    IdempotencyReplay,
    JobGone,
    NotPublished,
    RegionUnknown,
    TicketUnknown,
)

log = logging.getLogger("tierflow.http")

MEDIA_TYPE = "application/problem+json"

STATUSES: dict[type[Rejection], int] = {
    BadRequest: 400,
    SignInRequired: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    UnsupportedContent: 415,
    Invalid: 422,
    PreconditionRequired: 428,
    TooManyTries: 429,
}

RUNTIME_ERRORS: dict[type[Exception], tuple[int, str]] = {
    TicketUnknown: (404, "not_found"),
    NotPublished: (404, "not_found"),
    RegionUnknown: (422, "unknown_region"),
    JobGone: (409, "conflict"),
    IdempotencyMismatch: (422, "idempotency_mismatch"),
}

FRAMEWORK_CODES: dict[int, str] = {
    400: "bad_request",
    401: "sign_in_required",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
}

BODY_LIMIT_WORDS = "1 MiB"


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """An error as HTTP sees it, not yet in anybody's language."""

    status: int
    code: str
    params: dict[str, Any] = {}
    errors: tuple[FieldError, ...] = ()
    extras: dict[str, Any] = {}
    retry_after: int | None = None


def classify(error: Exception, request_id: str) -> Failure:
    """The table. What is not in it is a bug of ours: 500, logged under the request's id, and nothing of it
    is told.
    """
    if isinstance(error, Rejection):
        extras = dict(error.extras)
        retry_after = extras.pop("retry_after", None)
        status = next(status for kind, status in STATUSES.items() if isinstance(error, kind))
        return Failure(
            status=status,
            code=error.code,
            params=error.params,
            errors=error.errors,
            extras=extras,
            retry_after=retry_after,
        )
    if isinstance(error, Refused):
        return Failure(status=409, code=error.code, params=dict(error.params))
    for kind, (status, code) in RUNTIME_ERRORS.items():
        if isinstance(error, kind):
            return Failure(status=status, code=code)
    if isinstance(error, ValidationException):
        return _classify_shape(error)
    if isinstance(error, SerializationException):  # the request's; stored JSON is decoded otherwise
        return Failure(status=400, code="invalid_json")
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _classify_framework(error)
    return _classify_storage(error) or _give_up(error, request_id)


def _classify_framework(error: HTTPException) -> Failure:
    code = FRAMEWORK_CODES.get(error.status_code, "bad_request")
    if isinstance(error.__cause__, (SerializationException, msgspec.DecodeError, UnicodeDecodeError)):
        code = "invalid_json"
    return Failure(status=error.status_code, code=code, params={"limit": BODY_LIMIT_WORDS})


def _classify_storage(error: Exception) -> Failure | None:
    """A full disk is 507, a locked or absent database 503, a lost race for a unique key 409."""
    cause: BaseException | None = error.orig if isinstance(error, StatementError) else error
    if isinstance(error, OSError) and error.errno in {ENOSPC, EDQUOT, EFBIG}:
        return Failure(status=507, code="storage_full")
    if "disk is full" in str(cause) or "disk full" in str(cause).lower() or "No space left" in str(cause):
        return Failure(status=507, code="storage_full")
    if isinstance(error, IntegrityError):
        return Failure(status=409, code="conflict")
    if isinstance(error, DataError) or isinstance(cause, OverflowError):
        return Failure(status=400, code="invalid_parameter")
    if is_outage(error):
        log.warning("database unavailable: %s", cause)
        return Failure(status=503, code="busy", retry_after=1)
    if isinstance(error, DBAPIError) and "invalid input for query argument" in str(cause):
        return Failure(status=400, code="invalid_parameter")
    return None


def _give_up(error: Exception, request_id: str) -> Failure:
    log.error("request %s failed", request_id, exc_info=error)
    return Failure(status=500, code="internal", params={"request_id": request_id})


# --- shape of requests: what msgspec says, as pointers and codes ---


def _classify_shape(error: ValidationException) -> Failure:
    found = [item for item in error.extra or [] if isinstance(item, Mapping)]
    body = [item for item in found if item.get("source") == "body" or str(item.get("key", "")) == "data"]
    if not body:
        named = ", ".join(str(item.get("key", "")) for item in found)
        return Failure(status=400, code="invalid_parameter", extras={"parameter": named} if named else {})
    errors = tuple(describe_shape(str(item.get("message", "")), str(item.get("key", ""))) for item in body)
    return Failure(status=422, code="invalid_fields", errors=errors)


_MISSING = re.compile(r"missing required field `(.+?)`")
_UNKNOWN = re.compile(r"contains unknown field `(.+?)`")


def describe_shape(message: str, key: str) -> FieldError:
    """msgspec's message and the path it was found at (`a.b[0]`), as one error with a pointer."""
    pointer = make_pointer("" if key == "data" else key)
    for pattern, code in ((_MISSING, "missing_field"), (_UNKNOWN, "unknown_field")):
        if named := pattern.search(message):
            return FieldError(f"{pointer}/{named[1]}", code)
    code = (
        "wrong_type"
        if message.startswith(("Expected `null", "Expected `obj", "Expected `arr"))
        else "out_of_range"
    )
    if " of length " in message:
        code = "out_of_range"
    if re.match(r"Expected `[A-Za-z |]+`, got", message):
        code = "wrong_type"
    return FieldError(pointer, code)


def make_pointer(path: str) -> str:
    """`a.b[0]` as the JSON pointer `/a/b/0`."""
    parts = re.findall(r"[^.\[\]]+", path)
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


# --- the answer ---


def render_problem(failure: Failure, locale: str) -> bytes:
    """The problem's JSON."""
    problem: dict[str, Any] = {
        **failure.extras,
        "type": "about:blank",
        "title": render(failure.code, failure.params, locale),
        "status": failure.status,
        "detail": render(failure.code, failure.params, locale),
        "code": failure.code,
        "errors": [
            {"pointer": item.pointer, "code": item.code, "message": render(item.code, item.params, locale)}
            for item in failure.errors
        ],
    }
    return msgspec.json.encode(problem)


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's exception handler for everything. A repeated key gets its first answer."""
    if isinstance(error, IdempotencyReplay):
        return Response(error.response, status_code=error.status, media_type="application/json")
    failure = classify(error, str(request.scope.get("request_id", "")))
    headers = {"cache-control": "no-store"}
    if failure.retry_after is not None:
        headers["retry-after"] = str(failure.retry_after)
    if isinstance(error, HTTPException) and error.headers and "Allow" in error.headers:
        headers["allow"] = error.headers["Allow"]
    return Response(
        content=render_problem(failure, choose_locale(request.headers.get("accept-language"))),
        status_code=failure.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )
