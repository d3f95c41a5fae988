"""The nightly reconciliation: cases, topics and conversations are compared, and what does not agree is mended."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.conversation import Phase
from bot.conversation.types import GivenBack, Taken
from bot.desk import card, cases, ladder, outcomes, relay, roster, topics
from bot.desk.events import ForConversation
from bot.desk.healing import open_anew, tell_coordinators
from bot.desk.work import Work
from bot.store.calls import EditTopic
from bot.store.conversations import Snapshot, snapshot_of
from bot.store.models import Case, CaseState, CopyRow, OutboxRow, Priority, SendState, Setting, Timer

MESSAGES = 1_000_000
"""Messages that one supergroup is said to keep (https://limits.tginfo.me); the oldest go then."""

NEARLY = 900_000
TOLD_FULL = "group_nearly_full"
FREE_AGAIN = 3
"""The rung of a ladder whose end the person knows: nothing more is due."""


def reconcile(work: Work) -> tuple[ForConversation, ...]:
    """Mend what does not agree, and tell the coordinators what it was.

    Returns:
        What conversations are told that did not know who speaks.
    """
    mended: list[str] = []
    told: list[ForConversation] = []
    numbers = select(Case.id).where(Case.state != CaseState.CLOSED).order_by(Case.id)
    for number in list(work.session.scalars(numbers)):
        held = cases.locked(work.session, number)
        if held is None:
            continue
        case, snap = held
        found = [*_owner(work, case), *_topic(work, case, snap), *_ladder(work, case)]
        event = _voice(work, case, snap)
        if event is not None:
            told.append(event)
            found.append("il programma non sapeva chi parla")
        mended += [f"{case.topic_title or f'caso {case.id}'}: {what}" for what in found]
        card.refresh(work, case, snap.state)
        topics.refresh(work, case, snap.state)
    mended += _left_open(work)
    if mended:
        tell_coordinators(work, work.texts.notice("mended", items="; ".join(mended[:20])))
        work.audit("bot", "reconciled", None, f"{len(mended)}")
    _nearly_full(work)
    return tuple(told)


def _owner(work: Work, case: Case) -> list[str]:
    if case.owner_id is not None or case.state != CaseState.CLAIMED:
        return []
    case.state, case.waiting_since = CaseState.WAITING, case.waiting_since or work.now
    ladder.begin(work, case)
    return ["era preso da nessuno, ora aspetta"]


def _topic(work: Work, case: Case, snap: Snapshot) -> list[str]:
    if not case.topic_no and work.group and topics.visible(case, snap.state):
        relay.show(work, case, snap.state)
        return ["non aveva l'argomento"]
    if case.topic_no and case.thread_id is None and not case.topic_closed and not _on_its_way(work, case):
        open_anew(work, case)
        return ["l'argomento non c'era più"]
    if case.thread_id is not None:
        # Telegram cannot be asked whether a topic is still there: a name that it has already is the question,
        # "not modified" one answer, "not found" the other, which opens it anew.
        ask = EditTopic(
            chat_id=work.topic_chat(case), thread_of_case=True, name=case.topic_title, icon=case.topic_icon
        )
        work.order(case, ask, priority=Priority.SERVICE, lane=f"title:{case.id}")
    return []


def _ladder(work: Work, case: Case) -> list[str]:
    """Somebody waits, and no rung is due."""
    names = {CaseState.WAITING: ("unclaimed", "alarm"), CaseState.CALLBACK: ("due",)}.get(
        CaseState(case.state)
    )
    if names is None or case.rung >= FREE_AGAIN:
        return []
    waiting = select(Timer.id).where(Timer.subject == f"case:{case.id}", Timer.name.in_(names))
    if work.session.scalar(waiting.limit(1)) is not None:
        return []
    case.state, case.waiting_since = CaseState.WAITING, case.waiting_since or work.now
    ladder.begin(work, case)
    return ["aspettava senza che nessuno lo ricordasse"]


def _voice(work: Work, case: Case, snap: Snapshot) -> ForConversation | None:
    """Whoever has the case speaks: the conversation knows it too."""
    if case.need != snap.conversation.need:
        return None
    silent, owner = snap.state.phase is Phase.WITH_ANGEL, cases.owner(work.session, case)
    if owner is not None and case.state == CaseState.CLAIMED and not silent:
        return ForConversation(snap.conversation.id, Taken(roster.signed(owner)))
    if silent and case.state != CaseState.CLAIMED:
        return ForConversation(snap.conversation.id, GivenBack("SPIN"))
    return None


def _left_open(work: Work) -> list[str]:
    closed = select(Case).where(
        Case.state == CaseState.CLOSED, Case.thread_id.is_not(None), Case.topic_closed.is_(False)
    )
    mended = []
    for case in list(work.session.scalars(closed)):
        snap = snapshot_of(work.session, case.conversation_id, lock=True)
        if snap is not None:
            outcomes.put_away(work, case, snap.state)
            mended.append(f"{case.topic_title}: l'argomento era rimasto aperto")
    return mended


def _on_its_way(work: Work, case: Case) -> bool:
    query = select(OutboxRow.id).where(
        OutboxRow.key == f"topic:{case.id}:{case.topic_no}",
        OutboxRow.state.in_((SendState.QUEUED, SendState.SENDING)),
    )
    return work.session.scalar(query) is not None


def _nearly_full(work: Work) -> None:
    """A group keeps a million messages: said once, while there is time to open another."""
    newest = work.session.scalar(select(func.max(CopyRow.telegram_id)).where(CopyRow.chat_id == work.group))
    known = work.session.get(Setting, TOLD_FULL)
    if (newest or 0) < NEARLY or (known is not None and known.value == str(work.group)):
        return
    work.session.merge(Setting(name=TOLD_FULL, value=str(work.group)))
    tell_coordinators(work, work.texts.notice("coordinator_nearly_full", most=MESSAGES, count=newest))
