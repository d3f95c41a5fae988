"""Files sent by the bot: one at a time and in albums."""

from __future__ import annotations

import secrets
from typing import Any

from bot.rehearsal import files
from bot.rehearsal.args import Args
from bot.rehearsal.errors import bad_request
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.registry import Handler, method
from bot.rehearsal.render import message_json
from bot.rehearsal.sending import caption, check_content, check_flood, place_of, send
from bot.rehearsal.world import Json, Message

_MISSING = {"voice": "voice", "video_note": "video note"}
_ALBUM = ("photo", "video", "audio", "document")


def stored_file(local: LocalTelegram, args: Args, kind: str, value: Any) -> files.StoredFile:
    """Return the file that a parameter means: an upload, ``attach://name``, or a file_id sent again.

    Raises:
        ApiError: none of these, or an address on the web (this Telegram is not on the web).
    """
    text = value if isinstance(value, str) else ""
    upload = None if text else args.uploads.get(kind)
    if text.startswith("attach://"):
        upload = args.uploads.get(text.removeprefix("attach://"))
        if upload is None:
            raise bad_request(f'File "{text.removeprefix("attach://")}" not found in the request')
    if upload is not None:
        return local.files.save(kind, upload)
    if not text:
        raise bad_request(f"There is no {_MISSING.get(kind, kind)} in the request")
    if text.startswith(("http://", "https://")):
        raise bad_request("Failed to get HTTP URL content")
    return local.files.named(text, kind)


def file_content(local: LocalTelegram, args: Args, kind: str) -> Json:
    """Return the Message fields of a file with its caption."""
    body = files.content(kind, stored_file(local, args, kind, args.values.get(kind)), args.values)
    _add_thumbnail(local, args, body.get(kind))
    if kind in ("sticker", "video_note"):
        return body
    body |= caption(local, args)
    if args.flag("has_spoiler") and kind in ("photo", "video", "animation"):
        body["has_media_spoiler"] = True
    return body


def _add_thumbnail(local: LocalTelegram, args: Args, body: Any) -> None:
    """Put the uploaded thumbnail, if there is one, beside the file (Bot API, sendVideo, thumbnail)."""
    name = args.text("thumbnail").removeprefix("attach://") or "thumbnail"
    upload = args.uploads.get(name)
    if upload is None or not isinstance(body, dict):
        return
    small = local.files.save("photo", upload)
    ids = {"file_id": small.id, "file_unique_id": small.unique_id, "file_size": small.size}
    body["thumbnail"] = {**ids, "width": small.width, "height": small.height}


def _sender(kind: str) -> Handler:
    def send_file(local: LocalTelegram, args: Args) -> Json:
        """Send one file."""
        content = file_content(local, args, kind)
        return message_json(send(local, place_of(local, args), content))

    return send_file


for _kind, _name in {
    "photo": "sendPhoto",
    "video": "sendVideo",
    "animation": "sendAnimation",
    "audio": "sendAudio",
    "voice": "sendVoice",
    "video_note": "sendVideoNote",
    "document": "sendDocument",
    "sticker": "sendSticker",
}.items():
    method(_name)(_sender(_kind))


def input_media(local: LocalTelegram, args: Args, raw: Any) -> tuple[str, Json]:
    """Read an InputMedia object; return its kind and the Message fields.

    Raises:
        ApiError: malformed, or its file is missing.
    """
    wrong = "Can't parse InputMedia: "
    if not isinstance(raw, dict):
        raise bad_request(wrong + "expected an Object")
    kind = raw.get("type")
    if kind is None:
        raise bad_request(wrong + 'Can\'t find field "type"')
    if kind not in (*_ALBUM, "animation"):
        raise bad_request(wrong + "type must be one of photo, video, animation, audio, document")
    if not isinstance(raw.get("media"), str) or not raw["media"]:
        raise bad_request(wrong + "media not found")
    inner = Args({**raw, "has_spoiler": raw.get("has_spoiler")}, args.uploads)
    content = files.content(kind, stored_file(local, args, kind, raw["media"]), raw)
    content |= caption(local, inner)
    if raw.get("has_spoiler") and kind in ("photo", "video", "animation"):
        content["has_media_spoiler"] = True
    return kind, content


@method("sendMediaGroup")
def send_media_group(local: LocalTelegram, args: Args) -> list[Json]:
    """Send an album of 2 to 10 photos and videos, or documents, or music."""
    raw = args.parsed("media", "media")
    if not isinstance(raw, list):
        raise bad_request("Expected an Array of InputMedia")
    if len(raw) > 10:
        raise bad_request("Too many messages to send as an album")
    if not raw:
        raise bad_request("There are no messages to send")
    items = [input_media(local, args, item) for item in raw]
    kinds = {kind for kind, _ in items}
    if "animation" in kinds or (len(kinds) > 1 and not kinds <= {"photo", "video"}):
        raise bad_request("Can't use the media of the specified type in the album")
    place = place_of(local, args)
    for kind in kinds:
        check_content(local, place.chat, kind)
    check_flood(local, place.chat, len(items))
    return [
        message_json(m)
        for m in write_album(local, place.fields() | {"chat": place.chat}, [c for _, c in items])
    ]


def write_album(local: LocalTelegram, where: Json, contents: list[Json]) -> list[Message]:
    """Write several messages that telephones show as one album; a single one is an ordinary message."""
    fields = dict(where)
    chat = fields.pop("chat")
    group = str(secrets.randbits(60)) if len(contents) > 1 else None
    return [local.world.write(chat, local.bot, body, media_group_id=group, **fields) for body in contents]
