"""People's telephones: what a person can do in Telegram, and what they see."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any

from bot.rehearsal.errors import ApiError, PhoneError
from bot.rehearsal.icons import ICONS
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.methods.edits import EDIT_WITHIN_S
from bot.rehearsal.reactions import emoji_reaction
from bot.rehearsal.render import chat_json, message_json, phone_json, user_json
from bot.rehearsal.rights import CONTENT_NEEDS
from bot.rehearsal.text import MAX_TEXT
from bot.rehearsal.world import Chat, Json, Member, Message, User
from bot.rehearsal.writing import CAPTIONED, Writing

TAP_WAIT_S = 10.0
"""Seconds for which a telephone waits for the answer to a tap."""


class Phones:
    """All telephones but the bot's. Ids are Telegram's; a missing ``chat_id`` means the private chat with the bot.

    Every method raises `PhoneError` when a person could not do that.
    """

    def __init__(self, local: LocalTelegram) -> None:
        self.local = local
        self.writing = Writing(local)

    # Who and where

    def create_user(
        self, first_name: str, username: str | None = None, language_code: str | None = None
    ) -> int:
        """Create a person and return their id."""
        if not isinstance(first_name, str) or not first_name.strip():
            raise PhoneError(400, "first_name must be non-empty")
        return self.local.world.add_user(first_name, username=username, language_code=language_code).id

    def listed(self) -> list[Json]:
        """List the people."""
        return [user_json(user) for user in self.local.world.users.values() if not user.is_bot]

    def described(self, user_id: int, chat_id: Any = None) -> Json:
        """Describe a person and the chats on their telephone; ``commands`` are those of the bot's menu in ``chat_id``."""
        user = self.user(user_id)
        chats = [chat_json(chat) for chat in self.chats_of(user)]
        commands = menu_commands(self.local.profile.commands, user, self.chat(user, chat_id))
        return {**user_json(user), "blocked": user.blocked, "chats": chats, "commands": commands}

    def user(self, user_id: int) -> User:
        """Return a person."""
        user = self.local.world.users.get(user_id)
        if user is None or user.is_bot:
            raise PhoneError(404, f"no user {user_id}")
        return user

    def chat(self, user: User, chat_id: Any, *, present: bool = True) -> Chat:
        """Return a chat that the person is in; a migrated group is found under its old id too."""
        if chat_id in (None, "", user.id, str(user.id), self.local.bot.id, str(self.local.bot.id)):
            return self.local.world.chats[user.id]
        try:
            chat = self.local.world.chats.get(int(chat_id))
        except (TypeError, ValueError):
            chat = None
        while chat is not None and chat.migrated_to is not None:
            chat = self.local.world.chats[chat.migrated_to]
        if chat is None or chat.is_private:
            raise PhoneError(404, f"no chat {chat_id}")
        if present and not chat.has(user.id):
            raise PhoneError(403, "not a member of this group")
        return chat

    def _message(self, chat: Chat, message_id: Any) -> Message:
        message = chat.message(message_id) if isinstance(message_id, int) else None
        if message is None:
            raise PhoneError(404, f"no message {message_id} in this chat")
        return message

    # Writing

    def send(self, user_id: int, body: Json) -> Json:
        """Send a message or an album (DESIGN: POST /phone/users/{id}/send); return its id or ids."""
        user = self.user(user_id)
        chat = self.chat(user, body.get("chat_id"))
        self._may_write(user, chat, body)
        fields = self._fields(user, chat, body)
        contents, forwarded = self.writing.contents(chat, body)
        fields |= forwarded
        for content in contents:
            kind = Message(0, chat, 0, user, content).kind
            if not chat.is_private and not chat.may(
                user.id, CONTENT_NEEDS.get(kind, ("can_send_messages",))[0]
            ):
                raise PhoneError(403, "not enough rights to send this to the group")
        if "album" not in body:
            return {"message_id": self._write(user, chat, contents[0], fields).id}
        fields["media_group_id"] = str(secrets.randbits(60))
        return {"message_ids": [self._write(user, chat, content, fields).id for content in contents]}

    def _write(self, user: User, chat: Chat, content: Json, fields: Json) -> Message:
        message = self.local.world.write(chat, user, content, **fields)
        self.local.announce(message)
        return message

    def _may_write(self, user: User, chat: Chat, body: Json) -> None:
        if user.deactivated:
            raise PhoneError(403, "this account is deactivated")
        if not chat.is_private:
            return
        if user.blocked:
            if not str(body.get("text") or "").startswith("/start"):
                raise PhoneError(403, "the bot is blocked; unblock it first")
            self.set_blocked(user.id, False)
        user.started = True

    def _fields(self, user: User, chat: Chat, body: Json) -> Json:
        """Return where the message stands: topic, reply, forward."""
        fields: Json = {}
        thread_id = body.get("thread_id")
        if thread_id not in (None, 0, 1):
            if not chat.is_forum or thread_id not in chat.topics:
                raise PhoneError(400, f"no topic {thread_id} in this chat")
            fields["thread_id"] = thread_id
        if body.get("reply_to") is not None:
            answered = self._message(chat, body["reply_to"])
            fields["reply_to"] = answered.id
            if thread_id is None and answered.thread_id is not None:
                fields["thread_id"] = answered.thread_id
        if chat.is_forum:
            topic = chat.topics[fields["thread_id"]] if "thread_id" in fields else chat.general
            if topic.closed and not chat.may(user.id, "can_manage_topics") and topic.creator != user.id:
                raise PhoneError(403, "this topic is closed")
        return fields

    # Changing

    def edit(self, user_id: int, body: Json) -> Json:
        """Change the text or caption of one's own message, exchange its file, or move a live location."""
        user = self.user(user_id)
        chat = self.chat(user, body.get("chat_id"))
        message = self._message(chat, body.get("message_id"))
        if message.sender.id != user.id or message.service or message.forward_origin:
            raise PhoneError(403, "only one's own messages can be edited")
        if self.local.clock.now() - message.date > EDIT_WITHIN_S:
            raise PhoneError(403, "a message can be edited for 48 hours")
        other = self.writing.exchanged(message, body)
        if other is None and (body.get("text") is None) == (body.get("caption") is None):
            raise PhoneError(400, "either text or caption")
        if other is not None:
            fields, kept = other, {}
        elif body.get("text") is not None:
            if "text" not in message.content:
                raise PhoneError(400, "there is no text in this message")
            fields = self.writing.parsed(str(body["text"]), body.get("entities"), MAX_TEXT).fields(
                "text", "entities"
            )
            kept = {k: v for k, v in message.content.items() if k not in ("text", "entities")}
        else:
            if message.kind not in CAPTIONED:
                raise PhoneError(400, "this message can have no caption")
            fields = self.writing.caption(body)
            kept = {k: v for k, v in message.content.items() if k not in ("caption", "caption_entities")}
        if message.content != kept | fields:
            message.content = kept | fields
            message.edit_date = self.local.clock.date()
            self.local.world.changed(message)
            self.local.announce(message, "edited_message")
        return {"message_id": message.id}

    def react(self, user_id: int, body: Json) -> Json:
        """React to a message with an emoji, or take the reaction back with null."""
        user = self.user(user_id)
        message = self._message(self.chat(user, body.get("chat_id")), body.get("message_id"))
        emoji = body.get("emoji")
        try:
            reactions = [emoji_reaction(str(emoji))] if emoji else []
        except ApiError as error:
            raise PhoneError(400, error.description) from None
        self.local.react(message, user, reactions)
        return {"message_id": message.id}

    def delete(self, user_id: int, body: Json) -> Json:
        """Delete messages for everyone: one's own, all in the private chat, any where one may. Bots are not told."""
        user = self.user(user_id)
        chat = self.chat(user, body.get("chat_id"))
        ids = body.get("message_ids", [body.get("message_id")])
        if not isinstance(ids, list):
            raise PhoneError(400, "message_ids is a list")
        found = [self._message(chat, message_id) for message_id in ids]
        for message in found:
            if not chat.is_private and message.sender.id != user.id and not self._moderates(chat, user):
                raise PhoneError(403, "only one's own messages can be deleted")
        for message in found:
            self.local.world.delete(message)
        return {"message_ids": [message.id for message in found]}

    def _moderates(self, chat: Chat, user: User) -> bool:
        place = chat.member(user.id)
        return (
            place is not None
            and place.status in ("creator", "administrator")
            and chat.may(user.id, "can_delete_messages")
        )

    def set_blocked(self, user_id: int, blocked: bool) -> Json:
        """Block or unblock the bot; it is told through my_chat_member."""
        user = self.user(user_id)
        if user.blocked != blocked:
            user.blocked = blocked
            self._tell_block(user, blocked)
        return {"blocked": blocked}

    def _tell_block(self, user: User, blocked: bool) -> None:
        chat = self.local.world.chats[user.id]
        here: Json = {"status": "member", "user": user_json(self.local.bot)}
        gone: Json = {"status": "kicked", "user": user_json(self.local.bot), "until_date": 0}
        change = {
            "chat": chat_json(chat),
            "from": user_json(user),
            "date": self.local.clock.date(),
            "old_chat_member": here if blocked else gone,
            "new_chat_member": gone if blocked else here,
        }
        self.local.updates.add("my_chat_member", change, chat.id)

    def deactivate(self, user_id: int) -> Json:
        """Delete somebody's account."""
        self.user(user_id).deactivated = True
        return {"deactivated": True}

    def join(self, user_id: int, body: Json) -> Json:
        """Join a group."""
        user = self.user(user_id)
        chat = self.chat(user, body.get("chat_id"), present=False)
        if chat.is_private:
            raise PhoneError(400, "chat_id of a group is needed")
        place = chat.member(user.id)
        if place is not None and place.status == "kicked":
            raise PhoneError(403, "removed from this group")
        if place is None or not place.present:
            self.local.place(chat, Member(user, "member"), user)
            self.local.service(chat, user, {"new_chat_members": [user_json(user)]})
        return {"chat_id": chat.id}

    def leave(self, user_id: int, body: Json) -> Json:
        """Leave a group."""
        user = self.user(user_id)
        chat = self.chat(user, body.get("chat_id"))
        if chat.is_private:
            raise PhoneError(400, "chat_id of a group is needed")
        self.local.place(chat, Member(user, "left"), user)
        self.local.service(chat, user, {"left_chat_member": user_json(user)})
        return {"chat_id": chat.id}

    # Tapping

    async def tap(self, user_id: int, body: Json) -> Json:
        """Press an inline button, with any data, and wait up to 10 s for the bot's answer."""
        user = self.user(user_id)
        chat = self.chat(user, body.get("chat_id"))
        message = self._message(chat, body.get("message_id"))
        data = body.get("data")
        if not isinstance(data, str):
            raise PhoneError(400, "data is a string")
        if message.sender.id != self.local.bot.id:
            raise PhoneError(400, "this message is not the bot's")
        query_id = self.local.open_tap()
        query = {
            "id": query_id,
            "from": user_json(user),
            "message": message_json(message),
            "chat_instance": str(chat.id * 7_919_191),
            "data": data,
        }
        self.local.updates.add("callback_query", query, chat.id)
        tap = self.local.taps[query_id]
        if tap.answer is None:
            await self.local.bell.wait((("tap", query_id),), TAP_WAIT_S)
        answer = tap.answer
        shown: Json = {"answered": answer is not None, "text": None, "show_alert": False}
        if answer is not None:
            shown |= {"text": answer["text"] or None, "show_alert": answer["show_alert"]}
            if answer["url"]:
                shown["url"] = answer["url"]
        return shown

    # Seeing

    def changes(
        self, chat: Chat, after: int, thread_id: int | None = None, limit: int | None = None
    ) -> tuple[int, list[Message]]:
        """Return the new cursor and the messages that changed after ``after``, by message_id."""
        log = chat.changes if thread_id is None else chat.thread_changes.get(thread_id)
        if log is None:
            return self.local.world.seq, []
        found = []
        for seq, message_id in log.since(after):
            message = chat.messages[message_id]
            if message.version == seq:
                found.append(message)
                if limit is not None and len(found) == limit:
                    return seq, sorted(found, key=lambda m: m.id)
        return self.local.world.seq, sorted(found, key=lambda m: m.id)

    async def messages(
        self,
        user_id: int,
        chat_id: Any,
        after: int,
        wait_s: float,
        thread_id: int | None = None,
        limit: int | None = None,
    ) -> Json:
        """Return what is new or changed in a chat since a cursor, waiting up to ``wait_s`` seconds for something."""
        user = self.user(user_id)
        chat = self.chat(user, chat_id)
        loop_until = time.monotonic() + min(max(wait_s, 0.0), 60.0)
        while True:
            cursor, found = self.changes(chat, after, thread_id, limit)
            left = loop_until - time.monotonic()
            if found or left <= 0 or self.local.bell.closed:
                return {"cursor": max(cursor, after), "messages": [phone_json(m) for m in found]}
            await self.local.bell.wait((chat,), left)

    def chats_of(self, user: User) -> list[Chat]:
        """Return the chats on somebody's telephone."""
        return [self.local.world.chats[user.id], *self.local.world.groups_of.get(user.id, {}).values()]

    def topics(self, user_id: int, chat_id: Any = None) -> list[Json]:
        """List the topics of a forum (the person's first one without ``chat_id``), General left out."""
        user = self.user(user_id)
        if chat_id in (None, ""):
            chat = next((c for c in self.chats_of(user) if c.is_forum), None)
            if chat is None:
                return []
        else:
            chat = self.chat(user, chat_id)
        if not chat.is_forum:
            return []
        return list(_topics(chat))


def menu_commands(commands: dict[tuple[str, str], list[Json]], user: User, chat: Chat) -> list[Json]:
    """Return the commands that somebody sees in a chat, by the order in the Bot API, "Determining list of commands"."""
    language = user.language_code or ""
    place = chat.member(user.id)
    manages = place is not None and place.status in ("creator", "administrator")
    scopes = [f"chat:{chat.id}", "all_private_chats"]
    if not chat.is_private:
        by_rank = [f"chat_administrators:{chat.id}", "all_chat_administrators"] if manages else []
        scopes = [f"chat_member:{chat.id}:{user.id}", *by_rank[:1], f"chat:{chat.id}"]
        scopes += [*by_rank[1:], "all_group_chats"]
    for scope in (*scopes, "default"):
        for key in ((scope, language), (scope, "")):
            if key in commands:
                return commands[key]
    return []


def _topics(chat: Chat) -> Iterator[Json]:
    for topic in chat.topics.values():
        icon = ICONS.get(topic.icon_custom_emoji_id or "", topic.icon_custom_emoji_id)
        yield {"thread_id": topic.id, "name": topic.name, "icon": icon, "closed": topic.closed}
