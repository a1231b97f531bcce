"""Routes of uploads."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, Router, get, post
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import files as wire
from backend.db.session import Database
from backend.features.files import service
from backend.features.files.sending import UploadBody, send_file
from backend.features.files.store import FileStore
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock


class FileController(Controller):
    """Uploads of members."""

    path = "/files"
    tags = ("files",)

    @post(
        "",
        guards=[requires("run", "edit")],
        status_code=201,
        request_max_body_size=service.MAX_UPLOAD,
        opt={"uploads": True},
    )
    async def upload(
        self, data: UploadBody, actor: Actor, database: Database, clock: Clock, files: FileStore
    ) -> wire.File:
        """One file of at most 10 MiB: a picture, PDF, Office document or text. Its content decides what it
        is.
        """
        name, content, claimed = await service.read_upload(data.file)
        digest, media_type = await service.keep_file(files, name, content, claimed)
        async with database.unit_of_work() as session:
            record = await service.record_file(
                session,
                actor.workspace_id,
                f"member:{actor.member_id}",
                name=name,
                media_type=media_type,
                size=len(content),
                digest=digest,
                now=clock(),
            )
            return service.present_file(record)

    @get("/{file_id:str}", guards=[requires("view", "run", "edit")])
    async def download(
        self,
        file_id: str,
        actor: Actor,
        reading: AsyncSession,
        files: FileStore,
        thumb: Annotated[bool, Parameter(description="A small JPEG instead of the file")] = False,
    ) -> Response[bytes]:
        """The file as an attachment."""
        record = await service.find_readable(reading, actor, file_id)
        return await send_file(files, record, thumb=thumb)


ROUTER = Router(path="/", route_handlers=[FileController])
