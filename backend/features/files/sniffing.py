"""What a file really is, by its bytes. What it says it is must be the same kind."""

from __future__ import annotations

import io
import warnings
import zipfile

import msgspec
from PIL import Image, ImageOps, UnidentifiedImageError

from backend.features.platform.errors import Invalid, UnsupportedContent

MAX_PIXELS = 50_000_000
MAX_ZIP_ENTRIES = 2_000
MAX_UNZIPPED = 200 * 1024 * 1024
THUMB = (320, 320)

IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
OFFICE_PARTS = {
    "word/": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ppt/": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
TEXT_TYPES = {"txt": "text/plain", "csv": "text/csv"}
EXTENSIONS = {
    "image/jpeg": {"jpg", "jpeg", "jfif"},
    "image/png": {"png"},
    "image/webp": {"webp"},
    "image/gif": {"gif"},
    "application/pdf": {"pdf"},
    **{media: {extension} for extension, media in OFFICE_PARTS.values()},
    **{media: {extension} for extension, media in TEXT_TYPES.items()},
}


class Sniffed(msgspec.Struct, frozen=True):
    """The true media type."""

    media_type: str


def sniff(content: bytes, name: str, claimed: str) -> Sniffed:
    """Raises UnsupportedContent for a kind that is not taken, Invalid (`not_the_type_it_says`) for a spoofed
    one.
    """
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    media = _sniff_known(content, name) or _sniff_text(content, extension)
    if media is None:
        if extension in {known for names in EXTENSIONS.values() for known in names}:
            raise Invalid("not_the_type_it_says", params={"name": name})
        raise UnsupportedContent("file_type_refused")
    says = claimed.split(";", maxsplit=1)[0].strip().lower()
    lies = says.startswith("image/") != media.startswith("image/") and says not in {
        "",
        "application/octet-stream",
    }
    if (extension and extension not in EXTENSIONS[media]) or lies:
        raise Invalid("not_the_type_it_says", params={"name": name})
    return Sniffed(media)


def _sniff_known(content: bytes, name: str) -> str | None:
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"PK\x03\x04"):
        return _sniff_office(content, name)
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")) or (
        content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    ):
        return _check_image(content, name)
    return None


def _check_image(content: bytes, name: str) -> str:
    """Decodes the whole picture: a header alone proves nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=tuple(IMAGE_TYPES)) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Invalid("picture_too_large", params={"limit": MAX_PIXELS // 10_000})
                media = IMAGE_TYPES[image.format or ""]
                image.load()
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        KeyError,
        Image.DecompressionBombError,
    ) as error:
        raise Invalid("not_the_type_it_says", params={"name": name}) from error
    return media


def _sniff_office(content: bytes, name: str) -> str:
    """Looks at the directory only; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Invalid("not_the_type_it_says", params={"name": name}) from error
    names = [entry.filename for entry in entries]
    unpacked = sum(entry.file_size for entry in entries)
    if "[Content_Types].xml" not in names or len(entries) > MAX_ZIP_ENTRIES or unpacked > MAX_UNZIPPED:
        raise UnsupportedContent("file_type_refused")
    if any(entry.endswith("vbaProject.bin") for entry in names):
        raise UnsupportedContent("file_type_refused")
    for folder, (_, media) in OFFICE_PARTS.items():
        if any(entry.startswith(folder) for entry in names):
            return media
    raise UnsupportedContent("file_type_refused")


def _sniff_text(content: bytes, extension: str) -> str | None:
    """Text has no signature: it must say so, be UTF-8 or GB 18030, and hold no control characters."""
    if extension not in TEXT_TYPES or b"\0" in content:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(ord(letter) < 32 and letter not in "\t\r\n\f" for letter in text):
            return TEXT_TYPES[extension]
    return None


def make_thumbnail(content: bytes) -> bytes:
    """A small JPEG, upright, on white, without the metadata (place, device) of the original."""
    with Image.open(io.BytesIO(content), formats=tuple(IMAGE_TYPES)) as image:
        image.draft("RGB", (THUMB[0] * 2, THUMB[1] * 2))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail(THUMB)
        rgba = upright.convert("RGBA")
        canvas = Image.new("RGB", rgba.size, "white")
        canvas.paste(rgba, mask=rgba.getchannel("A"))
        out = io.BytesIO()
        canvas.save(out, "JPEG", quality=80)
    return out.getvalue()
