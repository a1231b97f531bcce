"""What every test may use: databases of both kinds, a real server, a browser, receivers of what is sent out.

The fixtures stand in tests/support, one module a subject. All processes of a run (pytest-xdist starts
several) share one folder with one PostgreSQL server in it; the first process makes the folder and takes it
away.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings

from tests.support.engines import RUN_FOLDER, remove_run_folder

pytest_plugins = [
    "tests.support.serving",
    "tests.support.receivers",
    "tests.support.databases",
    "tests.support.browsing",
]

# A busy machine is no fault: nothing here is timed.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """In the first process only; the workers inherit the environment."""
    if RUN_FOLDER in os.environ:
        return
    folder = Path(mkdtemp(prefix="tierflow-tests-"))
    folder.chmod(0o755)
    os.environ[RUN_FOLDER] = str(folder)

    def finish() -> None:
        del os.environ[RUN_FOLDER]
        remove_run_folder(folder)

    config.add_cleanup(finish)
