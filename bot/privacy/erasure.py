"""Erasure (GDPR art. 17): everything about a person goes, in one transaction.

What Telegram shows of them goes too: the topics are deleted by `closing` (the desk's), and what angels were sent
elsewhere about this person (a direct message, a line in General) is deleted as far as Telegram allows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from bot.store import inbox
from bot.store.calls import DeleteMessages
from bot.store.models import (
    Angel,
    Audit,
    Case,
    Conversation,
    Message,
    OutboxRow,
    Person,
    Priority,
    SendState,
    Timer,
)
from bot.store.outbox import Order, enqueue

Closing = Callable[[Session, int, datetime], None]
"""What the desk does when a person goes: `bot.desk.Desk.closing_person`."""

DELETABLE = timedelta(hours=47)
"""Telegram lets a bot delete its messages of the last 48 hours (https://core.telegram.org/bots/api#deletemessage)."""


def erase_person(session: Session, person: Person, now: datetime, *, actor: str = "shopkeeper") -> None:
    """Delete a person's facts, messages, cases, consents, timers, what came in and what was to go out.

    The audit keeps that an erasure happened, and nothing that says whose.

    Args:
        session: The unit of work.
        person: Who goes.
        now: UTC.
        actor: Who asked for it: `shopkeeper`, `staff` or `retention`.
    """
    conversations = list(session.scalars(select(Conversation.id).where(Conversation.person_id == person.id)))
    cases = list(session.scalars(select(Case.id).where(Case.person_id == person.id)))
    session.execute(delete(Timer).where(Timer.subject.in_([f"conversation:{n}" for n in conversations])))
    recall(session, _about(person.id, cases), now, besides=person.chat_id)
    session.execute(delete(OutboxRow).where(_about(person.id, cases) | (OutboxRow.chat_id == person.chat_id)))
    inbox.forget_chat(session, person.chat_id)
    forget_cases(session, cases)
    _forget_stranger(session, person.user_id)
    session.execute(delete(Person).where(Person.id == person.id))
    session.add(Audit(at=now, actor=actor, action="erased", detail=""))
    session.flush()


def _about(person_id: int, cases: list[int]) -> ColumnElement[bool]:
    return or_(OutboxRow.person_id == person_id, OutboxRow.case_id.in_(cases))


def recall(session: Session, about: ColumnElement[bool], now: datetime, *, besides: int) -> None:
    """Take back what was sent about somebody outside their topic: direct messages to angels, lines in General.

    Args:
        session: The unit of work.
        about: Which outbox rows, as an SQL condition.
        now: UTC.
        besides: The person's own chat, which is theirs and is left alone.
    """
    query = select(OutboxRow.chat_id, OutboxRow.result_ids).where(
        about,
        OutboxRow.state == SendState.SENT,
        OutboxRow.chat_id != besides,
        OutboxRow.thread_id.is_(None),
        OutboxRow.created_at > now - DELETABLE,
        OutboxRow.method.like("send%"),
    )
    found: dict[int, list[int]] = defaultdict(list)
    for chat_id, ids in session.execute(query):
        found[chat_id] += ids
    for chat_id, ids in found.items():
        delete_messages(session, chat_id, ids, now)


def delete_messages(session: Session, chat_id: int, ids: Iterable[int], now: datetime) -> None:
    """Order the deletion of messages, a hundred at a time (https://core.telegram.org/bots/api#deletemessages)."""
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), 100):
        call = DeleteMessages(chat_id=chat_id, message_ids=tuple(ordered[start : start + 100]))
        enqueue(session, Order(call, "service", Priority.SERVICE), now)


def forget_cases(session: Session, cases: list[int]) -> None:
    """Delete cases with their timers; the audit keeps that things were done, and not in which case."""
    session.execute(delete(Timer).where(Timer.subject.in_([f"case:{number}" for number in cases])))
    session.execute(update(Audit).where(Audit.case_id.in_(cases)).values(case_id=None, detail=""))
    session.execute(delete(OutboxRow).where(OutboxRow.case_id.in_(cases)))
    session.execute(delete(Case).where(Case.id.in_(cases)))


def _forget_stranger(session: Session, user_id: int) -> None:
    """Somebody who tried an angel's button or link was looked up and written down as no member: that goes too."""
    session.execute(delete(Angel).where(Angel.user_id == user_id, Angel.member.is_(False)))


def forget_strangers(session: Session) -> int:
    """Delete those who are no members of the angels' group and left no trace in a transcript; returns how many."""
    wrote = exists().where(Message.angel_id == Angel.id)
    owns = exists().where(Case.owner_id == Angel.id)
    gone = session.execute(delete(Angel).where(Angel.member.is_(False), ~wrote, ~owns))
    return int(gone.rowcount)  # type: ignore[attr-defined]
