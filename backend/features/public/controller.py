"""Routes for customers. A public token stands for the right; nothing here reads a session."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, Router, get, post
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import files as file_wire
from backend.contracts import public as wire
from backend.db.session import Database
from backend.features.files import service as files_service
from backend.features.files.sending import UploadBody, send_file
from backend.features.files.store import FileStore
from backend.features.platform.actor import public
from backend.features.platform.clock import Clock
from backend.features.public import queries, service
from backend.features.public.limits import SUBMISSIONS, UPLOADS, Quota
from backend.runtime.runtime import Runtime

Token = Annotated[str, Parameter(max_length=64)]

_submissions = Quota(SUBMISSIONS)
_uploads = Quota(UPLOADS)


class PublicFormController(Controller):
    """The form behind an entry link."""

    path = "/public/forms/{token:str}"
    tags = ("public",)
    guards = (public,)

    @get("")
    async def show_form(self, token: Token, reading: AsyncSession, runtime: Runtime) -> wire.PublicForm:
        """The form, in the words of the latest release."""
        return await service.describe_form(reading, runtime, token)

    @post("", status_code=201)
    async def submit(
        self,
        *,
        token: Token,
        data: wire.SubmitForm,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        address: str,
        base_url: str,
    ) -> wire.Submitted:
        """Open a ticket."""
        _submissions.take(f"{token}:{address}", clock())
        return await service.submit_form(runtime, database, token, data, base_url)

    @post("/files", status_code=201, request_max_body_size=files_service.MAX_UPLOAD, opt={"uploads": True})
    async def upload(
        self,
        *,
        token: Token,
        data: UploadBody,
        database: Database,
        clock: Clock,
        files: FileStore,
        address: str,
    ) -> file_wire.File:
        """A photo or file for the form."""
        _uploads.take(f"{token}:{address}", clock())
        async with database.reading() as session:
            link = await queries.find_link(session, token)
        return await _keep(
            data, link.workspace_id, f"link:{link.id}", None, database=database, clock=clock, files=files
        )


class PublicTicketController(Controller):
    """The progress page of one ticket."""

    path = "/public/tickets/{token:str}"
    tags = ("public",)
    guards = (public,)

    @get("")
    async def show_ticket(self, token: Token, reading: AsyncSession, runtime: Runtime) -> wire.PublicTicket:
        """Stages, and what the customer is asked now."""
        return await service.describe_ticket(reading, runtime, token)

    @post("/tasks/{task_id:str}", status_code=200)
    async def complete(
        self,
        *,
        token: Token,
        task_id: str,
        data: wire.CompletePublicTask,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        address: str,
    ) -> wire.PublicTicket:
        """Rate, confirm, or answer."""
        _submissions.take(f"{token}:{address}", clock())
        return await service.complete_task(runtime, database, token, task_id, data)

    @post("/withdraw", status_code=200)
    async def withdraw(
        self,
        *,
        token: Token,
        data: wire.WithdrawPublicTicket,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        address: str,
    ) -> wire.PublicTicket:
        """Call off what one asked for, as far as the workflow lets its initiator."""
        _submissions.take(f"{token}:{address}", clock())
        return await service.withdraw(runtime, database, token, data)

    @post("/files", status_code=201, request_max_body_size=files_service.MAX_UPLOAD, opt={"uploads": True})
    async def upload(
        self,
        *,
        token: Token,
        data: UploadBody,
        database: Database,
        clock: Clock,
        files: FileStore,
        address: str,
    ) -> file_wire.File:
        """A photo or file for the task that is open."""
        _uploads.take(f"{token}:{address}", clock())
        async with database.reading() as session:
            ticket = await queries.find_ticket(session, token)
        owner = f"ticket:{ticket.id}"
        return await _keep(
            data, ticket.workspace_id, owner, ticket.id, database=database, clock=clock, files=files
        )

    @get("/files/{file_id:str}")
    async def download(
        self,
        *,
        token: Token,
        file_id: str,
        reading: AsyncSession,
        runtime: Runtime,
        files: FileStore,
        thumb: Annotated[bool, Parameter(description="A small JPEG instead of the file")] = False,
    ) -> Response[bytes]:
        """A file that the open task shows, or that was sent with it."""
        ticket = await queries.find_ticket(reading, token)
        record = await queries.find_file(reading, ticket, file_id)
        await service.require_shown(reading, runtime, ticket, record)
        return await send_file(files, record, thumb=thumb)


async def _keep(
    data: UploadBody,
    workspace_id: str,
    owner: str,
    ticket_id: str | None,
    *,
    database: Database,
    clock: Clock,
    files: FileStore,
) -> file_wire.File:
    name, content, claimed = await files_service.read_upload(data.file)
    digest, media_type = await files_service.keep_file(files, name, content, claimed)
    async with database.unit_of_work() as session:
        record = await files_service.record_file(
            session,
            workspace_id,
            owner,
            name=name,
            media_type=media_type,
            size=len(content),
            digest=digest,
            now=clock(),
            ticket_id=ticket_id,
        )
        return files_service.present_file(record)


ROUTER = Router(path="/", route_handlers=[PublicFormController, PublicTicketController])
