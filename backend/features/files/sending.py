"""Files on their way in and out: the upload's form, and a stored file as an answer."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import anyio.to_thread
import msgspec
from litestar import Response
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

from backend.db.models import StoredFile
from backend.features.files.sniffing import make_thumbnail
from backend.features.files.store import FileStore
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
