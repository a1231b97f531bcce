"""The installation's settings, from environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One value for the whole process; nothing else reads the environment."""

    data: Path
    """Folder of the SQLite file and of uploaded files."""
    database_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    secure_cookies: bool = False
    """Set behind HTTPS: cookies are then never sent in clear, and browsers are told to stay on HTTPS."""
    run_jobs: bool | None = None
    """Whether this process also executes jobs and timers. None: on SQLite yes, on PostgreSQL workers do."""
    metrics: bool = False
    """Whether `/metrics` answers: to this machine alone, or to who knows `metrics_token`."""
    metrics_token: str = ""
    archive_after_days: int = 0
    """Closed tickets older than this move to the archive; 0: none does by itself."""
    public_url: str = ""
    """Address customers reach, e.g. `https://service.example.com`; empty: taken from each request."""

    @property
    def archive_after(self) -> timedelta | None:
        """The age at which closed tickets are archived; None: never by themselves."""
        return timedelta(days=self.archive_after_days) if self.archive_after_days > 0 else None


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings of the environment. Raises ValueError for a port that is no number."""
    data = Path(environment.get("TIERFLOW_DATA") or ".data").resolve()
    return Settings(
        data=data,
        database_url=environment.get("TIERFLOW_DATABASE_URL") or default_database_url(data),
        host=environment.get("HOST") or "127.0.0.1",
        port=int(environment.get("PORT") or 8000),
        secure_cookies=environment.get("TIERFLOW_SECURE_COOKIES", "").lower() in {"1", "true", "yes"},
        metrics=environment.get("TIERFLOW_METRICS", "").lower() in {"1", "true", "yes"},
        metrics_token=environment.get("TIERFLOW_METRICS_TOKEN", ""),
        archive_after_days=int(environment.get("TIERFLOW_ARCHIVE_AFTER_DAYS") or 0),
        public_url=environment.get("TIERFLOW_PUBLIC_URL", "").rstrip("/"),
    )


def default_database_url(data: Path) -> str:
    """The SQLite file inside the data folder."""
    return f"sqlite+aiosqlite:///{data / 'tierflow.sqlite'}"
