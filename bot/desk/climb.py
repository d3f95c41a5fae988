"""What happens when a rung of the ladder is reached: rows in the database, so that a restart loses none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from bot.conversation.clock import ROME, in_rome, next_opening
from bot.conversation.types import Alarm, NobodyCame
from bot.desk import (
    alarms,
    callbacks,
    card,
    cases,
    claims,
    duty,
    hours,
    ladder,
    night,
    offers,
    roster,
    topics,
)
from bot.desk.events import ForConversation
from bot.desk.work import Work, key_of
from bot.store.calls import Key
from bot.store.conversations import Snapshot
from bot.store.models import Angel, Case, CaseState, Priority
from bot.store.timers import set_timer

Told = tuple[ForConversation, ...]

MORNING = time(8, 45)
NIGHT = time(3, 30)
ALARM_CALLS = 24
"""Most calls for one alarm: after that the coordinators know."""


def set_house_timers(work: Work) -> None:
    """The nightly reconciliation and the morning's list, each at its next time."""
    for name, at in (("nightly", NIGHT), ("morning", MORNING)):
        set_timer(work.session, "house", name, _next(work, at))


def _next(work: Work, at: time) -> datetime:
    now = in_rome(work.now)
    day = now.date() if now.time() < at else now.date() + timedelta(days=1)
    return datetime.combine(day, at, ROME).astimezone(UTC)


def elapsed(work: Work, subject: str, name: str) -> Told:
    """A timer of the desk has come due."""
    kind, _, number = subject.partition(":")
    if kind == "house":
        return _house(work, name)
    held = cases.locked(work.session, int(number)) if number.isdecimal() else None
    rung = RUNGS.get(name)
    if held is None or rung is None:
        return ()
    told = rung(work, *held)
    card.refresh(work, held[0], held[1].state)
    topics.refresh(work, held[0], held[1].state)
    return told


def _house(work: Work, name: str) -> Told:
    set_house_timers(work)
    if name == "nightly":
        duty.everybody_home(work)
        return night.reconcile(work)
    if name == "morning":
        duty.morning_list(work)
    return ()


def _wait(work: Work, case: Case) -> str:
    """How long the person has been waiting, as one says it."""
    return work.texts.span(work.now - (case.waiting_since or work.now))


def _postponed(work: Work, case: Case, name: str, first: float) -> bool:
    """Nobody is there: the ladder waits for the next opening. True when it does."""
    if hours.desk_open(work):
        return False
    opening = next_opening(work.library.hours, work.now)
    if opening is None:
        return False
    due = opening.astimezone(UTC) + timedelta(minutes=first)
    set_timer(work.session, f"case:{case.id}", name, due)
    return True


def _again(work: Work, case: Case, name: str, minutes: float) -> None:
    set_timer(work.session, f"case:{case.id}", name, work.now + timedelta(minutes=max(minutes, 0.5)))


def _claim_key(work: Work, case: Case, label: str = "claim") -> tuple[tuple[Key, ...], ...]:
    return ((key_of(work.texts.button(label), "claim", case.id),), *work.link(case))


# --- nobody has the case -----------------------------------------------------------------------------------------


def unclaimed(work: Work, case: Case, snap: Snapshot) -> Told:
    """Somebody waits and nobody took the case: the group, then the coordinators, then the truth."""
    if case.state != CaseState.WAITING:
        return ()
    steps = work.texts.words.ladder
    if _postponed(work, case, "unclaimed", steps.unclaimed_group):
        return ()
    case.rung += 1
    who, wait = topics.who(work, case, snap.state), _wait(work, case)
    keys = _claim_key(work, case)
    if case.rung == 1:
        notice = work.texts.notice("waiting_group", who=who, wait=wait)
        work.in_general(notice, keys, case=case, priority=Priority.RELAY, key=offers.key(case))
        for angel in roster.reachable(work.session, (a for a in roster.members(work.session) if a.on_duty)):
            work.to_angel(angel.user_id, notice, keys, case=case, key=offers.key(case))
        _again(work, case, "unclaimed", steps.unclaimed_coordinator - steps.unclaimed_group)
        return ()
    if case.rung == 2:
        notice = work.texts.notice("waiting_coordinator", who=who, wait=wait)
        for angel in roster.coordinators(work.session):
            work.to_angel(angel.user_id, notice, keys, case=case, key=offers.key(case))
        _again(work, case, "unclaimed", steps.unclaimed_truth - steps.unclaimed_coordinator)
        return ()
    quiet = "" if snap.state.may_write_first else "_quiet"
    notice = work.texts.notice(f"waiting_truth{quiet}", who=who, wait=wait)
    work.in_general(notice, keys, case=case, priority=Priority.RELAY, key=offers.key(case))
    for angel in roster.coordinators(work.session):
        work.to_angel(angel.user_id, notice, keys, case=case, key=offers.key(case))
    work.audit("bot", f"nobody_came{quiet}", case)
    return (ForConversation(snap.conversation.id, NobodyCame()),)


# --- the owner does not write ---------------------------------------------------------------------------------------


def silence(work: Work, case: Case, snap: Snapshot) -> Told:
    """Claimed, and not a word since: the claim lapses aloud, and the bot is present again."""
    if case.state != CaseState.CLAIMED or case.owner_wrote_at is not None:
        return ()
    return claims.lapse(work, case, snap, "lapsed")


def owner(work: Work, case: Case, snap: Snapshot) -> Told:
    """The shopkeeper waits for the owner's word: a private reminder, the coordinators, then it is free again."""
    angel = work.session.get(Angel, case.owner_id) if case.owner_id else None
    if case.state != CaseState.CLAIMED or case.waiting_since is None or angel is None:
        return ()
    steps = work.texts.words.ladder
    if not case.alarm and _postponed(work, case, "owner", steps.owner_reminder):
        return ()
    case.rung += 1
    who, wait = topics.who(work, case, snap.state), _wait(work, case)
    if case.rung == 1:
        notice = work.texts.notice("owner_reminder", who=who, wait=wait)
        if roster.reachable(work.session, [angel]):
            work.to_angel(angel.user_id, notice, work.link(case), case=case)
        else:
            mention = f'<a href="tg://user?id={angel.user_id}">👤</a> '
            work.in_topic(case, mention + notice)
        _again(work, case, "owner", steps.owner_coordinator - steps.owner_reminder)
        return ()
    if case.rung == 2:
        notice = work.texts.notice("owner_coordinator", who=who, wait=wait, angel=angel.name)
        for coordinator in roster.coordinators(work.session):
            work.to_angel(coordinator.user_id, notice, work.link(case), case=case)
        _again(work, case, "owner", steps.owner_requeue - steps.owner_coordinator)
        return ()
    return claims.lapse(work, case, snap, "requeued")


# --- alarms ---------------------------------------------------------------------------------------------------------


def alarm(work: Work, case: Case, snap: Snapshot) -> Told:
    """Nobody answered an alarm: everybody who can be reached, then the truth, then again and again."""
    if not case.alarm or case.state not in (CaseState.WAITING, CaseState.LISTENING):
        return ()
    steps = work.texts.words.ladder
    case.rung += 1
    words = work.texts.words.alarms[case.alarm]
    notice = work.texts.notice("alarm_again", alarm=words, wait=_wait(work, case))
    keys = _claim_key(work, case, "claim_alarm")
    work.in_general(notice, keys, case=case, priority=Priority.ALARM, key=offers.key(case))
    if case.rung <= ALARM_CALLS:
        alarms.call_out(work, case, roster.reachable(work.session, roster.members(work.session)))
    told: Told = ()
    if case.rung == 2:
        # Where somebody else may hold the telephone nothing is written unasked, and the notice says so.
        quiet = "" if snap.state.may_write_first else "_quiet"
        notice = work.texts.notice(f"alarm_truth{quiet}", alarm=words)
        work.in_topic(case, notice, priority=Priority.ALARM, lane=f"alert:{case.id}")
        work.audit("bot", f"nobody_came{quiet}", case, case.alarm)
        told = (ForConversation(snap.conversation.id, NobodyCame(Alarm(case.alarm))),)
    if case.rung < ALARM_CALLS:
        wait = steps.alarm_truth - steps.alarm_again if case.rung == 1 else steps.alarm_repeat
        _again(work, case, "alarm", wait)
    return told


def due(work: Work, case: Case, snap: Snapshot) -> Told:
    """A callback's or a snooze's time."""
    if case.state == CaseState.CLOSED:
        return ()
    callbacks.due(work, case)
    if case.state == CaseState.WAITING:
        case.rung = 0
        ladder.begin(work, case)
    elif case.state == CaseState.CLAIMED and case.waiting_since is not None:
        case.rung = 0
        _again(work, case, "owner", work.texts.words.ladder.owner_reminder)
    return ()


RUNGS: dict[str, Callable[[Work, Case, Snapshot], Told]] = {
    "unclaimed": unclaimed,
    "silence": silence,
    "owner": owner,
    "alarm": alarm,
    "due": due,
}
