"""Who is there now, when somebody will be, and how long people usually wait: said only when it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from statistics import median

from sqlalchemy import bindparam, select

from bot.conversation.clock import ROME, in_rome, is_open, next_opening
from bot.desk import roster
from bot.desk.roster import Presence
from bot.desk.work import Work
from bot.store.models import Case

THIN = 5
"""Fewer waits than this tell nothing."""

LOOKED_BACK = timedelta(days=28)

_WAITS = (
    select(Case.waited_seconds)
    .where(Case.waited_seconds.is_not(None), Case.opened_at > bindparam("since"))
    .order_by(Case.opened_at.desc())
    .limit(100)
)
"""The newest hundred, by an index: asked in every turn."""
SLOTS = 4
STEP = timedelta(hours=2)
DAYS_AHEAD = 2
AFTERNOON = timedelta(hours=5)
"""From opening to the afternoon's time."""


@dataclass(frozen=True, slots=True)
class DeskNow:
    """The desk at this moment.

    Attributes:
        desk_open: Somebody reads now.
        on_call: Somebody of the alarm rota can be reached.
        next_opening: When somebody reads next, UTC; None when open or unknown.
        usual_wait_minutes: Median wait of the last weeks; None while data is thin.
        slots: The next times at which somebody could call, UTC.
    """

    desk_open: bool
    on_call: bool
    next_opening: datetime | None
    usual_wait_minutes: int | None
    slots: tuple[datetime, ...] = ()


def moment(work: Work) -> DeskNow:
    """The desk as it is now."""
    members = roster.presences(work.session)
    open_now = desk_open(work, members)
    opening = None if open_now else next_opening(work.library.hours, work.now)
    return DeskNow(
        open_now,
        bool(roster.reachable(work.session, (a for a in members if a.on_call))),
        opening.astimezone(UTC) if opening else None,
        usual_wait(work),
        tuple(slots(work, opening)),
    )


def desk_open(work: Work, members: Sequence[Presence] | None = None) -> bool:
    """True when an angel is on duty, or within opening hours unless all who said so today went off duty."""
    members = roster.presences(work.session) if members is None else members
    if any(a.on_duty for a in members):
        return True
    return is_open(work.library.hours, work.now) and not any(_today(work, a) for a in members)


def _today(work: Work, angel: Presence) -> bool:
    changed = angel.duty_changed_at
    return changed is not None and in_rome(changed).date() == in_rome(work.now).date()


def usual_wait(work: Work) -> int | None:
    """Minutes, or None while data is thin."""
    found = work.session.scalars(_WAITS, {"since": work.now - LOOKED_BACK})
    waits = [seconds for seconds in found if seconds is not None]
    return round(median(waits) / 60) if len(waits) >= THIN else None


def slots(work: Work, first: datetime | None = None) -> list[datetime]:
    """The next times within opening hours, on the hour, two hours apart; UTC.

    Args:
        work: The unit of work.
        first: When somebody is there next; None = now.
    """
    found: list[datetime] = []
    at = first or in_rome(work.now).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while len(found) < SLOTS:
        if not is_open(work.library.hours, at):
            opening = next_opening(work.library.hours, at)
            if opening is None:
                break
            at = opening
        found.append(at.astimezone(UTC))
        at += STEP
    return found


def ahead(work: Work) -> list[datetime]:
    """The times among which an angel chooses: the next ones, then a morning and an afternoon of two more days; UTC."""
    found, hours = slots(work), work.library.hours
    for _ in range(DAYS_AHEAD if found else 0):
        night = datetime.combine(in_rome(found[-1]).date(), time(23, 59), ROME)
        opening = next_opening(hours, night)
        if opening is None:
            break
        times = (opening, opening + AFTERNOON)
        found += [at.astimezone(UTC) for at in times if is_open(hours, at)]
    return found
