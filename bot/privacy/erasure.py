"""Erasure (GDPR art. 17): everything about a person goes, in one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.store import inbox, outbox
from bot.store.models import Audit, Case, Conversation, Person, Timer


def erase_person(session: Session, person: Person, now: datetime) -> None:
    """Delete a person's facts, messages, cases, consents, timers, what came in and what was to go out.

    The audit keeps that an erasure happened, and nothing that says whose.

    Args:
        session: The unit of work.
        person: Who goes.
        now: UTC.
    """
    conversations = list(session.scalars(select(Conversation.id).where(Conversation.person_id == person.id)))
    cases = list(session.scalars(select(Case.id).where(Case.person_id == person.id)))
    subjects = [f"conversation:{number}" for number in conversations] + [f"case:{number}" for number in cases]
    session.execute(delete(Timer).where(Timer.subject.in_(subjects)))
    outbox.forget_person(session, person.id)
    inbox.forget_chat(session, person.chat_id)
    session.execute(update(Audit).where(Audit.case_id.in_(cases)).values(case_id=None, detail=""))
    session.execute(delete(Person).where(Person.id == person.id))
    session.add(Audit(at=now, actor="shopkeeper", action="erased", detail=""))
    session.flush()
