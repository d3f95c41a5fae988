"""A small house for the desk's inner tests: real turns, real store, real desk, and a Telegram that is a list.

People write and tap as Telegram's updates; what the bot asks of Telegram is answered at once by `Post`, which keeps
what each chat shows. No network, no clock but the one that the test moves.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversation import Library
from bot.conversation.types import Alarm, FactHeard, FactId, Understood
from bot.desk import Desk, DeskConfig
from bot.desk.events import MemberChanged, Refused, Sent, Who
from bot.store import inbox, outbox
from bot.store.calls import (
    AnswerTap,
    Call,
    CloseTopic,
    CopyMessage,
    CreateTopic,
    DeleteMessages,
    DeleteTopic,
    EditCaption,
    EditKeyboard,
    EditText,
    EditTopic,
    Key,
    Pin,
    React,
    ReopenTopic,
    SendAlbum,
    SendContact,
    SendDocument,
    SendLocation,
    SendMedia,
    SendText,
)
from bot.store.database import Database, open_engine
from bot.store.models import Base, Case, OutboxRow, SendState, Timer
from bot.telegram.delivery import Delivery
from bot.telegram.pace import Pace
from bot.telegram.updates import MaskedText, receive
from bot.telegram.wire import Addressed, Outcome
from bot.turn import TurnConfig, Turns
from bot.understanding.port import Utterance

GROUP = -1001234
BOT = 4242
TUESDAY = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)  # 10:15 in Milan, the desk is open


@dataclass
class Shown:
    """A message as a chat shows it."""

    number: int
    thread: int | None
    text: str
    kind: str = "text"
    keyboard: tuple[tuple[Key, ...], ...] = ()
    reply_to: int | None = None
    entities: tuple[dict[str, object], ...] = ()
    html: bool = False
    reaction: str = ""


@dataclass
class Topic:
    """A forum topic."""

    name: str
    icon: str
    closed: bool = False


class Post:
    """Telegram's side: answers every call, and keeps what is seen."""

    def __init__(self) -> None:
        self.numbers = itertools.count(100)
        self.chats: dict[int, dict[int, Shown]] = defaultdict(dict)
        self.topics: dict[int, Topic] = {}
        self.pinned: list[int] = []
        self.answers: dict[str, str] = {}
        self.calls: list[Call] = []
        self.faults: list[tuple[Callable[[Call], bool], Outcome]] = []

    def fault(self, outcome: Outcome, when: Callable[[Call], bool], times: int = 1) -> None:
        """The next calls that fit are answered like this instead."""
        self.faults += [(when, outcome)] * times

    def perform(self, addressed: Addressed) -> Outcome:
        """Answer one call."""
        call, thread = addressed.call, addressed.thread_id
        for fault in self.faults:
            if fault[0](call):
                self.faults.remove(fault)
                return fault[1]
        self.calls.append(call)
        if thread is not None and thread not in self.topics:
            return Refused(400, "message thread not found")
        return self._done(call, thread, addressed.card_message_id)

    def _done(self, call: Call, thread: int | None, card: int | None) -> Outcome:
        chat = self.chats[call.chat_id]
        match call:
            case CreateTopic():
                number = next(self.numbers)
                self.topics[number] = Topic(call.name, call.icon)
                return Sent((), number)
            case EditTopic():
                assert thread is not None
                self.topics[thread].name, self.topics[thread].icon = call.name, call.icon
            case CloseTopic() | ReopenTopic():
                assert thread is not None
                self.topics[thread].closed = isinstance(call, CloseTopic)
            case DeleteTopic():
                self.topics.pop(call.thread_id, None)
            case AnswerTap():
                self.answers[call.query_id] = call.text
            case Pin():
                self.pinned.append(call.message_id or card or 0)
            case DeleteMessages():
                for number in call.message_ids:
                    chat.pop(number, None)
            case React():
                if call.message_id in chat:
                    chat[call.message_id].reaction = call.emoji
            case EditText():
                shown = chat.get(call.message_id or card or 0)
                if shown is None:
                    return Refused(400, "message to edit not found")
                shown.text, shown.keyboard, shown.entities = call.text, call.keyboard, call.entities
            case EditCaption():
                chat[call.message_id].text, chat[call.message_id].entities = call.caption, call.entities
            case EditKeyboard():
                chat[call.message_id or card or 0].keyboard = call.keyboard
            case SendAlbum():
                return Sent(
                    tuple(
                        self._put(call, thread, item.kind, item.caption, item.entities) for item in call.items
                    )
                )
            case SendText():
                return Sent((self._put(call, thread, "text", call.text, call.entities),))
            case SendMedia():
                return Sent((self._put(call, thread, call.kind, call.caption, call.entities),))
            case SendLocation() | SendContact() | SendDocument() | CopyMessage():
                return Sent((self._put(call, thread, call.method, "", ()),))
            case _:
                pass
        return Sent()

    def _put(self, call: Any, thread: int | None, kind: str, text: str, entities: Any) -> int:
        number = next(self.numbers)
        self.chats[call.chat_id][number] = Shown(
            number,
            thread,
            text,
            kind,
            getattr(call, "keyboard", ()),
            getattr(call, "reply_to", None),
            entities,
            getattr(call, "html", False),
        )
        return number


@dataclass
class Ear:
    """Understanding by heart: what a text means is said by the test."""

    meanings: dict[str, Understood] = field(default_factory=dict)

    async def understand(self, utterance: Utterance) -> Understood:
        """What the test said, else a story."""
        return self.meanings.get(utterance.text) or Understood(utterance.text)

    async def ready(self) -> bool:
        """Always."""
        return True


class Clock:
    """Moved by the test."""

    def __init__(self) -> None:
        self.at = TUESDAY

    def now(self) -> datetime:
        """The time."""
        return self.at


@cache
def empty_database() -> bytes:
    """A database with all tables and nothing in them; made once, as making it takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/empty.sqlite")
        Base.metadata.create_all(engine)
        engine.dispose()  # the last connection to close brings the write-ahead log into the file
        return Path(folder, "empty.sqlite").read_bytes()


class House:
    """Everything together."""

    def __init__(self, folder: Path, library: Library, *, on_call: tuple[int, ...] = ()) -> None:
        (folder / "house.sqlite").write_bytes(empty_database())
        self.database = Database(open_engine(f"sqlite:///{folder}/house.sqlite"))
        self.clock, self.post, self.ear = Clock(), Post(), Ear()
        self.library = library
        self.desk = Desk(lambda: self.library, DeskConfig(GROUP, on_call, "spin_bot", BOT, False, True))
        self.turns = Turns(
            self.database,
            lambda: self.library,
            self.ear,
            self.desk,
            self,
            self.clock,
            lambda queued: None,
            TurnConfig(BOT, timedelta()),
        )
        pace = Pace(0, 0, 0)
        self.delivery = Delivery(self.database, None, pace, self.clock, self.turns.answered, "test")  # type: ignore[arg-type]
        self.members: dict[int, tuple[str, bool]] = {}
        self.numbers = itertools.count(1)
        self.updates = itertools.count(1)
        self.database.work(lambda s: self.desk.started(s, self.clock.now()))

    def close(self) -> None:
        """Let the database go."""
        self.database.close()

    # --- Members -----------------------------------------------------------------------------------------------------

    async def standing(self, group_id: int, user_id: int) -> MemberChanged | None:
        """What Telegram says of somebody."""
        name, coordinator = self.members.get(user_id, ("", False))
        return MemberChanged(Who(user_id, name), group_id, user_id in self.members, coordinator)

    # --- people --------------------------------------------------------------------------------------------------------

    def person(self, number: int, name: str) -> Phone:
        """A shopkeeper."""
        return Phone(self, number, name, number)

    def angel(self, number: int, name: str, *, coordinator: bool = False) -> Phone:
        """An angel of the group."""
        self.members[number] = (name, coordinator)
        self.database.work(
            lambda s: self.desk.handle(
                s, MemberChanged(Who(number, name), GROUP, True, coordinator), self.clock.now()
            )
        )
        return Phone(self, number, name, GROUP)

    # --- time and work -------------------------------------------------------------------------------------------------

    def arrive(self, **update: Any) -> None:
        """Telegram brings an update; the house does all there is to do."""
        number = next(self.updates)
        incoming = receive({"update_id": number, **update}, lambda text: MaskedText(text))
        self.database.work(lambda s: inbox.accept(s, BOT, [incoming], self.clock.now()))
        asyncio.run(self._settle(incoming.chat_id))

    async def _settle(self, chat_id: int) -> None:
        await self.turns.take(chat_id)
        self.deliver()

    def deliver(self) -> None:
        """Send all that is due."""
        while rows := self.database.work(lambda s: outbox.due_rows(s, self.clock.now())):
            for row in rows:
                self.send(row.id)

    def send(self, row_id: int) -> None:
        """Send one row."""
        addressed = self.database.work(lambda s: self.delivery._begin(s, row_id))
        if addressed is not None:
            outcome = self.post.perform(addressed)
            self.database.work(
                lambda s: self.delivery._booked(s, row_id, addressed, outcome, self.turns.answered)
            )

    def later(self, **span: float) -> None:
        """Time passes; what comes due on the way is done at its time."""
        end = self.clock.at + timedelta(**span)
        while self.clock.at < end:
            due = self.database.work(self._next_due)
            self.clock.at = min(end, max(due or end, self.clock.at + timedelta(seconds=1)))
            asyncio.run(self.turns.timers())
            self.deliver()

    def _next_due(self, session: Session) -> datetime | None:
        waiting = select(func.min(OutboxRow.due_at)).where(OutboxRow.state == SendState.QUEUED)
        times = [session.scalar(select(func.min(Timer.due_at))), session.scalar(waiting)]
        return min((t for t in times if t is not None), default=None)

    # --- what is there ---------------------------------------------------------------------------------------------

    def case(self, number: int = 1) -> Case:
        """A case as stored."""
        return self.database.work(lambda s: s.get_one(Case, number))

    def topic(self, case: int = 1) -> list[Shown]:
        """What the case's topic shows, oldest first."""
        thread = self.case(case).thread_id
        return [m for m in self.post.chats[GROUP].values() if m.thread == thread]

    def texts(self, case: int = 1) -> str:
        """All texts of the case's topic."""
        return "\n".join(m.text for m in self.topic(case))

    def understands(
        self, text: str, *, alarm: Alarm | None = None, doubt: Alarm | None = None, **facts: str
    ) -> None:
        """Say what a text means."""
        heard = tuple(FactHeard(FactId(name), value, text) for name, value in facts.items())
        self.ear.meanings[text] = Understood(text, facts=heard, alarm=alarm, doubt=doubt, reason="prova")


@dataclass
class Phone:
    """One person's telephone. `home` is where they write: their private chat, or the group."""

    house: House
    id: int
    name: str
    home: int

    @property
    def _user(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": False, "first_name": self.name, "username": self.name.lower()}

    def _message(self, thread: int | None, private: bool, **content: Any) -> dict[str, Any]:
        chat = self.id if private else self.home
        kind = "private" if chat > 0 else "supergroup"
        message = {
            "message_id": next(self.house.post.numbers),
            "date": int(self.house.clock.at.timestamp()),
            "chat": {"id": chat, "type": kind, "title": "Angeli", "is_forum": chat < 0},
            "from": self._user,
            **content,
        }
        reply = message.pop("reply_to", None)
        if reply:
            message["reply_to_message"] = {"message_id": reply, "date": 0, "chat": message["chat"]}
        if thread is not None and chat < 0:
            message |= {"message_thread_id": thread, "is_topic_message": True}
        text = content.get("text", "")
        if text[:1] == "/" and text[1:2].isalpha() and "entities" not in content:
            length = len(text.split()[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return message

    def says(self, text: str = "", *, case: int = 0, private: bool = False, **content: Any) -> int:
        """Write a message: in the private chat, or in a case's topic. Returns its number."""
        thread = self.house.case(case).thread_id if case else None
        if text:
            content["text"] = text
        message = self._message(thread, private, **content)
        chat = message["chat"]["id"]
        shown = Shown(message["message_id"], thread, content.get("text", content.get("caption", "")))
        self.house.post.chats[chat][message["message_id"]] = shown
        self.house.arrive(message=message)
        return int(message["message_id"])

    def rewrites(self, number: int, *, case: int = 0, **content: Any) -> None:
        """Edit a message."""
        thread = self.house.case(case).thread_id if case else None
        message = self._message(thread, False, **content) | {"message_id": number, "edit_date": 1}
        self.house.arrive(edited_message=message)

    def taps(self, label: str, *, case: int = 0, private: bool = False) -> str:
        """Press the newest button with this label; returns what is answered."""
        chat = self.id if private else self.home
        thread = self.house.case(case).thread_id if case else None
        for shown in reversed(self.house.post.chats[chat].values()):
            for key in (k for row in shown.keyboard for k in row):
                if label in key.label and (not case or shown.thread == thread):
                    return self.presses(shown.number, key.data, thread=shown.thread, private=private)
        raise AssertionError(f"no button «{label}» in {list(self.house.post.chats[chat].values())}")

    def presses(
        self, number: int, data: str, *, thread: int | None = None, private: bool = False, chat: int = 0
    ) -> str:
        """Press a button with this data, genuine or forged."""
        query = str(next(self.house.updates))
        where = chat or (self.id if private else self.home)
        message = self._message(thread, private) | {"message_id": number}
        message["chat"] |= {"id": where}
        self.house.arrive(
            callback_query={
                "id": query,
                "from": self._user,
                "chat_instance": "1",
                "data": data,
                "message": message,
            }
        )
        return self.house.post.answers.get(query, "")

    def reacts(self, number: int, emoji: str) -> None:
        """Set a reaction."""
        kind = "private" if self.home > 0 else "supergroup"
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        self.house.arrive(
            message_reaction={
                "chat": {"id": self.home, "type": kind},
                "message_id": number,
                "user": self._user,
                "date": 0,
                "old_reaction": [],
                "new_reaction": new,
            }
        )

    def sees(self) -> list[Shown]:
        """What the private chat shows."""
        return list(self.house.post.chats[self.id].values())

    def reads(self) -> str:
        """All texts of the private chat."""
        return "\n".join(m.text for m in self.sees())

    def shares(self, story: str = "Ho un bar in Isola") -> None:
        """Start, agree, tell, ask for a person."""
        self.says("/start")
        self.taps("Sì, va bene")
        self.says(story)
        self.taps("Una persona")
