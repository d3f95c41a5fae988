"""The steps that every sending method takes, in telegram-bot-api's order: chat, topic, reply, rights, flood, write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.rehearsal import markup
from bot.rehearsal.args import Args
from bot.rehearsal.errors import ApiError, bad_request, too_many_requests
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.render import user_json
from bot.rehearsal.rights import CONTENT_NEEDS
from bot.rehearsal.text import MAX_CAPTION, Formatted, parse, utf16
from bot.rehearsal.world import Chat, Json, Message


def chat_of(local: LocalTelegram, args: Args, name: str = "chat_id", *, access: str = "write") -> Chat:
    """Return the chat that a call is about, if the bot has the access that it takes.

    Args:
        local: where.
        args: the call's parameters.
        name: the parameter.
        access: ``read``, ``edit`` or ``write``, as in Client::check_chat_access.

    Raises:
        ApiError: with Telegram's words.
    """
    raw = args.text(name)
    if not raw:
        raise bad_request(f"{name} is empty")
    try:
        chat = local.world.chats.get(int(raw))
    except ValueError:
        chat = None
    if chat is None:
        raise bad_request("chat not found")
    if chat.user is not None:
        _check_private(chat, access)
    else:
        _check_group(local, chat, access)
    return chat


def _check_private(chat: Chat, access: str) -> None:
    user = chat.user
    assert user is not None
    if user.deactivated and access != "read":
        raise ApiError(403, "Forbidden: user is deactivated")
    if access == "write":
        if not user.started:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        if user.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")


def _check_group(local: LocalTelegram, chat: Chat, access: str) -> None:
    if chat.migrated_to is not None:
        if access == "read":
            return
        text = "group chat was upgraded to a supergroup chat"
        raise ApiError(400, text, {"migrate_to_chat_id": chat.migrated_to})
    place = chat.member(local.bot.id)
    if place is not None and place.status == "kicked":
        raise ApiError(403, "Forbidden: bot was kicked from the supergroup chat")
    if place is None or not place.present:
        raise ApiError(403, "Forbidden: bot is not a member of the supergroup chat")


def require_right(local: LocalTelegram, chat: Chat, right: str, words: str) -> None:
    """Raise a 400 with Telegram's words unless the bot holds a right in the group."""
    if not chat.may(local.bot.id, right):
        raise bad_request(words)


def topic_of(chat: Chat, args: Args) -> int | None:
    """Return the thread that a message goes to (Client::check_message_topic; General is not addressed as 1)."""
    thread_id = args.integer("message_thread_id")
    if thread_id == 0:
        return None
    if chat.is_private or chat.is_forum:
        if thread_id not in chat.topics:
            raise bad_request("Message thread not found")
        return thread_id
    return None


def message_in(chat: Chat, message_id: int, what: str) -> Message:
    """Return a message, or raise "... not found"."""
    message = chat.message(message_id)
    if message is None:
        raise bad_request(f"{what} not found")
    return message


def formatted(
    local: LocalTelegram,
    args: Args,
    name: str,
    mode: str = "parse_mode",
    entities: str = "entities",
    **limits: Any,
) -> Formatted:
    """Return a text parameter, parsed."""
    given = args.parsed(entities, entities)
    return parse(
        args.text(name), args.text(mode), given if isinstance(given, list) else None, known(local), **limits
    )


def caption(local: LocalTelegram, args: Args) -> Json:
    """Return the caption fields of a message."""
    if not args.has("caption"):
        return {}
    read = formatted(
        local,
        args,
        "caption",
        entities="caption_entities",
        limit=MAX_CAPTION,
        too_long="Message caption is too long",
        may_be_empty=True,
    )
    shown = read.fields("caption", "caption_entities") if read.text else {}
    if shown and args.flag("show_caption_above_media"):
        shown["show_caption_above_media"] = True
    return shown


def known(local: LocalTelegram) -> Any:
    """Return the look-up of User objects by id for mentions."""

    def look_up(user_id: int) -> Json | None:
        user = local.world.users.get(user_id)
        return user_json(user) if user is not None else None

    return look_up


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes and what goes with it."""

    chat: Chat
    thread_id: int | None
    reply_to: int | None
    quote: Json | None
    reply_markup: Json | None
    keyboard: Json | None
    protected: bool

    def fields(self) -> Json:
        """Return the matching fields of `Message`."""
        return {
            "thread_id": self.thread_id,
            "reply_to": self.reply_to,
            "quote": self.quote,
            "reply_markup": self.reply_markup,
            "keyboard": self.keyboard,
            "protected": self.protected,
        }


def place_of(local: LocalTelegram, args: Args) -> Place:
    """Read where a message goes, checking everything that does not depend on its content."""
    inline, keyboard = markup.parse(args.values.get("reply_markup"))
    reply = _reply_parameters(args)
    chat = chat_of(local, args)
    thread_id = topic_of(chat, args)
    reply_to, quote = _resolved(local, chat, reply)
    if reply_to is not None and thread_id is None and chat.is_forum:
        thread_id = chat.messages[reply_to].thread_id
    _check_open(local, chat, thread_id)
    return Place(chat, thread_id, reply_to, quote, inline, keyboard, args.flag("protect_content"))


def _check_open(local: LocalTelegram, chat: Chat, thread_id: int | None) -> None:
    if not chat.is_forum or chat.may(local.bot.id, "can_manage_topics"):
        return
    topic = chat.general if thread_id is None else chat.topics[thread_id]
    if topic.closed and topic.creator != local.bot.id:
        raise bad_request("TOPIC_CLOSED")


def _reply_parameters(args: Args) -> Json:
    if not args.has("reply_parameters"):
        return {
            "message_id": args.integer("reply_to_message_id"),
            "allow_sending_without_reply": args.flag("allow_sending_without_reply"),
        }
    raw = args.parsed("reply_parameters", "reply parameters")
    if not isinstance(raw, dict):
        raise bad_request("Object expected as reply parameters")
    if raw and "message_id" not in raw:
        raise bad_request('Can\'t find field "message_id"')
    return raw


def _resolved(local: LocalTelegram, chat: Chat, reply: Json) -> tuple[int | None, Json | None]:
    try:
        message_id = int(reply.get("message_id") or 0)
    except (TypeError, ValueError):
        raise bad_request('Field "message_id" must be of type Number') from None
    if message_id <= 0:
        return None, None
    source = chat
    if reply.get("chat_id") not in (None, "", chat.id, str(chat.id)):
        source = chat_of(local, Args({"chat_id": reply["chat_id"]}), access="read")
    answered = source.message(message_id)
    if answered is None or source is not chat:
        if reply.get("allow_sending_without_reply"):
            return None, None
        raise bad_request("message to be replied not found")
    return message_id, _quote(local, answered, reply)


def _quote(local: LocalTelegram, answered: Message, reply: Json) -> Json | None:
    if not reply.get("quote"):
        return None
    read = parse(
        str(reply["quote"]),
        str(reply.get("quote_parse_mode") or ""),
        reply.get("quote_entities"),
        known(local),
    )
    whole = str(answered.content.get("text") or answered.content.get("caption") or "")
    at = whole.find(read.text)
    if at < 0:
        raise bad_request("QUOTE_TEXT_INVALID")
    quote: Json = {"text": read.text, "position": utf16(whole[:at]), "is_manual": True}
    kept = [
        e
        for e in read.entities
        if e["type"] in ("bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji")
    ]
    return {**quote, "entities": kept} if kept else quote


def check_flood(local: LocalTelegram, chat: Chat, weight: int = 1) -> None:
    """Raise a 429 when the bot sends faster than Telegram lets it; else count ``weight`` messages."""
    wait = local.limits.wait_for(chat.id, private=chat.is_private, now=local.clock.now(), weight=weight)
    if wait:
        raise too_many_requests(wait)


def check_content(local: LocalTelegram, chat: Chat, kind: str) -> None:
    """Raise a 400 when the bot may not send that kind of content to the group."""
    needed = CONTENT_NEEDS.get(kind)
    if needed is not None and not chat.may(local.bot.id, needed[0]):
        raise bad_request(f"Not enough rights to send {needed[1]} to the chat")


def send(local: LocalTelegram, place: Place, content: Json, **more: Any) -> Message:
    """Write one message of the bot's, after rights and flood limits."""
    message = Message(0, place.chat, 0, local.bot, content)
    check_content(local, place.chat, message.kind)
    check_flood(local, place.chat)
    return local.world.write(place.chat, local.bot, content, **place.fields(), **more)
