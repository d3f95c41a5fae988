"""Forwarding and copying."""

from __future__ import annotations

import secrets

from bot.rehearsal.args import Args
from bot.rehearsal.errors import bad_request
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.registry import method
from bot.rehearsal.render import chat_json, message_json, user_json
from bot.rehearsal.sending import (
    Place,
    caption,
    chat_of,
    check_content,
    check_flood,
    message_in,
    place_of,
    send,
)
from bot.rehearsal.world import Chat, Json, Message


def origin_of(message: Message) -> Json:
    """Return the MessageOrigin of a message that is forwarded; one forwarded again keeps its first."""
    if message.forward_origin is not None:
        return message.forward_origin
    if message.sender_chat is not None:
        return {"type": "chat", "date": message.date, "sender_chat": chat_json(message.sender_chat)}
    return {"type": "user", "date": message.date, "sender_user": user_json(message.sender)}


def message_ids(args: Args) -> list[int]:
    """Read `message_ids`: 1 to 100 of them (Client::get_message_ids)."""
    raw = args.parsed("message_ids", "message_ids")
    if raw is None or raw == []:
        raise bad_request("Message identifiers are not specified")
    if not isinstance(raw, list):
        raise bad_request("Expected an Array of message identifiers")
    if len(raw) > 100:
        raise bad_request("Too many message identifiers specified")
    try:
        ids = [int(item) for item in raw]
    except (TypeError, ValueError):
        raise bad_request("Can't parse message identifier as a Number") from None
    if any(i <= 0 for i in ids):
        raise bad_request("Invalid message identifier specified")
    return ids


def _found(source: Chat, ids: list[int]) -> list[Message]:
    found = [m for i in ids if (m := source.message(i)) is not None and not m.service and not m.protected]
    if not found:
        raise bad_request("there are no messages to forward")
    return found


@method("forwardMessage")
def forward_message(local: LocalTelegram, args: Args) -> Json:
    """Forward one message."""
    source = chat_of(local, args, "from_chat_id", access="read")
    message = message_in(source, args.integer("message_id"), "message to forward")
    place = place_of(local, args)
    if message.service:
        raise bad_request("message can't be forwarded")
    if message.protected:
        raise bad_request("Message has protected content and can't be forwarded")
    return message_json(send(local, place, dict(message.content), forward_origin=origin_of(message)))


@method("copyMessage")
def copy_message(local: LocalTelegram, args: Args) -> Json:
    """Send a message again without saying whose it was, with another caption if one is given."""
    source = chat_of(local, args, "from_chat_id", access="read")
    message = message_in(source, args.integer("message_id"), "message to copy")
    place = place_of(local, args)
    if message.service or message.protected:
        raise bad_request("message can't be copied")
    content = dict(message.content)
    if "caption" in args.values and message.kind not in ("text", "sticker", "video_note"):
        content = _without_caption(content) | caption(local, args)
    return {"message_id": send(local, place, content).id}


def _without_caption(content: Json) -> Json:
    return {
        k: v
        for k, v in content.items()
        if k not in ("caption", "caption_entities", "show_caption_above_media")
    }


@method("forwardMessages")
def forward_messages(local: LocalTelegram, args: Args) -> list[Json]:
    """Forward up to 100 messages; those that are gone are left out, albums stay albums."""
    source = chat_of(local, args, "from_chat_id", access="read")
    place = place_of(local, args)
    return _in_bulk(local, place, _found(source, message_ids(args)), forward=True, bare=False)


@method("copyMessages")
def copy_messages(local: LocalTelegram, args: Args) -> list[Json]:
    """Copy up to 100 messages; those that are gone are left out, albums stay albums."""
    source = chat_of(local, args, "from_chat_id", access="read")
    place = place_of(local, args)
    found = _found(source, message_ids(args))
    return _in_bulk(local, place, found, forward=False, bare=args.flag("remove_caption"))


def _in_bulk(
    local: LocalTelegram, place: Place, found: list[Message], *, forward: bool, bare: bool
) -> list[Json]:
    for message in found:
        check_content(local, place.chat, message.kind)
    check_flood(local, place.chat, len(found))
    albums: dict[str, str] = {}
    written = []
    for message in found:
        content = _without_caption(message.content) if bare else dict(message.content)
        group = message.media_group_id
        sent = local.world.write(
            place.chat,
            local.bot,
            content,
            thread_id=place.thread_id,
            protected=place.protected,
            forward_origin=origin_of(message) if forward else None,
            media_group_id=albums.setdefault(group, str(secrets.randbits(60))) if group is not None else None,
        )
        written.append({"message_id": sent.id})
    return written
