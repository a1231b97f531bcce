"""Doing something for the reader: a refusal becomes a message in their words, never a broken page."""

from __future__ import annotations

from collections.abc import Awaitable

from frontend.api.transport import ApiError
from frontend.session import Shell


async def attempt(shell: Shell, work: Awaitable[object], done: str = "") -> bool:
    """Whether it worked; says `done` if so, else what the API answered, with what is to be mended."""
    try:
        await work
    except ApiError as error:
        problem = error.problem
        words = "; ".join(fault.message for fault in problem.errors[:3]) or problem.detail or problem.title
        shell.toast(words or shell.t("shell.failed.network"), "error")
        return False
    if done:
        shell.toast(done, "success")
    return True
