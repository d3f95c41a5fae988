"""The inbox: updates are committed here before Telegram is told that they arrived."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from bot.store.models import InboxRow, InboxState, Setting
from bot.store.rows import Spoken, line

ROWS_AHEAD = 200
"""How far into the queue it is looked for chats with something to do."""

MAX_BURST = 30
"""Most messages of one burst that are answered at once."""

GROUP = -1
"""The queue of what happens in the group outside its topics, whatever the group's id at the time: a group that
becomes a supergroup goes on under another one. Each topic has a queue of its own, `-<thread>`."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update as the edge hands it over, already masked.

    Attributes:
        update_id: Telegram's number.
        chat_id: The chat in whose order it is processed.
        body: JSON of the update and of what was hidden in it.
        gather: Plain text that may be one of a burst.
        urgent: Goes before other chats' updates.
    """

    update_id: int
    chat_id: int
    body: str
    gather: bool
    urgent: bool


class Waiting(NamedTuple):
    """An update that waits for its turn."""

    id: int
    bot_id: int
    update_id: int
    chat_id: int
    body: str | None
    received_at: datetime
    gather: bool


# Statements of every turn are built once, and on the tables: building one costs more than running it, and so do
# the objects that nothing needs.
_INBOX: Table = InboxRow.__table__  # type: ignore[assignment]
_OF_CHAT = (_INBOX.c.chat_id == bindparam("chat"), _INBOX.c.state == InboxState.WAITING)
_ACCEPT = Spoken(
    ("bot_id", "update_id", "chat_id", "body", "gather", "urgent", "received_at", "state", "attempts"),
    lambda insert: insert(_INBOX).on_conflict_do_nothing(index_elements=["bot_id", "update_id"]),
)
_SETTING: Table = Setting.__table__  # type: ignore[assignment]
_OFFSET = select(_SETTING.c.value).where(_SETTING.c.name == bindparam("what"))
_MOVE_OFFSET = Spoken.upsert(Setting, ("name",), "value")
_QUEUE = (
    select(_INBOX.c.chat_id)
    .where(
        _INBOX.c.state == InboxState.WAITING,
        _INBOX.c.urgent == bindparam("urgent"),
        _INBOX.c.chat_id.not_in(bindparam("besides", expanding=True)),
    )
    .order_by(_INBOX.c.id)
    .limit(bindparam("most"))
)
_BATCH = (
    select(*(_INBOX.c[name] for name in Waiting._fields))
    .where(*_OF_CHAT)
    .order_by(_INBOX.c.id)
    .limit(MAX_BURST + 1)
)
_BEHIND = select(_INBOX.c.id).where(*_OF_CHAT).offset(bindparam("more")).limit(1)
_STILL = select(func.count()).where(
    _INBOX.c.id.in_(bindparam("ids", expanding=True)), _INBOX.c.state == InboxState.WAITING
)
_HELD = (
    select(InboxRow)
    .where(InboxRow.chat_id == bindparam("chat"), InboxRow.state == InboxState.HELD)
    .order_by(InboxRow.id)
)
_SETTLE = (
    update(_INBOX)
    .where(_INBOX.c.id.in_(bindparam("ids", expanding=True)), _INBOX.c.state == InboxState.WAITING)
    .values(state=bindparam("into"), done_at=bindparam("now"))
)
_SETTLE_BLANK = _SETTLE.values(body=None)


def accept(session: Session, bot_id: int, updates: Sequence[Incoming], now: datetime) -> int:
    """Commit updates; one that is already there is dropped.

    Returns:
        How many were new.
    """
    if not updates:
        return 0
    rows = [
        {
            "bot_id": bot_id,
            "update_id": u.update_id,
            "chat_id": u.chat_id,
            "body": u.body,
            "gather": u.gather,
            "urgent": u.urgent,
            "received_at": now,
            "state": InboxState.WAITING,
            "attempts": 0,
        }
        for u in updates
    ]
    return line(session).execute(_ACCEPT.to(session), rows).rowcount


def next_offset(session: Session, bot_id: int) -> int:
    """The offset for getUpdates: one past the highest update that is committed; 0 at first."""
    return int(line(session).scalar(_OFFSET, {"what": f"offset:{bot_id}"}) or 0)


def move_offset(session: Session, bot_id: int, offset: int) -> None:
    """Remember the offset, in the transaction that commits the updates before it."""
    line(session).execute(_MOVE_OFFSET.to(session), {"name": f"offset:{bot_id}", "value": str(offset)})


def next_in_queue(
    session: Session, besides: Collection[int] = (), limit: int = ROWS_AHEAD
) -> tuple[list[int], bool]:
    """The chats of the updates that come next: urgent ones first, then the longest waiting.

    Looks at the head of the queue only, so that it costs the same however many updates wait: a chat that comes
    up further behind is found once those before it are in `besides`.

    Args:
        session: A unit of work.
        besides: Chats that are being processed, or that are not to be looked at yet.
        limit: How many updates are looked at.

    Returns:
        A chat for each update, and whether more updates wait behind those that were looked at.
    """
    found: list[int] = []
    for urgent in (True, False):
        values = {"urgent": urgent, "besides": list(besides), "most": limit - len(found)}
        found += line(session).scalars(_QUEUE, values)
    return found, len(found) >= limit


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be processed in one turn: one update, or a burst of plain texts.

    Attributes:
        rows: Oldest first.
        quiet_at: Not to be processed before this time, because more of the burst may come; None when ready.
        behind: More updates of the chat wait than are answered in this turn.
        flood: More wait than are ever answered at once: a flood, or the end of an outage.
    """

    rows: tuple[Waiting, ...]
    quiet_at: datetime | None = None
    behind: bool = False
    flood: bool = False


def next_batch(session: Session, chat_id: int, now: datetime, quiet: timedelta) -> Batch:
    """The oldest update of a chat, with those that belong to the same burst.

    Args:
        session: A unit of work.
        chat_id: Whose.
        now: UTC.
        quiet: How long a burst must be silent to be complete; zero processes one by one.
    """
    waiting = [Waiting(*row) for row in line(session).execute(_BATCH, {"chat": chat_id})]
    burst = _burst(waiting[:MAX_BURST]) if quiet else waiting[:1]
    if not burst:
        return Batch(())
    quiet_at = burst[-1].received_at + quiet
    whole = not burst[-1].gather or len(burst) < len(waiting) or len(burst) == MAX_BURST
    complete = not quiet or whole or quiet_at <= now
    return Batch(
        tuple(burst),
        None if complete else quiet_at,
        behind=len(waiting) > len(burst),
        flood=len(waiting) > MAX_BURST,
    )


def _burst(waiting: Sequence[Waiting]) -> Sequence[Waiting]:
    """The first of them, and the plain texts after it when it is one."""
    texts = list(takewhile(lambda row: row.gather, waiting))
    return texts or waiting[:1]


def group_behind(session: Session) -> bool:
    """True while something that happened in the group outside its topics (a migration, say) is not yet processed."""
    return behind(session, GROUP, 0)


def behind(session: Session, chat_id: int, more_than: int = MAX_BURST) -> bool:
    """True while more updates of a chat wait than are answered at once: a flood, or the end of an outage."""
    return line(session).scalar(_BEHIND, {"chat": chat_id, "more": more_than}) is not None


def still_waiting(session: Session, ids: Sequence[int]) -> bool:
    """True while none of these updates was processed by another worker, or erased with its person."""
    return line(session).scalar(_STILL, {"ids": list(ids)}) == len(ids)


def settle(session: Session, ids: Sequence[int], state: InboxState, now: datetime) -> int:
    """Mark waiting updates as processed (their bodies are blanked) or held; returns how many were still waiting."""
    statement = _SETTLE if state is InboxState.HELD else _SETTLE_BLANK
    return line(session).execute(statement, {"ids": list(ids), "into": state, "now": now}).rowcount


def held(session: Session, chat_id: int) -> list[InboxRow]:
    """What a person said before consent, oldest first."""
    return list(session.scalars(_HELD, {"chat": chat_id}))


def rewrite_body(session: Session, row_id: int, body: str) -> None:
    """A held update is kept with what was understood of its sound, sealed and erased like the rest of it."""
    row = session.get(InboxRow, row_id)
    if row is not None and row.state == InboxState.HELD:
        row.body = body


def release_held(session: Session, chat_id: int, now: datetime) -> None:
    """Consent came, or was refused: what was held has become facts, or nothing; its words go."""
    session.execute(
        update(InboxRow)
        .where(InboxRow.chat_id == chat_id, InboxRow.state == InboxState.HELD)
        .values(state=InboxState.DONE, body=None, done_at=now)
    )


def expire_held(session: Session, before: datetime) -> int:
    """Erase what has waited for consent for too long; returns how many messages."""
    statement = (
        update(InboxRow)
        .where(InboxRow.state == InboxState.HELD, InboxRow.received_at < before)
        .values(state=InboxState.DONE, body=None)
    )
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def stumbled(session: Session, ids: Sequence[int], limit: int = 5) -> bool:
    """Count a failed try; after `limit` of them the updates are set aside as failed.

    Returns:
        True when they were set aside.
    """
    session.execute(update(InboxRow).where(InboxRow.id.in_(ids)).values(attempts=InboxRow.attempts + 1))
    statement = (
        update(InboxRow)
        .where(InboxRow.id.in_(ids), InboxRow.attempts >= limit, InboxRow.state == InboxState.WAITING)
        .values(state=InboxState.FAILED)
    )
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def forget_chat(session: Session, chat_id: int) -> None:
    """Erasure: nothing of this chat stays in the inbox."""
    session.execute(delete(InboxRow).where(InboxRow.chat_id == chat_id))
