"""Retention (GDPR art. 5.1.e): what is no longer needed goes by rule, once a night.

The rules, in the order in which they are applied; each person in a transaction of their own:

1. closed cases older than `closed_months`, with their topic, their facts and their part of the transcript;
2. an alarm's words, once it has been handled: the flag stays, the words go, here and in the topic;
3. people with nothing under way: interrupted for `unfinished_days`, or an alarm without consent that was closed;
4. rows that only kept the machine going: inbox, outbox, audit, counts of starts, people who are no angels.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from bot.conversation.clock import ROME
from bot.conversation.state import dump, load
from bot.conversation.types import FactId
from bot.privacy.erasure import (
    Closing,
    delete_messages,
    erase_person,
    forget_cases,
    forget_strangers,
    recall,
)
from bot.store.calls import DeleteTopic
from bot.store.content import Content
from bot.store.conversations import read_content
from bot.store.database import Database
from bot.store.models import (
    Audit,
    Author,
    Case,
    CaseState,
    Conversation,
    CopyRow,
    InboxRow,
    InboxState,
    Message,
    OutboxRow,
    Person,
    Priority,
    SendState,
    Setting,
    SourceCount,
    StoredFact,
)
from bot.store.outbox import Order, enqueue

log = structlog.get_logger()

ALARM_AFTER = timedelta(days=7)
"""An alarm that an angel answered counts as handled so long after that answer, or as soon as its case is closed."""

INBOX = timedelta(days=7)
"""Telegram keeps updates for 24 hours (https://core.telegram.org/bots/api#getupdates): no older one comes twice."""

NIGHT = time(3, 0)
"""Rome's time after which a night's purge is due."""

DONE = "retention"
"""The setting that remembers the last night."""

OUTBOX = timedelta(days=30)
AUDIT_MONTHS = 24

_FINISHED = (
    SendState.SENT,
    SendState.UNCERTAIN,
    SendState.FAILED,
    SendState.BLOCKED,
    SendState.WITHHELD,
)
_BUSY = (CaseState.WAITING, CaseState.CLAIMED, CaseState.CALLBACK)


_OWN_WORDS = frozenset({FactId.COSA_SUCCEDE, FactId.COSA_VORREBBE})
"""Facts whose value is what the person said, word for word."""

_JOIN = "; "
"""How the sheet joins the pieces of a story (`bot.conversation.sheet`)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How long things are kept.

    Attributes:
        unfinished: Since a person's last word, where nobody is dealing with them.
        closed_months: Calendar months since a case was closed.
    """

    unfinished: timedelta = timedelta(days=30)
    closed_months: int = 12


@dataclass(frozen=True, slots=True)
class Purged:
    """What one night took away: numbers, never names.

    Attributes:
        people: Erased whole.
        cases: Closed cases whose time was over.
        alarms: Cases whose alarm's words were taken out.
        rows: Rows that only kept the machine going.
    """

    people: int = 0
    cases: int = 0
    alarms: int = 0
    rows: int = 0


def months_before(at: datetime, months: int) -> datetime:
    """The same day and time so many calendar months earlier, or that month's last day."""
    index = at.year * 12 + at.month - 1 - months
    year, month = divmod(index, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


async def purge(database: Database, rules: Rules, now: datetime, closing: Closing) -> Purged:
    """One night's work.

    Args:
        database: The store.
        rules: How long things are kept.
        now: UTC.
        closing: What the desk does when a person goes.

    Returns:
        How much went.
    """

    async def each(ids: Sequence[int], unit: Callable[[Session, int], bool]) -> int:
        done = 0
        for number in ids:
            done += await database.run(lambda session, n=number: unit(session, n))  # type: ignore[misc]
        return done

    old = await database.run(lambda session: _closed(session, months_before(now, rules.closed_months)))
    cases = await each(old, lambda session, n: _forget_case(session, n, now))
    handled = await database.run(lambda session: _handled_alarms(session, now))
    alarms = await each(handled, lambda session, n: _quiet_alarm(session, n, now))
    idle = await database.run(lambda session: _idle(session, now - rules.unfinished))
    people = await each(idle, lambda session, n: _forget_person(session, n, closing, now))
    rows = await database.run(lambda session: _sweep(session, now))
    await database.tidy()
    return Purged(people, cases, alarms, rows)


async def nightly(database: Database, rules: Rules, now: datetime, closing: Closing) -> Purged | None:
    """The night's purge, if this night's has not been done: after `NIGHT` in Rome, however often it is called.

    Which night was done is a row, so that a restart neither skips a night nor repeats one.
    """
    here = now.astimezone(ROME)
    night = (here if here.time() >= NIGHT else here - timedelta(days=1)).date().isoformat()
    done = await database.run(lambda session: session.get(Setting, DONE))
    if done is not None and done.value >= night:
        return None
    purged = await purge(database, rules, now, closing)
    await database.run(lambda session: session.merge(Setting(name=DONE, value=night)) and None)
    log.info("retention.done", **asdict(purged))
    return purged


# --- closed cases ----------------------------------------------------------------------------------------------


def _closed(session: Session, before: datetime) -> list[int]:
    query = select(Case.id).where(Case.state == CaseState.CLOSED, Case.closed_at < before)
    return list(session.scalars(query))


def _forget_case(session: Session, number: int, now: datetime) -> bool:
    """A closed case goes, with its topic, its facts and what was said until its end."""
    case = session.get(Case, number)
    if case is None or case.closed_at is None:
        return False
    person = session.get_one(Person, case.person_id)
    recall(session, OutboxRow.case_id == number, now, besides=person.chat_id)
    mine = Message.conversation_id == case.conversation_id
    session.execute(delete(Message).where(mine, Message.at <= case.closed_at))
    session.execute(
        delete(StoredFact).where(
            StoredFact.conversation_id == case.conversation_id, StoredFact.need <= case.need
        )
    )
    thread, group = case.thread_id, case.group_id
    forget_cases(session, [number])
    if thread is not None and group is not None:
        call = DeleteTopic(chat_id=group, thread_id=thread)
        enqueue(session, Order(call, "service", Priority.SERVICE), now)
    session.add(Audit(at=now, actor="retention", action="case_expired"))
    return True


# --- alarms ----------------------------------------------------------------------------------------------------


def _handled_alarms(session: Session, now: datetime) -> list[int]:
    query = select(Case.id).where(
        Case.alarm != "",
        (Case.state == CaseState.CLOSED) | (Case.alarm_handled_at < now - ALARM_AFTER),
    )
    return list(session.scalars(query))


def _quiet_alarm(session: Session, number: int, now: datetime) -> bool:
    """Take out what was said from the alarm until it was handled; the flag stays.

    Returns:
        True when there were words to take out.
    """
    case = session.get(Case, number)
    raised = session.scalar(
        select(func.min(Audit.at)).where(Audit.case_id == number, Audit.action == "alarm")
    )
    if case is None or raised is None:
        return False
    ends = [at for at in (case.alarm_handled_at, case.closed_at) if at is not None]
    query = select(Message).where(
        Message.conversation_id == case.conversation_id,
        Message.author == Author.SHOPKEEPER,
        Message.at >= raised,
        Message.at <= min(ends, default=now),
    )
    words = [(message, read_content(message)) for message in session.scalars(query)]
    loud = [(message, content) for message, content in words if content != Content(kind=content.kind)]
    for message, content in loud:
        message.content = Content(kind=content.kind).model_dump_json(exclude_defaults=True)
        message.complete = True  # nothing is left to be understood again
    _wordless(session, case.conversation_id, [t for _, c in loud for t in (c.text, c.transcript)])
    copies = select(CopyRow.chat_id, CopyRow.telegram_id).where(
        CopyRow.message_id.in_([message.id for message, _ in loud])
    )
    for chat_id, telegram_id in session.execute(copies):
        delete_messages(session, chat_id, [telegram_id], now)
    if loud:
        session.add(Audit(at=now, actor="retention", action="alarm_words", case_id=number))
    return bool(loud)


def _wordless(session: Session, conversation_id: int, texts: list[str]) -> None:
    """Facts keep their values and lose the words that stood in these messages; a story loses those pieces."""

    def without(words: str) -> str:
        pieces = words.split(_JOIN)
        return _JOIN.join(p for p in pieces if not any(p.casefold() in text for text in loud))

    loud = [text.casefold() for text in texts if text]
    query = select(StoredFact).where(StoredFact.conversation_id == conversation_id)
    for stored in session.scalars(query):
        stored.words, stored.detail = without(stored.words), without(stored.detail)
        if stored.fact in _OWN_WORDS:
            stored.value = without(stored.value)
            if not stored.value:
                session.delete(stored)
    conversation = session.get_one(Conversation, conversation_id)
    state = load(conversation.state)
    facts = tuple(
        replace(
            fact,
            value=without(fact.value) if fact.fact in _OWN_WORDS else fact.value,
            words=without(fact.words),
            detail=without(fact.detail),
        )
        for fact in state.notes.facts
    )
    facts = tuple(fact for fact in facts if fact.value)
    if facts != state.notes.facts:
        conversation.state = dump(replace(state, notes=replace(state.notes, facts=facts)))
        conversation.version += 1


# --- people ----------------------------------------------------------------------------------------------------


def _idle(session: Session, before: datetime) -> list[int]:
    """People with nothing under way and nothing to be kept for: interrupted, or an alarm without consent closed."""
    busy = exists().where(Case.person_id == Person.id, Case.state.in_(_BUSY))
    kept = exists().where(Case.person_id == Person.id, Case.state == CaseState.CLOSED)
    last = func.coalesce(Conversation.heard_at, Conversation.started_at)
    interrupted = (
        select(Person.id)
        .outerjoin(Conversation)
        .where(~busy, ~kept, func.coalesce(last, Person.created_at) < before, Person.barred.is_(False))
    )
    found = list(session.scalars(interrupted))
    alarmed = exists().where(Case.person_id == Person.id, Case.state == CaseState.CLOSED, Case.alarm != "")
    flagged = select(Person.id, Conversation.state).join(Conversation).where(alarmed, ~busy)
    for person_id, state in session.execute(flagged):
        if not load(state).listening and person_id not in found:
            found.append(person_id)
    return found


def _forget_person(session: Session, number: int, closing: Closing, now: datetime) -> bool:
    person = session.get(Person, number)
    if person is None:
        return False
    closing(session, person.id, now)
    erase_person(session, person, now, actor="retention")
    return True


# --- the machine's own rows --------------------------------------------------------------------------------------


def _sweep(session: Session, now: datetime) -> int:
    """Rows that nobody needs any more; returns how many."""
    years_ago = months_before(now, AUDIT_MONTHS)
    statements = (
        delete(InboxRow).where(
            InboxRow.state.in_((InboxState.DONE, InboxState.FAILED)), InboxRow.received_at < now - INBOX
        ),
        delete(OutboxRow).where(OutboxRow.state.in_(_FINISHED), OutboxRow.created_at < now - OUTBOX),
        # The query id of a tap holds the number of who tapped: it goes the next night.
        delete(OutboxRow).where(
            OutboxRow.state.in_(_FINISHED),
            OutboxRow.method == "answerCallbackQuery",
            OutboxRow.created_at < now - timedelta(days=1),
        ),
        delete(Audit).where(Audit.at < years_ago),
        delete(SourceCount).where(SourceCount.day < years_ago.date().isoformat()),
    )
    rows = forget_strangers(session)
    for statement in statements:
        rows += int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
    return rows
