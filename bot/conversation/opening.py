"""The first two messages, and nothing kept before a yes."""

from __future__ import annotations

from collections.abc import Iterable

from bot.conversation import aloud, closing, interview
from bot.conversation.exchange import Exchange, column, row
from bot.conversation.hearing import take_in
from bot.conversation.state import Pending, Phase
from bot.conversation.types import (
    Act,
    CaseReason,
    Consent,
    FactId,
    ForgetHeld,
    Heard,
    RecordConsent,
    SpeechAct,
    Started,
)
from bot.conversation.voice import words_in

HELD_ANSWER_VARIANTS = 3

STORY_FROM = 8
"""Words from which what was told before the yes is their story, and not a word about the shop."""


def greet(x: Exchange, event: Started | None = None) -> None:
    """Say who is writing, who reads and when, what becomes of the words; then ask to listen."""
    if event is not None:
        speak_language_of(x, event.language_code)
    x.set(phase=Phase.OPENING)
    x.say(f"greeting_{x.voice.around['hour']}")
    x.say("opening_who")
    closing.say_presence(x)
    x.message()
    _ask(x, "opening_consent")


def _ask(x: Exchange, name: str) -> None:
    desk = x.library.desk
    x.ask(
        name,
        pending=Pending.LISTEN,
        asked="apertura" if name == "opening_consent" else "consenso",
        titolare=desk.controller,
        telefono_spin=desk.phone,
        sportello=desk.name,
        buttons=(
            *column(x.button("listen_yes", "ascolto:si"), x.button("listen_no", "ascolto:no")),
            *row(x.button("privacy", "privacy"), x.button("person", "persona")),
        ),
    )


def speak_language_of(x: Exchange, code: str) -> None:
    """Begin in the language of the person's telephone, when we have it."""
    short = code.split("-")[0].lower()
    if short in x.library.languages:
        x.set(language=short)


def agree(x: Exchange, now: Iterable[Heard] = ()) -> None:
    """Yes to being listened to: what was held becomes facts, and the interview begins."""
    x.set(listening=True, pending=Pending.NOTHING, reluctance=0)
    x.do(RecordConsent(Consent.LISTEN, True, x.library.version))
    interview.begin(x)
    refs = {h.ref for h in now}
    for heard in (*(h for h in x.moment.held if h.ref not in refs), *now):
        take_in(x, heard)
    _keep_story(x, now)
    x.say("consent_thanks" if not x.fresh else "consent_thanks_held", SpeechAct.INFORMATION)
    for heard in [h for h in (*x.moment.held, *now) if h.voice and h.understood.text][-1:]:
        aloud.show(x, heard)
    interview.go_on(x)


def _keep_story(x: Exchange, now: Iterable[Heard]) -> None:
    """What was told while the yes was awaited is the answer to what brings them here: it is not asked again."""
    told = [h for h in (*x.moment.held, *now) if h.understood.act is Act.RACCONTO]
    longest = max(told, key=lambda h: words_in(h.understood.text), default=None)
    known = x.knows(FactId.COSA_SUCCEDE)
    if longest is None or known or words_in(longest.understood.text) < STORY_FROM:
        return
    asked = x.state.asked
    x.set(asked=FactId.COSA_SUCCEDE.value)
    interview.keep_answer(x, longest.understood.text, longest.ref)
    x.set(asked=asked)


def refuse(x: Exchange) -> None:
    """No: what waited is erased, and the door stays open."""
    x.set(phase=Phase.DECLINED, pending=Pending.NOTHING, asked="", reluctance=0)
    x.do(ForgetHeld())
    if x.state.listening:
        x.do(RecordConsent(Consent.LISTEN, False, x.library.version))
        x.set(listening=False)
    x.say("consent_no", telefono_spin=x.library.desk.phone)
    x.offer(row(x.button("listen_after_all", "ascolto:si"), x.button("person", "persona")))


def before_consent(x: Exchange, acts: frozenset[Act], heard: tuple[Heard, ...]) -> None:
    """Something came before the yes: answered kindly and briefly, kept by nobody."""
    asked = x.state.pending is Pending.LISTEN
    if Act.CHIEDI_UMANO in acts or Act.CHIEDI_RICHIAMATA in acts:
        with_person(x, heard)
    elif asked and Act.CONFERMA in acts:
        agree(x, heard)
    elif asked and Act.RIFIUTO in acts:
        refuse(x)
    elif x.state.said == () and x.state.phase is Phase.OPENING:
        greet(x)
    else:
        x.set(reluctance=x.state.reluctance + 1, phase=Phase.OPENING)
        if not x.silent:
            x.paragraph()
        _ask(x, "consent_again" if x.state.reluctance <= HELD_ANSWER_VARIANTS else "consent_short")


def with_person(x: Exchange, heard: Iterable[Heard] = ()) -> None:
    """A person before the first consent: asking is both agreements."""
    closing.agree_to_share(x, CaseReason.ASKED)
    refs = {h.ref for h in heard}
    for item in (*(h for h in x.moment.held if h.ref not in refs), *heard):
        take_in(x, item)
    x.set(script=x.library.first_script, phase=Phase.LISTENING)
    closing.person(x)
