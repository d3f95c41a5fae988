"""On and off duty, my cases, the morning's list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from bot.conversation.clock import in_rome, is_open, next_opening
from bot.desk import callbacks, rising, roster, topics
from bot.desk.work import Work, key_of, topic_url
from bot.store.calls import Keyboard
from bot.store.models import Angel, Case, CaseState

SHOWN = 15
LOOKED_AT = 500


def of_angel(work: Work, angel: Angel) -> list[Case]:
    """An angel's cases, the longest waiting first."""
    query = select(Case).where(Case.owner_id == angel.id, Case.state != CaseState.CLOSED)
    longest = func.coalesce(Case.waiting_since, work.now + timedelta(days=365))
    return list(work.session.scalars(query.order_by(longest, Case.id).limit(SHOWN)))


def free_cases(work: Work) -> list[Case]:
    """Cases that wait for anybody, alarms first, then where distress rises, then the longest waiting."""
    query = select(Case).where(Case.state == CaseState.WAITING, Case.topic_no > 0)
    longest = query.order_by(Case.waiting_since, Case.id).limit(LOOKED_AT)
    return rising.first(work, work.session.scalars(longest))[:SHOWN]


def listed(work: Work, cases: list[Case]) -> str:
    """Cases as lines: title, since when they wait, next step, due time."""
    return "\n".join(
        work.texts.notice(
            "my_case",
            number=number,
            title=case.topic_title,
            url=topic_url(case),
            since=topics.since(work, case),
            step=case.next_step,
            due=callbacks.spoken(work, case.due_at) if case.due_at else "",
        )
        for number, case in enumerate(cases, 1)
    )


def my_cases(work: Work, angel: Angel) -> str:
    """The angel's cases, then those that nobody has."""
    mine, free = of_angel(work, angel), free_cases(work)
    parts = (
        [work.texts.notice("my_cases"), listed(work, mine)] if mine else [work.texts.notice("my_cases_none")]
    )
    if free:
        parts += ["", work.texts.notice("free_cases"), listed(work, free)]
    return "\n".join(parts)


def toggle(work: Work, angel: Angel) -> tuple[str, Keyboard]:
    """Come on or go off duty; going off asks what happens to every open case."""
    angel.on_duty, angel.duty_changed_at = not angel.on_duty, work.now
    work.audit(f"angel:{angel.id}", "on_duty" if angel.on_duty else "off_duty")
    if angel.on_duty:
        return work.texts.notice("duty_on"), ()
    mine = of_angel(work, angel)
    if not mine:
        return work.texts.notice("duty_off"), ()
    text = f"{work.texts.notice('duty_off_open')}\n{listed(work, mine)}"
    return text, choices(work, mine)


def undecided(work: Work, angel: Angel) -> list[Case]:
    """An angel's cases that have no time of their own."""
    return [case for case in of_angel(work, angel) if case.due_at is None]


def choices(work: Work, mine: list[Case]) -> Keyboard:
    """For each case: hand it over, or put it off to the next opening."""
    when, rows = callbacks.spoken(work, next_morning(work)), []
    for case in mine[:8]:
        title = case.topic_title[:30]
        rows += [
            (key_of(work.texts.button("hand_over", title=title), "hand", case.id),),
            (key_of(work.texts.button("put_off", when=when, title=title), "later", case.id),),
        ]
    return tuple(rows)


def next_morning(work: Work) -> datetime:
    """The next opening, or this time tomorrow."""
    opening = next_opening(work.library.hours, work.now)
    return (opening or work.now + timedelta(days=1)).astimezone(UTC)


def everybody_home(work: Work) -> None:
    """Nobody is on duty through the night: who forgot to say so is taken off."""
    for angel in roster.members(work.session):
        angel.on_duty = False


def morning_list(work: Work) -> None:
    """The day's list for the coordinators, on days when the desk opens."""
    noon = in_rome(work.now).replace(hour=12, minute=0)
    if not is_open(work.library.hours, noon):
        return
    end = in_rome(work.now).replace(hour=23, minute=59).astimezone(UTC)
    count = func.count(Case.id)
    waiting = work.session.scalar(select(count).where(Case.state == CaseState.WAITING)) or 0
    claimed = work.session.scalar(select(count).where(Case.state == CaseState.CLAIMED)) or 0
    callbacks_today = (
        work.session.scalar(select(count).where(Case.state == CaseState.CALLBACK, Case.due_at <= end)) or 0
    )
    text = work.texts.notice("morning", waiting=waiting, callbacks=callbacks_today, claimed=claimed)
    free = free_cases(work)
    if free:
        text = f"{text}\n{listed(work, free)}"
    booked = select(Case).where(Case.due_at <= end, Case.state != CaseState.CLOSED).order_by(Case.due_at)
    due = list(work.session.scalars(booked.limit(SHOWN)))
    if due:
        text = f"{text}\n\n{work.texts.notice('morning_due')}\n{listed(work, due)}"
    for angel in roster.coordinators(work.session):
        work.to_angel(angel.user_id, text)


def rota(work: Work) -> str:
    """Who answers alarms."""
    on_call = [a for a in roster.members(work.session) if a.on_call]
    ready = {a.id for a in roster.reachable(work.session, on_call)}
    lines = [
        "• " + work.texts.notice("rota_line", angel=a.name, reachable=a.id in ready) for a in on_call
    ] or [work.texts.notice("rota_none")]
    return "\n".join([work.texts.notice("rota"), *lines, work.texts.notice("rota_help")])
