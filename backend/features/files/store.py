"""The bytes of uploads: one file per content, named by its SHA-256, under the data folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


class FileStore:
    """Writing is atomic (temporary file, fsync, rename), so a name never shows half a file."""

    def __init__(self, data: Path) -> None:
        self._root = data / "files"

    def save(self, content: bytes) -> str:
        """The content's SHA-256. Raises OSError (a full disk among others)."""
        digest = hashlib.sha256(content).hexdigest()
        target = self._path(digest)
        if target.exists():
            return digest
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return digest

    def load(self, digest: str) -> bytes | None:
        """The content, or None when the file is gone."""
        path = self._path(digest)
        return path.read_bytes() if path.exists() else None

    def _path(self, digest: str) -> Path:
        return self._root / digest[:2] / digest
