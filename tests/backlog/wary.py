"""The bot with understanding off but for danger, which its rules alone hear: the volume falls on the queue."""

from __future__ import annotations

import asyncio

from bot import logs
from bot.bench import deaf
from bot.bootstrap import ROOT
from bot.conversation.types import Understood
from bot.understanding.alarms.ear import AlarmEar
from bot.understanding.alarms.rules import load_rules
from bot.understanding.port import Understanding, Utterance


class Wary(deaf.Deaf):
    """Hears danger, and nothing else."""

    def __init__(self) -> None:
        self._ear = AlarmEar(load_rules(ROOT / "nlu" / "alarms"))

    async def understand(self, utterance: Utterance) -> Understood:
        """A story without facts, or an alarm."""
        verdict = self._ear.hear(utterance.text, "it")
        return Understood(utterance.text, alarm=verdict.alarm, doubt=verdict.doubt, reason=verdict.reason)


class WaryHouse(deaf.DeafHouse):
    """The house as it is, but for its ears."""

    def _open_listener(self) -> Understanding:
        return Wary()


if __name__ == "__main__":
    logs.set_up("WARNING")
    asyncio.run(deaf.run(WaryHouse))
