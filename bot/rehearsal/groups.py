"""The group owner's side: `/phone/groups`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.rehearsal.errors import ApiError, PhoneError
from bot.rehearsal.icons import COLOURS, ICONS
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.methods.topics import MAX_NAME, change_topic, open_topic
from bot.rehearsal.render import chat_json, member_json, user_json
from bot.rehearsal.rights import ADMIN_RIGHTS, PERMISSIONS
from bot.rehearsal.sending import known
from bot.rehearsal.text import parse
from bot.rehearsal.world import ANONYMOUS_ADMIN, Chat, Json, Member, Topic, User


class Groups:
    """What a group's owner does by hand. Every method raises `PhoneError` when it cannot be done."""

    def __init__(self, local: LocalTelegram) -> None:
        self.local = local
        self._actions: dict[str, Callable[[Chat, User, Json], Json]] = {
            "create_topic": self._create_topic,
            "edit_topic": self._edit_topic,
            "close_topic": lambda chat, owner, body: self._set_closed(chat, owner, body, True),
            "reopen_topic": lambda chat, owner, body: self._set_closed(chat, owner, body, False),
            "delete_topic": self._delete_topic,
            "migrate": self._migrate,
            "forum_off": lambda chat, owner, body: self._set_forum(chat, False),
            "forum_on": lambda chat, owner, body: self._set_forum(chat, True),
            "set_rights": self._set_rights,
            "kick": self._kick,
            "add": self._add,
            "promote": self._promote,
            "demote": self._demote,
            "anonymous_message": self._anonymous_message,
        }

    def create(self, body: Json) -> Json:
        """Create a further group, with the bot in it as administrator unless ``with_bot`` is false."""
        owner = self.local.world.users.get(body.get("owner") or self.local.coordinator_id)
        if owner is None or owner.is_bot:
            raise PhoneError(404, "no such owner")
        title = str(body.get("title") or "Gruppo")
        group = self.local.found_group(title, owner, is_forum=bool(body.get("forum", True)))
        if not body.get("with_bot", True):
            self.local.world.seat(group, Member(self.local.bot, "left"))
        return {"id": group.id}

    def listed(self) -> list[Json]:
        """List the groups."""
        return [
            chat_json(c)
            for c in self.local.world.chats.values()
            if not c.is_private and c.migrated_to is None
        ]

    def described(self, group_id: int) -> Json:
        """Describe a group: its members, its topics, what is pinned."""
        chat = self._group(group_id)
        return {
            **chat_json(chat),
            "members": [member_json(m, bot_id=self.local.bot.id) for m in chat.members.values()],
            "topics": [_topic_json(t) for t in (chat.general, *chat.topics.values())]
            if chat.is_forum
            else [],
            "pinned": list(chat.pinned),
        }

    def act(self, group_id: int, body: Json) -> Json:
        """Do one of the owner's actions."""
        action = self._actions.get(str(body.get("action")))
        if action is None:
            raise PhoneError(400, f"no action {body.get('action')!r}; there are: {', '.join(self._actions)}")
        chat = self._group(group_id)
        try:
            return action(chat, self._owner(chat), body)
        except ApiError as error:
            raise PhoneError(400, error.description) from None

    def _group(self, group_id: int) -> Chat:
        chat = self.local.world.chats.get(group_id)
        while chat is not None and chat.migrated_to is not None:
            chat = self.local.world.chats[chat.migrated_to]
        if chat is None or chat.is_private:
            raise PhoneError(404, f"no group {group_id}")
        return chat

    def _owner(self, chat: Chat) -> User:
        return next((m.user for m in chat.members.values() if m.status == "creator"), self.local.bot)

    def _subject(self, body: Json) -> User:
        """Return whom an action is about: ``user_id``, the bot without one or with "bot"."""
        user_id = body.get("user_id", "bot")
        user = self.local.bot if user_id in ("bot", None) else self.local.world.users.get(user_id)
        if user is None:
            raise PhoneError(404, f"no user {user_id}")
        return user

    # Topics

    def _create_topic(self, chat: Chat, owner: User, body: Json) -> Json:
        name = str(body.get("name") or "").strip()[:MAX_NAME]
        if not chat.is_forum or not name:
            raise PhoneError(400, "a topic needs a name" if chat.is_forum else "the group is not a forum")
        icon = next((i for i, emoji in ICONS.items() if body.get("icon") in (i, emoji)), None)
        topic = open_topic(self.local, chat, owner, name, COLOURS[0], icon)
        return {"thread_id": topic.id}

    def _topic(self, chat: Chat, body: Json) -> Topic:
        thread_id = body.get("thread_id")
        if thread_id == 1:
            return chat.general
        topic = chat.topics.get(thread_id) if isinstance(thread_id, int) else None
        if topic is None:
            raise PhoneError(404, f"no topic {thread_id}")
        return topic

    def _edit_topic(self, chat: Chat, owner: User, body: Json) -> Json:
        topic = self._topic(chat, body)
        name = str(body.get("name") or "").strip()[:MAX_NAME]
        if not name:
            raise PhoneError(400, "a topic needs a name")
        topic.name = name
        thread_id = topic.id if topic.id in chat.topics else None
        self.local.service(chat, owner, {"forum_topic_edited": {"name": name}}, thread_id=thread_id)
        return {"thread_id": topic.id}

    def _set_closed(self, chat: Chat, owner: User, body: Json, closed: bool) -> Json:
        topic = self._topic(chat, body)
        change_topic(self.local, chat, topic, owner, closed=closed)
        return {"thread_id": topic.id}

    def _delete_topic(self, chat: Chat, owner: User, body: Json) -> Json:
        topic = self._topic(chat, body)
        if topic is chat.general:
            raise PhoneError(400, "General cannot be deleted")
        self.local.world.delete_topic(chat, topic)
        return {"thread_id": topic.id}

    # The group itself

    def _migrate(self, chat: Chat, owner: User, body: Json) -> Json:
        old = self.local.world.migrate(chat)
        stub = self.local.world.chats[old]
        self.local.service(stub, owner, {"migrate_to_chat_id": chat.id})
        self.local.service(chat, owner, {"migrate_from_chat_id": old})
        return {"id": chat.id, "chat_id": chat.id, "migrate_to_chat_id": chat.id}

    def _set_forum(self, chat: Chat, on: bool) -> Json:
        chat.is_forum = on
        return {"is_forum": on}

    def _anonymous_message(self, chat: Chat, owner: User, body: Json) -> Json:
        text = parse(str(body.get("text") or ""), "", body.get("entities"), known(self.local))
        fields: Json = {"sender_chat": chat}
        if body.get("thread_id") not in (None, 0, 1):
            fields["thread_id"] = self._topic(chat, body).id
        if isinstance(body.get("reply_to"), int):
            fields["reply_to"] = body["reply_to"]
        sender = self.local.world.users[ANONYMOUS_ADMIN]
        message = self.local.world.write(chat, sender, text.fields("text", "entities"), **fields)
        self.local.announce(message)
        return {"message_id": message.id}

    # Who is in it

    def _rights(self, body: Json, default: bool | None) -> dict[str, bool]:
        """Read rights from ``rights: {...}`` or beside the action; the others are ``default``, or as they were (None)."""
        given = {**{k: v for k, v in body.items() if str(k).startswith("can_")}, **(body.get("rights") or {})}
        unknown = set(given) - {*ADMIN_RIGHTS, *PERMISSIONS, "is_anonymous"}
        if unknown:
            raise PhoneError(400, f"no right {', '.join(sorted(unknown))}")
        rights = {} if default is None else dict.fromkeys(ADMIN_RIGHTS, default)
        return rights | {name: bool(value) for name, value in given.items()}

    def _present(self, chat: Chat, user: User) -> Member:
        place = chat.member(user.id)
        if place is None or not place.present:
            raise PhoneError(400, f"user {user.id} is not in the group")
        return place

    def _set_rights(self, chat: Chat, owner: User, body: Json) -> Json:
        """Change some rights: an administrator's, or what an ordinary member may do."""
        user = self._subject(body)
        place = self._present(chat, user)
        given = self._rights(body, None)
        if place.status == "creator":
            raise PhoneError(400, "the owner has all rights")
        anonymous = given.pop("is_anonymous", place.is_anonymous)
        if place.status == "administrator":
            new = Member(user, "administrator", {**place.rights, **given}, anonymous, place.custom_title)
        else:
            start = place.rights if place.status == "restricted" else chat.permissions
            new = Member(user, "restricted", {"is_member": True, **start, **given})
        self.local.place(chat, new, owner)
        return member_json(new, bot_id=self.local.bot.id)

    def _kick(self, chat: Chat, owner: User, body: Json) -> Json:
        user = self._subject(body)
        if self._present(chat, user).status == "creator":
            raise PhoneError(400, "the owner cannot be removed")
        self.local.place(chat, Member(user, "kicked"), owner)
        self.local.service(chat, owner, {"left_chat_member": user_json(user)})
        return {"user_id": user.id}

    def _add(self, chat: Chat, owner: User, body: Json) -> Json:
        """Let somebody in (again), the bot too."""
        user = self._subject(body)
        place = chat.member(user.id)
        if place is None or not place.present:
            self.local.place(chat, Member(user, "member"), owner)
            self.local.service(chat, owner, {"new_chat_members": [user_json(user)]})
        return {"user_id": user.id}

    def _promote(self, chat: Chat, owner: User, body: Json) -> Json:
        """Make somebody administrator with all rights, less those that are said to be false; adds whom was not there."""
        user = self._subject(body)
        self._add(chat, owner, {"user_id": user.id})
        rights = self._rights(body, True)
        anonymous = rights.pop("is_anonymous", False)
        new = Member(user, "administrator", rights, anonymous)
        if self._present(chat, user).status == "creator":
            raise PhoneError(400, "the owner has all rights")
        self.local.place(chat, new, owner)
        return member_json(new, bot_id=self.local.bot.id)

    def _demote(self, chat: Chat, owner: User, body: Json) -> Json:
        user = self._subject(body)
        if self._present(chat, user).status == "creator":
            raise PhoneError(400, "the owner cannot be demoted")
        new = Member(user, "member")
        self.local.place(chat, new, owner)
        return member_json(new, bot_id=self.local.bot.id)


def _topic_json(topic: Topic) -> dict[str, Any]:
    icon = ICONS.get(topic.icon_custom_emoji_id or "", topic.icon_custom_emoji_id)
    return {
        "thread_id": topic.id,
        "name": topic.name,
        "icon": icon,
        "closed": topic.closed,
        "hidden": topic.hidden,
    }
