"""People and their conversations: load what a turn needs, save what it changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from bot.conversation.state import State, dump, load, new_state
from bot.conversation.types import Fact, FactId, How, Sheet
from bot.store.content import Content
from bot.store.database import ConflictError
from bot.store.models import (
    Author,
    Case,
    Conversation,
    CopyRow,
    Message,
    Person,
    SourceCount,
    StoredFact,
)
from bot.store.rows import line, put


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A person's conversation as it was read; `version` must still be the same when it is saved."""

    person: Person
    conversation: Conversation
    state: State
    version: int


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is looked at before a message is understood.

    Attributes:
        state: Where the conversation stands.
        written: The state as it is stored; what is still stored so need not be read again.
        barred: Its person is on the block list.
        case_state: The `CaseState` of its present need; None without a case.
    """

    state: State
    written: str
    barred: bool
    case_state: str | None


# Statements of every turn are built once: building one costs more than running it.
_PERSON = select(Person).where(Person.chat_id == bindparam("chat"))
_SNAPSHOT = select(Conversation, Person).join(Person, Person.id == Conversation.person_id)
_OF_CHAT = _SNAPSHOT.where(Person.chat_id == bindparam("number"))
_OF_ID = _SNAPSHOT.where(Conversation.id == bindparam("number"))
_OF_CHAT_LOCKED = _OF_CHAT.with_for_update(of=Conversation)
_OF_ID_LOCKED = _OF_ID.with_for_update(of=Conversation)
_PEOPLE: Table = Person.__table__  # type: ignore[assignment]
_CONVERSATIONS: Table = Conversation.__table__  # type: ignore[assignment]
_CASES: Table = Case.__table__  # type: ignore[assignment]
_GLIMPSE = (
    select(_CONVERSATIONS.c.state, _PEOPLE.c.barred, _CASES.c.state)
    .select_from(_PEOPLE.join(_CONVERSATIONS, _CONVERSATIONS.c.person_id == _PEOPLE.c.id))
    .outerjoin(
        _CASES,
        (_CASES.c.conversation_id == _CONVERSATIONS.c.id) & (_CASES.c.need == _CONVERSATIONS.c.need),
    )
    .where(_PEOPLE.c.chat_id == bindparam("chat"))
)
_SAVE = (
    update(_CONVERSATIONS)
    .where(_CONVERSATIONS.c.id == bindparam("number"), _CONVERSATIONS.c.version == bindparam("known"))
    .values(
        state=bindparam("dumped"),
        version=bindparam("following"),
        need=bindparam("present"),
        heard_at=bindparam("heard"),
        spoke_at=bindparam("spoke"),
    )
)
_MESSAGE = select(Message).where(
    Message.chat_id == bindparam("chat"), Message.telegram_id == bindparam("number")
)
_STORED: Table = StoredFact.__table__  # type: ignore[assignment]
_FACTS = select(_STORED).where(
    _STORED.c.conversation_id == bindparam("conversation"),
    _STORED.c.need == bindparam("need"),
    _STORED.c.current.is_(True),
)
_CHANGED_FACTS = _FACTS.where(_STORED.c.fact.in_(bindparam("names", expanding=True)))
_OUTDATED = update(_STORED).where(_STORED.c.id.in_(bindparam("ids", expanding=True))).values(current=False)


def find_person(session: Session, chat_id: int) -> Person | None:
    """Whoever talks in this private chat, if they ever did."""
    return session.scalar(_PERSON, {"chat": chat_id})


def glimpse(session: Session, chat_id: int) -> Glimpse | None:
    """What is known of a private chat before its message is understood, or None when nothing is."""
    found = line(session).execute(_GLIMPSE, {"chat": chat_id}).one_or_none()
    if found is None:
        return None
    written, barred, case_state = found
    return Glimpse(load(written), written, barred, case_state)


def snapshot(
    session: Session, chat_id: int, *, lock: bool = False, seen: Glimpse | None = None
) -> Snapshot | None:
    """The conversation of a private chat, or None when nothing is kept of it.

    Args:
        session: The unit of work.
        chat_id: The private chat.
        lock: Nobody else may change it until this unit of work ends (PostgreSQL: FOR UPDATE; SQLite's one
            writer is alone anyway).
        seen: What was read of it a moment ago.
    """
    return _snapshot(session, _OF_CHAT_LOCKED if lock else _OF_CHAT, chat_id, lock, seen)


def snapshot_of(session: Session, conversation_id: int, *, lock: bool = False) -> Snapshot | None:
    """The conversation with this number, or None when it was erased; `lock` as in `snapshot`."""
    return _snapshot(session, _OF_ID_LOCKED if lock else _OF_ID, conversation_id, lock)


def _snapshot(
    session: Session,
    query: Select[tuple[Conversation, Person]],
    number: int,
    lock: bool,
    seen: Glimpse | None = None,
) -> Snapshot | None:
    options = {"populate_existing": True} if lock else {}
    found = session.execute(query, {"number": number}, execution_options=options).one_or_none()
    if found is None:
        return None
    conversation, person = found
    same = seen is not None and seen.written == conversation.state
    state = seen.state if seen is not None and same else load(conversation.state)
    return Snapshot(person, conversation, state, conversation.version)


def begin_conversation(
    session: Session, user_id: int, chat_id: int, language_code: str, now: datetime, language: str = "it"
) -> Snapshot:
    """Somebody writes for the first time. Their name is not kept before they agree to be listened to."""
    person = Person(user_id=user_id, chat_id=chat_id, language_code=language_code[:16], created_at=now)
    session.add(person)
    session.flush()
    state = new_state(language)
    conversation = Conversation(person_id=person.id, state=dump(state), started_at=now)
    session.add(conversation)
    session.flush()
    return Snapshot(person, conversation, state, conversation.version)


def save(
    session: Session,
    before: Snapshot,
    state: State,
    need: int,
    now: datetime,
    *,
    heard: bool = False,
    spoke: bool = False,
) -> None:
    """Write a conversation's new state and the facts that changed.

    Args:
        session: The unit of work.
        before: The conversation as it was read.
        state: As it is from now on.
        need: Which need is talked about.
        now: UTC.
        heard: The person said something.
        spoke: The bot answers.

    Raises:
        ConflictError: It was changed since it was read.
    """
    conversation, need_before = before.conversation, before.conversation.need
    written = {
        "state": dump(state),
        "version": before.version + 1,
        "need": need,
        "heard_at": now if heard else conversation.heard_at,
        "spoke_at": now if spoke else conversation.spoke_at,
    }
    names = ("dumped", "following", "present", "heard", "spoke")
    values = dict(zip(names, written.values(), strict=True))
    changed = line(session).execute(_SAVE, {"number": conversation.id, "known": before.version, **values})
    if changed.rowcount != 1:
        raise ConflictError("the conversation was changed by another turn")
    # The row that this unit of work holds follows what was written past it.
    for name, value in written.items():
        set_committed_value(conversation, name, value)
    was, is_now = before.state.sheet, state.sheet
    if state.listening and (is_now != was or need != need_before):
        same_sheet = before.state.listening and need == need_before
        added = [fact for fact in is_now.facts if fact not in was.facts]
        if same_sheet and len(is_now.facts) == len(was.facts) + len(added):
            _add_facts(session, conversation.id, need, added, now)  # what is stored need not be opened for it
        else:
            changed_facts = {fact.fact for fact in {*is_now.facts} ^ {*was.facts}} if same_sheet else None
            _save_sheet(session, conversation.id, need, is_now, now, changed_facts)


def fact_columns(fact: Fact) -> dict[str, Any]:
    """A fact as the columns of `StoredFact`."""
    return {
        "fact": fact.fact,
        "value": fact.value,
        "words": fact.words,
        "detail": fact.detail,
        "ref": fact.ref,
        "how": fact.how,
        "certainty": fact.certainty,
        "voice": fact.voice,
    }


def _save_sheet(
    session: Session,
    conversation_id: int,
    need: int,
    sheet: Sheet,
    now: datetime,
    only: Collection[FactId] | None,
) -> None:
    """What is stored becomes this sheet; with `only`, of these facts: the others' words need not be opened."""
    about = {"conversation": conversation_id, "need": need}
    rows = (
        line(session).execute(_FACTS, about)
        if only is None
        else line(session).execute(_CHANGED_FACTS, {**about, "names": list(only)})
    )
    stored = {
        Fact(FactId(r.fact), r.value, r.words, r.ref, How(r.how), r.certainty, r.detail, r.voice): r.id
        for r in rows
    }
    facts = [fact for fact in sheet.facts if only is None or fact.fact in only]
    if gone := stored.keys() - set(facts):
        line(session).execute(_OUTDATED, {"ids": [stored[fact] for fact in gone]})
    _add_facts(session, conversation_id, need, [fact for fact in facts if fact not in stored], now)


def _add_facts(
    session: Session, conversation_id: int, need: int, facts: Sequence[Fact], now: datetime
) -> None:
    for fact in facts:
        put(
            session,
            StoredFact,
            conversation_id=conversation_id,
            need=need,
            recorded_at=now,
            **fact_columns(fact),
        )


def write_message(
    session: Session,
    *,
    conversation_id: int,
    case_id: int | None,
    author: Author,
    chat_id: int,
    telegram_id: int | None,
    content: Content,
    at: datetime,
    angel_id: int | None = None,
    reply_to: int | None = None,
    complete: bool = True,
) -> Message:
    """Add one message to the transcript."""
    return put(
        session,
        Message,
        conversation_id=conversation_id,
        case_id=case_id,
        author=author,
        angel_id=angel_id,
        chat_id=chat_id,
        telegram_id=telegram_id,
        reply_to=reply_to,
        content=content.model_dump_json(exclude_defaults=True),
        complete=complete,
        at=at,
    )


def find_message(session: Session, chat_id: int, telegram_id: int) -> Message | None:
    """The transcript row of a message, by its number in the chat where it was written."""
    return session.scalar(_MESSAGE, {"chat": chat_id, "number": telegram_id})


def seen_as(session: Session, chat_id: int, telegram_id: int) -> Message | None:
    """The transcript row of what a chat shows under this number: the original, or a copy from the other side."""
    found = find_message(session, chat_id, telegram_id)
    if found is not None:
        return found
    query = select(CopyRow.message_id).where(CopyRow.chat_id == chat_id, CopyRow.telegram_id == telegram_id)
    number = session.scalar(query)
    return session.get(Message, number) if number else None


def read_content(message: Message) -> Content:
    """What a stored message carries."""
    return Content.model_validate_json(message.content)


def count_start(session: Session, source: str, day: str) -> None:
    """Count a start that came through a shop-window code."""
    row = session.get(SourceCount, (source[:64], day))
    if row is None:
        session.add(SourceCount(source=source[:64], day=day, starts=1))
    else:
        row.starts += 1
