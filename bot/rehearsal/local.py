"""One local Telegram: the world, what the bot has set up, the queue to the bot, and who waits for what."""

from __future__ import annotations

import pickle
import secrets
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.rehearsal.bell import Bell
from bot.rehearsal.clock import Clock
from bot.rehearsal.errors import bad_request
from bot.rehearsal.faults import Faults
from bot.rehearsal.files import FileStore
from bot.rehearsal.limits import FloodLimits
from bot.rehearsal.log import CallLog
from bot.rehearsal.post import Post
from bot.rehearsal.render import chat_json, member_json, message_json, user_json
from bot.rehearsal.rights import ADMIN_RIGHTS
from bot.rehearsal.updates import Queued, UpdateQueue
from bot.rehearsal.world import Chat, Json, Member, Message, User, World

BOT_ID = 7_410_025_518
ANGELS = (("Anna", "anna_angel"), ("Marco", "marco_angel"), ("Sara", "sara_angel"))
COORDINATOR = ("Giulia", "giulia_spin")
QUERY_TTL_S = 15
"""Seconds, by Telegram's clock, for which a tap may be answered; Telegram publishes no figure, a client waits for less."""

_OWN_SERVICE = {
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "pinned_message",
    "new_chat_title",
    "left_chat_member",
}
"""Of its own messages a bot is sent these (telegram-bot-api, Client::need_skip_update_message)."""


@dataclass
class Profile:
    """What the bot has registered about itself."""

    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    menu_buttons: dict[int, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class ChatAction:
    """The bot's latest "typing", "record_voice", ... in a chat; ``seq`` counts them all."""

    seq: int
    action: str
    thread_id: int | None


@dataclass
class Tap:
    """A button pressed and not yet too old to be answered."""

    at: float
    answer: Json | None = None


class LocalTelegram:
    """A Telegram of one bot, one forum group with a coordinator (its owner) and three angels, and whoever joins.

    The bot is administrator of the group with all rights. Nobody has pressed start yet: that is for the people's
    side to do (`bot.rehearsal.phone.Phones.send`, or ``POST /phone/users/{id}/send {"text": "/start"}``).

    Args:
        data_dir: where files, the log and (at `close`) the whole state are kept, so that a later instance goes on
            from there; a temporary folder, gone at `close`, without it.
        flood_limits: whether Telegram's flood limits hold from the start (``POST /limits`` switches them).
        bot_username: the bot's.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        flood_limits: bool = True,
        bot_username: str = "spin_ascolta_bot",
    ) -> None:
        self.bell = Bell()
        self.faults = Faults()
        self.limits = FloodLimits(flood_limits)
        self.taps: dict[str, Tap] = {}
        self.actions: dict[int, ChatAction] = {}
        self.acted = 0
        self.polls = 0
        self.post = Post(self)
        self._temporary = data_dir is None
        self.folder = data_dir if data_dir is not None else Path(tempfile.mkdtemp(prefix="telegram-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = CallLog(self.folder / "log.jsonl")
        if not self._restore():
            self._found(bot_username)
        self.world.on_change = self._changed
        self.updates.on_new = self._queued

    def _found(self, bot_username: str) -> None:
        """Make the first people and their group."""
        self.token = f"{BOT_ID}:{secrets.token_urlsafe(26)}"
        self.clock = Clock()
        self.files = FileStore(self.folder / "files")
        self.updates = UpdateQueue()
        self.profile = Profile()
        bot = User(BOT_ID, "SPIN in ascolto", True, username=bot_username)
        self.world = World(self.clock, bot)
        self.coordinator_id = self.world.add_user(
            COORDINATOR[0], username=COORDINATOR[1], language_code="it"
        ).id
        self.angel_ids = [
            self.world.add_user(name, username=nick, language_code="it").id for name, nick in ANGELS
        ]
        group = self.found_group("Digital Angels", self.world.users[self.coordinator_id], is_forum=True)
        for angel_id in self.angel_ids:
            self.world.seat(group, Member(self.world.users[angel_id], "member"))
        self.first_group = group

    def found_group(self, title: str, owner: User, *, is_forum: bool) -> Chat:
        """Create a supergroup with its owner and the bot as administrator with all rights."""
        group = self.world.add_group(title, is_forum=is_forum)
        self.world.seat(group, Member(owner, "creator"))
        self.world.seat(group, Member(self.bot, "administrator", dict.fromkeys(ADMIN_RIGHTS, True)))
        # A supergroup's first message says that it was made; so no topic is ever numbered 1, which is General's.
        self.world.write(group, owner, {"supergroup_chat_created": True}, service=True)
        return group

    @property
    def bot(self) -> User:
        """The bot."""
        return self.world.bot

    def ready(self, url: str) -> Json:
        """Return what `bot demo` and `bot rehearsal` print on standard output when up."""
        return {
            "ready": True,
            "url": url,
            "token": self.token,
            "bot": {"id": self.bot.id, "username": self.bot.username},
            "group": self.first_group.id,
            "angels": list(self.angel_ids),
            "coordinator": self.coordinator_id,
        }

    # What the bot is told

    def bot_sees(self, message: Message) -> bool:
        """Return whether a new or edited message reaches the bot as an update."""
        chat = message.chat
        if message.sender.id == self.bot.id:
            return message.service and not _OWN_SERVICE.isdisjoint(message.content)
        if chat.is_private:
            return True
        place = chat.member(self.bot.id)
        if place is None or not place.present:
            return False
        if place.status == "administrator" or message.service:
            return True
        return self._passes_privacy_mode(message)

    def _passes_privacy_mode(self, message: Message) -> bool:
        """Apply privacy mode, which holds for bots that are no administrators (core.telegram.org/bots/features)."""
        written = str(message.content.get("text") or message.content.get("caption") or "")
        if written.startswith("/") or f"@{self.bot.username}".lower() in written.lower():
            return True
        answered = message.chat.message(message.reply_to) if message.reply_to is not None else None
        return answered is not None and answered.sender.id == self.bot.id

    def announce(self, message: Message, kind: str = "message") -> None:
        """Queue an update about a message, if the bot is to know of it."""
        if self.bot_sees(message):
            self.updates.add(kind, message_json(message), message.chat.id)

    def service(self, chat: Chat, sender: User, content: Json, **more: Any) -> Message:
        """Write a service message and tell the bot."""
        message = self.world.write(chat, sender, content, service=True, **more)
        self.announce(message)
        return message

    def place(self, chat: Chat, member: Member, actor: User) -> None:
        """Give somebody a new place in a group and tell the bot (my_chat_member, chat_member)."""
        before = chat.member(member.user.id) or Member(member.user, "left")
        old = member_json(before, bot_id=self.bot.id)
        self.world.seat(chat, member)
        self.bell.ring(("user", member.user.id))
        new = member_json(member, bot_id=self.bot.id)
        if old == new:
            return
        change = {
            "chat": chat_json(chat),
            "from": user_json(actor),
            "date": self.clock.date(),
            "old_chat_member": old,
            "new_chat_member": new,
        }
        if member.user.id == self.bot.id:
            self.updates.add("my_chat_member", change, chat.id)
            return
        ours = chat.member(self.bot.id)
        if ours is not None and ours.status == "administrator":
            self.updates.add("chat_member", change, chat.id)

    def react(self, message: Message, user: User, reactions: list[Json]) -> None:
        """Set somebody's reactions to a message and tell the bot when it may know."""
        old = (message.reactions or {}).get(user.id, [])
        if old == reactions:
            return
        given = dict(message.reactions or {})
        given.pop(user.id, None)
        if reactions:
            given[user.id] = reactions
        message.reactions = given or None
        self.world.changed(message)
        chat = message.chat
        ours = chat.member(self.bot.id)
        if user.id == self.bot.id or not (chat.is_private or (ours and ours.status == "administrator")):
            return
        payload = {
            "chat": chat_json(chat),
            "message_id": message.id,
            "user": user_json(user),
            "date": self.clock.date(),
            "old_reaction": old,
            "new_reaction": reactions,
        }
        self.updates.add("message_reaction", payload, chat.id)

    def act(self, chat: Chat, action: str, thread_id: int | None) -> None:
        """Show on the telephones that watch that the bot is typing, recording, ..."""
        self.acted += 1
        self.actions[chat.id] = ChatAction(self.acted, action, thread_id)
        self.bell.ring(("action", chat))

    def open_tap(self) -> str:
        """Number a new callback query, forgetting those that are too old."""
        now = self.clock.now()
        while self.taps and now - next(iter(self.taps.values())).at > QUERY_TTL_S:
            del self.taps[next(iter(self.taps))]
        query_id = str(secrets.randbits(62))
        self.taps[query_id] = Tap(now)
        return query_id

    def answer_tap(self, query_id: str, answer: Json) -> None:
        """Answer a callback query.

        Raises:
            ApiError: unknown or too old.
        """
        tap = self.taps.get(query_id)
        if tap is None or self.clock.now() - tap.at > QUERY_TTL_S:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        if tap.answer is None:
            tap.answer = answer
            self.bell.ring(("tap", query_id))

    def _changed(self, chat: Chat) -> None:
        self.bell.ring(chat)

    def _queued(self, update: Queued) -> None:
        self.bell.ring("update")
        self.post.put(update)

    # Keeping and going on

    def _restore(self) -> bool:
        kept = self.folder / "state.pickle"
        if self._temporary or not kept.exists():
            return False
        self.__dict__.update(pickle.loads(kept.read_bytes()))
        self.files.folder = self.folder / "files"
        return True

    def save(self) -> None:
        """Write the whole state to the data folder."""
        names = (
            "token",
            "clock",
            "files",
            "updates",
            "profile",
            "world",
            "coordinator_id",
            "angel_ids",
            "first_group",
        )
        aside = self.folder / "state.part"
        aside.write_bytes(pickle.dumps({name: getattr(self, name) for name in names}))
        aside.replace(self.folder / "state.pickle")

    def close(self) -> None:
        """Wake whoever waits, keep the state if a data folder was given, and let go of files."""
        self.bell.close()
        self.log.close()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            self.save()
