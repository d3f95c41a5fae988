"""Nobody answers: a ladder of rows that survives restarts, slower for ordinary cases, fast for alarms."""

from __future__ import annotations

from datetime import timedelta

from bot.conversation import State
from bot.conversation.types import WantPerson
from bot.desk import callbacks, topics
from bot.desk.work import Work
from bot.store.models import Case, CaseState
from bot.store.timers import set_timer


def begin(work: Work, case: Case) -> None:
    """The person waits from now on."""
    minutes = work.texts.words.ladder
    if case.alarm and case.alarm_handled_at is None:
        set_timer(work.session, f"case:{case.id}", "alarm", work.now + timedelta(minutes=minutes.alarm_again))
        return
    set_timer(
        work.session, f"case:{case.id}", "unclaimed", work.now + timedelta(minutes=minutes.unclaimed_group)
    )


def person_wanted(work: Work, case: Case, state: State, wish: WantPerson) -> None:
    """A person is asked for: the wait begins, unless somebody is there already."""
    if wish.callback:
        case.next_step = wish.callback[:300]
    if case.state == CaseState.CLAIMED:
        return
    first = case.state != CaseState.WAITING
    case.state, case.waiting_since = CaseState.WAITING, case.waiting_since or work.now
    if first:
        case.rung = 0
        begin(work, case)
    who = topics.who(work, case, state)
    name = "wants_callback" if wish.callback else "wants_person"
    reason = work.texts.words.reasons.get(wish.reason, wish.reason)
    notice = work.texts.notice(name, who=who, reason=reason, words=wish.callback)
    if wish.callback:
        slots = callbacks.choices(work, case)
        work.in_topic(case, f"{notice}\n{work.texts.notice('callback_choose')}", slots)
    elif first:
        work.in_topic(case, notice)


def person_wrote(work: Work, case: Case) -> None:
    """The shopkeeper of a claimed case waits for a word from now on."""
    if case.state != CaseState.CLAIMED or case.waiting_since is not None:
        return
    case.waiting_since = work.now
    minutes = work.texts.words.ladder.owner_reminder
    set_timer(work.session, f"case:{case.id}", "owner", work.now + timedelta(minutes=minutes))
