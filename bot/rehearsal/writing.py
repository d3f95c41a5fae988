"""What people write: the body of `POST /phone/users/{id}/send`, read into the fields of a message."""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import Any

from bot.rehearsal import files
from bot.rehearsal.errors import ApiError, PhoneError
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.methods.forwards import origin_of
from bot.rehearsal.render import user_json
from bot.rehearsal.sending import known
from bot.rehearsal.text import MAX_CAPTION, MAX_TEXT, Formatted, parse
from bot.rehearsal.world import Chat, Json, Message

ALBUM = ("photo", "video", "audio", "document")
EXCHANGED = ("photo", "video", "audio", "animation", "document")
CAPTIONED = ("photo", "video", "voice", "audio", "animation", "document")
_SMALL = {
    "location": ("latitude", "longitude"),
    "contact": ("phone_number", "first_name"),
    "venue": ("location", "title", "address"),
    "dice": ("emoji", "value"),
}
"""Kinds that are no files, and what each must say."""
_ALSO = {
    "location": ("horizontal_accuracy", "live_period", "heading", "proximity_alert_radius"),
    "contact": ("last_name", "user_id", "vcard"),
    "venue": ("foursquare_id", "foursquare_type", "google_place_id", "google_place_type"),
    "dice": (),
}
"""What each may say beside (Bot API: Location, Contact, Venue); anything else is no part of it."""


class Writing:
    """Reads what a person sends. Every method raises `PhoneError` when it cannot be sent."""

    def __init__(self, local: LocalTelegram) -> None:
        self.local = local

    def contents(self, chat: Chat, body: Json) -> tuple[list[Json], Json]:
        """Return the Message fields of each message, and the forward origin if it is forwarded."""
        source = body.get("forward_from")
        if isinstance(source, dict) and "message_id" in source:
            return self._forwarded(chat, source)
        forwarded = {} if source is None else {"forward_origin": self._origin(source)}
        album = body.get("album")
        if album is None:
            return [self._content(body, files.KINDS)], forwarded
        if not isinstance(album, list) or not 2 <= len(album) <= 10:
            raise PhoneError(400, "an album has 2 to 10 items")
        contents = [self._content({"photo": item} if item == "sample" else item, ALBUM) for item in album]
        if body.get("caption"):
            contents[0] |= self.caption(body)
        return contents, forwarded

    def _forwarded(self, chat: Chat, source: Json) -> tuple[list[Json], Json]:
        """Forward a message that exists: ``{chat_id?, message_id}``, from the same chat without chat_id."""
        origin = chat if source.get("chat_id") is None else self.local.world.chats.get(int(source["chat_id"]))
        message = origin.message(source["message_id"]) if origin is not None else None
        if message is None or message.service:
            raise PhoneError(404, f"no message {source['message_id']} to forward")
        return [dict(message.content)], {"forward_origin": origin_of(message)}

    def _origin(self, source: Any) -> Json:
        """Return the origin of something forwarded from elsewhere: a user's id, or only a name."""
        user = self.local.world.users.get(source) if isinstance(source, int) else None
        if isinstance(source, dict):
            user = self.local.world.users.get(int(source.get("id") or source.get("user_id") or 0))
            source = source.get("first_name") or source.get("name") or "?"
        if user is not None:
            return {"type": "user", "date": self.local.clock.date(), "sender_user": user_json(user)}
        return {"type": "hidden_user", "date": self.local.clock.date(), "sender_user_name": str(source)}

    def _content(self, body: Json, kinds: tuple[str, ...]) -> Json:
        """Return the Message fields of what a person sends."""
        if not isinstance(body, dict):
            raise PhoneError(400, "expected an object")
        given = [kind for kind in kinds if body.get(kind) is not None]
        if body.get("type") in kinds and not given:
            given, body = [body["type"]], {**body, body["type"]: body.get("media", "sample")}
        others = [name for name in _SMALL if body.get(name) is not None]
        if len(given) + len(others) > 1:
            raise PhoneError(400, "at most one kind of media in a message")
        if given:
            content = self._file(given[0], body[given[0]])
            return content | (self.caption(body) if given[0] in CAPTIONED else {})
        if others:
            return self._small(others[0], body[others[0]])
        if not isinstance(body.get("text"), str):
            raise PhoneError(400, "nothing to send")
        return self.parsed(body["text"], body.get("entities"), MAX_TEXT).fields("text", "entities")

    def exchanged(self, message: Message, body: Json) -> Json | None:
        """The whole content after an edit that brings another file or place; None when it brings none.

        Telegram's apps exchange files of `EXCHANGED` kinds for each other, and move a location while it is live.
        """
        given = next((kind for kind in EXCHANGED if body.get(kind) is not None), None)
        if given is not None:
            if message.kind not in EXCHANGED:
                raise PhoneError(400, "there is no file in this message that could be exchanged")
            words = {k: v for k, v in message.content.items() if k in ("caption", "caption_entities")}
            return self._file(given, body[given]) | (self.caption(body) or words)
        if body.get("location") is None:
            return None
        if "live_period" not in message.content.get("location", {}):
            raise PhoneError(400, "only a live location moves")
        return self._small("location", body["location"])

    def _small(self, kind: str, value: Any) -> Json:
        if not isinstance(value, dict):
            raise PhoneError(400, f"{kind} must be an object")
        if kind == "dice":  # who throws it does not choose what comes up
            value = {"emoji": "🎲", "value": secrets.randbelow(6) + 1} | value
        if kind == "venue" and "location" not in value:
            place = {name: value[name] for name in ("latitude", "longitude") if name in value}
            value = {k: v for k, v in value.items() if k not in place} | (
                {"location": place} if place else {}
            )
        for name in _SMALL[kind]:
            if value.get(name) is None:
                raise PhoneError(400, f"{kind} needs {name}")
        value = {name: value[name] for name in (*_SMALL[kind], *_ALSO[kind]) if name in value}
        if kind == "location":
            value = self._place(value)
        elif kind == "venue":
            value = {**value, "location": self._place(value["location"])}
        return {kind: value}

    def _place(self, value: Any) -> Json:
        try:
            place = {**value, "latitude": float(value["latitude"]), "longitude": float(value["longitude"])}
        except (TypeError, ValueError, KeyError):
            raise PhoneError(400, "latitude and longitude are numbers") from None
        # Bot API, Location: degrees; td, Location::init, takes none that are not on the globe.
        if not (-90 <= place["latitude"] <= 90 and -180 <= place["longitude"] <= 180):
            raise PhoneError(400, "latitude is -90 to 90, longitude -180 to 180")
        return place

    def _file(self, kind: str, value: Any) -> Json:
        if value == "sample":
            upload = files.sample(kind)
        elif isinstance(value, dict) and isinstance(value.get("data"), str):
            try:
                data = base64.b64decode(value["data"], validate=True)
            except binascii.Error:
                raise PhoneError(400, "data is not base64") from None
            upload = files.Upload(
                str(value.get("name") or kind), str(value.get("mime") or "application/octet-stream"), data
            )
        else:
            raise PhoneError(400, f'{kind} is "sample" or {{name, mime, data}}')
        try:
            return files.content(
                kind, self.local.files.save(kind, upload), value if isinstance(value, dict) else {}
            )
        except ApiError as error:
            raise PhoneError(400, error.description) from None

    def parsed(self, text: str, entities: Any, limit: int) -> Formatted:
        """Return a text with what Telegram finds in it; half characters are mended first."""
        clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if entities is not None and not isinstance(entities, list):
            raise PhoneError(400, "entities is a list")
        try:
            return parse(clean, "", entities, known(self.local), limit=limit)
        except ApiError as error:
            raise PhoneError(400, error.description) from None

    def caption(self, body: Json) -> Json:
        """Return the caption fields of a body, none without one."""
        if not body.get("caption"):
            return {}
        read = self.parsed(
            str(body["caption"]), body.get("caption_entities") or body.get("entities"), MAX_CAPTION
        )
        return read.fields("caption", "caption_entities")
