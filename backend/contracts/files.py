"""Uploaded files."""

from __future__ import annotations

import msgspec


class File(msgspec.Struct, frozen=True, kw_only=True):
    """`url` downloads it; a picture has a small preview at `url?thumb=1`. `size` in bytes."""

    id: str
    name: str
    media_type: str
    size: int
    url: str
