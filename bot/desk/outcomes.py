"""Closing: with an outcome from the staff's list, one warm goodbye, and the audit of it."""

from __future__ import annotations

from sqlalchemy import select

from bot.conversation import State
from bot.conversation.types import Concluded, KeepFeedback
from bot.desk import card, notes, topics
from bot.desk.events import ForConversation
from bot.desk.work import Work, key_of
from bot.store.calls import CloseTopic, Keyboard
from bot.store.conversations import Snapshot
from bot.store.models import Angel, Case, CaseState
from bot.store.timers import drop_timer


def choices(work: Work, case: Case) -> Keyboard:
    """The outcomes as buttons, and a way back."""
    keys = [
        key_of(outcome.label, "out", case.id, name)
        for name, outcome in work.library.outcomes.outcomes.items()
    ]
    rows = tuple((key,) for key in keys)
    return (*rows, (key_of(work.texts.button("back"), "card", case.id),))


def close(work: Work, case: Case, angel: Angel, snap: Snapshot, outcome: str) -> tuple[ForConversation, ...]:
    """Close a case; the conversation says goodbye."""
    label = work.library.outcomes.outcomes[outcome].label
    noted = notes.noted_facts(work, case)
    case.state, case.closed_at, case.outcome = CaseState.CLOSED, work.now, outcome
    case.owner_id, case.waiting_since, case.due_at = None, None, None
    drop_timer(work.session, f"case:{case.id}")
    work.in_topic(case, work.texts.notice("closed", angel=angel.name, outcome=label), silent=True)
    work.audit(f"angel:{angel.id}", "closed", case, outcome)
    told = Concluded(outcome, after_alarm=bool(case.alarm), facts=noted)
    return (ForConversation(snap.conversation.id, told),)


def put_away(work: Work, case: Case, state: State) -> None:
    """The closed case's card, name and icon; then its topic is closed."""
    card.refresh(work, case, state, now=True)
    topics.refresh(work, case, state)
    if case.thread_id is not None and not case.topic_closed:
        case.topic_closed = True
        work.order(case, CloseTopic(chat_id=work.topic_chat(case), thread_of_case=True))


def feedback(work: Work, snap: Snapshot, state: State, given: KeepFeedback) -> None:
    """The person's answer to the one question after the end."""
    query = (
        select(Case)
        .where(Case.conversation_id == snap.conversation.id, Case.state == CaseState.CLOSED)
        .order_by(Case.closed_at.desc())
    )
    case = work.session.scalar(query.limit(1))
    if case is None or case.alarm:
        return
    if given.score is not None:
        case.rating = given.score
        work.in_topic(case, work.texts.notice("feedback", score=given.score), silent=True)
    if given.words:
        case.rating_words = given.words
        work.in_topic(case, work.texts.notice("feedback_words", words=given.words[:900]), silent=True)
    card.refresh(work, case, state, now=True)
