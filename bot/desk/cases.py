"""Cases: one per person and need; what state they are in and how they get there."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.conversation import State
from bot.conversation.types import CaseReason
from bot.desk.work import Work
from bot.store.calls import ReopenTopic
from bot.store.content import Content
from bot.store.conversations import Snapshot, read_content, snapshot_of
from bot.store.models import Angel, Author, Case, CaseState, Message, Setting

FORMER = "topic:"
"""Settings that remember whose a deleted topic was."""

OPEN_STATES = (CaseState.LISTENING, CaseState.WAITING, CaseState.CLAIMED, CaseState.CALLBACK)


_OF_NEED = select(Case).where(
    Case.conversation_id == bindparam("conversation"), Case.need == bindparam("need")
)
"""Asked in every turn: building a statement costs more than running it."""

_LOOKED_UP = "cases_looked_up"
"""Under this name a unit of work remembers the cases that it asked for: each turn asks four times for the same."""


def of_need(session: Session, conversation_id: int, need: int) -> Case | None:
    """The case of a need, closed or not."""
    known: dict[tuple[int, int], Case | None] = session.info.setdefault(_LOOKED_UP, {})
    which = (conversation_id, need)
    case = known.get(which)
    if which not in known or (case is not None and case not in session):  # it was erased meanwhile
        case = known[which] = session.scalar(_OF_NEED, {"conversation": conversation_id, "need": need})
    return case


def topic_gone(session: Session, case: Case, thread_id: int | None = None) -> None:
    """A topic (or the present one) is no longer the case's: what is written there is, all the same."""
    number = thread_id or case.thread_id
    if number is not None:
        session.merge(Setting(name=f"{FORMER}{number}", value=str(case.id)))


def current(session: Session, conversation_id: int, need: int) -> Case | None:
    """The case of a need that is neither closed nor taken out of the angels' sight."""
    case = of_need(session, conversation_id, need)
    gone = case is None or case.state == CaseState.CLOSED or (case.topic_closed and case.thread_id is None)
    return None if gone else case


def locked(session: Session, case_id: int) -> tuple[Case, Snapshot] | None:
    """A case and its conversation, held until this unit of work ends: always the conversation first."""
    case = session.get(Case, case_id)
    if case is None:
        return None
    snap = snapshot_of(session, case.conversation_id, lock=True)
    if snap is None:
        return None
    return session.get_one(Case, case_id, populate_existing=True, with_for_update=True), snap


def of_topic(session: Session, group_id: int, thread_id: int) -> Case | None:
    """The case that is talked about in a topic, or was until the topic was deleted."""
    found = session.scalar(select(Case).where(Case.group_id == group_id, Case.thread_id == thread_id))
    former = session.get(Setting, f"{FORMER}{thread_id}") if found is None else None
    case = session.get(Case, int(former.value)) if former is not None else None
    return case if case is not None and case.group_id == group_id else found


def owner(session: Session, case: Case) -> Angel | None:
    """Whoever takes care of it."""
    return session.get(Angel, case.owner_id) if case.owner_id else None


def earlier(session: Session, case: Case) -> list[Case]:
    """Cases of the same person's earlier needs, oldest first."""
    query = select(Case).where(Case.conversation_id == case.conversation_id, Case.need < case.need)
    return list(session.scalars(query.order_by(Case.need)))


def ensure(work: Work, snap: Snapshot, state: State, reason: CaseReason, need: int = 0) -> Case:
    """The case of the present need: found, opened again, or opened with its topic."""
    number = need or snap.conversation.need
    case = of_need(work.session, snap.conversation.id, number)
    if case is None:
        case = Case(
            conversation_id=snap.conversation.id,
            person_id=snap.person.id,
            need=number,
            reason=reason,
            opened_at=work.now,
            minimal=False,
        )
        work.session.add(case)
        work.session.flush()
        work.session.info.pop(_LOOKED_UP, None)
        work.audit("shopkeeper", "opened", case, reason)
    elif case.state == CaseState.CLOSED:
        reopen(work, case)
    if case.alarm == "" or reason is CaseReason.ALARM:
        case.reason = reason
    return case


def reopen(work: Work, case: Case) -> None:
    """A closed case goes on."""
    case.state, case.closed_at, case.outcome = CaseState.LISTENING, None, ""
    case.rung, case.alarm_handled_at = 0, None
    if case.thread_id is not None:
        work.order(case, ReopenTopic(chat_id=work.topic_chat(case), thread_of_case=True))
        case.topic_closed = False
        work.in_topic(case, work.texts.notice("reopened"))
    work.audit("shopkeeper", "reopened", case)


def unseen_things(session: Session, case: Case) -> list[tuple[Message, Content]]:
    """What the person sent before the case was there and is not text: the angel gets it with the case."""
    query = (
        select(Message)
        .where(
            Message.conversation_id == case.conversation_id,
            Message.case_id.is_(None),
            Message.author == Author.SHOPKEEPER,
        )
        .order_by(Message.id)
    )
    found = []
    for message in session.scalars(query):
        content = read_content(message)
        message.case_id = case.id
        if content.kind != "text":
            found.append((message, content))
    return found


def not_understood(session: Session, case: Case) -> None:
    """The program made nothing of the person's last words: the angel gets them unchanged, marked so."""
    query = (
        select(Message)
        .where(Message.case_id == case.id, Message.author == Author.SHOPKEEPER)
        .order_by(Message.id.desc())
    )
    message = session.scalar(query.limit(1))
    if message is not None:
        message.understood = False
