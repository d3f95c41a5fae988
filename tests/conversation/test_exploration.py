"""Reachable states, explored rather than sampled: what must hold of every turn, whatever the person does."""

from __future__ import annotations

import re
from collections import deque
from datetime import timedelta

from bot.conversation import Library, Phase, State, advance, new_state
from bot.conversation.distress import WATCHED
from bot.conversation.state import Pending
from bot.conversation.types import (
    Act,
    Alarm,
    Brought,
    Concluded,
    Consent,
    Effect,
    Elapsed,
    Event,
    GivenBack,
    Heard,
    Moment,
    NobodyCame,
    Ordered,
    Pressed,
    RecordConsent,
    Rewrote,
    Said,
    Say,
    Started,
    Taken,
    Unsure,
    WantPerson,
)

from .talking import MORNING, understood

MOST_STATES = 80
"""States whose every event is tried here; of the others only the way to a person."""
COMMANDS = (
    "privacy",
    "imieidati",
    "cancella",
    "persona",
    "aiuto",
    "pausa",
    "riprendi",
    "lingua",
    "basta",
    "start",
)


def _events() -> list[Event]:
    said: list[Event] = [Said((Heard(5, understood(f"prova {act}", act)),)) for act in Act]
    told = [
        understood("ho un bar in Isola", attivita="ristorazione_bar", zona="Isola"),
        understood("sono stanca e nessuno mi trova", come_sta="stanco", bisogno="farsi_trovare"),
        understood("ho pagato un sito mai visto, siamo in tre", esperienze_passate="delusione", persone="2-5"),
        understood("no, Lambrate", Act.CORREGGI, zona="Lambrate"),
        understood("vorrei più gente, il tempo manca, con calma", cosa_vorrebbe="più gente", ostacoli="tempo",
                   urgenza="con_calma"),
        understood("forse siamo in sei", certainty=0.3, persone="6-9"),
        understood("al telefono, 333 1234567", contatto="telefono"),
        understood("boh", Act.NON_SO, also=(Act.SEI_UN_PROGRAMMA,)),
        understood("???", Act.FUORI_TEMA),
        understood("la mia carta", masked=("carta",)),
    ]  # fmt: skip
    said += [Said((Heard(6, u),)) for u in told]
    said += [Said((Heard(7, understood("aiuto", alarm=a)),)) for a in Alarm]
    said += [Said((Heard(8, understood("non ce la faccio", doubt=a)),)) for a in Alarm]
    others: list[Event] = [
        Started("Carla", "it"), Rewrote(Heard(6, told[3])), Brought(9, "photo"), Brought(9, "voice"),
        Brought(9, "contact", own_number="333 1234567"), Taken("Anna"), GivenBack("Anna"), Concluded("avviato"),
        Concluded("avviato", after_alarm=True), NobodyCame(), NobodyCame(Alarm.AUTOLESIONE), Unsure(),
        Elapsed("promemoria"),
    ]  # fmt: skip
    return said + others + [Ordered(c) for c in COMMANDS]


EVENTS = _events()


def _shape(state: State) -> tuple[object, ...]:
    """What makes two states different for this exploration: everything but the words already said."""
    return (state.phase, state.pending, state.listening, state.sharing, state.alarm is not None and
            state.alarm in WATCHED, state.approved)  # fmt: skip


def _check(before: State, event: Event, after: State, effects: tuple[Effect, ...]) -> None:
    says = [e for e in effects if isinstance(e, Say)]
    text = "\n".join(s.text for s in says)
    assert len(says) <= 2, (event, text)
    assert len(re.findall(r"[?]", text)) <= 1, (event, text)
    assert all(0 < len(s.text.encode("utf-16-le")) // 2 <= 4096 for s in says)
    for say in says:
        for row in say.buttons:
            for button in row:
                assert 0 < len(button.choice.encode()) <= 48
                assert button.label.strip()
    if after.phase is Phase.WITH_ANGEL:
        # The bot is silent: only who uses a right of theirs is answered.
        assert all(say.right for say in says), (event, text)
    if not after.listening:
        assert not after.notes.facts, (event, after.notes)
    if after.notes.facts and not before.notes.facts and not before.listening:
        assert any(isinstance(e, RecordConsent) and e.consent is Consent.LISTEN and e.given for e in effects)
    if after.pending is Pending.SUMMARY and before.pending is not Pending.SUMMARY:
        assert "riassunto:si" in {b.choice for s in says for r in s.buttons for b in r}


def test_every_reachable_state_keeps_the_rules_and_has_a_person_one_step_away(library: Library) -> None:
    seen: set[tuple[object, ...]] = set()
    queue: deque[tuple[State, int]] = deque([(new_state(), 0)])
    explored = 0
    while queue and explored < MOST_STATES:
        state, depth = queue.popleft()
        explored += 1
        moment = Moment(
            MORNING + timedelta(minutes=depth), explored, desk_open=explored % 2 == 0, on_call=True
        )
        _person_is_one_step_away(library, state, moment)
        events = list(EVENTS)
        for event in events:
            after, effects = advance(library, state, event, moment)
            _check(state, event, after, effects)
            buttons = [b.choice for e in effects if isinstance(e, Say) for r in e.buttons for b in r]
            for follow in [after, *(_pressed(library, after, b, moment) for b in buttons[:4])]:
                shape = _shape(follow)
                if shape not in seen:
                    seen.add(shape)
                    queue.append((follow, depth + 1))
    for state, depth in queue:
        _person_is_one_step_away(library, state, Moment(MORNING + timedelta(minutes=depth), 1))
    assert len({s[0] for s in seen}) >= len(Phase) - 1, "the exploration must reach nearly every phase"


def _pressed(library: Library, state: State, choice: str, moment: Moment) -> State:
    after, effects = advance(library, state, Pressed(choice), moment)
    _check(state, Pressed(choice), after, effects)
    return after


def _person_is_one_step_away(library: Library, state: State, moment: Moment) -> None:
    if state.phase is Phase.WITH_ANGEL:
        return  # a person is there
    for event in (
        Pressed("persona"),
        Ordered("persona"),
        Said((Heard(3, understood("una persona", Act.CHIEDI_UMANO)),)),
    ):
        after, effects = advance(library, state, event, moment)
        wanted = any(isinstance(e, WantPerson) for e in effects)
        assert wanted or (state.phase is Phase.WAITING and state.sharing), (event, state)
        assert after.listening or after.phase is Phase.DISTRESS or wanted
        assert any(isinstance(e, Say) for e in effects)
