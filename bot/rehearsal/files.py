"""Files: what was uploaded, under which ids, how large, and the samples that people send."""

from __future__ import annotations

import hashlib
import mimetypes
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.rehearsal.errors import ApiError, bad_request

MAX_DOWNLOAD = 20 << 20
"""Bytes that a bot may download (Bot API, getFile)."""
MAX_UPLOAD = 50 << 20
"""Bytes that a bot may upload (Bot API, sending files)."""
MAX_PHOTO = 10 << 20
"""Bytes of a photo (Bot API, sendPhoto)."""

_FOLDERS = {
    "photo": ("photos", "AgACAgQAAxkB", "Photo"),
    "video": ("videos", "BAACAgQAAxkB", "Video"),
    "animation": ("animations", "CgACAgQAAxkB", "Animation"),
    "audio": ("music", "CQACAgQAAxkB", "Audio"),
    "voice": ("voice", "AwACAgQAAxkB", "VoiceNote"),
    "video_note": ("video_notes", "DQACAgQAAxkB", "VideoNote"),
    "document": ("documents", "BQACAgQAAxkB", "Document"),
    "sticker": ("stickers", "CAACAgQAAxkB", "Sticker"),
}
"""Kind -> folder in file_path, beginning of its file_ids, and td's name for the type of file."""

_SAMPLES = {
    "photo": ("photo.jpg", "image/jpeg"),
    "video": ("video.mp4", "video/mp4"),
    "animation": ("animation.mp4", "video/mp4"),
    "audio": ("audio.mp3", "audio/mpeg"),
    "voice": ("voice.ogg", "audio/ogg"),
    "video_note": ("video_note.mp4", "video/mp4"),
    "document": ("document.pdf", "application/pdf"),
    "sticker": ("sticker.webp", "image/webp"),
}
KINDS = tuple(_SAMPLES)
"""The eight kinds of media that are files."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes on their way in, with the name and type that the sender gave."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that Telegram keeps. ``size`` in bytes, ``width`` and ``height`` in pixels (0 = not a picture)."""

    id: str
    unique_id: str
    kind: str
    path: str
    name: str
    mime: str
    size: int
    width: int = 0
    height: int = 0


def sample(kind: str) -> Upload:
    """Return a real, tiny file of that kind."""
    name, mime = _SAMPLES[kind]
    return Upload(name, mime, (Path(__file__).parent / "samples" / name).read_bytes())


class FileStore:
    """Files on disk under ``folder``; ids and paths in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.by_id: dict[str, StoredFile] = {}
        self.by_path: dict[str, StoredFile] = {}

    def save(self, kind: str, upload: Upload) -> StoredFile:
        """Keep an upload and give it a file_id.

        Raises:
            ApiError: empty, or too large for its kind (Telegram's words).
        """
        size = len(upload.data)
        if size == 0:
            raise bad_request("File must be non-empty")
        if kind == "photo" and size > MAX_PHOTO:
            raise bad_request(
                f"File of size {size} bytes is too big for a photo; the maximum size is {MAX_PHOTO} bytes"
            )
        width = height = 0
        if kind in ("photo", "sticker"):
            width, height = picture_size(upload.data) or (0, 0)
            if kind == "photo" and not width:
                raise bad_request("IMAGE_PROCESS_FAILED")
            if kind == "photo" and (width + height > 10_000 or max(width, height) > 20 * min(width, height)):
                raise bad_request("PHOTO_INVALID_DIMENSIONS")
        number = len(self.by_id) + 1
        folder, prefix, _ = _FOLDERS[kind]
        digest = hashlib.sha256(upload.data + str(number).encode()).hexdigest()
        suffix = Path(upload.name).suffix or mimetypes.guess_extension(upload.mime) or ""
        path = f"{folder}/file_{number}{suffix if suffix.isascii() and len(suffix) < 10 else ''}"
        stored = StoredFile(
            f"{prefix}{digest[:40]}",
            f"AQAD{digest[40:52]}",
            kind,
            path,
            upload.name,
            upload.mime,
            size,
            width,
            height,
        )
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(upload.data)
        self.by_id[stored.id] = stored
        self.by_path[path] = stored
        return stored

    def named(self, file_id: str, kind: str) -> StoredFile:
        """Return the file of a file_id that is sent again as ``kind``.

        Raises:
            ApiError: unknown, or a file of another type (td, FileManager::check_input_file_id).
        """
        stored = self.by_id.get(file_id)
        if stored is None:
            raise bad_request("Wrong file identifier/HTTP URL specified")
        if stored.kind != kind and not {stored.kind, kind} <= {"document", "animation"}:
            raise bad_request(f"Can't use file of type {_FOLDERS[stored.kind][2]} as {_FOLDERS[kind][2]}")
        return stored

    def read(self, path: str) -> bytes | None:
        """Return the bytes at a file_path, or None."""
        stored = self.by_path.get(path)
        return (self.folder / path).read_bytes() if stored is not None else None


def content(kind: str, stored: StoredFile, given: Json) -> Json:
    """Return the Message fields of one file.

    Args:
        kind: photo, video, ...
        stored: the file.
        given: what the sender said of it: ``duration`` in seconds, ``width``, ``height``, ``length`` in pixels,
            ``performer``, ``title``, ``emoji``.
    """
    ids: Json = {"file_id": stored.id, "file_unique_id": stored.unique_id, "file_size": stored.size}
    named: Json = {"file_name": stored.name, "mime_type": stored.mime}
    duration = _whole(given, "duration", 1)
    match kind:
        case "photo":
            sizes: list[Json] = []
            if max(stored.width, stored.height) > 90:
                ratio = 90 / max(stored.width, stored.height)
                small = {
                    "width": max(1, int(stored.width * ratio)),
                    "height": max(1, int(stored.height * ratio)),
                }
                sizes.append({**ids, **small})
            return {"photo": [*sizes, {**ids, "width": stored.width, "height": stored.height}]}
        case "video" | "animation":
            size = {"width": _whole(given, "width", 128), "height": _whole(given, "height", 96)}
            body: Json = {kind: {**ids, **named, **size, "duration": duration}}
            if kind == "animation":
                # Bot API, Message.animation: "For backward compatibility, the document field will also be set".
                body["document"] = {**ids, **named}
            return body
        case "audio":
            tags = {name: str(given[name]) for name in ("performer", "title") if given.get(name)}
            return {"audio": {**ids, **named, "duration": duration, **tags}}
        case "voice":
            return {"voice": {**ids, "mime_type": stored.mime, "duration": duration}}
        case "video_note":
            return {"video_note": {**ids, "length": _whole(given, "length", 96), "duration": duration}}
        case "sticker":
            animated, video = stored.name.endswith(".tgs"), stored.name.endswith(".webm")
            body = {"type": "regular", "width": stored.width or 512, "height": stored.height or 512}
            emoji = {"emoji": str(given["emoji"])} if given.get("emoji") else {}
            return {"sticker": {**ids, **body, "is_animated": animated, "is_video": video, **emoji}}
        case "document":
            return {"document": {**ids, **named}}
    raise ApiError(500, f"no such kind of file: {kind}")


def _whole(given: Json, name: str, default: int) -> int:
    try:
        return int(given.get(name) or default)
    except (TypeError, ValueError):
        return default


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Return (width, height) in pixels of a PNG, GIF, JPEG, WebP or BMP, or None when it is no picture."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return struct.unpack(">II", data[16:24])
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        return struct.unpack("<HH", data[6:10])
    if data[:2] == b"BM" and len(data) >= 26:
        width, height = struct.unpack("<ii", data[18:26])
        return width, abs(height)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        return _webp_size(data)
    if data[:2] == b"\xff\xd8":
        return _jpeg_size(data)
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    match data[12:16]:
        case b"VP8X":
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack("<HH", data[26:30])
            return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return None
