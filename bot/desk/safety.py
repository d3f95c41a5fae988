"""Violence and extortion: what the angels are told of who else may hold the telephone, and the pause before a first word."""

from __future__ import annotations

from sqlalchemy import select

from bot.conversation import State
from bot.conversation.types import Safety
from bot.desk.work import Work
from bot.store.models import Audit, Case, OutboxRow, Priority
from bot.store.outbox import Purpose

WARNED = "safety_warned"


def line(work: Work, state: State) -> str:
    """What is known of who else reads, in one line; "" where no telephone may be watched."""
    if not state.watched:
        return ""
    return work.texts.words.safety["cleared" if state.cleared else state.safety.value or "unknown"]


def careful(state: State) -> bool:
    """True when they said that writing is not safe, or had the chat cleared."""
    return state.watched and (state.cleared or state.safety in (Safety.UNSAFE, Safety.UNSURE))


def warns_first(work: Work, case: Case, state: State) -> bool:
    """True once a claim, where writing is said to be unsafe: the first word to the person waits for a second yes."""
    if not careful(state):
        return False
    claim = f"claim:{case.claim}"
    known = select(Audit.id).where(Audit.case_id == case.id, Audit.action == WARNED, Audit.detail == claim)
    if work.session.scalar(known.limit(1)) is not None:
        return False
    work.audit("bot", WARNED, case, claim)
    return True


def follow(work: Work, case: Case, before: State, after: State) -> None:
    """What they say of it is told at once, in the topic and to those who were called."""
    told = line(work, after)
    if not told or not case.alarm or told == line(work, before) or not before.watched:
        return
    notice = work.texts.notice("safety", safety=told)
    work.in_topic(case, notice, priority=Priority.ALARM, lane=f"alert:{case.id}")
    if careful(after):
        called = select(OutboxRow.chat_id).where(
            OutboxRow.case_id == case.id, OutboxRow.purpose == Purpose.ALERT
        )
        for user_id in sorted(set(work.session.scalars(called))):
            work.to_angel(user_id, notice, work.link(case), case=case, priority=Priority.ALARM)
