"""Ids of postings and their lines, made of what causes them: a rerun gives the same ones.

They look like UUIDv7. The time is that of the ticket (or of what the posting corrects), then comes the
kind, so that a reversal sorts before the rebooking of the same moment; the rest is a hash of the cause. A
line's id is its posting's with its place at the end, so lines sort in their order.
"""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

RANKS = {"booking": 1, "import": 1, "labour": 1, "reversal": 2, "rebooking": 3, "resolution": 3}
"""Order of the kinds that one transaction may write at once; others come last."""
_LAST_RANK = 15
_SEQ_BITS = 16


def derive_posting_id(anchor: str, cause: str, kind: str = "booking") -> str:
    """`anchor`: the id whose time it takes, a ticket's or a posting's; with `cause` it names the posting."""
    digest = int.from_bytes(sha256(f"{anchor}\n{cause}".encode()).digest()[:8])
    time = UUID(anchor).int >> 80
    rank = RANKS.get(kind, _LAST_RANK)
    value = time << 80 | 0x7 << 76 | rank << 72 | (digest >> 56) << 64 | 0b10 << 62
    value |= (digest & (1 << 46) - 1) << _SEQ_BITS
    return str(UUID(int=value))


def derive_reversal_id(posting_id: str) -> str:
    """Of the one posting that may take this one back. Raises ValueError for an id that is none."""
    return derive_posting_id(posting_id, f"reversal:{posting_id}", "reversal")


def derive_line_id(posting_id: str, seq: int) -> str:
    """The `seq`-th line (from 0) of a posting with a derived id. Raises ValueError beyond 65,534 lines."""
    if seq >= (1 << _SEQ_BITS) - 1:
        raise ValueError("a posting has too many lines")
    return str(UUID(int=(UUID(posting_id).int >> _SEQ_BITS << _SEQ_BITS) + seq + 1))
