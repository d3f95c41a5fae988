"""Forum topics."""

from __future__ import annotations

from bot.rehearsal.args import Args
from bot.rehearsal.errors import bad_request
from bot.rehearsal.icons import COLOURS, ICONS
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.methods.messages import unpin_thread
from bot.rehearsal.registry import method
from bot.rehearsal.render import topic_json
from bot.rehearsal.sending import chat_of, check_flood
from bot.rehearsal.world import Chat, Json, Topic, User

MAX_NAME = 128
"""Characters of a topic's name (Bot API, createForumTopic)."""


def forum_of(local: LocalTelegram, args: Args) -> Chat:
    """Return the forum that a call is about (td, ForumTopicManager::is_forum)."""
    chat = chat_of(local, args)
    if not chat.is_forum:
        raise bad_request("The chat is not a forum")
    return chat


def _topic(chat: Chat, args: Args) -> Topic:
    topic = chat.topics.get(args.integer("message_thread_id"))
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


def _manage(local: LocalTelegram, chat: Chat, topic: Topic, what: str) -> None:
    if topic.creator != local.bot.id and not chat.may(local.bot.id, "can_manage_topics"):
        raise bad_request(f"Not enough rights to {what}")


def open_topic(
    local: LocalTelegram, chat: Chat, creator: User, name: str, colour: int, icon: str | None
) -> Topic:
    """Create a topic with its service message."""
    created: Json = {"name": name, "icon_color": colour}
    if icon:
        created["icon_custom_emoji_id"] = icon
    topic = Topic(chat.last_message_id + 1, name, colour, icon, creator.id)
    chat.topics[topic.id] = topic
    local.service(chat, creator, {"forum_topic_created": created})
    return topic


def change_topic(local: LocalTelegram, chat: Chat, topic: Topic, actor: User, *, closed: bool) -> None:
    """Close or reopen a topic, with its service message."""
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    thread_id = topic.id if topic.id in chat.topics else None
    local.service(
        chat, actor, {"forum_topic_closed" if closed else "forum_topic_reopened": {}}, thread_id=thread_id
    )


@method("createForumTopic")
def create_forum_topic(local: LocalTelegram, args: Args) -> Json:
    """Open a topic."""
    chat = forum_of(local, args)
    if not chat.may(local.bot.id, "can_manage_topics"):
        raise bad_request("Not enough rights to create a topic")
    name = args.text("name").strip()[:MAX_NAME]
    if not name:
        raise bad_request("Name must be non-empty")
    icon = args.text("icon_custom_emoji_id") or None
    if icon is not None and icon not in ICONS:
        raise bad_request("DOCUMENT_INVALID")
    colour = args.integer("icon_color", COLOURS[0])
    if not 0 <= colour <= 0xFFFFFF:
        raise bad_request("Invalid icon color specified")
    check_flood(local, chat)
    return topic_json(
        open_topic(local, chat, local.bot, name, colour if colour in COLOURS else COLOURS[0], icon)
    )


@method("editForumTopic")
def edit_forum_topic(local: LocalTelegram, args: Args) -> bool:
    """Change a topic's name or icon."""
    chat = forum_of(local, args)
    topic = _topic(chat, args)
    _manage(local, chat, topic, "edit the topic")
    sent = args.text("name")
    name = sent.strip()[:MAX_NAME]
    if sent and not name:
        raise bad_request("Name must be non-empty")
    changes: Json = {}
    if name and name != topic.name:
        changes["name"] = name
    if "icon_custom_emoji_id" in args.values:
        icon = args.text("icon_custom_emoji_id")
        if icon and icon not in ICONS:
            raise bad_request("DOCUMENT_INVALID")
        if icon != (topic.icon_custom_emoji_id or ""):
            changes["icon_custom_emoji_id"] = icon
    elif not sent:
        return True
    if not changes:
        raise bad_request("TOPIC_NOT_MODIFIED")
    check_flood(local, chat)
    topic.name = changes.get("name", topic.name)
    if "icon_custom_emoji_id" in changes:
        topic.icon_custom_emoji_id = changes["icon_custom_emoji_id"] or None
    local.service(chat, local.bot, {"forum_topic_edited": changes}, thread_id=topic.id)
    return True


def _set_closed(local: LocalTelegram, args: Args, closed: bool) -> bool:
    chat = forum_of(local, args)
    topic = _topic(chat, args)
    _manage(local, chat, topic, "close or open the topic")
    change_topic(local, chat, topic, local.bot, closed=closed)
    return True


@method("closeForumTopic")
def close_forum_topic(local: LocalTelegram, args: Args) -> bool:
    """Close a topic: only those who manage topics can write there."""
    return _set_closed(local, args, True)


@method("reopenForumTopic")
def reopen_forum_topic(local: LocalTelegram, args: Args) -> bool:
    """Open a closed topic again."""
    return _set_closed(local, args, False)


@method("deleteForumTopic")
def delete_forum_topic(local: LocalTelegram, args: Args) -> bool:
    """Delete a topic with all its messages."""
    chat = forum_of(local, args)
    topic = _topic(chat, args)
    if not chat.may(local.bot.id, "can_delete_messages") and topic.creator != local.bot.id:
        raise bad_request("Not enough rights to delete the topic")
    local.world.delete_topic(chat, topic)
    return True


@method("unpinAllForumTopicMessages")
def unpin_all_forum_topic_messages(local: LocalTelegram, args: Args) -> bool:
    """Unpin everything in one topic."""
    chat = forum_of(local, args)
    topic = _topic(chat, args)
    if not chat.may(local.bot.id, "can_pin_messages"):
        raise bad_request("Not enough rights to manage pinned messages in the chat")
    unpin_thread(chat, topic.id)
    return True


def _general(local: LocalTelegram, args: Args, what: str) -> Chat:
    chat = forum_of(local, args)
    if not chat.may(local.bot.id, "can_manage_topics"):
        raise bad_request(f"Not enough rights to {what}")
    return chat


@method("editGeneralForumTopic")
def edit_general_forum_topic(local: LocalTelegram, args: Args) -> bool:
    """Rename the General topic."""
    chat = _general(local, args, "edit the topic")
    name = args.text("name").strip()[:MAX_NAME]
    if not name:
        raise bad_request("Name must be non-empty")
    if name == chat.general.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.general.name = name
    local.service(chat, local.bot, {"forum_topic_edited": {"name": name}})
    return True


@method("closeGeneralForumTopic")
def close_general_forum_topic(local: LocalTelegram, args: Args) -> bool:
    """Close the General topic."""
    chat = _general(local, args, "close or open the topic")
    change_topic(local, chat, chat.general, local.bot, closed=True)
    return True


@method("reopenGeneralForumTopic")
def reopen_general_forum_topic(local: LocalTelegram, args: Args) -> bool:
    """Open the General topic again, and show it if it was hidden."""
    chat = _general(local, args, "close or open the topic")
    change_topic(local, chat, chat.general, local.bot, closed=False)
    chat.general.hidden = False
    return True


def _set_hidden(local: LocalTelegram, args: Args, hidden: bool) -> bool:
    chat = _general(local, args, "close or open the topic")
    if chat.general.hidden == hidden:
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.general.hidden = hidden
    chat.general.closed = hidden or chat.general.closed
    local.service(
        chat, local.bot, {"general_forum_topic_hidden" if hidden else "general_forum_topic_unhidden": {}}
    )
    return True


@method("hideGeneralForumTopic")
def hide_general_forum_topic(local: LocalTelegram, args: Args) -> bool:
    """Hide the General topic, closing it."""
    return _set_hidden(local, args, True)


@method("unhideGeneralForumTopic")
def unhide_general_forum_topic(local: LocalTelegram, args: Args) -> bool:
    """Show the General topic again."""
    return _set_hidden(local, args, False)


@method("unpinAllGeneralForumTopicMessages")
def unpin_all_general_forum_topic_messages(local: LocalTelegram, args: Args) -> bool:
    """Unpin everything in the General topic."""
    chat = forum_of(local, args)
    if not chat.may(local.bot.id, "can_pin_messages"):
        raise bad_request("Not enough rights to manage pinned messages in the chat")
    unpin_thread(chat, None)
    return True


@method("getForumTopicIconStickers")
def get_forum_topic_icon_stickers(local: LocalTelegram, args: Args) -> list[Json]:
    """List the icons that a topic may have."""
    return [
        {
            "file_id": f"CAACAgIAAxUAA{emoji_id}",
            "file_unique_id": f"AgAD{emoji_id}",
            "type": "custom_emoji",
            "width": 512,
            "height": 512,
            "is_animated": True,
            "is_video": False,
            "emoji": emoji,
            "set_name": "Topics",
            "custom_emoji_id": emoji_id,
            "needs_repainting": False,
            "thumbnail": {
                "file_id": f"AAMCAgADFQABZ{emoji_id}",
                "file_unique_id": f"AQAD{emoji_id}",
                "width": 128,
                "height": 128,
                "file_size": 5816,
            },
            "file_size": 7231,
        }
        for emoji_id, emoji in ICONS.items()
    ]
