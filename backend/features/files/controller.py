"""Routes of uploads."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import anyio.to_thread
import msgspec
from litestar import Controller, Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import files as wire
from backend.db.models import StoredFile
from backend.db.session import Database
from backend.features.files import service
from backend.features.files.sniffing import make_thumbnail
from backend.features.files.store import FileStore
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.platform.errors import NotFound


class Upload(msgspec.Struct, kw_only=True):
    """The form of an upload."""

    file: UploadFile


UploadBody = Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)]


async def send_file(store: FileStore, record: StoredFile, *, thumb: bool) -> Response[bytes]:
    """The file as an attachment, or a small preview of a picture. Raises NotFound."""
    content = await anyio.to_thread.run_sync(store.load, record.sha256)
    if content is None:
        raise NotFound()
    headers = {"cache-control": "private, max-age=3600", "x-content-type-options": "nosniff"}
    if thumb:
        if not record.media_type.startswith("image/"):
            raise NotFound()
        small = await anyio.to_thread.run_sync(make_thumbnail, content)
        return Response(small, media_type="image/jpeg", headers={**headers, "content-disposition": "inline"})
    disposition = f"attachment; filename*=UTF-8''{quote(record.name, safe='')}"
    return Response(
        content, media_type=record.media_type, headers={**headers, "content-disposition": disposition}
    )


class FileController(Controller):
    """Uploads of members."""

    path = "/files"
    tags = ("files",)

    @post("", guards=[requires("run", "edit")], status_code=201, request_max_body_size=service.MAX_UPLOAD)
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
