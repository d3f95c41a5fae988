"""What every part of the desk works with: the unit of work, the time, what staff wrote, and the orders it writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.conversation import Library, State, load
from bot.desk.texts import DeskTexts
from bot.store.calls import AnswerTap, Call, Key, Keyboard, SendText
from bot.store.models import Audit, Case, Conversation, OutboxRow, Person, Priority, Setting
from bot.store.outbox import Order, Purpose, case_lane, enqueue, private_lane

GROUP = "group"
"""The setting that holds the group's current id: it follows migrations."""

_VALUE = select(Setting.value).where(Setting.name == bindparam("setting"))


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """What the desk needs to know of the installation.

    Attributes:
        staff_group_id: The angels' group as configured; 0 = none.
        on_call: Telegram ids of the alarm rota as configured.
        bot_username: Without @.
        bot_id: The bot's own user id.
        production: In service: nothing may be missing.
        local: Telegram runs on loopback.
    """

    staff_group_id: int
    on_call: tuple[int, ...]
    bot_username: str
    bot_id: int
    production: bool
    local: bool


class BusyError(RuntimeError):
    """A claim must wait for the bot's words in flight: the unit of work is to be done anew shortly."""


@dataclass(frozen=True, slots=True)
class Work:
    """One unit of work of the desk.

    Attributes:
        session: The transaction.
        now: UTC.
        library: The newest good scripts.
        texts: The newest good desk texts.
        config: The installation.
    """

    session: Session
    now: datetime
    library: Library
    texts: DeskTexts
    config: DeskConfig

    @property
    def group(self) -> int:
        """The angels' group, 0 when there is none."""
        return group_of(self.session, self.config)

    def person(self, case: Case) -> Person:
        """Whose case it is."""
        return self.session.get_one(Person, case.person_id)

    def state(self, case: Case) -> State:
        """The conversation's state as it is in this unit of work."""
        return load(self.session.get_one(Conversation, case.conversation_id).state)

    # --- orders --------------------------------------------------------------------------------------------------

    def in_topic(
        self,
        case: Case,
        html: str,
        keyboard: Keyboard = (),
        *,
        priority: Priority = Priority.RELAY,
        reply_to: int | None = None,
        silent: bool = False,
        key: str = "",
        lane: str = "",
        delay: timedelta = timedelta(),
        message_id: int | None = None,
    ) -> OutboxRow | None:
        """A notice of ours in the case's topic, in order with everything else there.

        With `message_id` it stands for that message, which nobody typed there.
        """
        call = SendText(
            chat_id=self.topic_chat(case),
            thread_of_case=True,
            text=html,
            html=True,
            keyboard=keyboard,
            reply_to=reply_to,
            silent=silent,
        )
        return self.order(
            case, call, priority=priority, key=key, lane=lane, delay=delay, message_id=message_id
        )

    def order(
        self,
        case: Case,
        call: Call,
        *,
        purpose: Purpose = Purpose.PLAIN,
        priority: Priority = Priority.RELAY,
        key: str = "",
        lane: str = "",
        message_id: int | None = None,
        coalesce: bool = False,
        delay: timedelta = timedelta(),
    ) -> OutboxRow | None:
        """An order about a case; nothing when the house has no group to send it to."""
        if not call.chat_id:
            return None
        order = Order(
            call,
            lane or case_lane(case.id),
            priority,
            purpose,
            key,
            person_id=case.person_id,
            case_id=case.id,
            message_id=message_id,
            delay=delay,
            coalesce=coalesce,
        )
        return enqueue(self.session, order, self.now)

    def topic_chat(self, case: Case) -> int:
        """The group in which the case's topic is."""
        return case.group_id or self.group

    def to_angel(
        self,
        user_id: int,
        html: str,
        keyboard: Keyboard = (),
        *,
        case: Case | None = None,
        purpose: Purpose = Purpose.PLAIN,
        priority: Priority = Priority.RELAY,
        key: str = "",
    ) -> OutboxRow | None:
        """A direct message to an angel, in a lane of its own."""
        call = SendText(chat_id=user_id, text=html, html=True, keyboard=keyboard)
        order = Order(
            call,
            f"angel:{user_id}",
            priority,
            purpose,
            key,
            person_id=case.person_id if case else None,
            case_id=case.id if case else None,
        )
        return enqueue(self.session, order, self.now)

    def to_person(self, person: Person, text: str) -> None:
        """A word to the person in answer to a command of theirs: no speech of the bot's, an angel may be writing."""
        order = Order(
            SendText(chat_id=person.chat_id, text=text), private_lane(person.chat_id), person_id=person.id
        )
        enqueue(self.session, order, self.now)

    def link(self, case: Case) -> Keyboard:
        """A button that opens the case's topic; nothing while there is none."""
        url = topic_url(case)
        return ((Key(label=self.texts.button("open_topic"), url=url),),) if url else ()

    def in_general(
        self,
        html: str,
        keyboard: Keyboard = (),
        *,
        case: Case | None = None,
        priority: Priority = Priority.SERVICE,
        key: str = "",
        reply_to: int | None = None,
    ) -> OutboxRow | None:
        """A notice in General, in a lane of its priority so that nothing slow stands before an alarm.

        An answer to a message is shown where that message is.
        """
        if not self.group:
            return None
        order = Order(
            SendText(chat_id=self.group, text=html, html=True, keyboard=keyboard, reply_to=reply_to),
            f"general:{priority}",
            priority,
            key=key,
            person_id=case.person_id if case else None,
            case_id=case.id if case else None,
        )
        return enqueue(self.session, order, self.now)

    def answer(self, query_id: str, name: str, /, **values: object) -> None:
        """Answer a tap with one of the staff's texts."""
        call = AnswerTap(query_id=query_id, text=self.texts.answer(name, **values))
        key = f"tap:{query_id}"
        enqueue(self.session, Order(call, key, Priority.ALARM, key=key), self.now)

    def audit(self, actor: str, action: str, case: Case | None = None, detail: str = "") -> None:
        """Write down who did what; never what was said."""
        self.session.add(
            Audit(
                at=self.now,
                actor=actor,
                action=action,
                case_id=case.id if case else None,
                detail=detail[:200],
            )
        )


def group_of(session: Session, config: DeskConfig) -> int:
    """The angels' group; it follows migrations; 0 when there is none."""
    value = session.scalar(_VALUE, {"setting": GROUP})
    return int(value) if value else config.staff_group_id


def key_of(label: str, verb: str, case_id: int, argument: object = "") -> Key:
    """A button of the desk: `d:<verb>:<case>[:<argument>]`, at most 64 bytes."""
    data = f"d:{verb}:{case_id}" + (f":{argument}" if argument != "" else "")
    if len(data.encode()) > 64:
        raise ValueError("callback data is longer than Telegram's 64 bytes")
    return Key(label=label, data=data)


def topic_url(case: Case) -> str:
    """A link to the case's topic for members of the group (https://core.telegram.org/api/links#message-links)."""
    if not case.thread_id or not case.group_id:
        return ""
    return f"https://t.me/c/{str(case.group_id).removeprefix('-100').removeprefix('-')}/{case.thread_id}"
