"""The outbox: what is to be sent, written in the same transaction as the state that caused it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Table, bindparam, exists, select, update
from sqlalchemy.orm import Session

from bot.store import inbox
from bot.store.calls import CALL, AnswerTap, Call, SendAlbum
from bot.store.models import CopyRow, InboxRow, InboxState, Message, OutboxRow, Priority, SendState
from bot.store.rows import line, put


class Purpose(StrEnum):
    """What is to be booked once a call has been answered.

    `reply`: the bot's message in the private chat; `relay`: a copy of `message_id` on the other side;
    `topic`: the case's topic came to be; `card`: the case's card was sent; `alert`: an angel was alarmed;
    `farewell`: the last words to somebody who was erased (the row itself goes once they are said); `plain`: nothing.
    """

    REPLY = "reply"
    RELAY = "relay"
    TOPIC = "topic"
    CARD = "card"
    ALERT = "alert"
    FAREWELL = "farewell"
    PLAIN = "plain"


_FRESH = "freshly_queued"
_ALBUM = "sendMediaGroup"
ALBUM = "album:"
ALBUM_LOOK = timedelta(seconds=0.3)
ALBUM_AFTER_START = timedelta(seconds=3)
ALBUM_PATIENCE = timedelta(minutes=1)
"""Longest wait for an album's items that never come."""


@dataclass(frozen=True, slots=True)
class Order:
    """A call to be made, with what its booking needs.

    Attributes:
        call: What to ask of Telegram.
        lane: Calls of a lane keep their order: `private:<chat_id>`, `case:<id>`, `card:<id>`, `service`.
        priority: Its place in the group's budget.
        purpose: What to book.
        key: Idempotency key; a second order with a key that exists is dropped. "" makes a new one.
        speech: The bot's own words to the shopkeeper, withheld once a claim commits.
        person_id: Whom it concerns (for erasure and for a claim to find speech in flight).
        case_id: The case, if any.
        message_id: The transcript row it carries.
        delay: Not before this long from now.
        coalesce: Replace the call of a queued row with the same key prefix instead of queueing another.
    """

    call: Call
    lane: str
    priority: Priority = Priority.RELAY
    purpose: Purpose = Purpose.PLAIN
    key: str = ""
    speech: bool = False
    person_id: int | None = None
    case_id: int | None = None
    message_id: int | None = None
    delay: timedelta = timedelta()
    coalesce: bool = False


def private_lane(chat_id: int) -> str:
    """Everything to one private chat, in order."""
    return f"private:{chat_id}"


def case_lane(case_id: int) -> str:
    """Everything into one case's topic that must keep its order."""
    return f"case:{case_id}"


class Due(NamedTuple):
    """The head of a lane: enough to decide whether it goes now, without opening what it says.

    `weight`: as how many messages Telegram counts it; only albums are opened to know.
    """

    id: int
    lane: str
    chat_id: int
    method: str
    priority: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Begun:
    """A row that has been marked as leaving.

    Attributes:
        call: What it asks, as JSON.
        case_id: The case whose numbers it needs, if any.
    """

    call: str
    case_id: int | None


# Statements of every turn are built once, and on the tables: building one costs more than running it.
_OUTBOX: Table = OutboxRow.__table__  # type: ignore[assignment]
_MESSAGES: Table = Message.__table__  # type: ignore[assignment]
_AHEAD = _OUTBOX.alias()
_EARLIER = exists().where(
    _AHEAD.c.lane == _OUTBOX.c.lane,
    _AHEAD.c.id < _OUTBOX.c.id,
    _AHEAD.c.state.in_((SendState.QUEUED, SendState.SENDING)),
)
_BY_KEY = select(OutboxRow).where(OutboxRow.key == bindparam("key"))
_DUE = (
    select(*(_OUTBOX.c[name] for name in Due._fields if name != "weight"))
    .where(
        _OUTBOX.c.state == SendState.QUEUED,
        _OUTBOX.c.due_at <= bindparam("now"),
        _OUTBOX.c.chat_id.not_in(bindparam("besides", expanding=True)),
        ~_EARLIER,
    )
    .order_by(_OUTBOX.c.priority, _OUTBOX.c.id)
    .limit(bindparam("most"))
)
_BEGIN = (
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("row"), _OUTBOX.c.state == SendState.QUEUED, ~_EARLIER)
    .values(
        state=SendState.SENDING,
        worker=bindparam("by"),
        begun_at=bindparam("now"),
        attempts=_OUTBOX.c.attempts + 1,
    )
    .returning(_OUTBOX.c.call, _OUTBOX.c.case_id)
)
_BEGIN_AT_ONCE = _BEGIN.where(_OUTBOX.c.purpose != Purpose.TOPIC, _OUTBOX.c.key.not_like(f"{ALBUM}%"))
"""What waits for nothing that may still have to come in."""
_ARRIVED = (
    update(_OUTBOX)
    .where(
        _OUTBOX.c.id == bindparam("row"),
        _OUTBOX.c.state == SendState.SENDING,
        _OUTBOX.c.worker == bindparam("by"),
        _OUTBOX.c.purpose == Purpose.REPLY,
        _OUTBOX.c.case_id.is_(None),
    )
    .values(state=SendState.SENT, result_ids=bindparam("ids"), finished_at=bindparam("now"), call=None)
    .returning(_OUTBOX.c.message_id)
)
"""A reply that arrived: nearly all that is sent, and nothing is to be done about it but to write down its number."""
_NUMBERED = (
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("row"), _MESSAGES.c.telegram_id.is_(None))
    .values(telegram_id=bindparam("number"))
)


def enqueue(session: Session, order: Order, now: datetime) -> OutboxRow | None:
    """Write one order into the outbox.

    Args:
        session: The unit of work that also writes the state which caused the order.
        order: What to send.
        now: UTC.

    Returns:
        The row, or None when an order with this key had been written before.
    """
    call = order.call
    if order.key:
        row = session.scalar(_BY_KEY, {"key": order.key})
        if row is not None and not order.coalesce:
            return None
        if row is not None and row.state == SendState.QUEUED:
            row.call = CALL.dump_json(call).decode()
            row.method = call.method
            return row
        if row is not None:
            row.key = f"{row.key}#{row.id}"
            session.flush()
    row = put(
        session,
        OutboxRow,
        key=order.key or uuid.uuid4().hex,
        lane=order.lane,
        priority=order.priority,
        chat_id=call.chat_id,
        call=CALL.dump_json(call).decode(),
        method=call.method,
        purpose=order.purpose,
        speech=order.speech,
        person_id=order.person_id,
        case_id=order.case_id,
        message_id=order.message_id,
        due_at=now + order.delay,
        created_at=now,
    )
    if not order.delay:
        weight = len(call.items) if isinstance(call, SendAlbum) else 1
        session.info.setdefault(_FRESH, []).append(
            Due(row.id, row.lane, row.chat_id, row.method, row.priority, weight)
        )
    return row


def ordered(session: Session, key: str) -> bool:
    """True when an order with this key was written, sent or not."""
    return session.scalar(_BY_KEY, {"key": key}) is not None


def freshly_queued(session: Session) -> list[Due]:
    """What this unit of work has queued to go at once; to private chats it may be tried as soon as it is committed."""
    return list(session.info.get(_FRESH, ()))


def answer_tap(
    session: Session, query_id: str, now: datetime, text: str = "", *, alert: bool = False
) -> None:
    """Queue the answer to a tap; it waits for nothing else."""
    call = AnswerTap(query_id=query_id, text=text[:200], alert=alert)
    enqueue(session, Order(call, lane=f"tap:{query_id}", priority=Priority.ALARM, key=f"tap:{query_id}"), now)


def due_rows(session: Session, now: datetime, limit: int = 50, besides: Collection[int] = ()) -> list[Due]:
    """The head of every lane that may go out now, most important first.

    A lane whose head is being sent is not returned: the next call waits for the answer of the one before.

    Args:
        session: A unit of work.
        now: UTC.
        limit: How many at most.
        besides: Chats to which nothing may go now.
    """
    values = {"now": now, "most": limit, "besides": list(besides)}
    found = [Due(*row) for row in line(session).execute(_DUE, values)]
    return [due._replace(weight=_items(session, due.id)) if due.method == _ALBUM else due for due in found]


def _items(session: Session, row_id: int) -> int:
    row = session.get(OutboxRow, row_id)
    call = CALL.validate_json(row.call) if row is not None and row.call else None
    return len(call.items) if isinstance(call, SendAlbum) else 1


class Answered(NamedTuple):
    """A call to a group that Telegram may still count: how long ago it was answered, and as how many messages."""

    chat_id: int
    method: str
    ago: timedelta
    weight: int


def lately_answered(session: Session, now: datetime, within: timedelta) -> list[Answered]:
    """What went to groups in the last while, oldest first: whoever starts now must count it too."""
    query = (
        select(OutboxRow.chat_id, OutboxRow.method, OutboxRow.finished_at, OutboxRow.result_ids)
        .where(
            OutboxRow.chat_id < 0,
            OutboxRow.finished_at > now - within,
            OutboxRow.state.in_((SendState.SENT, SendState.UNCERTAIN)),
        )
        .order_by(OutboxRow.finished_at)
    )
    return [
        Answered(chat, method, now - at, max(1, len(ids or ())))
        for chat, method, at, ids in session.execute(query)
        if at is not None
    ]


def begin(session: Session, row_id: int, worker: str, now: datetime) -> Begun | None:
    """Mark a row as leaving.

    Returns:
        What is to be asked; None when somebody else was first, when it was withheld or overtaken meanwhile, or when
        it has been postponed because what it belongs to may still have to come in.
    """
    values = {"row": row_id, "by": worker, "now": now}
    begun = line(session).execute(_BEGIN_AT_ONCE, values).one_or_none()
    if begun is None and not gathers_more(session, row_id, now) and not may_show_itself(session, row_id, now):
        begun = line(session).execute(_BEGIN, values).one_or_none()
    return Begun(begun.call or "{}", begun.case_id) if begun is not None else None


def album_key(queue: int, album: str) -> str:
    """The key of an album that is being gathered from an inbox queue."""
    return f"{ALBUM}{queue}:{album}"[:80]


def gathers_more(session: Session, row_id: int, now: datetime) -> bool:
    """Postpone an album while its sender's queue is not worked off: the rest of it may be in there."""
    row = session.get(OutboxRow, row_id, populate_existing=True)
    if row is None or not row.key.startswith(ALBUM) or row.created_at < now - ALBUM_PATIENCE:
        return False
    if not inbox.behind(session, int(row.key.split(":")[1]), 0):
        return False
    row.due_at = now + ALBUM_LOOK
    return True


def may_show_itself(session: Session, row_id: int, now: datetime) -> bool:
    """Postpone the second creation of a topic while what came in is not worked off: the first may be in there."""
    row = session.get(OutboxRow, row_id, populate_existing=True)
    if (
        row is None
        or row.purpose != Purpose.TOPIC
        or not row.attempts
        or row.created_at < now - ALBUM_PATIENCE
    ):
        return False
    waiting = select(InboxRow.id).where(InboxRow.state == InboxState.WAITING, InboxRow.chat_id < 0)
    if session.scalar(waiting.limit(1)) is None:
        return False
    row.due_at = now + ALBUM_LOOK
    return True


def wait_for_albums(session: Session, now: datetime) -> None:
    """At a start, what is left of an album has still to be fetched from Telegram."""
    begun = update(OutboxRow).where(OutboxRow.key.startswith(ALBUM), OutboxRow.state == SendState.QUEUED)
    session.execute(begun.values(due_at=now + ALBUM_AFTER_START))


def not_begun(session: Session, row_id: int, worker: str) -> None:
    """Undo `begin` for a request that certainly never left."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.state == SendState.SENDING, OutboxRow.worker == worker)
        .values(state=SendState.QUEUED)
    )


def sending_workers(session: Session) -> set[str]:
    """The workers that have requests under way."""
    query = select(OutboxRow.worker).where(OutboxRow.state == SendState.SENDING)
    return set(session.scalars(query.distinct()))


def withhold_speech(session: Session, person_id: int, now: datetime) -> int:
    """Stop the bot's queued words to a person (a claim is about to commit); returns how many."""
    changed = session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.person_id == person_id,
            OutboxRow.speech.is_(True),
            OutboxRow.state == SendState.QUEUED,
        )
        .values(state=SendState.WITHHELD, finished_at=now, call=None)
    )
    return int(changed.rowcount)  # type: ignore[attr-defined]


def speech_in_flight(session: Session, person_id: int) -> bool:
    """True while a word of the bot to this person has left and is not answered: a claim waits for it."""
    query = select(OutboxRow.id).where(
        OutboxRow.person_id == person_id,
        OutboxRow.speech.is_(True),
        OutboxRow.state == SendState.SENDING,
    )
    return session.scalar(query.limit(1)) is not None


def arrived(session: Session, row_id: int, worker: str, ids: Sequence[int], now: datetime) -> bool:
    """Book a reply of the bot that Telegram took; False when it is something else, or somebody booked it before."""
    values = {"row": row_id, "by": worker, "ids": list(ids), "now": now}
    booked = line(session).execute(_ARRIVED, values).one_or_none()
    if booked is None:
        return False
    if booked.message_id is not None and ids:
        line(session).execute(_NUMBERED, {"row": booked.message_id, "number": ids[0]})
    return True


def book_ids(session: Session, row: OutboxRow, ids: list[int]) -> None:
    """Book the message_ids that Telegram gave: the original's own, or a copy's."""
    if row.message_id is None or not ids:
        return
    if row.purpose == Purpose.REPLY:
        line(session).execute(_NUMBERED, {"row": row.message_id, "number": ids[0]})
    elif row.purpose == Purpose.RELAY:
        for number in ids:
            session.add(CopyRow(message_id=row.message_id, chat_id=row.chat_id, telegram_id=number))
