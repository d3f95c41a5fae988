"""Times as they are spoken in Milan: opening hours, greetings, whether a help line answers now.

Events carry UTC; everything a person reads is Europe/Rome, clock changes included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from bot.conversation.script import HelpLine, Hours, OpeningHours

ROME = ZoneInfo("Europe/Rome")
WEEKDAYS = ("lun", "mar", "mer", "gio", "ven", "sab", "dom")
SEARCHED_DAYS = 30


def in_rome(at: datetime) -> datetime:
    """The same instant on Milan's clock."""
    return at.astimezone(ROME)


@lru_cache(maxsize=16)
def _holidays(year: int, patron: bool) -> frozenset[date]:
    # The subdivision MI adds Sant'Ambrogio, 7 December, to Italy's national holidays.
    return frozenset(holidays.country_holidays("IT", subdiv="MI" if patron else None, years=year))


def _clock(text: str, day: date) -> datetime:
    hour, minute = (int(part) for part in text.split(":"))
    if hour == 24:
        return datetime.combine(day + timedelta(days=1), time(0, minute), ROME)
    return datetime.combine(day, time(hour, minute), ROME)


def spans(hours: Iterable[Hours], day: date) -> Iterator[tuple[datetime, datetime]]:
    """The opening spans of one day, earliest first, in Rome's time."""
    found = [
        (_clock(h.opens, day), _clock(h.closes, day)) for h in hours if WEEKDAYS[day.weekday()] in h.days
    ]
    yield from sorted(found)


def closed_all_day(opening: OpeningHours, day: date) -> bool:
    """True on holidays, Sant'Ambrogio and the desk's own closures."""
    if opening.holidays and day in _holidays(day.year, opening.patron):
        return True
    return any(c.first <= day <= c.last for c in opening.closures)


def open_until(opening: OpeningHours, at: datetime) -> datetime | None:
    """When the desk closes, if `at` is within its opening hours; else None."""
    now = in_rome(at)
    if closed_all_day(opening, now.date()):
        return None
    return next((end for start, end in spans(opening.hours, now.date()) if start <= now < end), None)


def is_open(opening: OpeningHours, at: datetime) -> bool:
    """True within the desk's opening hours."""
    return open_until(opening, at) is not None


def next_opening(opening: OpeningHours, at: datetime) -> datetime | None:
    """When the desk opens next after `at` (UTC in, Rome out); None when it does not within a month."""
    now = in_rome(at)
    for offset in range(SEARCHED_DAYS):
        day = now.date() + timedelta(days=offset)
        if closed_all_day(opening, day):
            continue
        for start, _end in spans(opening.hours, day):
            if start > now:
                return start
    return None


def answers_now(line: HelpLine, at: datetime) -> bool:
    """True when a help line is known to answer at this instant."""
    now = in_rome(at)
    return line.always or any(
        start <= now < end
        for day in (now.date() - timedelta(days=1), now.date())
        for start, end in spans(line.hours, day)
    )


def part_of_day(at: datetime) -> str:
    """`morning`, `afternoon`, `evening` or `night`, for greetings and conditions."""
    hour = in_rome(at).hour
    if 5 <= hour < 13:
        return "morning"
    if hour < 18 and hour >= 13:
        return "afternoon"
    return "evening" if 18 <= hour < 23 else "night"


def spoken_time(at: datetime, language: str = "it") -> str:
    """An hour as it is read: `9` or `9.30` in Italian, `9:00` elsewhere."""
    local = in_rome(at)
    if language != "it":
        return f"{local.hour}:{local.minute:02d}"
    return f"{local.hour}" if local.minute == 0 else f"{local.hour}.{local.minute:02d}"
