"""Claim, release, reassign, give back: exactly one owner, and a silent bot from the claim's own transaction on."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from bot.conversation.types import GivenBack, Taken
from bot.desk import ladder, notes, offers, relay, roster, topics
from bot.desk.events import ForConversation
from bot.desk.work import BusyError, Work
from bot.store.conversations import Snapshot
from bot.store.models import Angel, Author, Case, CaseState, Message, OutboxRow
from bot.store.outbox import Purpose, speech_in_flight, withhold_speech
from bot.store.timers import drop_timer, set_timer


def claim(work: Work, case: Case, angel: Angel, snap: Snapshot) -> tuple[ForConversation, ...] | None:
    """Take a case that nobody has.

    Args:
        work: The unit of work, in which the conversation is locked.
        case: Which case.
        angel: Who takes it.
        snap: The locked conversation.

    Returns:
        What the conversation is told; None when somebody else was first.

    Raises:
        BusyError: A word of the bot to this person has left and is not answered yet.
    """
    if speech_in_flight(work.session, case.person_id):
        raise BusyError("the bot's words are in flight")
    changed = work.session.execute(
        update(Case)
        .where(
            Case.id == case.id,
            Case.owner_id.is_(None),
            Case.state.in_((CaseState.LISTENING, CaseState.WAITING, CaseState.CALLBACK)),
            Case.claim == case.claim,
        )
        .values(state=CaseState.CLAIMED, owner_id=angel.id, claim=Case.claim + 1, claimed_at=work.now)
        .execution_options(synchronize_session=False)
    )
    work.session.refresh(case)
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        return None
    withhold_speech(work.session, case.person_id, work.now)
    if case.waited_seconds is None and case.waiting_since is not None:
        case.waited_seconds = int((work.now - case.waiting_since).total_seconds())
    case.owner_wrote_at, case.due_at, case.rung = None, None, 0
    subject = f"case:{case.id}"
    for name in ("unclaimed", "alarm", "due"):
        drop_timer(work.session, subject, name)
    minutes = work.texts.words.ladder
    silence = minutes.silence_alarm if case.alarm else minutes.silence
    set_timer(work.session, subject, "silence", work.now + timedelta(minutes=silence))
    relay.hurry(work, case)
    offers.taken(work, case, angel)
    work.in_topic(case, work.texts.notice("claimed", angel=angel.name), silent=True)
    work.audit(f"angel:{angel.id}", "claimed", case)
    if case.alarm:
        _tell_the_others(work, case, angel)
    return (ForConversation(snap.conversation.id, Taken(roster.signed(angel))),)


def _tell_the_others(work: Work, case: Case, angel: Angel) -> None:
    """Those who were called to an alarm hear that somebody answers."""
    query = select(OutboxRow.chat_id).where(OutboxRow.case_id == case.id, OutboxRow.purpose == Purpose.ALERT)
    for user_id in set(work.session.scalars(query)) - {angel.user_id}:
        work.to_angel(user_id, work.texts.notice("alarm_taken", angel=angel.name), case=case)


def _given_back(work: Work, case: Case, angel: Angel | None, snap: Snapshot, *, waits: bool) -> GivenBack:
    """What the bot is told: who leaves, whether the person read a word of theirs, what they noted.

    To be asked before the case is freed and the audit says so.
    """
    spoke = False
    if angel is not None and case.claimed_at is not None:
        query = select(Message.id).where(
            Message.case_id == case.id,
            Message.author == Author.ANGEL,
            Message.angel_id == angel.id,
            Message.at >= case.claimed_at,
        )
        spoke = work.session.scalar(query.limit(1)) is not None
    signature = roster.signed(angel) if angel else "SPIN"
    return GivenBack(signature, notes.noted_facts(work, case), spoke=spoke, waits=waits)


def _freed(work: Work, case: Case, *, waits: bool) -> None:
    """Nobody has the case any more."""
    case.owner_id, case.claimed_at = None, None
    for name in ("silence", "owner"):
        drop_timer(work.session, f"case:{case.id}", name)
    if waits:
        case.state = CaseState.WAITING
        case.waiting_since = case.waiting_since or work.now
        case.rung = 0
        ladder.begin(work, case, again=True)
    else:
        case.state, case.waiting_since = CaseState.LISTENING, None


def give_back(work: Work, case: Case, angel: Angel, snap: Snapshot) -> tuple[ForConversation, ...]:
    """The bot goes on; what the angels noted is known to it."""
    told = _given_back(work, case, angel, snap, waits=False)
    _freed(work, case, waits=False)
    work.in_topic(case, work.texts.notice("given_back", angel=angel.name), silent=True)
    work.audit(f"angel:{angel.id}", "given_back", case)
    return (ForConversation(snap.conversation.id, told),)


def release(work: Work, case: Case, angel: Angel, snap: Snapshot) -> tuple[ForConversation, ...]:
    """The angel lets go: the case is free, the bot is present meanwhile."""
    told = _given_back(work, case, angel, snap, waits=True)
    _freed(work, case, waits=True)
    work.in_topic(case, work.texts.notice("released", angel=angel.name))
    work.audit(f"angel:{angel.id}", "released", case)
    return (ForConversation(snap.conversation.id, told),)


def lapse(work: Work, case: Case, snap: Snapshot, notice: str) -> tuple[ForConversation, ...]:
    """The owner did not write in time: aloud, and the bot is present again."""
    angel = work.session.get(Angel, case.owner_id) if case.owner_id else None
    name = angel.name if angel else ""
    told = _given_back(work, case, angel, snap, waits=True)
    _freed(work, case, waits=True)
    who = topics.who(work, case, snap.state)
    work.in_topic(case, work.texts.notice(notice, angel=name, who=who))
    work.audit("bot", notice, case)
    return (ForConversation(snap.conversation.id, told),)


def reassign(work: Work, case: Case, angel: Angel, other: Angel) -> None:
    """Hand the case to a named angel; the bot stays silent."""
    before = work.session.get(Angel, case.owner_id) if case.owner_id else None
    case.owner_id, case.claimed_at, case.owner_wrote_at = other.id, work.now, None
    case.claim += 1
    offers.taken(work, case, other)
    minutes = work.texts.words.ladder
    silence = minutes.silence_alarm if case.alarm else minutes.silence
    set_timer(work.session, f"case:{case.id}", "silence", work.now + timedelta(minutes=silence))
    drop_timer(work.session, f"case:{case.id}", "owner")
    if angel.id == other.id:
        work.in_topic(
            case, work.texts.notice("taken_over", angel=angel.name, other=before.name if before else "…")
        )
    else:
        work.in_topic(case, work.texts.notice("reassigned", angel=angel.name, other=other.name))
        if roster.reachable(work.session, [other]):
            who = topics.who(work, case, work.state(case))
            work.to_angel(
                other.user_id,
                work.texts.notice("reassigned_to_you", angel=angel.name, who=who),
                work.link(case),
                case=case,
            )
    work.audit(f"angel:{angel.id}", "reassigned", case, f"angel:{other.id}")
