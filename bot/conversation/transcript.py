"""Conversations that staff write down as examples and the program must keep: `tests/dialogues/<script>/*.yml`.

A transcript is played against the engine with what would have been understood written beside each line; what the
bot does otherwise is reported in Italian, with file and line.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from bot.conversation.clock import ROME
from bot.conversation.engine import advance
from bot.conversation.library import Library
from bot.conversation.messages import in_italian
from bot.conversation.reading import Problem, Source, Trail, read_file
from bot.conversation.script import Names, Written
from bot.conversation.state import State, dump, load, new_state
from bot.conversation.types import (
    Act,
    Alarm,
    Change,
    Effect,
    Elapsed,
    Event,
    FactHeard,
    FactId,
    Heard,
    Moment,
    Ordered,
    Pressed,
    Said,
    Say,
    SetTimer,
    Started,
    Taken,
    Understood,
)

_WAIT = re.compile(r"(\d+) (minut[oi]|or[ae]|giorn[oi])$")
_UNIT = {"m": timedelta(minutes=1), "o": timedelta(hours=1), "g": timedelta(days=1)}


class Turn(Written):
    """Una riga della conversazione: quello che fa la persona, oppure quello che il bot deve dire."""

    start: str | None = Field(None, description="La persona preme Avvia; il suo nome su Telegram.")
    says: str | None = Field(None, description="La persona scrive.")
    act: Act = Field(Act.RACCONTO, description="Che cosa fa il messaggio.")
    also: list[Act] = Field(default_factory=list, description="Altre cose che il messaggio fa.")
    facts: dict[FactId, str | list[str]] = Field(
        default_factory=dict, description="I fatti che se ne capiscono."
    )
    instead: bool = Field(False, description="I fatti prendono il posto di quelli di prima (una correzione).")
    unsure: bool = Field(False, description="Detto con un dubbio (forse, mi sembra).")
    alarm: Alarm | None = Field(None, description="L'allarme che se ne capisce.")
    doubt: Alarm | None = Field(None, description="Un dubbio di allarme.")
    language: str = Field("it", description="La lingua del messaggio; con `start`, quella del telefono.")
    tap: str | None = Field(None, description="La persona tocca il pulsante con questa scritta.")
    command: str | None = Field(None, description="La persona manda un comando, senza la barra.")
    angel: str | None = Field(None, description="Un Digital Angel prende in carico la conversazione.")
    wait: str | None = Field(None, description="Passa del tempo: `20 minuti`, `3 ore`, `2 giorni`.")
    bot: Names | None = Field(
        None, description="Il bot risponde, e dentro ci sono queste parole (null: tace)."
    )
    never: Names = Field(default_factory=list, description="Parole che il bot qui non dice.")
    asks: str | None = Field(
        None, description="Che cosa chiede: un fatto, oppure consenso, riassunto, persona."
    )
    buttons: Names = Field(default_factory=list, description="Pulsanti che ci devono essere.")
    does: Names = Field(
        default_factory=list, description="Che cosa fa dietro: OpenCase, WantPerson, RaiseAlarm ..."
    )
    sheet: dict[FactId, str | list[str]] = Field(
        default_factory=dict, description="Che cosa c'è sulla scheda."
    )
    silent: bool = Field(False, description="Il bot qui tace.")


class Transcript(Written):
    """Una conversazione d'esempio."""

    title: str = Field(description="Di che cosa parla.")
    at: str = Field("2026-11-24 10:15", description="Quando comincia, ora di Milano.")
    desk: bool = Field(True, description="Se c'è un Digital Angel di turno.")
    on_call: bool = Field(True, description="Se c'è qualcuno reperibile per gli allarmi.")
    seed: int = Field(1, description="Quale fra le versioni delle frasi; un altro numero, altre frasi.")
    talk: list[Turn] = Field(min_length=1, description="Le righe.")


def play(library: Library, path: Path, shown_as: str = "") -> tuple[Problem, ...]:
    """Play one transcript.

    Args:
        library: What the bot speaks from.
        path: The transcript.
        shown_as: Its name in problems.

    Returns:
        Where the bot did otherwise; empty when it kept to it.
    """
    source, problems = read_file(path, shown_as or path.name)
    if source is None or problems:
        return problems
    try:
        transcript = Transcript.model_validate(source.data)
    except ValidationError as error:
        return tuple(
            source.problem(tuple(t for t in e["loc"] if isinstance(t, (str, int))), in_italian(e, Transcript))
            for e in error.errors(include_url=False)
        )
    return tuple(_Player(library, transcript, source).play())


class _Player:
    """Plays the lines of one transcript."""

    def __init__(self, library: Library, transcript: Transcript, source: Source) -> None:
        self.library, self.transcript, self.source = library, transcript, source
        self.state: State = new_state()
        self.now = datetime.strptime(transcript.at, "%Y-%m-%d %H:%M").replace(tzinfo=ROME)
        self.effects: tuple[Effect, ...] = ()
        self.held: list[Heard] = []
        self.timers: dict[str, datetime] = {}
        self.count = 0

    def play(self) -> list[Problem]:
        found: list[Problem] = []
        for index, turn in enumerate(self.transcript.talk):
            trail: Trail = ("talk", index)
            if turn.wait is not None and not self._wait(turn.wait):
                found.append(
                    self.source.problem((*trail, "wait"), "scrivere per esempio `20 minuti` o `2 giorni`")
                )
            event = self._event(turn)
            if event == "":
                found.append(
                    self.source.problem(
                        (*trail, "tap"), f"il pulsante «{turn.tap}» qui non c'è: ci sono {self._labels()}"
                    )
                )
            elif event is not None and not isinstance(event, str):
                self._happen(event)
            found.extend(self._expectations(turn, trail))
        return found

    def _happen(self, event: Event) -> None:
        self.count += 1
        moment = Moment(
            self.now,
            self.transcript.seed * 1000 + self.count,
            desk_open=self.transcript.desk,
            on_call=self.transcript.on_call,
            held=tuple(self.held),
        )
        listening = self.state.listening
        state, self.effects = advance(self.library, self.state, event, moment)
        self.state = load(dump(state))
        if not listening and not self.state.listening and isinstance(event, Said):
            self.held.extend(event.heard)
        self.timers.update({e.timer: e.due for e in self.effects if isinstance(e, SetTimer)})

    def _event(self, turn: Turn) -> Event | str | None:
        """What the person does in this line; "" when the button to tap is not there."""
        if turn.start is not None:
            return Started(turn.start, turn.language)
        if turn.says is not None:
            return Said((self._heard(turn, turn.says),))
        if turn.tap is not None:
            choice = next(
                (b.choice for say in self._said() for r in say.buttons for b in r if b.label == turn.tap), ""
            )
            return Pressed(choice) if choice else ""
        if turn.command is not None:
            return Ordered(turn.command)
        return Taken(turn.angel) if turn.angel is not None else None

    def _heard(self, turn: Turn, text: str) -> Heard:
        facts = tuple(
            FactHeard(
                fact, value, text, 0.4 if turn.unsure else 1.0, Change.REPLACE if turn.instead else Change.ADD
            )
            for fact, values in turn.facts.items()
            for value in ([values] if isinstance(values, str) else values)
        )
        understood = Understood(
            text, turn.language, turn.act, tuple(turn.also), facts=facts, alarm=turn.alarm, doubt=turn.doubt
        )
        return Heard(self.count + 1, understood)

    def _wait(self, text: str) -> bool:
        found = _WAIT.match(text)
        if not found:
            return False
        self.now += int(found[1]) * _UNIT[found[2][0]]
        for timer, due in sorted(self.timers.items(), key=lambda t: t[1]):
            if due <= self.now:
                del self.timers[timer]
                self._happen(Elapsed(timer))
        return True

    def _said(self) -> list[Say]:
        return [e for e in self.effects if isinstance(e, Say)]

    def _labels(self) -> str:
        return (
            ", ".join(f"«{b.label}»" for say in self._said() for row in say.buttons for b in row) or "nessuno"
        )

    def _expectations(self, turn: Turn, trail: Trail) -> list[Problem]:
        found: list[Problem] = []
        text = "\n".join(say.text for say in self._said())
        short = text if len(text) < 200 else text[:200] + "…"

        def wrong(key: str, message: str) -> None:
            found.append(self.source.problem((*trail, key), message))

        for words in turn.bot or []:
            if words.casefold() not in text.casefold():
                wrong("bot", f"il bot non dice «{words}»; dice: {short or '(niente)'}")
        for words in turn.never:
            if words.casefold() in text.casefold():
                wrong("never", f"il bot dice «{words}», e non dovrebbe")
        if turn.silent and text:
            wrong("silent", f"il bot dovrebbe tacere; dice: {short}")
        asked = next((say.asks for say in self._said() if say.asks), "")
        if turn.asks is not None and asked != turn.asks:
            wrong("asks", f"il bot non chiede «{turn.asks}», ma «{asked or 'niente'}»")
        for label in turn.buttons:
            if f"«{label}»" not in self._labels():
                wrong("buttons", f"manca il pulsante «{label}»: ci sono {self._labels()}")
        names = {type(e).__name__ for e in self.effects}
        for name in turn.does:
            if name not in names:
                wrong("does", f"il bot non fa {name}; fa: {', '.join(sorted(names)) or 'niente'}")
        found.extend(self._sheet(turn, trail))
        return found

    def _sheet(self, turn: Turn, trail: Trail) -> list[Problem]:
        found: list[Problem] = []
        for fact, wanted in turn.sheet.items():
            values: list[Any] = [f.value for f in self.state.sheet.of(fact)]
            expected = [wanted] if isinstance(wanted, str) else list(wanted)
            if values != [v for v in expected if v]:
                found.append(
                    self.source.problem(
                        (*trail, "sheet", fact.value),
                        f"sulla scheda `{fact.value}` è {', '.join(values) or 'vuoto'}, non {', '.join(expected)}",
                    )
                )
        return found
