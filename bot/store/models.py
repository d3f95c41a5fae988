"""The tables. Times are UTC; texts and names of people are sealed (`crypto.Sealed`).

Which column holds what, why and for how long is told in `PRIVACY.md`, whose table a test holds against this file.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from bot.store.crypto import Sealed

Serial = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts rows by itself only in an INTEGER primary key."""


class Utc(TypeDecorator[datetime]):
    """A point in time, always timezone-aware UTC in Python; SQLite keeps no zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        at: datetime = value
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


class Base(DeclarativeBase):
    """Constraint names are fixed so that migrations can name them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# --- What comes in -------------------------------------------------------------------------------------------


class InboxState(StrEnum):
    """`held`: said before consent, waits at most 24 h. `failed`: could not be processed after several tries."""

    WAITING = "waiting"
    HELD = "held"
    DONE = "done"
    FAILED = "failed"


class InboxRow(Base):
    """An update, committed before it is acknowledged to Telegram; its body is blanked when processed."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("bot_id", "update_id"),
        Index("ix_inbox_state_chat", "state", "chat_id", "id"),
        # Who is next: the urgent ones first, then the longest waiting, however many wait.
        Index("ix_inbox_queue", "state", "urgent", "id", "chat_id"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    bot_id: Mapped[int] = mapped_column(BigInteger)
    update_id: Mapped[int] = mapped_column(BigInteger)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str | None] = mapped_column(Sealed)
    received_at: Mapped[datetime] = mapped_column(Utc)
    state: Mapped[str] = mapped_column(String(8), default=InboxState.WAITING)
    gather: Mapped[bool] = mapped_column(Boolean, default=False)
    """Plain text of a private chat: may be one of a burst, so a few quiet seconds are waited for."""
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    done_at: Mapped[datetime | None] = mapped_column(Utc)


# --- People and what they told -----------------------------------------------------------------------------------


class Person(Base):
    """A shopkeeper who wrote to the bot. The name is Telegram's, kept only to address cases to angels."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    first_name: Mapped[str | None] = mapped_column(Sealed)
    username: Mapped[str | None] = mapped_column(Sealed)
    language_code: Mapped[str] = mapped_column(String(16), default="")
    created_at: Mapped[datetime] = mapped_column(Utc)
    blocked_at: Mapped[datetime | None] = mapped_column(Utc)
    """When Telegram said that they blocked the bot."""
    barred: Mapped[bool] = mapped_column(Boolean, default=False)
    """On the coordinator's block list."""


class Conversation(Base):
    """One per person, across their needs. `version` guards against two writers (a turn and a claim)."""

    __tablename__ = "conversations"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    state: Mapped[str] = mapped_column(Sealed)
    """`bot.conversation.state.dump`."""
    need: Mapped[int] = mapped_column(Integer, default=1)
    version: Mapped[int] = mapped_column(Integer, default=0)
    started_at: Mapped[datetime] = mapped_column(Utc)
    heard_at: Mapped[datetime | None] = mapped_column(Utc)
    spoke_at: Mapped[datetime | None] = mapped_column(Utc)


class StoredFact(Base):
    """A fact with its provenance; superseded ones stay until retention, `current` tells them apart."""

    __tablename__ = "facts"
    __table_args__ = (Index("ix_facts_conversation_need", "conversation_id", "need", "current"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    need: Mapped[int] = mapped_column(Integer)
    fact: Mapped[str] = mapped_column(String(32))
    value: Mapped[str] = mapped_column(Sealed)
    words: Mapped[str] = mapped_column(Sealed)
    detail: Mapped[str] = mapped_column(Sealed)
    ref: Mapped[int] = mapped_column(BigInteger)
    how: Mapped[str] = mapped_column(String(16))
    certainty: Mapped[float]
    voice: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    current: Mapped[bool] = mapped_column(Boolean, default=True)
    recorded_at: Mapped[datetime] = mapped_column(Utc)


class ConsentRow(Base):
    """An agreement given or withdrawn, with the version of the text that was read."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    consent: Mapped[str] = mapped_column(String(8))
    given: Mapped[bool]
    text_version: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Utc)


class SourceCount(Base):
    """How many starts a shop-window code brought, by day: a count, nobody's name."""

    __tablename__ = "sources"

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    starts: Mapped[int] = mapped_column(Integer, default=0)


class Author(StrEnum):
    """Who wrote a message of the transcript. A note never leaves the desk."""

    SHOPKEEPER = "shopkeeper"
    BOT = "bot"
    ANGEL = "angel"
    NOTE = "note"


class Message(Base):
    """The transcript: one row per message, on whichever side it was written."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("chat_id", "telegram_id"),
        Index("ix_messages_conversation", "conversation_id", "id"),
        # Asked several times a second; almost always empty.
        Index(
            "ix_messages_incomplete",
            "id",
            sqlite_where=text("complete IS 0"),
            postgresql_where=text("complete IS false"),
        ),
        # Asked in every turn of a case; few, however long the conversation.
        Index(
            "ix_messages_missed",
            "case_id",
            "author",
            "id",
            sqlite_where=text("understood IS 0"),
            postgresql_where=text("understood IS false"),
        ),
        # Asked whenever a card is drawn; few, or none.
        Index(
            "ix_messages_notes",
            "case_id",
            "author",
            "id",
            sqlite_where=text("author = 'note'"),
            postgresql_where=text("author = 'note'"),
        ),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id", ondelete="SET NULL"), index=True)
    author: Mapped[str] = mapped_column(String(12))
    angel_id: Mapped[int | None] = mapped_column(ForeignKey("angels.id", ondelete="SET NULL"))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    telegram_id: Mapped[int | None] = mapped_column(BigInteger)
    """The original's message_id in `chat_id`; None while a message of ours has not been sent."""
    reply_to: Mapped[int | None] = mapped_column(BigInteger)
    """The id of the `messages` row it answers."""
    content: Mapped[str] = mapped_column(Sealed)
    """`bot.store.content.Content` as JSON, masked."""
    complete: Mapped[bool] = mapped_column(Boolean, default=True)
    """False: Rasa was away; understood again later."""
    understood: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    """False: the program could make nothing of it; the card says so to the angel."""
    parcel: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """The outbox row of the album it travels in."""
    at: Mapped[datetime] = mapped_column(Utc)
    edited_at: Mapped[datetime | None] = mapped_column(Utc)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Utc)


class CopyRow(Base):
    """A message's appearance on the other side (in the topic, or in the private chat)."""

    __tablename__ = "copies"
    __table_args__ = (UniqueConstraint("chat_id", "telegram_id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    telegram_id: Mapped[int] = mapped_column(BigInteger)


# --- The desk ---------------------------------------------------------------------------------------------------


class Angel(Base):
    """A member of the angels' group, known since they first acted in it (or started the bot in private)."""

    __tablename__ = "angels"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    name: Mapped[str] = mapped_column(Sealed)
    member: Mapped[bool] = mapped_column(Boolean, default=True)
    coordinator: Mapped[bool] = mapped_column(Boolean, default=False)
    started: Mapped[bool] = mapped_column(Boolean, default=False)
    """Pressed start in private: can be written to."""
    on_duty: Mapped[bool] = mapped_column(Boolean, default=False)
    on_call: Mapped[bool] = mapped_column(Boolean, default=False)
    """On the alarm rota."""
    signature: Mapped[str] = mapped_column(String(16), default="name")
    username: Mapped[str | None] = mapped_column(Sealed)
    duty_changed_at: Mapped[datetime | None] = mapped_column(Utc)
    """When they last came on or went off duty."""


class CaseState(StrEnum):
    """`listening`: visible to angels, nobody asked for yet. `callback`: comes back at `due_at`."""

    LISTENING = "listening"
    WAITING = "waiting"
    CLAIMED = "claimed"
    CALLBACK = "callback"
    CLOSED = "closed"


class Case(Base):
    """What the angels handle: one per person and need, in one forum topic."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("conversation_id", "need"),
        Index("ix_cases_state", "state", "waiting_since"),
        Index("ix_cases_topic", "group_id", "thread_id"),
        Index("ix_cases_opened_at", "opened_at"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    need: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12), default=CaseState.LISTENING)
    reason: Mapped[str] = mapped_column(String(16))
    alarm: Mapped[str] = mapped_column(String(20), default="")
    alarm_reason: Mapped[str] = mapped_column(String(200), default="")
    alarm_handled_at: Mapped[datetime | None] = mapped_column(Utc)
    minimal: Mapped[bool] = mapped_column(Boolean, default=False)
    """Violence or extortion, or no consent: the card shows the flag and nothing else."""
    group_id: Mapped[int | None] = mapped_column(BigInteger)
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    topic_title: Mapped[str] = mapped_column(Sealed, default="")
    topic_icon: Mapped[str] = mapped_column(String(32), default="")
    topic_closed: Mapped[bool] = mapped_column(Boolean, default=False)
    topic_no: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many topics this case has had: each is created once."""
    card_message_id: Mapped[int | None] = mapped_column(BigInteger)
    card_digest: Mapped[str] = mapped_column(String(64), default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("angels.id", ondelete="SET NULL"))
    claim: Mapped[int] = mapped_column(Integer, default=0)
    """Counts claims; a claim is a compare-and-set on (`state`, `owner_id`, `claim`)."""
    claimed_at: Mapped[datetime | None] = mapped_column(Utc)
    owner_wrote_at: Mapped[datetime | None] = mapped_column(Utc)
    waiting_since: Mapped[datetime | None] = mapped_column(Utc)
    """Since when the shopkeeper waits for a human word."""
    waited_seconds: Mapped[int | None] = mapped_column(Integer)
    """How long they waited for the first claim."""
    rung: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How far the ladder has been climbed since the wait began."""
    opened_at: Mapped[datetime] = mapped_column(Utc)
    due_at: Mapped[datetime | None] = mapped_column(Utc)
    """Callback or snooze."""
    next_step: Mapped[str] = mapped_column(Sealed, default="")
    closed_at: Mapped[datetime | None] = mapped_column(Utc)
    outcome: Mapped[str] = mapped_column(String(32), default="")
    rating: Mapped[int | None] = mapped_column(Integer)
    rating_words: Mapped[str] = mapped_column(Sealed, default="")


class Audit(Base):
    """Who did what and when; never what was said. `actor`: `angel:<id>`, `bot`, `shopkeeper`, `staff`."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc)
    actor: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    detail: Mapped[str] = mapped_column(String(200), default="")


class Timer(Base):
    """Something to do later; survives a restart. `subject` is `conversation:<id>`, `case:<id>` or `house`."""

    __tablename__ = "timers"
    __table_args__ = (UniqueConstraint("subject", "name"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    subject: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime] = mapped_column(Utc, index=True)


TROUBLE = "desk_trouble"
"""The setting that remembers which trouble with the group the coordinators were told of."""


class Setting(Base):
    """Small facts about the house itself: the group's current id, the next update to fetch."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(400))


# --- What goes out -----------------------------------------------------------------------------------------------


class SendState(StrEnum):
    """`uncertain`: left, and no answer came; never blindly sent again. `withheld`: a claim came first."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    BLOCKED = "blocked"
    WITHHELD = "withheld"


class Priority(StrEnum):
    """One budget per group is spent in this order."""

    ALARM = "0"
    RELAY = "1"
    CARD = "2"
    SERVICE = "3"


class OutboxRow(Base):
    """A call to make. Calls of one `lane` go out one after the other, in the order of their ids."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_lane", "state", "lane", "id"),
        Index("ix_outbox_state_priority", "state", "priority", "id"),
        Index("ix_outbox_chat_state", "chat_id", "state"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    lane: Mapped[str] = mapped_column(String(40))
    priority: Mapped[str] = mapped_column(String(1))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    call: Mapped[str | None] = mapped_column(Sealed)
    """`bot.store.calls.Call` as JSON; blanked when finished."""
    method: Mapped[str] = mapped_column(String(32))
    purpose: Mapped[str] = mapped_column(String(16))
    """What is to be booked when it is sent: see `bot.store.outbox.Purpose`."""
    speech: Mapped[bool] = mapped_column(Boolean, default=False)
    """The bot's own words to the shopkeeper: withheld from the moment a claim commits."""
    person_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    case_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    """The `messages` row it carries."""
    state: Mapped[str] = mapped_column(String(10), default=SendState.QUEUED)
    worker: Mapped[str] = mapped_column(String(40), default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(Utc)
    created_at: Mapped[datetime] = mapped_column(Utc)
    begun_at: Mapped[datetime | None] = mapped_column(Utc)
    finished_at: Mapped[datetime | None] = mapped_column(Utc)
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    result_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    error: Mapped[str] = mapped_column(String(200), default="")
