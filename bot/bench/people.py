"""What the bench's shopkeepers say; and whole conversations made of it by the real engine, without a bot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.conversation import Library, State, advance, new_state
from bot.conversation.types import (
    Event,
    FactHeard,
    FactId,
    Heard,
    Moment,
    Ordered,
    Pressed,
    Said,
    Say,
    Started,
    Understood,
)

LINES = (
    "ho un bar in Isola, siamo io e mia sorella",
    "da due anni non entra più gente nuova",
    "mi avevano fatto un sito, ma poi non l'ho mai visto",
    "su google non mi trova nessuno",
    "vorrei che tra sei mesi chi passa in zona sapesse che ci siamo",
    "non ho tempo, sto dietro al banco tutto il giorno",
    "la mattina lavoro bene, il pomeriggio è vuoto",
    "la pagina facebook è ferma da un pezzo",
    "con calma, non c'è fretta",
    "abbiamo cambiato la macchina del caffè e rifatto la vetrina",
    "i clienti vecchi vengono ancora, quelli giovani no",
    "il sabato facciamo anche gli aperitivi",
)
"""Said over and over by everybody; none of them alarms, none is a question."""

_HEARD: tuple[tuple[FactHeard, ...], ...] = (
    (
        FactHeard(FactId.ATTIVITA, "ristorazione_bar", "un bar", detail="bar"),
        FactHeard(FactId.ZONA, "Isola", "in Isola"),
        FactHeard(FactId.PERSONE, "2-5", "siamo io e mia sorella"),
    ),
    (),
    (FactHeard(FactId.ESPERIENZE_PASSATE, "delusione", LINES[2]),),
    (FactHeard(FactId.BISOGNO, "farsi_trovare", LINES[3]),),
    (),
    (FactHeard(FactId.OSTACOLI, "tempo", "non ho tempo"),),
    (),
    (FactHeard(FactId.PRESENZA_OGGI, "facebook", "la pagina facebook"),),
    (FactHeard(FactId.URGENZA, "con_calma", LINES[8]),),
    (),
    (),
    (),
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a made conversation: what was said, what the bot answered, the state after it."""

    said: str
    answers: tuple[str, ...]
    state: State


def talk(
    library: Library, turns: int, begun: datetime, seed: int, state: State | None = None
) -> Iterator[Turn]:
    """A conversation of so many turns as the engine would have held it.

    Args:
        library: The scripts.
        turns: How many messages of the person.
        begun: When the first one came.
        seed: Varies the bot's words.
        state: Goes on from here; None = from the first hello, consent given.
    """
    events: list[Event] = [] if state else [Started("Carla", "it", ""), Pressed("ascolto:si")]
    state = state or new_state()
    for number in range(turns):
        at = begun + timedelta(seconds=40 * number)
        line = number % len(LINES)
        heard = Heard(number + 1, Understood(LINES[line], language="it", facts=_HEARD[line]))
        answers: list[str] = []
        for event in (*events, Said((heard,))):
            state, effects = advance(library, state, event, _moment(at, seed + number))
            answers = [effect.text for effect in effects if isinstance(effect, Say)]
        events = []
        yield Turn(LINES[line], tuple(answers), state)


def shared(library: Library, state: State, at: datetime) -> State:
    """The state after the person asked for a human being, and agreed that they see it."""
    for event in (Ordered("persona", ""), Pressed("condivido:si")):
        state, _ = advance(library, state, event, _moment(at, 1))
    return state


def _moment(at: datetime, seed: int) -> Moment:
    return Moment(at, seed, desk_open=True, on_call=True, next_opening=None, usual_wait_minutes=None, held=())
