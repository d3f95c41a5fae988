"""People, chats, topics and messages: the state of the local Telegram, and nothing about how it is asked for."""

from __future__ import annotations

import secrets
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.rehearsal.clock import Clock
from bot.rehearsal.rights import GROUP_DEFAULTS

GENERAL = 1
"""Thread number of a forum's General topic (its messages carry no ``message_thread_id``)."""
ANONYMOUS_ADMIN = 1087968824
"""@GroupAnonymousBot, the sender of an anonymous administrator's messages (Bot API, Message.sender_chat)."""

Json = dict[str, Any]


@dataclass(slots=True)
class User:
    """A person or a bot; ``started`` and ``blocked`` describe the private chat with our bot."""

    id: int
    first_name: str
    is_bot: bool = False
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    started: bool = False
    blocked: bool = False
    deactivated: bool = False


@dataclass(slots=True)
class Member:
    """Somebody's place in a group. ``status`` as in the Bot API: creator, administrator, member, restricted, left, kicked."""

    user: User
    status: str
    rights: dict[str, bool] = field(default_factory=dict)
    is_anonymous: bool = False
    custom_title: str | None = None
    until_date: int = 0

    @property
    def present(self) -> bool:
        """Whether they are in the group now."""
        return self.status in ("creator", "administrator", "member") or (
            self.status == "restricted" and self.rights.get("is_member", True)
        )


@dataclass(slots=True)
class Topic:
    """A forum topic; its ``id`` is the id of the service message that opened it."""

    id: int
    name: str
    icon_color: int
    icon_custom_emoji_id: str | None = None
    creator: int = 0
    closed: bool = False
    hidden: bool = False


@dataclass(slots=True)
class Message:
    """One message. ``content`` holds the Bot API fields of its kind (text and entities, photo and caption, ...)."""

    id: int
    chat: Chat
    date: int
    sender: User
    content: Json
    thread_id: int | None = None
    sender_chat: Chat | None = None
    reply_to: int | None = None
    quote: Json | None = None
    reply_markup: Json | None = None
    keyboard: Json | None = None
    edit_date: int | None = None
    forward_origin: Json | None = None
    media_group_id: str | None = None
    reactions: dict[int, list[Json]] | None = None
    service: bool = False
    protected: bool = False
    deleted: bool = False
    version: int = 0

    @property
    def kind(self) -> str:
        """The Bot API field that says what kind of message it is."""
        for name in ("animation", *self.content):
            if name in self.content and name not in ("caption", "entities", "caption_entities"):
                return name
        return "text"


class ChangeLog:
    """Which messages changed when, in order; asking what is new costs the length of the answer, not of the past."""

    __slots__ = ("ids", "seqs")

    def __init__(self) -> None:
        self.seqs = array("q")
        self.ids = array("q")

    def add(self, seq: int, message_id: int) -> None:
        """Note that ``message_id`` changed at ``seq`` (which only grows)."""
        self.seqs.append(seq)
        self.ids.append(message_id)

    def since(self, cursor: int) -> Iterator[tuple[int, int]]:
        """Yield ``(seq, message_id)`` of the changes after ``cursor``."""
        for i in range(bisect_right(self.seqs, cursor), len(self.seqs)):
            yield self.seqs[i], self.ids[i]


@dataclass(eq=False)
class Chat:
    """A private chat with the bot (``id`` is the person's) or a group."""

    id: int
    type: str
    title: str = ""
    user: User | None = None
    is_forum: bool = False
    description: str | None = None
    invite_link: str | None = None
    permissions: dict[str, bool] = field(default_factory=lambda: dict(GROUP_DEFAULTS))
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    general: Topic = field(default_factory=lambda: Topic(GENERAL, "General", 0x6FB9F0))
    messages: dict[int, Message] = field(default_factory=dict)
    pinned: dict[int, None] = field(default_factory=dict)
    last_message_id: int = 0
    changes: ChangeLog = field(default_factory=ChangeLog)
    thread_changes: dict[int, ChangeLog] = field(default_factory=dict)
    migrated_to: int | None = None

    @property
    def is_private(self) -> bool:
        """Whether this is a chat between one person and the bot."""
        return self.type == "private"

    def member(self, user_id: int) -> Member | None:
        """Return somebody's place in the group, past or present."""
        return self.members.get(user_id)

    def has(self, user_id: int) -> bool:
        """Return whether that user is in the chat now."""
        if self.user is not None:
            return self.user.id == user_id
        place = self.members.get(user_id)
        return place is not None and place.present

    def may(self, user_id: int, right: str) -> bool:
        """Return whether a member holds ``right`` (an administrator's right or an ordinary permission)."""
        if self.is_private:
            return True
        place = self.members.get(user_id)
        if place is None or not place.present:
            return False
        match place.status:
            case "creator":
                return True
            case "administrator":
                return place.rights.get(right, False) or right.startswith(
                    ("can_send_", "can_add_", "can_react_")
                )
            case "restricted":
                return place.rights.get(right, False) and self.permissions.get(right, False)
            case _:
                return self.permissions.get(right, False)

    def message(self, message_id: int) -> Message | None:
        """Return a message that exists and was not deleted."""
        found = self.messages.get(message_id)
        return None if found is None or found.deleted else found


class World:
    """Everything that exists in this Telegram.

    Args:
        clock: Telegram's time.
        bot: the one bot.
    """

    def __init__(self, clock: Clock, bot: User) -> None:
        self.clock = clock
        self.bot = bot
        self.users: dict[int, User] = {bot.id: bot}
        self.users[ANONYMOUS_ADMIN] = User(ANONYMOUS_ADMIN, "Group", True, username="GroupAnonymousBot")
        self.chats: dict[int, Chat] = {}
        self.groups_of: dict[int, dict[int, Chat]] = {}
        self.seq = 0
        self.last_private_message_id = 0
        self.last_user_id = 610_000_000
        self.last_group_id = -1_002_140_000_000
        self.on_change: Callable[[Chat], None] = _unheard

    def __getstate__(self) -> Json:
        """Leave the listener behind: it belongs to a running server."""
        return {**self.__dict__, "on_change": _unheard}

    def add_user(
        self, first_name: str, *, username: str | None = None, language_code: str | None = None
    ) -> User:
        """Create a person, who has not written to the bot yet."""
        self.last_user_id += 1 + secrets.randbelow(90)
        user = User(self.last_user_id, first_name, username=username, language_code=language_code)
        self.users[user.id] = user
        self.chats[user.id] = Chat(user.id, "private", user=user)
        return user

    def add_group(self, title: str, *, is_forum: bool) -> Chat:
        """Create an empty supergroup."""
        self.last_group_id -= 1 + secrets.randbelow(900)
        chat = Chat(self.last_group_id, "supergroup", title, is_forum=is_forum)
        self.chats[chat.id] = chat
        return chat

    def seat(self, chat: Chat, member: Member) -> None:
        """Put somebody at their place in a group, whatever it was before."""
        chat.members[member.user.id] = member
        groups = self.groups_of.setdefault(member.user.id, {})
        if member.present:
            groups[chat.id] = chat
        else:
            groups.pop(chat.id, None)

    def migrate(self, chat: Chat) -> int:
        """Give a group a new id, as an upgrade does, leaving a stub that points to it; return the old id."""
        old = chat.id
        stub = Chat(old, "group", chat.title, last_message_id=chat.last_message_id)
        self.last_group_id -= 1 + secrets.randbelow(900)
        chat.id = self.last_group_id
        stub.migrated_to = chat.id
        stub.members = chat.members
        self.chats[old] = stub
        self.chats[chat.id] = chat
        for groups in self.groups_of.values():
            if groups.pop(old, None) is not None:
                groups[chat.id] = chat
        return old

    def write(self, chat: Chat, sender: User, content: Json, **more: Any) -> Message:
        """Append a message to a chat; ``more`` are fields of `Message`."""
        if chat.is_private:
            # Telegram numbers a bot's private messages in one row for all its private chats (td, MessageId).
            self.last_private_message_id += 1
            chat.last_message_id = self.last_private_message_id
        else:
            chat.last_message_id += 1
        message = Message(chat.last_message_id, chat, self.clock.date(), sender, content, **more)
        if message.service and "forum_topic_created" in content:
            message.thread_id = message.id
        chat.messages[message.id] = message
        self.changed(message)
        return message

    def changed(self, message: Message) -> None:
        """Let the phones see that a message is new or different."""
        self.seq += 1
        message.version = self.seq
        chat = message.chat
        chat.changes.add(self.seq, message.id)
        if chat.is_forum or message.thread_id is not None:
            log = chat.thread_changes.get(message.thread_id or GENERAL)
            if log is None:
                log = chat.thread_changes[message.thread_id or GENERAL] = ChangeLog()
            log.add(self.seq, message.id)
        self.on_change(chat)

    def delete(self, message: Message) -> None:
        """Empty a message; phones see that it is gone."""
        message.deleted = True
        message.content = {}
        message.reply_markup = message.keyboard = message.reactions = message.forward_origin = (
            message.quote
        ) = None
        message.chat.pinned.pop(message.id, None)
        self.changed(message)

    def delete_topic(self, chat: Chat, topic: Topic) -> None:
        """Remove a topic with all its messages."""
        del chat.topics[topic.id]
        log = chat.thread_changes.get(topic.id, ChangeLog())
        for message_id in set(log.ids):
            message = chat.message(message_id)
            if message is not None:
                self.delete(message)


def _unheard(chat: Chat) -> None:
    """Stand in for the listener while no server runs."""
