"""Coming back: after a pause, a silence, a case closed or given back; a second need months later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.conversation import asides, closing, distress, interview, opening
from bot.conversation.exchange import Exchange, column, row
from bot.conversation.sheet import hear
from bot.conversation.state import Pending, Phase
from bot.conversation.templates import in_language
from bot.conversation.types import (
    Act,
    Alarm,
    Button,
    CaseReason,
    Concluded,
    DropTimer,
    FactHeard,
    FactId,
    GivenBack,
    NewNeed,
    OpenCase,
    Sheet,
    SpeechAct,
    Started,
)

LONG = timedelta(hours=6)
"""A silence from which somebody is welcomed back."""

LASTING = frozenset(
    {FactId.NOME, FactId.LINGUA, FactId.ATTIVITA, FactId.ZONA, FactId.PERSONE, FactId.CONTATTO}
)
"""Facts of the person that a second need already knows."""


def long_silence(x: Exchange) -> bool:
    """True when the person returns after hours."""
    return x.state.last_at is not None and x.moment.at - x.state.last_at > LONG


def started(x: Exchange, event: Started) -> None:
    """`/start`: the first time the opening, later a welcome to where we were."""
    phase = x.state.phase
    if phase is Phase.WITH_ANGEL:
        return
    x.set(last_at=x.moment.at if x.state.listening else None)
    if phase is Phase.DISTRESS:
        distress.welcome_back(x)
    elif not x.state.listening:
        opening.greet(x, event)
    elif phase is Phase.CLOSED:
        after_closure(x, frozenset())
    elif phase is Phase.WAITING:
        x.say("waiting_status")
        closing.say_presence(x)
        x.offer(row(x.button("person", "persona")))
    else:
        welcome(x)


def welcome(x: Exchange) -> None:
    """Welcome back, with where we were, then the open question in other words."""
    if x.state.phase is Phase.PAUSED:
        x.set(phase=x.state.before if x.state.before is not Phase.PAUSED else Phase.LISTENING)
    x.do(DropTimer(asides.REMINDER))
    if x.state.alarm in distress.WATCHED:
        x.say("welcome_neutral")
        x.offer(row(x.button("continue", "avanti"), x.button("person", "persona")))
        return
    told = x.sheet.value(FactId.COSA_SUCCEDE)
    place = x.sheet.value(FactId.ZONA) or x.sheet.value(FactId.ATTIVITA)
    x.say("welcome_back_where" if told or place else "welcome_back", dove_eravamo=_where_we_were(x))
    x.paragraph()
    asides.resume(x)


def _where_we_were(x: Exchange) -> str:
    labels = [
        in_language(x.library.book.facts[f].label, x.state.language).lower()
        for f in dict.fromkeys(f.fact for f in x.sheet.facts if f.fact in x.library.book.facts)
    ]
    return ", ".join(labels[:3])


def resume(x: Exchange, acts: frozenset[Act]) -> None:
    """After a pause: "no" keeps the pause, anything else goes on."""
    if Act.RIFIUTO in acts and not x.fresh:
        x.say("pause_ok")
        x.set(pending=Pending.NOTHING)
        return
    before = x.state.before if x.state.before is not Phase.PAUSED else Phase.LISTENING
    x.do(DropTimer(asides.REMINDER))
    x.set(phase=before, pending=Pending.NOTHING)
    if x.fresh and before is Phase.LISTENING:
        interview.go_on(x)
    else:
        welcome(x)


def elapsed(x: Exchange, timer: str) -> None:
    """The one reminder that was agreed."""
    if timer != asides.REMINDER or x.state.alarm is not None or x.state.phase is not Phase.PAUSED:
        return
    x.say("reminder")
    x.set(asked="riprendere", pending=Pending.RESUME)
    x.offer(row(x.button("resume", "riprendi"), x.button("no_thanks", "riprendi:no")))


def given_back(x: Exchange, event: GivenBack) -> None:
    """The angel gives the conversation back: what they noted is known and is not asked again."""
    _learn(x, event.facts)
    x.set(
        phase=_after_angel(x, event),
        pending=Pending.NOTHING,
        asked="",
        last_at=x.moment.at,
    )
    if not x.state.may_write_first:
        return  # nothing unasked where a telephone may be watched
    if x.state.alarm is not None:
        distress.given_back(x, event)
        return
    unspoken = "given_back_waits" if event.waits else "given_back_unspoken"
    x.say("given_back" if event.spoke else unspoken, angelo=event.angel)
    if x.state.phase is Phase.LISTENING:
        x.paragraph()
        asides.resume(x)
    else:
        x.offer(row(x.button("person", "persona")))


def _learn(x: Exchange, facts: tuple[FactHeard, ...]) -> None:
    """What an angel noted; nothing is kept of somebody who never agreed (an alarm before the consent)."""
    if x.state.listening and facts:
        x.set(notes=hear(x.state.notes, facts, 0, x.library.rules, correcting=True).sheet)


def _after_angel(x: Exchange, event: GivenBack) -> Phase:
    """Where a conversation stands when the angel leaves it to the bot."""
    if x.state.watched or (x.state.alarm is not None and (event.waits or not event.spoke)):
        return Phase.DISTRESS
    if not x.state.listening:
        return Phase.DISTRESS if x.state.alarm is not None else Phase.OPENING
    return Phase.WAITING if x.state.approved else Phase.LISTENING


def concluded(x: Exchange, event: Concluded) -> None:
    """One warm closing, and one question; never after an alarm."""
    quiet = not event.after_alarm and x.state.alarm is None
    _learn(x, event.facts)
    x.set(phase=Phase.CLOSED, pending=Pending.NOTHING, asked="", last_at=x.moment.at)
    x.do(DropTimer(asides.REMINDER))
    outcome = x.library.outcomes.outcomes.get(event.outcome)
    words = outcome.said(x.state.language) if outcome and quiet else None
    if x.state.alarm in distress.WATCHED:
        return
    if words:
        chosen = x.choose(words, f"outcomes/{event.outcome}", SpeechAct.NOTICE)
        if chosen:
            x.add(SpeechAct.NOTICE, chosen)
    else:
        x.say("closing_after_alarm" if not quiet else "closing")
    if quiet and not x.state.rated:
        x.set(rated=True)
        x.message()
        buttons = tuple(Button(str(n), f"voto:{n}") for n in range(1, 6))
        x.ask("rating_ask", pending=Pending.RATING, asked="", act=SpeechAct.CLOSED, buttons=(buttons,))


def nobody_came(x: Exchange, alarm: Alarm | None) -> None:
    """The truth, and a callback; after an alarm the numbers that answer now."""
    if x.state.phase is Phase.WITH_ANGEL or not x.state.may_write_first:
        return
    if alarm is not None:
        distress.nobody_came(x, alarm)
        return
    x.say("nobody_came")
    closing.say_presence(x)
    x.offer(column(x.button("callback", "richiamata"), x.button("wait", "aspetto")))


def after_closure(x: Exchange, acts: frozenset[Act]) -> None:
    """Somebody writes after the case was closed: thanks are thanks, a story may be a new need."""
    if x.fresh or Act.RACCONTO in acts or not acts:
        x.ask(
            "new_need_ask",
            pending=Pending.NEW_NEED,
            asked="riprendere",
            act=SpeechAct.CLOSED,
            buttons=column(
                x.button("new_need", "nuovo:si"),
                x.button("same_need", "nuovo:no"),
                x.button("person", "persona"),
            ),
        )
        return
    x.say("closed_goodbye", SpeechAct.NOTICE)
    x.offer(row(x.button("person", "persona")))


def new_need(x: Exchange, *, wanted: bool) -> None:
    """A new need opens a new conversation that knows the first; otherwise the old case is reopened by a person."""
    if not wanted:
        closing.person(x, CaseReason.ASKED)
        return
    kept = Sheet(tuple(f for f in x.state.notes.facts if f.fact in LASTING))
    # What made us ask is the beginning of the new story: nobody tells it twice.
    told = tuple(f for f in x.state.notes.facts if x.state.returned and f.ref == x.state.returned)
    recent = (*told, *(f for f in x.fresh if f not in told))
    x.do(NewNeed())
    if x.state.sharing:
        x.do(OpenCase(CaseReason.NEW_NEED))
    fresh = replace(
        x.state,
        notes=Sheet((*kept.facts, *(f for f in recent if f not in kept.facts))),
        step="",
        visited=(),
        skipped=(),
        questions=0,
        rung=0,
        approved=False,
        pointed=False,
        rated=False,
        room=False,
        clash=None,
        clashed=(),
        pending=Pending.NOTHING,
        needs=x.state.needs + 1,
        returned=0,
        phase=Phase.LISTENING,
        alarm=None,
        reminded=False,
    )
    x.state = fresh
    x.say("new_need_ok", SpeechAct.INFORMATION)
    interview.go_on(x, reflected=True)
