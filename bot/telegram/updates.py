"""From Telegram's updates to what happened, in the house's own words.

Source of every field: https://core.telegram.org/bots/api#update and the types below it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias

import structlog
from telegram import (
    CallbackQuery,
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberUpdated,
    Message,
    MessageEntity,
    MessageReactionUpdated,
    ReactionTypeEmoji,
    Update,
    User,
)

from bot.desk.events import (
    AngelOrdered,
    AngelReacted,
    AngelRewrote,
    AngelTapped,
    AngelWrote,
    BotStanding,
    DeskEvent,
    GroupMigrated,
    MemberChanged,
    TopicChanged,
    Who,
)
from bot.store.content import Content
from bot.store.inbox import GROUP, Incoming

log = structlog.get_logger()

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "message_reaction",
    "my_chat_member",
    "chat_member",
)
"""`message_reaction` and `chat_member` are not sent unless asked for."""

DESK_PREFIX = "d:"
CHOICE_PREFIX = "b:"


@dataclass(frozen=True, slots=True)
class PrivateWrote:
    """A message in a private chat. `edited`: it replaces the one with the same number. `at`: when it was written."""

    user_id: int
    chat_id: int
    message_id: int
    content: Content
    first_name: str = ""
    username: str = ""
    language_code: str = ""
    command: str = ""
    argument: str = ""
    reply_to: int | None = None
    own_number: str = ""
    edited: bool = False
    masked: tuple[str, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PrivateTapped:
    """A button of the dialogue; `choice` is "" when it is none of ours (forged, or forwarded from elsewhere)."""

    user_id: int
    chat_id: int
    message_id: int
    query_id: str
    choice: str
    first_name: str = ""
    username: str = ""
    language_code: str = ""


@dataclass(frozen=True, slots=True)
class PrivateReacted:
    """A reaction in a private chat; "" when it was taken away."""

    chat_id: int
    message_id: int
    emoji: str


@dataclass(frozen=True, slots=True)
class PrivateStanding:
    """The person blocked the bot, or let it in again."""

    user_id: int
    chat_id: int
    blocked: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing that concerns this house; `why` is for the log."""

    why: str


Inbound: TypeAlias = PrivateWrote | PrivateTapped | PrivateReacted | PrivateStanding | DeskEvent | Ignored


@dataclass(frozen=True, slots=True)
class MaskedText:
    """A text with what must not be stored hidden, and the kinds of what was hidden."""

    text: str
    kinds: tuple[str, ...] = field(default=())


Mask: TypeAlias = Callable[[str], MaskedText]

_MESSAGE_FIELDS = ("message", "edited_message")
_NESTED = ("reply_to_message", "external_reply", "quote", "pinned_message")
_NO_NUMBER = 2**63
"""Telegram's own numbers have at most 52 bits (https://core.telegram.org/bots/api#chat), a database's 64."""


def receive(update: dict[str, Any], mask: Mask) -> Incoming:
    """Prepare an update for the inbox: masked, slimmed of other people's words, told apart by chat.

    It is parsed once, when its turn comes (`read`).

    Args:
        update: An Update as Telegram wrote it; it is not changed.
        mask: Hides what must never be stored.

    Raises:
        TypeError, ValueError, OverflowError, AttributeError: It is not an update.
    """
    if not isinstance(update["update_id"], int) or isinstance(update["update_id"], bool):
        raise TypeError("an update has a number")
    if not all(isinstance(value, dict) for name, value in update.items() if name != "update_id"):
        raise TypeError("all that an update tells are objects")
    data: dict[str, Any] = _whole(update)
    kinds: tuple[str, ...] = ()
    message: dict[str, Any] | None = None
    for name in _MESSAGE_FIELDS:
        message = message or data.get(name)
    private = bool(message and message.get("chat", {}).get("type") == "private")
    if message:
        for name in _NESTED:
            if isinstance(message.get(name), dict):
                _slim(message, name)
    if message and private:
        kinds = _mask_message(message, mask)
    query = data.get("callback_query")
    if query and isinstance(query.get("message"), dict):
        _slim(query, "message")
    text = (message or {}).get("text", "")
    gather = "message" in data and private and bool(text) and not text.startswith("/")
    chat_id = _whose(data)
    if max(abs(chat_id), abs(update["update_id"])) >= _NO_NUMBER:
        raise ValueError("a number that no database keeps")
    if chat_id < 0:
        chat_id = _group_queue(message or (query or {}).get("message") or {})
    body = json.dumps({"update": data, "masked": kinds}, ensure_ascii=False)
    return Incoming(update["update_id"], chat_id, body, gather, urgent=query is not None)


def _whose(data: dict[str, Any]) -> int:
    """The chat that an update is about, else whoever caused it; 0 when it is about nobody."""
    about: dict[str, Any] = next((value for value in data.values() if isinstance(value, dict)), {})
    chat = about.get("chat") or (about.get("message") or {}).get("chat")
    return int((chat or about.get("from") or about.get("user") or {}).get("id", 0))


def _group_queue(message: dict[str, Any]) -> int:
    """In order within a topic, in parallel across topics: a claim that must wait holds nobody else up."""
    thread = message.get("message_thread_id") if message.get("is_topic_message") else None
    return -thread if isinstance(thread, int) and thread > 1 else GROUP


def _whole(value: Any) -> Any:
    """Text that can be stored: halves of surrogate pairs become U+FFFD, and NUL, which PostgreSQL refuses, goes."""
    if isinstance(value, str):
        if value.isascii() and "\x00" not in value:
            return value
        text = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text.replace("\x00", "")
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _slim(holder: dict[str, Any], name: str) -> None:
    """Of a message inside a message, keep only what tells which one it is."""
    inner = holder[name]
    if name == "pinned_message" or "message_id" in inner:
        kept = ("message_id", "date", "chat", "message_thread_id", "is_topic_message", "forum_topic_created")
        holder[name] = {key: inner[key] for key in kept if key in inner}
    else:
        del holder[name]


def _mask_message(message: dict[str, Any], mask: Mask) -> tuple[str, ...]:
    kinds: list[str] = []
    for name, entities in (("text", "entities"), ("caption", "caption_entities")):
        if message.get(name):
            masked = mask(message[name])
            if masked.kinds:
                message[name] = masked.text
                message.pop(entities, None)
                kinds += masked.kinds
    contact = message.get("contact")
    if contact and contact.get("user_id") != message.get("from", {}).get("id"):
        contact["phone_number"] = ""
        contact.pop("vcard", None)
    return tuple(dict.fromkeys(kinds))


def read(body: str, bot_id: int) -> Inbound:
    """What an inbox row says happened.

    Args:
        body: As `receive` wrote it.
        bot_id: To tell the bot's own membership and messages.
    """
    stored = json.loads(body)
    try:
        return _inbound(Update.de_json(stored["update"], None), stored, bot_id)
    except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as error:
        # Whoever knows the secret wrote what is no update (a part has another shape than Telegram's): trying again would
        # not make it one.
        log.error("update.unreadable", error=type(error).__name__)
        return Ignored("unreadable")


def _inbound(update: Update, stored: dict[str, Any], bot_id: int) -> Inbound:
    masked = tuple(stored["masked"])
    if update.callback_query:
        return _tap(update.callback_query)
    if update.message:
        item = _message(update.message, masked, bot_id, edited=False)
        if isinstance(item, PrivateWrote) and "words" in stored:
            text, kinds = stored["words"]
            return with_words(item, MaskedText(text, tuple(kinds)))
        return item
    if update.edited_message:
        return _message(update.edited_message, masked, bot_id, edited=True)
    if update.message_reaction:
        return _reaction(update.message_reaction)
    if update.my_chat_member:
        return _own_standing(update.my_chat_member)
    if update.chat_member:
        return _member(update.chat_member)
    return Ignored("kind")


def with_words(item: PrivateWrote, words: MaskedText) -> PrivateWrote:
    """A voice message with its transcript; where something in it was hidden, its sound is not passed on."""
    kinds = tuple(dict.fromkeys((*item.masked, *words.kinds)))
    file_id = "" if words.kinds else item.content.file_id
    changes = {"transcript": words.text, "masked": bool(kinds), "file_id": file_id}
    return replace(item, content=item.content.model_copy(update=changes), masked=kinds)


def body_with_words(body: str, words: MaskedText) -> str:
    """The body of an inbox row, its voice message's transcript beside it."""
    return json.dumps({**json.loads(body), "words": [words.text, words.kinds]}, ensure_ascii=False)


def _who(user: User | None, *, anonymous: bool = False) -> Who:
    if user is None:
        return Who(0, "", is_bot=True, anonymous=anonymous)
    return Who(user.id, user.first_name, user.is_bot, anonymous, user.username or "")


def _tap(query: CallbackQuery) -> Inbound:
    message, data = query.message, query.data or ""
    user = query.from_user
    if message is None:
        return Ignored("tap without a message")
    chat = message.chat
    if data.startswith(DESK_PREFIX) or chat.type != "private":
        thread = (
            message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
        )
        return AngelTapped(_who(user), chat.id, thread, message.message_id, query.id, data)
    if chat.id != user.id:
        return Ignored("tap in somebody else's chat")
    choice = data[len(CHOICE_PREFIX) :] if data.startswith(CHOICE_PREFIX) else ""
    return PrivateTapped(
        user.id,
        chat.id,
        message.message_id,
        query.id,
        choice,
        user.first_name,
        user.username or "",
        user.language_code or "",
    )


def _message(message: Message, masked: tuple[str, ...], bot_id: int, *, edited: bool) -> Inbound:
    if message.chat.type == "private":
        return _private(message, masked, edited=edited)
    if message.chat.type in ("group", "supergroup"):
        return _group(message, bot_id, edited=edited)
    return Ignored("channel")


def _private(message: Message, masked: tuple[str, ...], *, edited: bool) -> Inbound:
    user = message.from_user
    if user is None or user.is_bot:
        return Ignored("no sender")
    if user.id != message.chat.id:
        return Ignored("message in somebody else's chat")
    content = content_of(message, masked=bool(masked))
    if content is None:
        return Ignored("service message")
    command, argument = _command(message)
    own = message.contact is not None and message.contact.user_id == user.id
    return PrivateWrote(
        user_id=user.id,
        chat_id=message.chat.id,
        message_id=message.message_id,
        content=content,
        first_name=user.first_name,
        username=user.username or "",
        language_code=user.language_code or "",
        command=command,
        argument=argument,
        reply_to=message.reply_to_message.message_id if message.reply_to_message else None,
        own_number=message.contact.phone_number if own and message.contact else "",
        edited=edited,
        masked=masked,
        at=message.date,
    )


def _addressee(message: Message) -> str:
    """The bot that a command in a group names (`/aiuto@spin_bot`); "" = whoever listens."""
    word = (message.text or "").split(maxsplit=1)[0]
    return word.partition("@")[2].lower()


def _command(message: Message) -> tuple[str, str]:
    text = message.text or ""
    first = message.entities[0] if message.entities else None
    if first is None or first.type != MessageEntity.BOT_COMMAND or first.offset != 0:
        return "", ""
    name, _, rest = text[1:].partition(" ") if " " in text else (text[1:], "", "")
    name = name.split("\n", 1)[0].split("@", 1)[0]
    return name.lower(), rest.strip()


def _group(message: Message, bot_id: int, *, edited: bool) -> Inbound:
    group = message.chat.id
    anonymous = message.sender_chat is not None and message.sender_chat.id == group
    who = _who(message.from_user, anonymous=anonymous)
    if message.migrate_to_chat_id:
        return GroupMigrated(group, message.migrate_to_chat_id)
    if message.migrate_from_chat_id:
        return GroupMigrated(message.migrate_from_chat_id, group)
    thread = message.message_thread_id if message.is_topic_message else None
    change = _topic_change(message)
    if change == "created" or (change and who.user_id != bot_id):
        name = message.forum_topic_created.name if message.forum_topic_created else ""
        return TopicChanged(who, group, message.message_thread_id or 0, change, name)
    if who.user_id == bot_id:
        return Ignored("own message")
    content = content_of(message, masked=False)
    if content is None:
        return Ignored("service message")
    if edited:
        return AngelRewrote(who, group, thread, message.message_id, content, _mentions(message))
    reply = _reply_in_topic(message)
    command, argument = _command(message)
    if command:
        return AngelOrdered(
            who, group, thread, message.message_id, command, argument, reply, addressee=_addressee(message)
        )
    return AngelWrote(
        who,
        group,
        thread,
        message.message_id,
        content,
        reply,
        _mentions(message),
        message.forward_origin is not None,
        message.sender_chat.id if message.sender_chat else None,
    )


def _topic_change(message: Message) -> str:
    if message.forum_topic_created:
        return "created"
    if message.forum_topic_edited:
        return "edited"
    if message.forum_topic_closed:
        return "closed"
    if message.forum_topic_reopened:
        return "reopened"
    return ""


def _reply_in_topic(message: Message) -> int | None:
    """In a topic every message "replies" to the topic's creation; that one is nobody's words."""
    reply = message.reply_to_message
    if reply is None or reply.forum_topic_created or reply.message_id == message.message_thread_id:
        return None
    return reply.message_id


def _mentions(message: Message) -> tuple[int | str, ...]:
    found: list[int | str] = []
    try:
        source = message.parse_entities() if message.text else message.parse_caption_entities()
    except UnicodeDecodeError:  # an entity that begins or ends inside a character
        return ()
    for entity, text in source.items():
        if entity.type == MessageEntity.MENTION:
            found.append(text.removeprefix("@").lower())
        elif entity.type == MessageEntity.TEXT_MENTION and entity.user:
            found.append(entity.user.id)
    return tuple(found)


def content_of(message: Message, *, masked: bool) -> Content | None:
    """What a message carries, or None when it is a service message."""
    text = message.text or message.caption or ""
    entities = (
        () if masked else tuple(e.to_dict() for e in (message.entities or message.caption_entities or ()))
    )
    common: dict[str, Any] = {
        "text": text,
        "entities": entities,
        "album": message.media_group_id or "",
        "masked": masked,
    }
    if message.text is not None:
        return Content(kind="text", **common)
    if message.photo:
        largest = message.photo[-1]
        return Content(kind="photo", file_id=largest.file_id, file_unique=largest.file_unique_id, **common)
    for kind in ("animation", "voice", "video", "video_note", "audio", "document", "sticker"):
        file = getattr(message, kind)
        if file is not None:
            name = getattr(file, "file_name", None) or ""
            return Content(
                kind=kind,
                file_id=file.file_id,
                file_unique=file.file_unique_id,
                file_name=name,
                **common,
            )
    if message.venue:
        place = message.venue.location
        return Content(kind="venue", latitude=place.latitude, longitude=place.longitude, **common)
    if message.location:
        place = message.location
        return Content(
            kind="location",
            latitude=place.latitude,
            longitude=place.longitude,
            live=place.live_period is not None,
            **common,
        )
    if message.contact:
        name = message.contact.first_name
        return Content(kind="contact", phone_number=message.contact.phone_number, contact_name=name, **common)
    for kind in ("poll", "dice", "story", "game", "checklist", "paid_media", "giveaway"):
        if getattr(message, kind, None) is not None:
            return Content(kind=kind if kind in ("poll", "dice", "story") else "other", **common)
    return None


def _reaction(reaction: MessageReactionUpdated) -> Inbound:
    emoji = next((r.emoji for r in reaction.new_reaction if isinstance(r, ReactionTypeEmoji)), "")
    if reaction.chat.type == "private":
        return PrivateReacted(reaction.chat.id, reaction.message_id, emoji)
    return AngelReacted(_who(reaction.user), reaction.chat.id, reaction.message_id, emoji)


def _own_standing(change: ChatMemberUpdated) -> Inbound:
    new = change.new_chat_member
    if change.chat.type == "private":
        blocked = new.status in (ChatMember.BANNED, ChatMember.LEFT)
        return PrivateStanding(change.from_user.id, change.chat.id, blocked)
    admin = new if isinstance(new, ChatMemberAdministrator) else None
    return BotStanding(
        change.chat.id,
        new.status,
        bool(admin and admin.can_manage_topics),
        bool(admin and admin.can_delete_messages),
        bool(admin and admin.can_pin_messages),
        bool(change.chat.is_forum),
    )


def _member(change: ChatMemberUpdated) -> Inbound:
    new = change.new_chat_member
    return member_event(change.chat.id, new)


def member_event(group_id: int, member: ChatMember) -> MemberChanged:
    """Somebody's standing in the group, from an update or from getChatMember."""
    inside = member.status in (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER) or (
        member.status == ChatMember.RESTRICTED and bool(getattr(member, "is_member", False))
    )
    coordinator = member.status in (ChatMember.OWNER, ChatMember.ADMINISTRATOR)
    return MemberChanged(_who(member.user), group_id, inside, coordinator)
