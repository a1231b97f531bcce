"""Passwords: argon2id, worked in a thread, at most two at a time so that a flood of sign-ins cannot eat the
memory.
"""

from __future__ import annotations

import secrets
from functools import cache

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.features.platform.errors import invalid_field

MIN_LENGTH = 10
MAX_LENGTH = 200
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""The second of OWASP's recommended settings: 19 MiB, two passes."""


@cache
def _limiter() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(2)


@cache
def _decoy() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))


def generate_password() -> str:
    """16 characters without look-alikes, about 92 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))


def check_password(password: str, pointer: str = "/password") -> None:
    """Raises Invalid. Length is all that is asked: composition rules make passwords worse (NIST SP
    800-63B).
    """
    if len(password) < MIN_LENGTH:
        raise invalid_field(pointer, "password_too_short", limit=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        raise invalid_field(pointer, "password_too_long", limit=MAX_LENGTH)


async def hash_password(password: str) -> str:
    """The argon2id hash with its salt and settings."""
    return await anyio.to_thread.run_sync(_HASHER.hash, password, limiter=_limiter())


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether it is the password. Without a stored hash a decoy is checked, so that an unknown account takes
    as long.
    """
    return await anyio.to_thread.run_sync(_verify, stored, password, limiter=_limiter())


def _verify(stored: str | None, password: str) -> bool:
    try:
        matches = _HASHER.verify(stored or _decoy(), password)
    except (VerificationError, InvalidHashError):
        return False
    return matches and stored is not None
