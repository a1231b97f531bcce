"""Static files: the islands' bundles, the shell script and ReactPy's own client, compressed and cached.

Files are few and small, so each is read and compressed once and kept in memory until it changes on disk.
Vite puts a hash of the content into its file names, so those never change and are cached for a year.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from frontend.asgi import App, Receive, Scope, Send, read_headers, respond

STATIC = Path(__file__).parent / "static"
DIST = STATIC / "dist"
HASHED = re.compile(r"^/static/dist/.+-[\w-]{8}\.(js|css)$")
COMPRESSED = frozenset({".js", ".mjs", ".css", ".svg", ".json", ".map", ".html", ".txt"})
SMALLEST_TO_COMPRESS = 512


class _Stored(NamedTuple):
    changed: int
    body: bytes
    packed: bytes | None
    kind: str
    etag: str


class StaticFiles:
    """Serves the folders of `roots` (URL prefix -> folder) and hands every other path to `rest`."""

    def __init__(self, rest: App, roots: dict[str, Path]) -> None:
        self._rest = rest
        self._roots = {prefix: folder.resolve() for prefix, folder in roots.items()}
        self._stored: dict[Path, _Stored] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        prefix = next((each for each in self._roots if path.startswith(each)), None)
        if scope["type"] != "http" or prefix is None:
            await self._rest(scope, receive, send)
            return
        stored = self._load(prefix, path)
        if stored is None or scope["method"] not in ("GET", "HEAD"):
            await respond(send, 404, b"", [("cache-control", "no-store")])
            return
        await self._answer(path, stored, scope, send)

    def _load(self, prefix: str, path: str) -> _Stored | None:
        root = self._roots[prefix]
        file = (root / path.removeprefix(prefix)).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            return None
        changed = file.stat().st_mtime_ns
        stored = self._stored.get(file)
        if stored is None or stored.changed != changed:
            stored = self._stored[file] = _read(file, changed)
        return stored

    async def _answer(self, path: str, stored: _Stored, scope: Scope, send: Send) -> None:
        asked = read_headers(scope)
        lasting = HASHED.match(path) is not None
        headers = [
            ("content-type", stored.kind),
            ("etag", stored.etag),
            ("cache-control", "public, max-age=31536000, immutable" if lasting else "no-cache"),
            ("x-content-type-options", "nosniff"),
            ("vary", "accept-encoding"),
        ]
        if asked.get("if-none-match") == stored.etag:
            await respond(send, 304, b"", headers)
            return
        packed = stored.packed if "gzip" in asked.get("accept-encoding", "") else None
        if packed is not None:
            headers.append(("content-encoding", "gzip"))
        body = packed if packed is not None else stored.body
        await respond(send, 200, b"" if scope["method"] == "HEAD" else body, headers)


def _read(file: Path, changed: int) -> _Stored:
    body = file.read_bytes()
    worth_it = file.suffix in COMPRESSED and len(body) >= SMALLEST_TO_COMPRESS
    packed = gzip.compress(body, 9, mtime=0) if worth_it else None
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if file.suffix in (".js", ".mjs"):
        kind = "text/javascript"
    if kind.startswith("text/") or kind == "application/json":
        kind += "; charset=utf-8"
    return _Stored(changed, body, packed, kind, f'"{hashlib.sha256(body).hexdigest()[:20]}"')


class BuildMissing(RuntimeError):
    """The islands were not built; `make run` and `make test` do that first."""


def entry_url(name: str) -> str:
    """Address of the built bundle of island `name`, or of the stylesheet `app`.

    Raises BuildMissing when there is no such bundle.
    """
    return f"/static/dist/{_entry(name)['file']}"


def preload_urls(name: str) -> list[str]:
    """The bundle of island `name` and every chunk it imports, so that the browser fetches them at once."""
    manifest = _manifest(_changed())
    found: dict[str, None] = {}
    waiting = [_entry(name)]
    while waiting:
        part = waiting.pop()
        found[f"/static/dist/{part['file']}"] = None
        waiting.extend(manifest[key] for key in part.get("imports", ()))
    return list(found)


def style_urls(name: str) -> list[str]:
    """Stylesheets that the bundle of island `name` brings along."""
    return [f"/static/dist/{file}" for file in _entry(name).get("css", ())]


def _entry(name: str) -> dict[str, Any]:
    for part in _manifest(_changed()).values():
        if part.get("isEntry") and part.get("name") == name:
            return part
    raise BuildMissing(f"no bundle {name!r} in {DIST}")


def _changed() -> int:
    try:
        return (DIST / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError as error:
        raise BuildMissing(f"no manifest in {DIST}") from error


@lru_cache(maxsize=1)
def _manifest(_changed_ns: int) -> dict[str, dict[str, Any]]:
    """Vite's manifest; the argument only tells one build from the next."""
    parts: dict[str, dict[str, Any]] = json.loads((DIST / "manifest.json").read_text("utf-8"))
    return parts
