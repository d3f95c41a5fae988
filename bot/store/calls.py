"""Outgoing calls: what may be asked of Telegram, as data that can wait in the outbox.

One class per Bot API method (https://core.telegram.org/bots/api#available-methods), with the parameters this
product uses. `thread_of_case` puts a call into the topic of the row's case, whose number may not exist yet when
the row is written; delivery resolves it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Key(BaseModel):
    """One inline button: `data` comes back as callback data (1 to 64 bytes), or `url` is opened."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    data: str = ""
    url: str = ""


Keyboard = tuple[tuple[Key, ...], ...]


class _Call(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _ToChat(_Call):
    chat_id: int
    thread_of_case: bool = False


class SendText(_ToChat):
    """sendMessage. `html` is Telegram HTML that we built and escaped ourselves; otherwise the text is plain."""

    method: Literal["sendMessage"] = "sendMessage"
    text: str
    html: bool = False
    entities: tuple[dict[str, object], ...] = ()
    keyboard: Keyboard = ()
    reply_to: int | None = None
    silent: bool = False


class SendMedia(_ToChat):
    """sendPhoto, sendVoice, ... by `file_id` (same bot, so ids are reusable)."""

    method: Literal["sendMedia"] = "sendMedia"
    kind: Literal["photo", "voice", "video", "video_note", "audio", "animation", "document", "sticker"]
    file_id: str
    caption: str = ""
    entities: tuple[dict[str, object], ...] = ()
    keyboard: Keyboard = ()
    reply_to: int | None = None


class AlbumItem(BaseModel):
    """One item of an album (sendMediaGroup takes photo, video, audio, document)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["photo", "video", "audio", "document"]
    file_id: str
    caption: str = ""
    entities: tuple[dict[str, object], ...] = ()


class SendAlbum(_ToChat):
    """sendMediaGroup, 2 to 10 items."""

    method: Literal["sendMediaGroup"] = "sendMediaGroup"
    items: tuple[AlbumItem, ...]
    reply_to: int | None = None


class SendLocation(_ToChat):
    """sendLocation, degrees."""

    method: Literal["sendLocation"] = "sendLocation"
    latitude: float
    longitude: float
    reply_to: int | None = None


class SendContact(_ToChat):
    """sendContact."""

    method: Literal["sendContact"] = "sendContact"
    phone_number: str
    first_name: str
    reply_to: int | None = None


class CopyMessage(_ToChat):
    """copyMessage: the message without a link to its original."""

    method: Literal["copyMessage"] = "copyMessage"
    from_chat_id: int
    message_id: int
    caption: str | None = None
    reply_to: int | None = None
    keyboard: Keyboard = ()


class CopyMessages(_ToChat):
    """copyMessages: up to 100, albums stay whole."""

    method: Literal["copyMessages"] = "copyMessages"
    from_chat_id: int
    message_ids: tuple[int, ...]


class SendDocument(_ToChat):
    """sendDocument with a file of ours (a transcript, a person's data as JSON)."""

    method: Literal["sendDocument"] = "sendDocument"
    name: str
    body: str
    caption: str = ""


class EditText(_ToChat):
    """editMessageText; `message_id` 0 means the card of the row's case."""

    method: Literal["editMessageText"] = "editMessageText"
    message_id: int
    text: str
    html: bool = False
    entities: tuple[dict[str, object], ...] = ()
    keyboard: Keyboard = ()


class EditCaption(_ToChat):
    """editMessageCaption."""

    method: Literal["editMessageCaption"] = "editMessageCaption"
    message_id: int
    caption: str
    entities: tuple[dict[str, object], ...] = ()
    keyboard: Keyboard = ()


class EditMedia(_ToChat):
    """editMessageMedia: another file in a message's place."""

    method: Literal["editMessageMedia"] = "editMessageMedia"
    message_id: int
    kind: str
    file_id: str
    caption: str = ""
    entities: tuple[dict[str, object], ...] = ()
    keyboard: Keyboard = ()


class EditKeyboard(_ToChat):
    """editMessageReplyMarkup; an empty keyboard takes the buttons away."""

    method: Literal["editMessageReplyMarkup"] = "editMessageReplyMarkup"
    message_id: int
    keyboard: Keyboard = ()


class DeleteMessages(_ToChat):
    """deleteMessages, 1 to 100."""

    method: Literal["deleteMessages"] = "deleteMessages"
    message_ids: tuple[int, ...]


class React(_ToChat):
    """setMessageReaction; an empty emoji takes the reaction away."""

    method: Literal["setMessageReaction"] = "setMessageReaction"
    message_id: int
    emoji: str = ""


class Pin(_ToChat):
    """pinChatMessage; `message_id` 0 means the card of the row's case."""

    method: Literal["pinChatMessage"] = "pinChatMessage"
    message_id: int


class CreateTopic(_ToChat):
    """createForumTopic for the row's case; at most one is ever in flight for a case."""

    method: Literal["createForumTopic"] = "createForumTopic"
    name: str
    icon: str = ""


class EditTopic(_ToChat):
    """editForumTopic of the row's case."""

    method: Literal["editForumTopic"] = "editForumTopic"
    name: str
    icon: str = ""


class CloseTopic(_ToChat):
    """closeForumTopic of the row's case."""

    method: Literal["closeForumTopic"] = "closeForumTopic"


class ReopenTopic(_ToChat):
    """reopenForumTopic of the row's case."""

    method: Literal["reopenForumTopic"] = "reopenForumTopic"


class DeleteTopic(_ToChat):
    """deleteForumTopic by number (erasure: the case's row may be gone)."""

    method: Literal["deleteForumTopic"] = "deleteForumTopic"
    thread_id: int


class AnswerTap(_Call):
    """answerCallbackQuery: what the person who tapped sees, and nobody else."""

    method: Literal["answerCallbackQuery"] = "answerCallbackQuery"
    query_id: str
    text: str = ""
    alert: bool = False
    chat_id: int = 0


class Typing(_ToChat):
    """sendChatAction `typing`."""

    method: Literal["sendChatAction"] = "sendChatAction"


Call = Annotated[
    SendText
    | SendMedia
    | SendAlbum
    | SendLocation
    | SendContact
    | CopyMessage
    | CopyMessages
    | SendDocument
    | EditText
    | EditCaption
    | EditMedia
    | EditKeyboard
    | DeleteMessages
    | React
    | Pin
    | CreateTopic
    | EditTopic
    | CloseTopic
    | ReopenTopic
    | DeleteTopic
    | AnswerTap
    | Typing,
    Field(discriminator="method"),
]

CALL: TypeAdapter[Call] = TypeAdapter(Call)
"""Reads and writes a call as JSON for the outbox."""
