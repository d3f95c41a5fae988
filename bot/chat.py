"""`bot chat`: talk to a script in the terminal, with the understanding the bot has and nothing kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.conversation import Library, Phase, State, advance, new_state
from bot.conversation.clock import is_open, next_opening
from bot.conversation.types import Button, Effect, Event, Heard, Moment, Ordered, Pressed, Said, Say, Started
from bot.understanding.port import Understanding, Utterance


@dataclass
class Terminal:
    """One conversation in a terminal.

    Args:
        library: What staff wrote.
        understanding: What a line says.
        as_json: One JSON object a turn instead of text.
        step: Begin at this step, as if the first consent had been given.
    """

    library: Library
    understanding: Understanding
    as_json: bool = False
    step: str = ""

    def __post_init__(self) -> None:
        """Begin."""
        self.state = new_state()
        self.turns = 0
        self.offered: list[Button] = []

    async def talk(self, lines: Iterable[str], script: str) -> None:
        """Read lines until they end; `1`, `2`, ... press a button, `/command` orders."""
        self.state = replace(self.state, script=script)
        if self.step:
            self.state = replace(
                self.state, listening=True, phase=Phase.LISTENING, step=self.step, asked=self.step
            )
        else:
            self._turn(Started(first_name="", language_code="it"))
        for line in lines:
            text = line.strip()
            if text:
                self._turn(await self._event(text))

    async def _event(self, text: str) -> Event:
        if text.isdigit() and 0 < int(text) <= len(self.offered):
            return Pressed(self.offered[int(text) - 1].choice)
        if text.startswith("/"):
            name, _, argument = text[1:].partition(" ")
            return Started() if name == "start" else Ordered(name, argument)
        said = await self.understanding.understand(Utterance(text, self.state.asked, self.state.language))
        return Said((Heard(self.turns + 1, said),))

    def _turn(self, event: Event) -> None:
        self.turns += 1
        now = datetime.now(UTC)
        hours = self.library.hours
        moment = Moment(now, self.turns, is_open(hours, now), False, next_opening(hours, now))
        self.state, effects = advance(self.library, self.state, event, moment)
        self._show(self.state, effects)

    def _show(self, state: State, effects: tuple[Effect, ...]) -> None:
        said = [effect for effect in effects if isinstance(effect, Say)]
        if said:
            self.offered = [button for say in said for row in say.buttons for button in row]
        if self.as_json:
            answer = {
                "said": [say.text for say in said],
                "buttons": [button.label for button in self.offered],
                "asked": state.asked,
                "phase": state.phase,
                "facts": {f.fact: list(state.sheet.values(f.fact)) for f in state.sheet.facts},
                "effects": [type(effect).__name__ for effect in effects if not isinstance(effect, Say)],
            }
            print(json.dumps(answer, ensure_ascii=False), flush=True)
            return
        for say in said:
            print(f"\n{say.text}")
        for number, button in enumerate(self.offered, 1):
            print(f"  [{number}] {button.label}")
        print("> ", end="", file=sys.stderr, flush=True)
