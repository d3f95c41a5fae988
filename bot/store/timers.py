"""Timers are rows: they survive a restart."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.orm import Session

from bot.store.models import Timer
from bot.store.rows import Spoken, line

# Statements of every turn are built once: building one costs more than running it.
_TIMERS: Table = Timer.__table__  # type: ignore[assignment]
_SET = Spoken.upsert(Timer, ("subject", "name"), "due_at")
_ONE = (_TIMERS.c.subject == bindparam("about"), _TIMERS.c.name == bindparam("what"))
_DROP_ALL = delete(_TIMERS).where(_ONE[0])
_DROP = delete(_TIMERS).where(*_ONE)
_CLAIM = _DROP.where(_TIMERS.c.due_at <= bindparam("now"))
_POSTPONE = update(_TIMERS).where(*_ONE).values(due_at=bindparam("due"))
_DUE = (
    select(_TIMERS.c.subject, _TIMERS.c.name)
    .where(_TIMERS.c.due_at <= bindparam("now"))
    .order_by(_TIMERS.c.due_at)
    .limit(bindparam("most"))
)


class DueTimer(NamedTuple):
    """A timer that has come due."""

    subject: str
    name: str


def set_timer(session: Session, subject: str, name: str, due: datetime) -> None:
    """Set or move a timer.

    Args:
        session: The unit of work.
        subject: `conversation:<id>`, `case:<id>` or `house`.
        name: What it is for.
        due: UTC.
    """
    line(session).execute(_SET.to(session), {"subject": subject, "name": name, "due_at": due})


def drop_timer(session: Session, subject: str, name: str | None = None) -> None:
    """Forget one timer, or all of a subject."""
    if name is None:
        line(session).execute(_DROP_ALL, {"about": subject})
    else:
        line(session).execute(_DROP, {"about": subject, "what": name})


def claim_timer(session: Session, subject: str, name: str, now: datetime) -> bool:
    """Take a due timer away to do it; False when another worker did, or when it was moved or dropped meanwhile."""
    values = {"about": subject, "what": name, "now": now}
    return bool(line(session).execute(_CLAIM, values).rowcount)


def postpone_timer(session: Session, subject: str, name: str, due: datetime) -> None:
    """Move a timer that could not be done, if it is still there: it must not keep the others waiting."""
    line(session).execute(_POSTPONE, {"about": subject, "what": name, "due": due})


def due_timers(session: Session, now: datetime, limit: int = 50) -> list[DueTimer]:
    """Timers that have come due, oldest first."""
    return [DueTimer(*row) for row in line(session).execute(_DUE, {"now": now, "most": limit})]
