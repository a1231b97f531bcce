"""From the mails of a mailbox to causes of a trigger: each once, a bad one logged and left behind."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio.to_thread

from backend.db.session import Database
from backend.features.files.service import MAX_FILE, clean_file_name, keep_file, record_file
from backend.features.files.store import FileStore
from backend.features.platform.errors import Invalid, UnsupportedContent
from backend.features.triggers.imap import MAX_MAIL, Fetched, MailboxFailed, fetch_new
from backend.features.triggers.mail import Mail, MailBroken, read_mail
from backend.runtime.outside import HostRefused
from backend.runtime.runtime import Runtime
from backend.runtime.triggers.config import read_config
from backend.runtime.triggers.desk import MAILBOX
from backend.runtime.triggers.planning import Given
from backend.runtime.triggers.statements import TriggerRow

log = logging.getLogger(__name__)


class MailboxReader:
    """Used by the job of a mail trigger."""

    def __init__(
        self, runtime: Runtime, database: Database, files: FileStore, clock: Callable[[], datetime]
    ) -> None:
        self._desk = runtime.triggers
        self._database = database
        self._files = files
        self._clock = clock

    async def poll(self, trigger: TriggerRow) -> None:
        """One look. The place moves on after each mail, so that none is read for ever."""
        config = read_config(trigger.kind, trigger.config)
        cause = f"{MAILBOX}{self._clock():%Y-%m-%d}"
        try:
            address = await self._desk.find_address(trigger.workspace_id, config.host, config.port)
            batch = await anyio.to_thread.run_sync(
                fetch_new, config, address, trigger.secret or "", trigger.place, abandon_on_cancel=True
            )
        except HostRefused as refused:
            await self._desk.log_failure(trigger, cause, f"trigger_{refused.reason}", host=refused.host)
            return
        except MailboxFailed as failed:
            await self._desk.log_failure(trigger, cause, "trigger_mailbox_failed", reason=str(failed))
            return
        for fetched in batch.mails:
            await self._take(trigger, fetched, batch.validity)
            await self._desk.remember_place(trigger, {"validity": batch.validity, "last": fetched.uid})
        if trigger.place != {"validity": batch.validity, "last": batch.last} and not batch.mails:
            await self._desk.remember_place(trigger, {"validity": batch.validity, "last": batch.last})

    async def _take(self, trigger: TriggerRow, fetched: Fetched, validity: int) -> None:
        cause = f"uid:{validity}:{fetched.uid}"
        if fetched.raw is None:
            limit = f"{MAX_MAIL // 1024 // 1024} MiB"
            await self._desk.log_skip(trigger, cause, "trigger_mail_too_large", limit=limit)
            return
        try:
            mail = await anyio.to_thread.run_sync(read_mail, fetched.raw)
        except MailBroken as broken:
            await self._desk.log_skip(trigger, cause, "trigger_mail_broken", reason=str(broken))
            return
        cause = mail.message_id or cause
        if mail.is_automatic:
            await self._desk.log_skip(trigger, cause, "trigger_mail_automatic")
        elif not await self._desk.knows(trigger, cause):
            kept, refused = await self._keep_attachments(trigger, mail)
            await self._desk.fire(trigger, describe_mail(cause, mail, kept, refused))

    async def _keep_attachments(self, trigger: TriggerRow, mail: Mail) -> tuple[list[str], list[str]]:
        """Ids of the files that were taken, names of those that were not."""
        kept: list[str] = []
        refused: list[str] = []
        for attachment in mail.attachments:
            name = clean_file_name(attachment.name)
            try:
                if len(attachment.content) > MAX_FILE:
                    raise Invalid("file_too_large")
                digest, media_type = await keep_file(
                    self._files, name, attachment.content, attachment.media_type
                )
            except (Invalid, UnsupportedContent):
                refused.append(name)
                continue
            async with self._database.unit_of_work() as session:
                record = await record_file(
                    session,
                    trigger.workspace_id,
                    f"trigger:{trigger.id}",
                    name=name,
                    media_type=media_type,
                    size=len(attachment.content),
                    digest=digest,
                    now=self._clock(),
                )
                kept.append(record.id)
        return kept, refused


def describe_mail(cause: str, mail: Mail, kept: list[str], refused: list[str]) -> Given:
    """As expressions see it."""
    names: dict[str, Any] = {
        "subject": mail.subject,
        "from": mail.sender,
        "from_name": mail.sender_name,
        "to": mail.to,
        "text": mail.text,
        "attachments": kept,
        "refused": refused,
    }
    return Given(
        cause=cause,
        names={"mail": names},
        customer={"name": mail.sender_name, "email": mail.sender},
        files=tuple(kept),
    )


def attach_mailboxes(runtime: Runtime, database: Database, data: Path) -> None:
    """Let this process's jobs read mailboxes; attachments go to the store under `data`."""
    reader = MailboxReader(runtime, database, FileStore(data), database.clock)
    runtime.triggers.poll_mailbox = reader.poll
