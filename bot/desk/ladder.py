"""Nobody answers: a ladder of rows that survives restarts, slower for ordinary cases, fast for alarms."""

from __future__ import annotations

from datetime import timedelta

from bot.conversation import State
from bot.conversation.types import WantPerson
from bot.desk import callbacks, topics
from bot.desk.work import Work
from bot.store.models import Case, CaseState
from bot.store.timers import set_timer


def begin(work: Work, case: Case, *, again: bool = False) -> None:
    """The person waits from now on; `again`: an angel had the case, and those who are on call stood down."""
    minutes = work.texts.words.ladder
    if case.alarm and case.alarm_handled_at is None:
        wait = timedelta() if again else timedelta(minutes=minutes.alarm_again)
        set_timer(work.session, f"case:{case.id}", "alarm", work.now + wait)
        return
    set_timer(
        work.session, f"case:{case.id}", "unclaimed", work.now + timedelta(minutes=minutes.unclaimed_group)
    )


def person_wanted(work: Work, case: Case, state: State, wish: WantPerson) -> None:
    """A person is asked for: the wait begins, unless somebody is there already."""
    if wish.callback and wish.at is None:  # a time that was chosen is the case's own, and "today" grows old
        case.next_step = wish.callback[:300]
    if case.state == CaseState.CLAIMED:
        if wish.callback:
            _tell(work, case, state, wish)
        return
    if case.state == CaseState.CALLBACK and not wish.callback:
        return  # the time that was chosen stands
    first = case.state != CaseState.WAITING
    case.state, case.waiting_since = CaseState.WAITING, case.waiting_since or work.now
    if wish.at is not None:
        callbacks.wish(work, case, wish.at)
    elif first:
        case.rung = 0
        begin(work, case)
    if first or wish.callback:
        _tell(work, case, state, wish)


def _tell(work: Work, case: Case, state: State, wish: WantPerson) -> None:
    who = topics.who(work, case, state)
    if not wish.callback:
        reason = work.texts.words.reasons.get(wish.reason, wish.reason)
        work.in_topic(case, work.texts.notice("wants_person", who=who, reason=reason))
        return
    words = callbacks.spoken(work, wish.at) if wish.at else wish.callback
    notice = work.texts.notice("wants_callback", who=who, words=words)
    slots = callbacks.choices(work, case, wished=wish.at)
    work.in_topic(case, f"{notice}\n{work.texts.notice('callback_choose')}", slots)


def person_wrote(work: Work, case: Case) -> None:
    """The shopkeeper of a claimed case waits for a word from now on."""
    if case.state != CaseState.CLAIMED or case.waiting_since is not None:
        return
    case.waiting_since = work.now
    minutes = work.texts.words.ladder.owner_reminder
    set_timer(work.session, f"case:{case.id}", "owner", work.now + timedelta(minutes=minutes))
