"""A person on the telephone, for tests of the engine: say, tap, order, and read what came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.conversation import Library, State, advance, dump, load, new_state
from bot.conversation.types import (
    Act,
    Alarm,
    Brought,
    Button,
    Change,
    Effect,
    Event,
    FactHeard,
    FactId,
    Heard,
    Moment,
    Ordered,
    Pressed,
    Rewrote,
    Safety,
    Said,
    Say,
    Started,
    Understood,
)

MORNING = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)  # 10:15 in Milan, a Tuesday


def understood(
    text: str,
    act: Act = Act.RACCONTO,
    *,
    also: tuple[Act, ...] = (),
    alarm: Alarm | None = None,
    doubt: Alarm | None = None,
    masked: tuple[str, ...] = (),
    safety: Safety = Safety.UNKNOWN,
    certainty: float = 1.0,
    change: Change = Change.ADD,
    **facts: str | list[str],
) -> Understood:
    """What understanding would make of a message; facts by their id."""
    heard = tuple(
        FactHeard(FactId(name), value, text, certainty, change)
        for name, values in facts.items()
        for value in ([values] if isinstance(values, str) else values)
    )
    return Understood(
        text,
        "it",
        act,
        also,
        facts=heard,
        alarm=alarm,
        doubt=doubt,
        reason="prova",
        masked=masked,
        safety=safety,
    )


class Talk:
    """One conversation, written down and read again after every event."""

    def __init__(self, library: Library, *, seed: int = 1, **moment: Any) -> None:
        self.library, self.seed, self.moment = library, seed, moment
        self.state: State = new_state()
        self.now = MORNING
        self.effects: tuple[Effect, ...] = ()
        self.history: list[Effect] = []
        self.ref = 0
        self.asked: list[str] = []

    def happen(self, event: Event, **moment: Any) -> Talk:
        self.ref += 1
        around = {"desk_open": True, "on_call": True, **self.moment, **moment}
        at = Moment(self.now, self.seed * 1009 + self.ref, **around)
        state, self.effects = advance(self.library, self.state, event, at)
        self.state = load(dump(state))
        assert self.state == state, "a state must survive being written down"
        self.history.extend(self.effects)
        return self

    def start(self) -> Talk:
        return self.happen(Started("Carla", "it"))

    def agree(self) -> Talk:
        return self.start().tap("ascolto:si")

    def say(self, text: str, act: Act = Act.RACCONTO, **what: Any) -> Talk:
        return self.happen(Said((Heard(self.ref + 100, understood(text, act, **what)),)))

    def burst(self, *heard: Understood) -> Talk:
        return self.happen(Said(tuple(Heard(self.ref + 100 + i, u) for i, u in enumerate(heard))))

    def rewrite(self, ref: int, text: str, **what: Any) -> Talk:
        return self.happen(Rewrote(Heard(ref, understood(text, **what))))

    def bring(self, kind: str, **what: Any) -> Talk:
        return self.happen(Brought(self.ref + 100, kind, **what))

    def tap(self, choice: str) -> Talk:
        return self.happen(Pressed(choice))

    def order(self, command: str, argument: str = "") -> Talk:
        return self.happen(Ordered(command, argument))

    def wait(self, **time: int) -> Talk:
        self.now += timedelta(**time)
        return self

    @property
    def says(self) -> list[Say]:
        return [e for e in self.effects if isinstance(e, Say)]

    @property
    def text(self) -> str:
        return "\n".join(s.text for s in self.says)

    @property
    def asks(self) -> str:
        return next((s.asks for s in self.says if s.asks), "")

    @property
    def buttons(self) -> list[Button]:
        return [b for s in self.says for row in s.buttons for b in row]

    @property
    def choices(self) -> list[str]:
        return [b.choice for b in self.buttons]

    def did(self, kind: type) -> list[Any]:
        return [e for e in self.effects if isinstance(e, kind)]


def to_summary(talk: Talk) -> Talk:
    """Agree, tell a story and stop: the summary is read back."""
    talk.agree()
    talk.say(
        "ho un bar in Isola e nessuno mi trova su Google",
        attivita="ristorazione_bar", zona="Isola", bisogno="farsi_trovare", cosa_succede="nessuno mi trova su Google",
    )  # fmt: skip
    return talk.order("basta")


def to_waiting(talk: Talk) -> Talk:
    """On from the summary to the wait for a person."""
    return to_summary(talk).tap("riassunto:si").tap("condivido:si").tap("contatto:qui")
