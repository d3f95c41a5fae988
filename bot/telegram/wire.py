"""The wire: one call of the outbox becomes one request of python-telegram-bot, and its answer a plain fact.

Telegram has no idempotency key. So what matters most here is to tell a request that never left (it may be tried
again) from one that left and was not answered (it may have arrived, and is never blindly sent again).
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from telegram import (
    Bot,
    ForumTopic,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaAnimation,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    MessageId,
    ReplyParameters,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.desk.events import Answer, Lost, Refused, Sent
from bot.store.calls import (
    AlbumItem,
    AnswerTap,
    Call,
    CloseTopic,
    CopyMessage,
    CopyMessages,
    CreateTopic,
    DeleteMessages,
    DeleteTopic,
    EditCaption,
    EditKeyboard,
    EditMedia,
    EditText,
    EditTopic,
    Keyboard,
    Pin,
    React,
    ReopenTopic,
    SendAlbum,
    SendContact,
    SendDocument,
    SendLocation,
    SendMedia,
    SendText,
    Typing,
)
from bot.telegram.line import Line, NeverLeftError

# python-telegram-bot 22 warns at each 429 unless one opts in to its future type.
os.environ.setdefault("PTB_TIMEDELTA", "true")


@dataclass(frozen=True, slots=True)
class NotLeft:
    """The request never reached Telegram: it may be tried again."""


@dataclass(frozen=True, slots=True)
class Later:
    """Flood control: nothing to this chat for `seconds` (Telegram's `retry_after`)."""

    seconds: float


Outcome: TypeAlias = Answer | NotLeft | Later

REPEATABLE = frozenset(
    {
        "editMessageText",
        "editMessageCaption",
        "editMessageMedia",
        "editMessageReplyMarkup",
        "deleteMessages",
        "setMessageReaction",
        "pinChatMessage",
        "editForumTopic",
        "closeForumTopic",
        "reopenForumTopic",
        "deleteForumTopic",
        "answerCallbackQuery",
        "sendChatAction",
    }
)
"""Methods that may be asked twice without anybody seeing it."""

_ALREADY_SO = (
    "message is not modified",
    "topic_not_modified",
    "message to delete not found",
    "query is too old",
    "query id is invalid",
)
"""Refusals that mean: it is as it should be, or too late to matter."""


def make_bot(token: str, api_url: str, *, read_timeout: float = 10.0) -> Bot:
    """A python-telegram-bot `Bot` that talks to `api_url`; polling has its own connection."""
    return Bot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=Line(api_url, 32, read_timeout=read_timeout),
        get_updates_request=Line(api_url, 2, read_timeout=read_timeout, pool_timeout=5),
    )


@dataclass(frozen=True, slots=True)
class Addressed:
    """A call with what the outbox row knew: the topic's number and the card's message.

    `unsure`: topics were found switched off; whether they still are is asked before anything is sent.
    """

    call: Call
    thread_id: int | None = None
    card_message_id: int | None = None
    unsure: bool = False


NO_FORUM = "The chat is not a forum"
"""Telegram's own words when a topic is to be created where there are none."""


async def perform(bot: Bot, addressed: Addressed) -> Outcome:
    """Make one call.

    Args:
        bot: The initialised bot.
        addressed: What to ask, and where.

    Returns:
        What is known afterwards; never raises for anything that Telegram or the network does.
    """
    try:
        if addressed.unsure:
            chat = await bot.get_chat(addressed.call.chat_id)
            # The number of a group that has migrated answers as a plain group: the call itself tells where it went.
            if chat.type == "supergroup" and not chat.is_forum:
                return Refused(400, NO_FORUM)
        result = await _request(bot, addressed)
        strays = _strays(result, addressed)
        if strays:
            await bot.delete_messages(addressed.call.chat_id, strays)
            return Refused(400, NO_FORUM)
        return _sent(result)
    except RetryAfter as error:
        return Later(retry_seconds(error))
    except ChatMigrated as error:
        return Refused(400, "group chat was upgraded to a supergroup chat", error.new_chat_id)
    except BadRequest as error:
        if any(text in error.message.lower() for text in _ALREADY_SO):
            return Sent()
        return Refused(400, error.message)
    except Forbidden as error:
        return Refused(403, error.message)
    except InvalidToken as error:
        return Refused(401, error.message)
    except Conflict as error:
        return Refused(409, error.message)
    except TimedOut as error:
        return NotLeft() if isinstance(error.__cause__, NeverLeftError) else Lost()
    except NetworkError as error:
        if isinstance(error.__cause__, NeverLeftError):
            return NotLeft()
        # python-telegram-bot raises it without a cause for an answer that is itself an error (HTTP 5xx).
        return Lost("silence" if error.__cause__ else "server")
    except TelegramError as error:
        return Refused(400, error.message)


def _strays(result: object, addressed: Addressed) -> list[int]:
    """What was meant for a topic and stands in the whole group: with topics off Telegram sends it there."""
    messages = (
        [result] if isinstance(result, Message) else result if isinstance(result, (list, tuple)) else []
    )
    return [
        m.message_id
        for m in messages
        if addressed.thread_id and isinstance(m, Message) and m.message_thread_id != addressed.thread_id
    ]


def retry_seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait, in either of the library's two types."""
    wait = error.retry_after
    return float(wait) if isinstance(wait, (int, float)) else wait.total_seconds()


def _sent(result: object) -> Sent:
    match result:
        case ForumTopic():
            return Sent(thread_id=result.message_thread_id)
        case Message() | MessageId():
            return Sent((result.message_id,))
        case list() | tuple():
            return Sent(tuple(item.message_id for item in result))
        case _:
            return Sent()


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    rows = [
        [
            InlineKeyboardButton(k.label, url=k.url)
            if k.url
            else InlineKeyboardButton(k.label, callback_data=k.data)
            for k in row
        ]
        for row in keyboard
    ]
    return InlineKeyboardMarkup(rows)


def _entities(raw: Sequence[dict[str, Any]]) -> list[MessageEntity] | None:
    return [MessageEntity.de_json(dict(item), None) for item in raw] or None


def _reply(message_id: int | None) -> ReplyParameters | None:
    # A reply to a message that was deleted meanwhile must not hold the words back.
    return ReplyParameters(message_id, allow_sending_without_reply=True) if message_id else None


_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

_INPUT_MEDIA = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "audio": InputMediaAudio,
    "document": InputMediaDocument,
    "animation": InputMediaAnimation,
}


def _album_item(item: AlbumItem | EditMedia) -> Any:
    return _INPUT_MEDIA[item.kind](
        item.file_id, caption=item.caption or None, caption_entities=_entities(item.entities)
    )


async def _request(bot: Bot, addressed: Addressed) -> object:
    call, thread = addressed.call, addressed.thread_id
    match call:
        case SendText() | SendMedia() | SendAlbum() | SendLocation() | SendContact() | SendDocument():
            return await _send(bot, call, thread)
        case CopyMessage() | CopyMessages():
            return await _copy(bot, call, thread)
        case EditText() | EditCaption() | EditMedia() | EditKeyboard():
            return await _edit(bot, call, addressed.card_message_id)
        case CreateTopic() | EditTopic() | CloseTopic() | ReopenTopic() | DeleteTopic():
            return await _topic(bot, call, thread or 0)
        case DeleteMessages():
            return await bot.delete_messages(call.chat_id, call.message_ids)
        case React():
            return await bot.set_message_reaction(call.chat_id, call.message_id, call.emoji or None)
        case Pin():
            number = call.message_id or addressed.card_message_id or 0
            return await bot.pin_chat_message(call.chat_id, number, disable_notification=True)
        case AnswerTap():
            return await bot.answer_callback_query(call.query_id, call.text or None, show_alert=call.alert)
        case Typing():
            return await bot.send_chat_action(call.chat_id, "typing", message_thread_id=thread)


async def _send(
    bot: Bot,
    call: SendText | SendMedia | SendAlbum | SendLocation | SendContact | SendDocument,
    thread: int | None,
) -> object:
    where: dict[str, Any] = {"chat_id": call.chat_id, "message_thread_id": thread}
    match call:
        case SendText():
            return await bot.send_message(
                text=call.text,
                parse_mode="HTML" if call.html else None,
                entities=_entities(call.entities),
                reply_markup=_markup(call.keyboard),
                reply_parameters=_reply(call.reply_to),
                disable_notification=call.silent or None,
                link_preview_options=_NO_PREVIEW,
                **where,
            )
        case SendMedia():
            where |= {"reply_markup": _markup(call.keyboard), "reply_parameters": _reply(call.reply_to)}
            if call.kind not in ("video_note", "sticker"):
                where |= {"caption": call.caption or None, "caption_entities": _entities(call.entities)}
            return await getattr(bot, f"send_{call.kind}")(**{call.kind: call.file_id}, **where)
        case SendAlbum():
            media = [_album_item(item) for item in call.items]
            return await bot.send_media_group(media=media, reply_parameters=_reply(call.reply_to), **where)
        case SendLocation():
            reply = _reply(call.reply_to)
            return await bot.send_location(
                latitude=call.latitude, longitude=call.longitude, reply_parameters=reply, **where
            )
        case SendContact():
            reply = _reply(call.reply_to)
            return await bot.send_contact(
                phone_number=call.phone_number, first_name=call.first_name, reply_parameters=reply, **where
            )
        case SendDocument():
            file = InputFile(io.BytesIO(call.body.encode("utf-8")), filename=call.name)
            return await bot.send_document(document=file, caption=call.caption or None, **where)


async def _copy(bot: Bot, call: CopyMessage | CopyMessages, thread: int | None) -> object:
    match call:
        case CopyMessage():
            return await bot.copy_message(
                call.chat_id,
                call.from_chat_id,
                call.message_id,
                caption=call.caption,
                message_thread_id=thread,
                reply_parameters=_reply(call.reply_to),
                reply_markup=_markup(call.keyboard),
            )
        case CopyMessages():
            return await bot.copy_messages(
                call.chat_id, call.from_chat_id, list(call.message_ids), message_thread_id=thread
            )


async def _edit(
    bot: Bot, call: EditText | EditCaption | EditMedia | EditKeyboard, card: int | None
) -> object:
    number = call.message_id or card or 0
    markup = _markup(call.keyboard)
    match call:
        case EditText():
            return await bot.edit_message_text(
                call.text,
                call.chat_id,
                number,
                parse_mode="HTML" if call.html else None,
                entities=_entities(call.entities),
                reply_markup=markup,
                link_preview_options=_NO_PREVIEW,
            )
        case EditCaption():
            return await bot.edit_message_caption(
                call.chat_id,
                number,
                caption=call.caption,
                caption_entities=_entities(call.entities),
                reply_markup=markup,
            )
        case EditMedia():
            return await bot.edit_message_media(_album_item(call), call.chat_id, number, reply_markup=markup)
        case EditKeyboard():
            return await bot.edit_message_reply_markup(call.chat_id, number, reply_markup=markup)


async def _topic(
    bot: Bot, call: CreateTopic | EditTopic | CloseTopic | ReopenTopic | DeleteTopic, thread: int
) -> object:
    match call:
        case CreateTopic():
            return await bot.create_forum_topic(
                call.chat_id, call.name, icon_custom_emoji_id=call.icon or None
            )
        case EditTopic():
            icon = call.icon or None
            return await bot.edit_forum_topic(call.chat_id, thread, call.name, icon_custom_emoji_id=icon)
        case CloseTopic():
            return await bot.close_forum_topic(call.chat_id, thread)
        case ReopenTopic():
            return await bot.reopen_forum_topic(call.chat_id, thread)
        case DeleteTopic():
            return await bot.delete_forum_topic(call.chat_id, call.thread_id)
