"""Timers are rows: they survive a restart."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from bot.store.models import Timer

# Statements of every turn are built once: building one costs more than running it.
_ONE = select(Timer).where(Timer.subject == bindparam("about"), Timer.name == bindparam("what"))
_DROP_ALL = delete(Timer).where(Timer.subject == bindparam("about"))
_DROP = _DROP_ALL.where(Timer.name == bindparam("what"))
_DUE = select(Timer).where(Timer.due_at <= bindparam("now")).order_by(Timer.due_at).limit(bindparam("most"))


def set_timer(session: Session, subject: str, name: str, due: datetime) -> None:
    """Set or move a timer.

    Args:
        session: The unit of work.
        subject: `conversation:<id>`, `case:<id>` or `house`.
        name: What it is for.
        due: UTC.
    """
    row = session.scalar(_ONE, {"about": subject, "what": name})
    if row is None:
        session.add(Timer(subject=subject, name=name, due_at=due))
        session.flush()
    else:
        row.due_at = due


def drop_timer(session: Session, subject: str, name: str | None = None) -> None:
    """Forget one timer, or all of a subject."""
    if name is None:
        session.execute(_DROP_ALL, {"about": subject})
    else:
        session.execute(_DROP, {"about": subject, "what": name})


def claim_timer(session: Session, subject: str, name: str, now: datetime) -> bool:
    """Take a due timer away to do it; False when another worker did, or when it was moved or dropped meanwhile."""
    query = delete(Timer).where(Timer.subject == subject, Timer.name == name, Timer.due_at <= now)
    return bool(session.execute(query).rowcount)  # type: ignore[attr-defined]


def postpone_timer(session: Session, subject: str, name: str, due: datetime) -> None:
    """Move a timer that could not be done, if it is still there: it must not keep the others waiting."""
    session.execute(update(Timer).where(Timer.subject == subject, Timer.name == name).values(due_at=due))


def due_timers(session: Session, now: datetime, limit: int = 50) -> list[Timer]:
    """Timers that have come due, oldest first."""
    return list(session.scalars(_DUE, {"now": now, "most": limit}))
