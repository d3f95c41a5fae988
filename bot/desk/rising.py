"""Rising distress while somebody waits: the case moves up, and the reason is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from bot.conversation import State
from bot.conversation.templates import in_language
from bot.conversation.types import FactId
from bot.desk import offers, topics
from bot.desk.work import Work, key_of
from bot.store.models import Audit, Case, CaseState, Priority
from bot.store.timers import set_timer

WEIGHT = {"stanco": 1, "preoccupato": 1, "deluso": 1, "arrabbiato": 2, "in_crisi": 3}
HEAVY = 2
"""From here on a mood that grew heavier moves the case up."""

SOON = timedelta(minutes=2)
MOVED = "moved_up"


def follow(work: Work, case: Case, before: State, after: State) -> None:
    """Compare what is known before and after a turn."""
    was, now = (s.sheet.value(FactId.COME_STA) for s in (before, after))
    if WEIGHT.get(now, 0) >= HEAVY and WEIGHT.get(now, 0) > WEIGHT.get(was, 0):
        value = work.library.book.facts[FactId.COME_STA].values[now]
        move_up(work, case, after, now, in_language(value.label, "it"))
    if after.sheet.value(FactId.TRUFFA_IN_CORSO) and not before.sheet.value(FactId.TRUFFA_IN_CORSO):
        move_up(work, case, after, "truffa_in_corso", work.texts.words.reasons["truffa_in_corso"])


def move_up(work: Work, case: Case, state: State, why: str, reason: str) -> None:
    """The case goes to the top of the ordinary queue, once for each reason.

    Args:
        work: The unit of work.
        case: Which.
        state: What is known.
        why: The reason's id, for the audit.
        reason: The reason as angels read it.
    """
    if case.state not in (CaseState.LISTENING, CaseState.WAITING) or not topics.visible(case, state):
        return
    known = select(Audit.id).where(Audit.case_id == case.id, Audit.action == MOVED, Audit.detail == why)
    if work.session.scalar(known.limit(1)) is not None:
        return
    work.audit("bot", MOVED, case, why)
    notice = work.texts.notice("rising", who=topics.who(work, case, state), reason=reason)
    work.in_topic(case, notice)
    if case.state == CaseState.WAITING:
        keys = ((key_of(work.texts.button("claim"), "claim", case.id),), *work.link(case))
        work.in_general(notice, keys, case=case, priority=Priority.RELAY, key=offers.key(case))
        if not case.alarm and case.rung == 0:
            set_timer(work.session, f"case:{case.id}", "unclaimed", work.now + SOON)


def first(work: Work, waiting: Iterable[Case]) -> list[Case]:
    """Alarms, then those that moved up, then the longest waiting."""
    found = list(waiting)
    query = select(Audit.case_id).where(Audit.action == MOVED, Audit.case_id.in_([c.id for c in found]))
    up = set(work.session.scalars(query))
    return sorted(found, key=lambda c: (not c.alarm, c.id not in up, c.waiting_since or work.now, c.id))
