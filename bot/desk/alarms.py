"""Alarms: the flag on the case, and the people on call told at once with what to do and what not to do."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.conversation import State
from bot.conversation.clock import answers_now
from bot.conversation.library import HOME
from bot.conversation.script import HelpLine
from bot.conversation.templates import in_language
from bot.conversation.types import Alarm, RaiseAlarm, RaiseDoubt
from bot.desk import card, cases, ladder, offers, relay, rising, roster, safety, signals, topics
from bot.desk.events import Who
from bot.desk.work import Work, key_of
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
    called = roster.on_call(work.session)
    notice = work.texts.notice(
        "alarm_worse" if worse else "alarm", alarm=words, signal=_signal(work, case), rota=bool(called)
    )
    work.in_topic(case, notice, priority=Priority.ALARM, lane=f"alert:{case.id}")
    card.refresh(work, case, state, now=True)
    topics.refresh(work, case, state)
    case.rung = 0
    if not called:
        # Nobody of the rota can be reached: everybody who can be, and a loud word in General.
        called = roster.reachable(work.session, roster.members(work.session))
        keys = ((key_of(work.texts.button("claim_alarm"), "claim", case.id),), *work.link(case))
        work.in_general(
            work.texts.notice("alarm_nobody", alarm=words),
            keys,
            case=case,
            priority=Priority.ALARM,
            key=offers.key(case),
        )
    owner = cases.owner(work.session, case)
    if owner is not None and owner not in called:
        called = [*called, *roster.reachable(work.session, [owner])]
    call_out(work, case, called)
    if case.state != CaseState.CLAIMED:
        ladder.begin(work, case)


def _signal(work: Work, case: Case) -> str:
    return signals.spoken(work.texts, case.alarm, case.alarm_reason)


def call_out(work: Work, case: Case, angels: list[Angel]) -> None:
    """A loud, separate message to each, with a claim of one tap; no name, no words."""
    protocol = work.texts.protocols.protocols[Alarm(case.alarm)]
    text = work.texts.notice(
        "protocol",
        alarm=work.texts.words.alarms[case.alarm],
        signal=_signal(work, case),
        safety=safety.line(work, work.state(case)),
        do=protocol.do,
        dont=protocol.dont,
        numbers=numbers(work, Alarm(case.alarm)),
    )
    keys = ((key_of(work.texts.button("claim_alarm"), "claim", case.id),), *work.link(case))
    for angel in angels:
        work.to_angel(
            angel.user_id,
            text,
            keys,
            case=case,
            purpose=Purpose.ALERT,
            priority=Priority.ALARM,
            key=f"alert:{case.id}:{case.alarm}:{case.rung}:{angel.user_id}:{work.now:%H%M%S}",
        )


def numbers(work: Work, alarm: Alarm) -> list[str]:
    """The help lines for an alarm, those that answer now first; 112 beside any that does not always answer."""
    helplines = work.library.helplines
    names = list(work.library.talks(HOME)[0].alarms[alarm].lines)
    if helplines.emergency not in names:
        names.append(helplines.emergency)
    lines = [helplines.lines[name] for name in names if name in helplines.lines]
    lines.sort(key=lambda line: not answers_now(line, work.now))
    return [
        " ".join(
            part
            for part in (
                in_language(line.name, HOME),
                line.number,
                line.address,
                f"({line.also})" if line.also else "",
                _answering(work, line),
            )
            if part
        )
        for line in lines
    ]


def _answering(work: Work, line: HelpLine) -> str:
    if not line.reachable:
        return "· numero e indirizzo da trovare"
    if answers_now(line, work.now):
        return "· risponde ora"
    return "· adesso non risponde" if line.hours else "· orari da verificare"


def doubted(work: Work, snap: Snapshot, state: State, doubt: RaiseDoubt) -> None:
    """A possible alarm is being asked about: its reason stays with the case, never its words."""
    case = cases.current(work.session, snap.conversation.id, snap.conversation.need)
    work.audit("bot", "doubt", case, f"{doubt.alarm.value}: {doubt.reason}")
    if case is not None and topics.visible(case, state):
        words = work.texts.words.alarms[doubt.alarm.value]
        work.in_topic(
            case,
            work.texts.notice(
                "doubt", alarm=words, signal=signals.spoken(work.texts, doubt.alarm.value, doubt.reason)
            ),
        )
        reason = work.texts.words.reasons["doubt"]
        rising.move_up(work, case, state, f"doubt_{doubt.alarm.value}", f"{reason} ({words})")
