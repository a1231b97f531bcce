"""One serving process for each SQLite file.

Pages of two processes would not hear of each other's changes, and both would execute the same jobs. Nothing
would be lost (claims and fences hold between processes, too), but neither is what an operator wants.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class OwnedElsewhere(RuntimeError):
    """Another process serves this file."""


def own(path: Path) -> int:
    """Hold the file's lock until this process ends, however it ends; answers the lock's descriptor.

    Raises OwnedElsewhere.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise OwnedElsewhere(str(path)) from error
    return handle
