"""The desk's buttons: who may press them, and what each does. Forged and forwarded ones get a refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bot.desk import (
    callbacks,
    card,
    cases,
    chat,
    claims,
    duty,
    outcomes,
    roster,
    taps_words,
    topics,
    training,
)
from bot.desk.events import AngelTapped
from bot.desk.tap import Answer, Tap, answer, change_keys, owned
from bot.desk.work import Work, key_of
from bot.store.models import Angel, Case, CaseState


def tapped(work: Work, event: AngelTapped) -> Answer:
    """Answer a tap of the desk's."""
    angel = roster.member(work.session, event.who)
    if angel is None:
        work.answer(event.query_id, "refused")
        return ()
    if training.tapped(work, event):
        return ()
    parts = event.data.split(":", 3)
    verb = VERBS.get(parts[1]) if len(parts) >= 3 else None
    if verb is None or parts[0] != "d" or not parts[2].isdecimal() or len(parts[2]) > 15:
        work.answer(event.query_id, "stale")
        return ()
    held = cases.locked(work.session, int(parts[2]))
    if held is None or not _genuine(work, event, held[0]):
        work.answer(event.query_id, "stale")
        return ()
    if topics.hidden(held[0]):
        work.answer(event.query_id, "unshared")
        return ()
    tap = Tap(event, angel, *held, parts[3] if len(parts) == 4 else "")
    return verb(work, tap)


def _genuine(work: Work, event: AngelTapped, case: Case) -> bool:
    """The button stands where we put it: in the case's own topic, in General, or in the angel's own chat."""
    if event.chat_id == event.who.user_id:
        return True
    if event.chat_id != work.group:
        return False
    return event.thread_id is None or (event.thread_id == case.thread_id and case.group_id == event.chat_id)


def _claim(work: Work, tap: Tap) -> Answer:
    told = claims.claim(work, tap.case, tap.angel, tap.snap)
    if told is None:
        owner = cases.owner(work.session, tap.case)
        if tap.case.state == CaseState.CLOSED:
            return answer(work, tap, "closed")
        if owner is not None and owner.id == tap.angel.id:
            return answer(work, tap, "yours")
        return answer(work, tap, "already", angel=owner.name if owner else "…")
    here = tap.event.thread_id is not None and tap.event.thread_id == tap.case.thread_id
    answer(work, tap, "claimed" if here else "claimed_elsewhere")
    return told


def _who(work: Work, tap: Tap) -> Answer:
    owner = cases.owner(work.session, tap.case)
    return answer(work, tap, "already", angel=owner.name) if owner else answer(work, tap, "nobody")


def _give_back(work: Work, tap: Tap) -> Answer:
    if not owned(work, tap):
        return ()
    answer(work, tap, "given_back")
    return claims.give_back(work, tap.case, tap.angel, tap.snap)


def _release(work: Work, tap: Tap) -> Answer:
    if not owned(work, tap):
        return ()
    answer(work, tap, "released")
    return claims.release(work, tap.case, tap.angel, tap.snap)


def _choose_outcome(work: Work, tap: Tap) -> Answer:
    if owned(work, tap):
        change_keys(work, tap, outcomes.choices(work, tap.case))
        answer(work, tap, "choose_outcome")
    return ()


def _close(work: Work, tap: Tap) -> Answer:
    if tap.argument not in work.library.outcomes.outcomes:
        return answer(work, tap, "stale")
    if not owned(work, tap):
        return ()
    answer(work, tap, "closed_now")
    return outcomes.close(work, tap.case, tap.angel, tap.snap, tap.argument)


def _card(work: Work, tap: Tap) -> Answer:
    change_keys(work, tap, card.keyboard_of(work, tap.case))
    work.answer(tap.event.query_id, "shown")
    return ()


def _choose_angel(work: Work, tap: Tap) -> Answer:
    if not owned(work, tap):
        return ()
    others = roster.others(work.session, tap.case)
    if not others:
        return answer(work, tap, "nobody_else")
    rows = tuple((key_of(a.name, "to", tap.case.id, a.id),) for a in others[:20])
    change_keys(work, tap, (*rows, (key_of(work.texts.button("back"), "card", tap.case.id),)))
    return answer(work, tap, "choose_angel")


def _reassign(work: Work, tap: Tap) -> Answer:
    if not owned(work, tap):
        return ()
    other = work.session.get(Angel, int(tap.argument)) if tap.argument.isdecimal() else None
    if other is None or not other.member:
        return answer(work, tap, "stale")
    claims.reassign(work, tap.case, tap.angel, other)
    card.refresh(work, tap.case, tap.snap.state, now=True)
    return answer(work, tap, "reassigned", other=other.name)


def _reopen(work: Work, tap: Tap) -> Answer:
    if tap.case.state == CaseState.CLOSED:
        cases.reopen(work, tap.case)
        card.refresh(work, tap.case, tap.snap.state, now=True)
    return answer(work, tap, "reopened")


def _chat(work: Work, tap: Tap) -> Answer:
    chat.show(work, tap.case, tap.snap.state)
    return answer(work, tap, "shown")


def _time(tap: Tap) -> datetime | None:
    number = int(tap.argument) if tap.argument.isdecimal() and len(tap.argument) < 12 else 0
    return datetime.fromtimestamp(number, UTC) if number else None


def _call_back(work: Work, tap: Tap) -> Answer:
    at = _time(tap)
    if at is None or at <= work.now or tap.case.state == CaseState.CLOSED:
        return answer(work, tap, "stale")
    if tap.case.owner_id is not None and not owned(work, tap):
        return ()
    callbacks.book(work, tap.case, tap.angel, at)
    change_keys(work, tap, ())
    card.refresh(work, tap.case, tap.snap.state, now=True)
    topics.refresh(work, tap.case, tap.snap.state)
    return answer(work, tap, "booked")


def _snooze(work: Work, tap: Tap) -> Answer:
    at = _time(tap)
    if at is None or at <= work.now:
        return answer(work, tap, "stale")
    if owned(work, tap):
        callbacks.snooze(work, tap.case, tap.angel, at)
        change_keys(work, tap, ())
        card.refresh(work, tap.case, tap.snap.state, now=True)
        answer(work, tap, "booked")
    return ()


def _put_off(work: Work, tap: Tap) -> Answer:
    """From the list of one who goes off duty: the case waits for the next opening."""
    if owned(work, tap):
        callbacks.snooze(work, tap.case, tap.angel, duty.next_morning(work))
        card.refresh(work, tap.case, tap.snap.state, now=True)
        # What is still to be decided stays under the list, and nothing else.
        change_keys(work, tap, duty.choices(work, duty.undecided(work, tap.angel)))
        answer(work, tap, "booked")
    return ()


def _hand_over(work: Work, tap: Tap) -> Answer:
    """From the list of one who goes off duty: to whom."""
    if not owned(work, tap):
        return ()
    others = roster.others(work.session, tap.case)
    keys = tuple((key_of(a.name, "to", tap.case.id, a.id),) for a in others[:20])
    if not keys:
        return answer(work, tap, "nobody_else")
    if tap.event.chat_id == tap.angel.user_id:
        work.to_angel(tap.angel.user_id, work.texts.answer("choose_angel"), keys, case=tap.case)
    else:
        work.in_topic(tap.case, work.texts.answer("choose_angel"), keys, silent=True)
    return answer(work, tap, "choose_angel")


VERBS: dict[str, Callable[[Work, Tap], Answer]] = {
    **taps_words.VERBS,
    "claim": _claim,
    "who": _who,
    "back": _give_back,
    "free": _release,
    "close": _choose_outcome,
    "out": _close,
    "card": _card,
    "pass": _choose_angel,
    "to": _reassign,
    "reopen": _reopen,
    "chat": _chat,
    "call": _call_back,
    "snooze": _snooze,
    "hand": _hand_over,
    "later": _put_off,
}
