"""A small house for the desk's inner tests: real turns, real store, real desk, and the local Telegram in this process.

People hold telephones of the local Telegram; the bot speaks to it through python-telegram-bot, as in service, with
the local Telegram's own application in place of a socket. No network, no clock but the one that the test moves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.conversation import Library
from bot.conversation.types import Alarm, FactHeard, FactId, Safety, Understood
from bot.desk import Desk, DeskConfig
from bot.rehearsal.clock import Clock as TelegramClock
from bot.rehearsal.groups import Groups
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.phone import Phones
from bot.rehearsal.rights import ADMIN_RIGHTS
from bot.rehearsal.server import create_app
from bot.rehearsal.world import Chat, Member, Message, User
from bot.store import inbox, outbox
from bot.store.calls import Call, Key
from bot.store.database import Database, open_engine
from bot.store.models import Case, InboxRow, InboxState, OutboxRow, SendState, Timer
from bot.telegram.delivery import Delivery
from bot.telegram.members import TelegramMembers
from bot.telegram.pace import Pace
from bot.telegram.receiving import fetch
from bot.telegram.updates import MaskedText, receive
from bot.telegram.wire import Addressed, Outcome, perform
from bot.turn import TurnConfig, Turns
from tests.desk.house import Clock, Ear, empty_database

T = TypeVar("T")


@dataclass(frozen=True)
class Shown:
    """A message as a telephone shows it."""

    number: int
    thread: int | None
    text: str
    kind: str
    keyboard: tuple[tuple[Key, ...], ...]
    reply_to: int | None
    entities: tuple[dict[str, Any], ...]
    reaction: str

    @classmethod
    def of(cls, message: Message) -> Shown:
        """Look at a message."""
        content = message.content
        rows = (message.reply_markup or {}).get("inline_keyboard", [])
        keyboard = tuple(
            tuple(Key(label=k["text"], data=k.get("callback_data", ""), url=k.get("url", "")) for k in row)
            for row in rows
        )
        given = [r["emoji"] for some in (message.reactions or {}).values() for r in some]
        return cls(
            message.id,
            message.thread_id,
            content.get("text", content.get("caption", "")),
            message.kind,
            keyboard,
            message.reply_to,
            tuple(content.get("entities", content.get("caption_entities", ()))),
            given[-1] if given else "",
        )


class Wire:
    """Between the bot and Telegram: what is asked is kept, and a test may order bad weather."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.calls: list[Call] = []
        self.faults: list[tuple[Callable[[Call], bool], Outcome, bool]] = []

    def fault(
        self, outcome: Outcome, when: Callable[[Call], bool], times: int = 1, *, after: bool = False
    ) -> None:
        """The next calls that fit are answered like this instead; `after`: although they did their work."""
        self.faults += [(when, outcome, after)] * times

    async def perform(self, addressed: Addressed) -> Outcome:
        """Make one call."""
        for fault in self.faults:
            if fault[0](addressed.call):
                self.faults.remove(fault)
                if fault[2]:
                    await perform(self.bot, addressed)
                return fault[1]
        self.calls.append(addressed.call)
        return await perform(self.bot, addressed)


class Moved(TelegramClock):
    """Telegram's time is the test's."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def now(self) -> float:
        """The test's time."""
        return self.clock.at.timestamp()


class House:
    """Everything together."""

    def __init__(self, folder: Path, library: Library, *, on_call: tuple[int, ...] = ()) -> None:
        self.loop = asyncio.new_event_loop()
        self.clock, self.ear, self.library = Clock(), Ear(), library
        self.local = LocalTelegram(folder / "telegram", flood_limits=False)
        self.local.clock = self.local.world.clock = Moved(self.clock)
        self.phones, self.groups = Phones(self.local), Groups(self.local)
        self.wire = Wire(self._bot())
        (folder / "house.sqlite").write_bytes(empty_database())
        self.database = Database(open_engine(f"sqlite:///{folder}/house.sqlite"))
        me = self.local.bot
        config = DeskConfig(self.group, on_call, me.username or "", me.id, False, True)
        self.desk = Desk(lambda: self.library, config)
        self.turns = Turns(
            self.database,
            lambda: self.library,
            self.ear,
            self.desk,
            TelegramMembers(self.wire.bot),
            self.clock,
            lambda *_: None,
            TurnConfig(me.id, timedelta()),
        )
        self.delivery = Delivery(
            self.database, self.wire.bot, Pace(0, 0, 0), self.clock, self.turns.answered, "test"
        )
        self.offset = 0
        self.database.work(lambda s: self.desk.started(s, self.clock.now()))

    def _bot(self) -> Bot:
        transport = httpx.ASGITransport(create_app(self.local))
        requests = [HTTPXRequest(httpx_kwargs={"transport": transport}) for _ in range(2)]
        bot = Bot(
            self.local.token,
            base_url="http://telegram/bot",
            request=requests[0],
            get_updates_request=requests[1],
        )
        self.run(bot.initialize())
        return bot

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something to its end."""
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        """Let everything go."""
        self.run(self.wire.bot.shutdown())
        self.database.close()
        self.local.close()
        self.loop.close()

    @property
    def group(self) -> int:
        """The angels' group, whatever its number now."""
        return self.local.first_group.id

    # --- people --------------------------------------------------------------------------------------------------------

    def _user(self, number: int, name: str, language: str) -> User:
        world = self.local.world
        if number not in world.users:
            username = name.lower() if name.isalnum() else None
            world.users[number] = User(number, name, username=username, language_code=language)
            world.chats[number] = Chat(number, "private", user=world.users[number])
        return world.users[number]

    def person(self, number: int, name: str, language: str = "it") -> Phone:
        """A shopkeeper."""
        self._user(number, name, language)
        return Phone(self, number, name)

    def angel(self, number: int, name: str, *, coordinator: bool = False) -> Phone:
        """An angel of the group."""
        user = self._user(number, name, "it")
        rights = dict.fromkeys(ADMIN_RIGHTS, True)
        member = Member(user, "administrator", rights) if coordinator else Member(user, "member")
        self.local.place(self.local.first_group, member, user)
        self.settle()
        return Phone(self, number, name, at_work=True)

    def owner(self, action: str, **body: Any) -> Any:
        """The group's owner does something by hand."""
        done = self.groups.act(self.group, {"action": action, **body})
        self.settle()
        return done

    # --- time and work -------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """The house does all there is to do."""
        self.run(self._settle())

    async def _settle(self) -> None:
        while True:
            updates = await self.take_in()
            chats = self.database.work(self.waiting)
            for chat in chats:
                await self.turns.take(chat)
            sent = await self._deliver()
            if not updates and not chats and not sent:
                return

    def waiting(self, session: Session) -> list[int]:
        """The queues in which something waits, the longest waiting first."""
        query = select(InboxRow.chat_id).where(InboxRow.state == InboxState.WAITING)
        return list(session.scalars(query.group_by(InboxRow.chat_id).order_by(func.min(InboxRow.id))))

    async def take_in(self) -> int:
        """Fetch what Telegram has into the inbox; returns how many updates."""
        updates = await fetch(self.wire.bot, self.offset, 0)
        if updates:
            incoming = [receive(update, MaskedText) for update in updates]
            self.offset = updates[-1]["update_id"] + 1
            self.database.work(lambda s: inbox.accept(s, self.local.bot.id, incoming, self.clock.now()))
        return len(updates)

    async def _deliver(self) -> int:
        sent = 0
        while rows := self.database.work(lambda s: outbox.due_rows(s, self.clock.now())):
            for row in rows:
                sent += 1
                await self.send(row.id)
        return sent

    async def send(self, row_id: int) -> None:
        """Send one row."""
        addressed = self.database.work(lambda s: self.delivery._begin(s, row_id))
        if addressed is not None:
            outcome = await self.wire.perform(addressed)
            self.database.work(
                lambda s: self.delivery._booked(s, row_id, addressed, outcome, self.turns.answered)
            )

    def later(self, **span: float) -> None:
        """Time passes; what comes due on the way is done at its time."""
        end = self.clock.at + timedelta(**span)
        while self.clock.at < end:
            due = self.database.work(self._next_due)
            self.clock.at = min(end, max(due or end, self.clock.at + timedelta(seconds=1)))
            self.run(self.turns.timers())
            self.settle()

    def _next_due(self, session: Session) -> datetime | None:
        waiting = select(func.min(OutboxRow.due_at)).where(OutboxRow.state == SendState.QUEUED)
        times = [session.scalar(select(func.min(Timer.due_at))), session.scalar(waiting)]
        return min((t for t in times if t is not None), default=None)

    # --- what is there ---------------------------------------------------------------------------------------------

    def case(self, number: int = 1) -> Case:
        """A case as stored."""
        return self.database.work(lambda s: s.get_one(Case, number))

    def shown(self, chat_id: int = 0, thread: int | None = None) -> list[Shown]:
        """What is read in a chat (the group without `chat_id`) or one of its topics, oldest first."""
        chat = self.local.world.chats[chat_id or self.group]
        return [
            Shown.of(m)
            for m in chat.messages.values()
            if not m.deleted and not m.service and (thread is None or m.thread_id == thread)
        ]

    def topic(self, case: int = 1) -> list[Shown]:
        """What the case's topic shows, oldest first."""
        thread = self.case(case).thread_id
        return self.shown(thread=thread) if thread else []

    def texts(self, case: int = 1) -> str:
        """All texts of the case's topic."""
        return "\n".join(m.text for m in self.topic(case))

    def general(self) -> str:
        """All texts outside the topics."""
        return "\n".join(m.text for m in self.shown() if m.thread is None)

    def message(self, number: int, chat_id: int = 0) -> Shown:
        """One message of a chat."""
        return next(m for m in self.shown(chat_id) if m.number == number)

    def card(self, case: int = 1) -> Shown:
        """The case's card: what is pinned in its topic."""
        pinned = self.local.first_group.pinned
        return next(m for m in self.topic(case) if m.number in pinned)

    def open_topic(self, case: int = 1) -> Any:
        """The case's topic: name, icon, closed."""
        return self.local.first_group.topics[self.case(case).thread_id or 0]

    def understands(
        self,
        text: str,
        *,
        alarm: Alarm | None = None,
        doubt: Alarm | None = None,
        reason: str = "prova",
        safety: Safety = Safety.UNKNOWN,
        **facts: str,
    ) -> None:
        """Say what a text means."""
        heard = tuple(FactHeard(FactId(name), value, text) for name, value in facts.items())
        self.ear.meanings[text] = Understood(
            text, facts=heard, alarm=alarm, doubt=doubt, reason=reason, safety=safety
        )


@dataclass
class Phone:
    """One person's telephone. `at_work`: an angel, who writes in the group unless in private."""

    house: House
    id: int
    name: str
    at_work: bool = False

    def _place(self, case: int, *, private: bool) -> dict[str, Any]:
        if not self.at_work or private:
            return {}
        thread = self.house.case(case).thread_id if case else None
        return {"chat_id": self.house.group, **({"thread_id": thread} if thread else {})}

    def says(self, text: str = "", *, case: int = 0, private: bool = False, **content: Any) -> int:
        """Write a message: in the private chat, or in a case's topic. Returns its number."""
        body = {**self._place(case, private=private), **({"text": text} if text else {}), **content}
        written = self.house.phones.send(self.id, body)
        self.house.settle()
        return int(written.get("message_id") or written["message_ids"][0])

    def rewrites(self, number: int, **content: Any) -> None:
        """Edit a message."""
        self.house.phones.edit(self.id, {**self._place(0, private=False), "message_id": number, **content})
        self.house.settle()

    def taps(self, label: str, *, case: int = 0, private: bool = False) -> str:
        """Press the newest button with this label; returns what is answered."""
        place = self._place(case, private=private)
        shown = self.house.shown(place.get("chat_id", self.id), place.get("thread_id"))
        for message in reversed(shown):
            for key in (k for row in message.keyboard for k in row):
                if label in key.label:
                    return self.presses(message.number, key.data, private=private)
        raise AssertionError(f"no button «{label}» in {[(m.text, m.keyboard) for m in shown]}")

    def presses(self, number: int, data: str, *, private: bool = False) -> str:
        """Press a button with this data, genuine or forged."""
        body = {**self._place(0, private=private), "message_id": number, "data": data}

        async def press() -> Any:
            pressed = asyncio.ensure_future(self.house.phones.tap(self.id, body))
            await asyncio.sleep(0)
            await self.house._settle()
            return await pressed

        return self.house.run(press())["text"] or ""

    def reacts(self, number: int, emoji: str) -> None:
        """Set a reaction."""
        body = {**self._place(0, private=False), "message_id": number, "emoji": emoji or None}
        self.house.phones.react(self.id, body)
        self.house.settle()

    def leaves(self) -> None:
        """Leave the group."""
        self.house.phones.leave(self.id, {"chat_id": self.house.group})
        self.house.settle()

    def sees(self) -> list[Shown]:
        """What the private chat shows."""
        return self.house.shown(self.id)

    def reads(self) -> str:
        """All texts of the private chat."""
        return "\n".join(m.text for m in self.sees())

    def shares(self, story: str = "Ho un bar in Isola") -> None:
        """Start, agree, tell, ask for a person, in the language of the telephone."""
        language = self.house.local.world.users[self.id].language_code or "it"
        buttons = self.house.library.shared[language].buttons
        self.says("/start")
        self.taps(buttons["listen_yes"])
        self.says(story)
        self.taps(buttons["person"])
