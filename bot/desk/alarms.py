"""Alarms: the flag on the case, and the people on call told at once with what to do and what not to do."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.conversation import State
from bot.conversation.types import RaiseAlarm, RaiseDoubt
from bot.desk import card, cases, ladder, relay, roster, topics
from bot.desk.events import Who
from bot.desk.work import Work, key_of, topic_url
from bot.store.calls import Key
from bot.store.conversations import Snapshot
from bot.store.models import Angel, Case, CaseState, Priority
from bot.store.outbox import Purpose


def put_on_rota(session: Session, user_id: int) -> None:
    """Somebody the settings name as on call; whether they belong to the group Telegram will say."""
    angel = roster.find(session, user_id)
    if angel is None:
        angel = roster.book(session, Who(user_id, ""), is_member=True, coordinator=False)
    angel.on_call = True


def sound(work: Work, case: Case, state: State, raised: RaiseAlarm) -> None:
    """Raise, or raise higher, the alarm on a case."""
    worse = bool(case.alarm) and case.alarm != raised.alarm
    case.alarm, case.alarm_reason = raised.alarm.value, raised.reason[:200]
    case.alarm_handled_at = None
    case.minimal = case.minimal or raised.minimal
    work.audit("bot", "alarm", case, raised.alarm.value)
    if case.state in (CaseState.LISTENING, CaseState.CALLBACK):
        case.state, case.waiting_since = CaseState.WAITING, work.now
    relay.show(work, case, state)
    relay.hurry(work, case)
    words = work.texts.words.alarms[case.alarm]
    notice = work.texts.notice("alarm_worse" if worse else "alarm", alarm=words, signal=case.alarm_reason)
    work.in_topic(case, notice, priority=Priority.ALARM, lane=f"alert:{case.id}")
    card.refresh(work, case, state, now=True)
    topics.refresh(work, case, state)
    case.rung = 0
    call_out(work, case, roster.on_call(work.session) or roster.coordinators(work.session))
    if case.state != CaseState.CLAIMED:
        ladder.begin(work, case)


def call_out(work: Work, case: Case, angels: list[Angel]) -> None:
    """A loud, separate message to each, with a claim of one tap; no name, no words."""
    text = work.texts.notice("alarm", alarm=work.texts.words.alarms[case.alarm], signal=case.alarm_reason)
    url = topic_url(case)
    keys: list[tuple[Key, ...]] = [(key_of(work.texts.button("claim_alarm"), "claim", case.id),)]
    if url:
        keys.append((Key(label=work.texts.button("open_topic"), url=url),))
    for angel in angels:
        work.to_angel(
            angel.user_id,
            text,
            tuple(keys),
            case=case,
            purpose=Purpose.ALERT,
            priority=Priority.ALARM,
            key=f"alert:{case.id}:{case.alarm}:{case.rung}:{angel.user_id}:{work.now:%H%M%S}",
        )


def doubted(work: Work, snap: Snapshot, state: State, doubt: RaiseDoubt) -> None:
    """A possible alarm is being asked about: its reason stays with the case, never its words."""
    case = cases.current(work.session, snap.conversation.id, snap.conversation.need)
    work.audit("bot", "doubt", case, f"{doubt.alarm.value}: {doubt.reason}")
    if case is not None and topics.visible(case, state):
        words = work.texts.words.alarms[doubt.alarm.value]
        work.in_topic(case, work.texts.notice("doubt", alarm=words, signal=doubt.reason))
