"""What a message carries, whatever its kind: the form in which it is stored, relayed and shown."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Content(BaseModel):
    """A message's content, from either side.

    Attributes:
        kind: `text photo voice video video_note audio animation document sticker location contact venue poll dice
            story other`.
        text: Text or caption, after masking.
        entities: Telegram MessageEntity objects of the text or caption, as JSON; dropped when masking moved them.
        file_id: Telegram's file id, when there is a file.
        file_unique: Telegram's name of the file that stays the same: tells an exchanged file from an edited caption.
        file_name: Its name, when it has one.
        live: A `location` that still moves.
        album: Telegram's `media_group_id`; "" when alone.
        latitude: Degrees, for `location` and `venue`.
        longitude: Degrees.
        phone_number: For `contact`.
        contact_name: For `contact`.
        transcript: Of a voice message, where the extra `voice` is installed.
        masked: True when something in it was hidden (such a message is never copied from the original).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = "text"
    text: str = ""
    entities: tuple[dict[str, object], ...] = ()
    file_id: str = ""
    file_unique: str = ""
    file_name: str = ""
    album: str = ""
    latitude: float | None = None
    longitude: float | None = None
    phone_number: str = ""
    contact_name: str = ""
    transcript: str = ""
    masked: bool = False
    live: bool = False

    def exchanged(self, before: Content) -> bool:
        """True when an edit put another file in the place of the one before."""
        if self.kind != before.kind:
            return True
        return bool(before.file_unique and self.file_unique) and self.file_unique != before.file_unique
