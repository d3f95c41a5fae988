"""The world written down as Bot API objects (field names and which are present: core.telegram.org/bots/api)."""

from __future__ import annotations

from bot.rehearsal.rights import ADMIN_RIGHTS, PERMISSIONS
from bot.rehearsal.world import Chat, Json, Member, Message, Topic, User

_OPTIONAL = ("last_name", "username", "language_code")
GIFTS = {
    "unlimited_gifts": True,
    "limited_gifts": True,
    "unique_gifts": True,
    "premium_subscription": True,
    "gifts_from_channels": True,
}


def user_json(user: User) -> Json:
    """Return a User."""
    body: Json = {"id": user.id, "is_bot": user.is_bot, "first_name": user.first_name}
    for name in _OPTIONAL:
        value = getattr(user, name)
        if value:
            body[name] = value
    return body


def chat_json(chat: Chat) -> Json:
    """Return a Chat."""
    body: Json = {"id": chat.id, "type": chat.type}
    if chat.user is not None:
        body["first_name"] = chat.user.first_name
        for name in ("last_name", "username"):
            if getattr(chat.user, name):
                body[name] = getattr(chat.user, name)
        return body
    body["title"] = chat.title
    if chat.is_forum:
        body["is_forum"] = True
    return body


def message_json(message: Message, *, with_reply: bool = True) -> Json:
    """Return a Message, with the message it answers one level deep."""
    body: Json = {"message_id": message.id}
    if message.thread_id is not None:
        body["message_thread_id"] = message.thread_id
        body["is_topic_message"] = True
    body["from"] = user_json(message.sender)
    if message.sender_chat is not None:
        body["sender_chat"] = chat_json(message.sender_chat)
    body["chat"] = chat_json(message.chat)
    body["date"] = message.date
    if message.deleted:
        return body
    if message.edit_date is not None:
        body["edit_date"] = message.edit_date
    if message.forward_origin is not None:
        body["forward_origin"] = message.forward_origin
    if message.protected:
        body["has_protected_content"] = True
    if message.media_group_id is not None:
        body["media_group_id"] = message.media_group_id
    answered = _answered(message) if with_reply else None
    if answered is not None:
        body["reply_to_message"] = message_json(answered, with_reply=False)
        if message.quote is not None:
            body["quote"] = message.quote
    body.update(message.content)
    if message.reply_markup is not None:
        body["reply_markup"] = message.reply_markup
    return body


def _answered(message: Message) -> Message | None:
    """Return the message this one replies to; in a topic that is the topic's first message unless another was chosen."""
    if message.reply_to is not None:
        return message.chat.message(message.reply_to)
    if message.thread_id is not None and message.thread_id != message.id:
        return message.chat.message(message.thread_id)
    return None


def phone_json(message: Message) -> Json:
    """Return a message as a telephone shows it: a Message plus ``deleted``, ``reactions`` and a reply ``keyboard``."""
    body = message_json(message)
    if message.deleted:
        body["deleted"] = True
    if message.reactions:
        body["reactions"] = [
            {**reaction, "user_id": user_id}
            for user_id, given in message.reactions.items()
            for reaction in given
        ]
    if message.keyboard is not None:
        body["keyboard"] = message.keyboard
    return body


def topic_json(topic: Topic) -> Json:
    """Return a ForumTopic."""
    body: Json = {"message_thread_id": topic.id, "name": topic.name, "icon_color": topic.icon_color}
    if topic.icon_custom_emoji_id:
        body["icon_custom_emoji_id"] = topic.icon_custom_emoji_id
    return body


def member_json(member: Member, *, bot_id: int) -> Json:
    """Return a ChatMember of the kind that the status asks for."""
    body: Json = {"status": member.status, "user": user_json(member.user)}
    if member.custom_title and member.status in ("creator", "administrator"):
        body["custom_title"] = member.custom_title
    match member.status:
        case "creator":
            body["is_anonymous"] = member.is_anonymous
        case "administrator":
            body["can_be_edited"] = member.user.id != bot_id and member.rights.get("promoted_by_bot", False)
            body["is_anonymous"] = member.is_anonymous
            body.update({name: member.rights.get(name, False) for name in ADMIN_RIGHTS})
        case "restricted":
            body["is_member"] = member.rights.get("is_member", True)
            body.update({name: member.rights.get(name, False) for name in PERMISSIONS})
            body["until_date"] = member.until_date
        case "kicked":
            body["until_date"] = member.until_date
    return body


def full_chat_json(chat: Chat) -> Json:
    """Return a ChatFullInfo."""
    body = chat_json(chat)
    body |= {
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": GIFTS if chat.is_private else dict.fromkeys(GIFTS, False),
    }
    if chat.is_private:
        if chat.user is not None and chat.user.username:
            body["active_usernames"] = [chat.user.username]
    else:
        body["permissions"] = dict(chat.permissions)
        body["has_visible_history"] = True
        if chat.description:
            body["description"] = chat.description
        if chat.invite_link:
            body["invite_link"] = chat.invite_link
    if chat.pinned:
        latest = chat.message(next(reversed(chat.pinned)))
        if latest is not None:
            body["pinned_message"] = message_json(latest, with_reply=False)
    return body
