"""People and their conversations: load what a turn needs, save what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from bot.conversation.state import State, dump, load, new_state
from bot.conversation.types import Fact, FactId, How, Sheet
from bot.store.content import Content
from bot.store.database import ConflictError
from bot.store.models import Author, Conversation, CopyRow, Message, Person, SourceCount, StoredFact


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A person's conversation as it was read; `version` must still be the same when it is saved."""

    person: Person
    conversation: Conversation
    state: State
    version: int


def find_person(session: Session, chat_id: int) -> Person | None:
    """Whoever talks in this private chat, if they ever did."""
    return session.scalar(select(Person).where(Person.chat_id == chat_id))


def snapshot(session: Session, chat_id: int, *, lock: bool = False) -> Snapshot | None:
    """The conversation of a private chat, or None when nothing is kept of it.

    Args:
        session: The unit of work.
        chat_id: The private chat.
        lock: Nobody else may change it until this unit of work ends (PostgreSQL: FOR UPDATE; SQLite's one
            writer is alone anyway).
    """
    return _snapshot(session, select(Conversation).join(Person).where(Person.chat_id == chat_id), lock)


def snapshot_of(session: Session, conversation_id: int, *, lock: bool = False) -> Snapshot | None:
    """The conversation with this number, or None when it was erased; `lock` as in `snapshot`."""
    return _snapshot(session, select(Conversation).where(Conversation.id == conversation_id), lock)


def _snapshot(session: Session, query: Select[tuple[Conversation]], lock: bool) -> Snapshot | None:
    if lock:
        query = query.with_for_update(of=Conversation).execution_options(populate_existing=True)
    conversation = session.scalar(query)
    if conversation is None:
        return None
    person = session.get_one(Person, conversation.person_id)
    return Snapshot(person, conversation, load(conversation.state), conversation.version)


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


def save(session: Session, before: Snapshot, state: State, need: int, now: datetime) -> None:
    """Write a conversation's new state and the facts that changed.

    Raises:
        ConflictError: It was changed since it was read.
    """
    changed = session.execute(
        update(Conversation)
        .where(Conversation.id == before.conversation.id, Conversation.version == before.version)
        .values(state=dump(state), version=before.version + 1, need=need)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError("the conversation was changed by another turn")
    if state.listening and (state.sheet != before.state.sheet or need != before.conversation.need):
        _save_sheet(session, before.conversation.id, need, state.sheet, now)


def _save_sheet(session: Session, conversation_id: int, need: int, sheet: Sheet, now: datetime) -> None:
    query = select(StoredFact).where(
        StoredFact.conversation_id == conversation_id, StoredFact.need == need, StoredFact.current.is_(True)
    )
    stored = {
        Fact(FactId(r.fact), r.value, r.words, r.ref, How(r.how), r.certainty, r.detail, r.voice): r
        for r in session.scalars(query)
    }
    for gone in stored.keys() - set(sheet.facts):
        stored[gone].current = False
    for new in sheet.facts:
        if new not in stored:
            session.add(
                StoredFact(
                    conversation_id=conversation_id,
                    need=need,
                    fact=new.fact,
                    value=new.value,
                    words=new.words,
                    detail=new.detail,
                    ref=new.ref,
                    how=new.how,
                    certainty=new.certainty,
                    voice=new.voice,
                    recorded_at=now,
                )
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
    row = Message(
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
    session.add(row)
    session.flush()
    return row


def find_message(session: Session, chat_id: int, telegram_id: int) -> Message | None:
    """The transcript row of a message, by its number in the chat where it was written."""
    return session.scalar(
        select(Message).where(Message.chat_id == chat_id, Message.telegram_id == telegram_id)
    )


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
