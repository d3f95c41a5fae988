"""Changing and deleting what was sent."""

from __future__ import annotations

from typing import Any

from bot.rehearsal import markup
from bot.rehearsal.args import Args
from bot.rehearsal.errors import bad_request
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.methods.forwards import message_ids
from bot.rehearsal.methods.media import input_media
from bot.rehearsal.registry import method
from bot.rehearsal.render import message_json
from bot.rehearsal.sending import caption, chat_of, check_flood, formatted, message_in
from bot.rehearsal.world import Chat, Json, Message

DELETE_WITHIN_S = 48 * 3600
"""Seconds after which a message can no longer be deleted (Bot API, deleteMessage)."""
EDIT_WITHIN_S = 48 * 3600
"""Seconds after which a message without an inline keyboard can no longer be edited (DESIGN section 5). The Bot API,
editMessageText, says so of business messages only; here of all of the bot's, so that a bot learns to cope."""
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
_CAPTIONED = ("animation", "audio", "document", "photo", "video", "voice")


def _editable(local: LocalTelegram, args: Args) -> tuple[Message, Json | None]:
    """Return the bot's own message that is to be edited, and the inline keyboard that it will have."""
    if args.has("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    inline, other = markup.parse(args.values.get("reply_markup"))
    if other is not None:
        raise bad_request("Inline keyboard expected")
    chat = chat_of(local, args, access="edit")
    message = message_in(chat, args.integer("message_id"), "message to edit")
    too_old = message.reply_markup is None and local.clock.now() - message.date > EDIT_WITHIN_S
    if (
        message.sender.id != local.bot.id
        or message.service
        or message.forward_origin
        or message.keyboard
        or too_old
    ):
        raise bad_request("Message can't be edited")
    return message, inline


def _edit(local: LocalTelegram, message: Message, content: Json, inline: Json | None) -> Json:
    """Put the new content in, unless nothing changes; edits count for the flood limits as messages do."""
    if content == message.content and inline == message.reply_markup:
        raise bad_request(_NOT_MODIFIED)
    check_flood(local, message.chat)
    if content != message.content:
        message.edit_date = local.clock.date()
    message.content = content
    message.reply_markup = inline
    local.world.changed(message)
    return message_json(message)


@method("editMessageText")
def edit_message_text(local: LocalTelegram, args: Args) -> Json:
    """Change the text of a text message."""
    if not args.text("text"):
        raise bad_request("Message text is empty")
    read = formatted(local, args, "text")
    message, inline = _editable(local, args)
    if "text" not in message.content:
        raise bad_request("There is no text in the message to edit")
    content = read.fields("text", "entities")
    preview = args.parsed("link_preview_options", "link preview options")
    if isinstance(preview, dict) and preview:
        content["link_preview_options"] = preview
    elif args.flag("disable_web_page_preview"):
        content["link_preview_options"] = {"is_disabled": True}
    return _edit(local, message, content, inline)


@method("editMessageCaption")
def edit_message_caption(local: LocalTelegram, args: Args) -> Json:
    """Change or remove the caption of a file."""
    shown = caption(local, args)
    message, inline = _editable(local, args)
    if message.kind not in _CAPTIONED:
        raise bad_request("There is no caption in the message to edit")
    kept = {
        k: v
        for k, v in message.content.items()
        if not k.endswith(("caption", "caption_entities", "caption_above_media"))
    }
    return _edit(local, message, kept | shown, inline)


@method("editMessageMedia")
def edit_message_media(local: LocalTelegram, args: Args) -> Json:
    """Exchange the file of a message; inside an album only for one of the same kind."""
    kind, content = input_media(local, args, args.parsed("media", "input media"))
    message, inline = _editable(local, args)
    if message.kind not in (*_CAPTIONED, "text"):
        raise bad_request("Message media can't be edited")
    if (
        message.media_group_id is not None
        and kind != message.kind
        and not {kind, message.kind} <= {"photo", "video"}
    ):
        raise bad_request("Can't change media type in the album")
    return _edit(local, message, content, inline)


@method("editMessageReplyMarkup")
def edit_message_reply_markup(local: LocalTelegram, args: Args) -> Json:
    """Change only the inline keyboard."""
    message, inline = _editable(local, args)
    return _edit(local, message, message.content, inline)


@method("stopPoll")
def stop_poll(local: LocalTelegram, args: Args) -> Any:
    """Close a poll."""
    message, inline = _editable(local, args)
    poll = message.content.get("poll")
    if poll is None:
        raise bad_request("Message is not a poll")
    if poll["is_closed"]:
        raise bad_request("Poll has already been closed")
    _edit(local, message, {"poll": {**poll, "is_closed": True}}, inline)
    return message.content["poll"]


def may_delete(local: LocalTelegram, chat: Chat, message: Message) -> bool:
    """Apply the rules listed under deleteMessage in the Bot API."""
    if not chat.is_private and chat.may(local.bot.id, "can_delete_messages"):
        return "supergroup_chat_created" not in message.content and message.id != message.thread_id
    if local.clock.now() - message.date > DELETE_WITHIN_S:
        return False
    if chat.is_private:
        return "dice" not in message.content or local.clock.now() - message.date > 24 * 3600
    return message.sender.id == local.bot.id and message.id != message.thread_id


@method("deleteMessage")
def delete_message(local: LocalTelegram, args: Args) -> bool:
    """Delete one message."""
    chat = chat_of(local, args, access="edit" if _is_private(local, args) else "write")
    message = message_in(chat, args.integer("message_id"), "message to delete")
    if not may_delete(local, chat, message):
        raise bad_request("message can't be deleted")
    local.world.delete(message)
    return True


@method("deleteMessages")
def delete_messages(local: LocalTelegram, args: Args) -> bool:
    """Delete up to 100 messages; those that are gone are passed over."""
    ids = message_ids(args)
    chat = chat_of(local, args, access="edit" if _is_private(local, args) else "write")
    found = [m for i in ids if (m := chat.message(i)) is not None]
    if not all(may_delete(local, chat, message) for message in found):
        raise bad_request("message can't be deleted")
    for message in found:
        local.world.delete(message)
    return True


def _is_private(local: LocalTelegram, args: Args) -> bool:
    """Return whether the chat is a person's; what was said there may be deleted even after they blocked the bot."""
    return args.integer("chat_id") > 0
