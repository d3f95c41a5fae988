"""Fills a database in bulk, through the store's own models, with conversations as the engine would have left them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bot.bench.people import Turn, shared, talk
from bot.conversation import Library, State
from bot.conversation.clock import ROME
from bot.conversation.state import dump
from bot.privacy.retention import DONE
from bot.store.content import Content
from bot.store.conversations import fact_columns
from bot.store.crypto import Keyring, keyring
from bot.store.database import Database
from bot.store.models import (
    Author,
    Base,
    Case,
    CaseState,
    ConsentRow,
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
    StoredFact,
    Timer,
)

SYNTHETIC = 5_000_000_000
"""Telegram ids of people whom nobody plays begin here."""

CHUNK = 500
"""People a transaction."""

TALKS = 8
"""How many different conversations the synthetic people share."""


def seal_once() -> None:
    """The synthetic people share a few texts: each is sealed once with the keys just loaded, and stored many times."""
    keyring.seal = lru_cache(maxsize=100_000)(partial(Keyring.seal, keyring))  # type: ignore[method-assign]


Rows = dict[type[Base], list[dict[str, Any]]]


@dataclass
class _Counters:
    """The next id of each table; bulk rows name theirs, so that rows may refer to each other."""

    next: dict[type[Base], itertools.count[int]]

    @classmethod
    def of(cls, session: Session) -> _Counters:
        tables = (Person, Conversation, Message, Case, OutboxRow, InboxRow)
        found = {table: session.scalar(select(func.max(table.id))) or 0 for table in tables}
        return cls({table: itertools.count(highest + 1) for table, highest in found.items()})

    def take(self, table: type[Base]) -> int:
        return next(self.next[table])


def settle_house(session: Session, now: datetime) -> None:
    """Tonight's purge has been done, so that no measure meets it."""
    session.merge(Setting(name=DONE, value=now.astimezone(ROME).date().isoformat()))


def populate(
    database: Database,
    library: Library,
    people: Sequence[int] | int,
    now: datetime,
    *,
    turns: int = 5,
    bot_id: int = 0,
) -> None:
    """Store conversations, and what is kept beside them.

    Args:
        database: Where.
        library: The scripts.
        people: Telegram ids, or how many synthetic ones.
        now: The present; all this happened in the last three weeks.
        turns: Messages of the person in each.
        bot_id: Whose inbox.
    """
    ids: Iterable[int] = range(SYNTHETIC, SYNTHETIC + people) if isinstance(people, int) else people
    played = not isinstance(people, int)
    talks = [list(talk(library, turns if played else 2 + n % 4, now, 1000 * n)) for n in range(TALKS)]
    counters = database.work(_Counters.of)
    for chunk in _chunks(ids, CHUNK):
        rows: Rows = {}
        for chat_id in chunk:
            at = now - timedelta(minutes=60 + (chat_id % 20_000))
            closed = not played and chat_id % 3 == 0
            _person(rows, counters, chat_id, talks[chat_id % TALKS], at, bot_id, closed=closed)
        database.work(lambda session, r=rows: _write(session, r))  # type: ignore[misc]
    database.work(lambda session: settle_house(session, now))


def _chunks(ids: Iterable[int], size: int) -> Iterator[list[int]]:
    source = iter(ids)
    while chunk := list(itertools.islice(source, size)):
        yield chunk


def _write(session: Session, rows: Rows) -> None:
    order = {table: place for place, table in enumerate(Base.metadata.sorted_tables)}
    for model in sorted(rows, key=lambda model: order[model.__table__]):  # type: ignore[index]
        session.execute(insert(model), rows[model])


def _person(
    rows: Rows,
    counters: _Counters,
    chat_id: int,
    turns: Sequence[Turn],
    at: datetime,
    bot_id: int,
    *,
    closed: bool,
) -> None:
    person, conversation = counters.take(Person), counters.take(Conversation)
    state = turns[-1].state
    add(rows, Person, id=person, user_id=chat_id, chat_id=chat_id, first_name="Carla", created_at=at)
    add(
        rows,
        Conversation,
        id=conversation,
        person_id=person,
        state=dump(state),
        started_at=at,
        heard_at=at,
        spoke_at=at,
        version=len(turns),
    )
    add(rows, ConsentRow, person_id=person, consent="ascolto", given=True, text_version="bench", at=at)
    for fact in state.sheet.facts:
        add(
            rows,
            StoredFact,
            conversation_id=conversation,
            need=1,
            recorded_at=at,
            **fact_columns(fact),
        )
    case = counters.take(Case) if closed else None
    if case is not None:
        add(
            rows,
            Case,
            id=case,
            conversation_id=conversation,
            person_id=person,
            need=1,
            state=CaseState.CLOSED,
            reason="fine",
            opened_at=at,
            closed_at=at,
            waited_seconds=600,
        )
    else:
        add(rows, Timer, subject=f"conversation:{conversation}", name="pause", due_at=at + timedelta(days=40))
    wrote(rows, counters, conversation, case, person, chat_id, turns, at, bot_id)


def wrote(
    rows: Rows,
    counters: _Counters,
    conversation: int,
    case: int | None,
    person: int,
    chat_id: int,
    turns: Iterable[Turn],
    at: datetime,
    bot_id: int,
    *,
    first: int = 1,
    topic: tuple[int, int] | None = None,
) -> None:
    """The rows that turns leave behind: transcript, processed updates, finished calls, copies in the topic.

    Args:
        rows: Where they are gathered.
        counters: Ids.
        conversation: Whose.
        case: The case they belong to.
        person: Whose.
        chat_id: The private chat.
        turns: What was said.
        at: When.
        bot_id: Whose inbox.
        first: Telegram's number of the first message.
        topic: Group and thread to which the person's words were copied.
    """
    number = first
    for turn in turns:
        update = counters.take(InboxRow)
        add(
            rows,
            InboxRow,
            id=update,
            bot_id=bot_id,
            update_id=-update,  # Telegram's own are positive
            chat_id=chat_id,
            body=None,
            received_at=at,
            state=InboxState.DONE,
            gather=True,
            done_at=at,
        )
        spoken = ((Author.SHOPKEEPER, turn.said), *((Author.BOT, text) for text in turn.answers))
        for author, text in spoken:
            message = counters.take(Message)
            add(
                rows,
                Message,
                id=message,
                conversation_id=conversation,
                case_id=case,
                author=author,
                chat_id=chat_id,
                telegram_id=number,
                content=Content(text=text).model_dump_json(exclude_defaults=True),
                at=at,
            )
            if author is Author.BOT:
                _sent(
                    rows, counters, f"private:{chat_id}", chat_id, "reply", person, case, message, number, at
                )
            elif topic is not None:
                group, thread = topic
                copy = 10_000_000 + message
                add(rows, CopyRow, message_id=message, chat_id=group, telegram_id=copy)
                _sent(rows, counters, f"case:{case}", group, "relay", person, case, message, copy, at, thread)
            number += 1


def _sent(
    rows: Rows,
    counters: _Counters,
    lane: str,
    chat_id: int,
    purpose: str,
    person: int,
    case: int | None,
    message: int,
    number: int,
    at: datetime,
    thread: int | None = None,
) -> None:
    row = counters.take(OutboxRow)
    add(
        rows,
        OutboxRow,
        id=row,
        key=f"bench:{row}",
        lane=lane,
        priority=Priority.RELAY,
        chat_id=chat_id,
        call=None,
        method="sendMessage",
        purpose=purpose,
        speech=purpose == "reply",
        person_id=person,
        case_id=case,
        message_id=message,
        state=SendState.SENT,
        attempts=1,
        due_at=at,
        created_at=at,
        finished_at=at,
        thread_id=thread,
        result_ids=[number],
    )


def add(rows: Rows, table: type[Base], **values: Any) -> None:
    """Gather one row; what is not named takes the model's default."""
    rows.setdefault(table, []).append(values)


def lengthen(
    database: Database, library: Library, chat_id: int, turns: int, now: datetime, bot_id: int
) -> State:
    """Make a conversation that exists so many turns longer, in the database and in its state.

    Args:
        database: Where; nobody else may be using it.
        library: The scripts.
        chat_id: Whose.
        turns: How many more.
        now: The present.
        bot_id: Whose inbox.

    Returns:
        The state at its end.
    """
    from bot.store.conversations import snapshot

    def unit(session: Session) -> State:
        snap = snapshot(session, chat_id)
        assert snap is not None
        counters, state = _Counters.of(session), snap.state
        case = session.scalar(select(Case).where(Case.conversation_id == snap.conversation.id))
        topic = (case.group_id, case.thread_id) if case and case.group_id and case.thread_id else None
        made = talk(library, turns, now - timedelta(seconds=41 * turns), 7, state)
        number = 1_000_000
        for chunk in iter(lambda: list(itertools.islice(made, 500)), []):
            rows: Rows = {}
            wrote(
                rows,
                counters,
                snap.conversation.id,
                case.id if case else None,
                snap.person.id,
                chat_id,
                chunk,
                now - timedelta(hours=3),
                bot_id,
                first=number,
                topic=topic,
            )
            number += sum(1 + len(turn.answers) for turn in chunk)
            _write(session, rows)
            state = chunk[-1].state
        snap.conversation.state = dump(state)
        snap.conversation.version += turns
        return state

    return database.work(unit)


__all__ = ["lengthen", "populate", "shared"]
