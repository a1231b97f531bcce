"""Uploads: what the bytes are decides; who may read them; how they are served."""

from __future__ import annotations

import io
import zipfile

import httpx
import pytest
from PIL import Image

from tests.api.conftest import Tenant


def make_picture(kind: str = "PNG", size: tuple[int, int] = (800, 600)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def make_zip(*names: str, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


async def upload(client: httpx.AsyncClient, name: str, content: bytes, claimed: str) -> httpx.Response:
    return await client.post("/api/v1/files", files={"file": (name, content, claimed)})


DOCX = make_zip("[Content_Types].xml", "word/document.xml")
TAKEN = [
    ("photo.jpg", make_picture("JPEG"), "image/jpeg", "image/jpeg"),
    ("photo.png", make_picture(), "application/octet-stream", "image/png"),
    ("photo.webp", make_picture("WEBP"), "image/webp", "image/webp"),
    ("paper.pdf", b"%PDF-1.7 ...", "application/pdf", "application/pdf"),
    ("list.csv", "编号,金额\n1,5".encode("gb18030"), "text/csv", "text/csv"),
    ("letter.docx", DOCX, "application/octet-stream", "wordprocessingml.document"),
]


@pytest.mark.parametrize(("name", "content", "claimed", "media"), TAKEN, ids=[case[0] for case in TAKEN])
async def test_taken(admin: httpx.AsyncClient, name: str, content: bytes, claimed: str, media: str) -> None:
    answer = await upload(admin, name, content, claimed)
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert (file["name"], file["size"]) == (name, len(content))
    assert file["media_type"].endswith(media)
    served = await admin.get(file["url"])
    assert served.content == content
    assert served.headers["content-disposition"].startswith("attachment")
    assert served.headers["x-content-type-options"] == "nosniff"


REFUSED = [
    ("photo.png", b"<script>alert(1)</script>", "image/png", 422, "not_the_type_it_says"),
    ("photo.jpg", make_picture(), "image/jpeg", 422, "not_the_type_it_says"),
    ("cut.png", make_picture()[:200], "image/png", 422, "not_the_type_it_says"),
    ("paper.pdf", make_picture(), "application/pdf", 422, "not_the_type_it_says"),
    ("list.csv", b"a\0b", "text/csv", 422, "not_the_type_it_says"),
    ("page.html", b"<html></html>", "text/html", 415, "file_type_refused"),
    ("drawing.svg", b"<svg onload='x'/>", "image/svg+xml", 415, "file_type_refused"),
    ("run.exe", b"MZ\x90\x00", "application/octet-stream", 415, "file_type_refused"),
    ("stuff.zip", make_zip("a.txt"), "application/zip", 415, "file_type_refused"),
    ("macro.docx", make_zip("[Content_Types].xml", "word/vbaProject.bin"), "", 415, "file_type_refused"),
    (
        "bomb.docx",
        make_zip("[Content_Types].xml", "word/a", content=b"0" * 110_000_000),
        "",
        415,
        "file_type_refused",
    ),
    ("empty.png", b"", "image/png", 422, "file_empty"),
    ("huge.pdf", b"%PDF-" + b"x" * (10 * 1024 * 1024), "application/pdf", 413, "file_too_large"),
    ("gigantic.pdf", b"%PDF-" + b"x" * (12 * 1024 * 1024), "application/pdf", 413, "body_too_large"),
    ("pixels.png", make_picture(size=(10_000, 6_000)), "image/png", 422, "picture_too_large"),
]


@pytest.mark.parametrize(
    ("name", "content", "claimed", "status", "code"), REFUSED, ids=[case[0] for case in REFUSED]
)
async def test_refused(  # noqa: PLR0917
    admin: httpx.AsyncClient, name: str, content: bytes, claimed: str, status: int, code: str
) -> None:
    answer = await upload(admin, name, content, claimed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_preview_is_a_small_jpeg(admin: httpx.AsyncClient) -> None:
    file = (await upload(admin, "photo.png", make_picture(), "image/png")).json()
    served = await admin.get(f"{file['url']}?thumb=1")
    with Image.open(io.BytesIO(served.content)) as small:
        assert (small.format, max(small.size)) == ("JPEG", 320)
    paper = (await upload(admin, "paper.pdf", b"%PDF-1.7", "application/pdf")).json()
    assert (await admin.get(f"{paper['url']}?thumb=1")).status_code == 404


async def test_only_the_uploader_reads_a_loose_file(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    file = (await upload(admin, "photo.png", make_picture(), "image/png")).json()
    other = await tenant.sign_in("second", ["admin"])
    unknown = await other.get("/api/v1/files/00000000-0000-7000-8000-000000000000")
    refused = await other.get(file["url"])
    assert (refused.status_code, refused.json()) == (404, unknown.json())


NAMES = [
    ("../../etc/passwd.pdf", "passwd.pdf"),
    ("C:\\Users\\x\\a.pdf", "a.pdf"),
    ("a\u202efdp.pdf", "afdp.pdf"),
    ("发票 1.pdf", "发票 1.pdf"),
    (".pdf", "pdf"),
]


@pytest.mark.parametrize(("given", "kept"), NAMES)
async def test_names_are_cleaned(admin: httpx.AsyncClient, given: str, kept: str) -> None:
    answer = await upload(admin, given, b"%PDF-1.7", "application/pdf")
    assert answer.json()["name"] == kept
