"""The bot with understanding off: every message is a story without facts. What is left is the bot's own cost."""

from __future__ import annotations

import asyncio
import contextlib

from bot import logs
from bot.bootstrap import House
from bot.conversation.types import Understood
from bot.settings import Settings
from bot.understanding.port import Understanding, Utterance


class Deaf:
    """Understands nothing, at once."""

    async def understand(self, utterance: Utterance) -> Understood:
        """A story without facts."""
        return Understood(utterance.text, language="it")

    async def ready(self) -> bool:
        """Always."""
        return True


class DeafHouse(House):
    """The house as it is, but for its ears."""

    def _open_listener(self) -> Understanding:
        return Deaf()


async def run(kind: type[House] = DeafHouse) -> None:
    """Run a house of this kind until something fails for good."""
    async with contextlib.AsyncExitStack() as stack:
        house = kind(Settings())
        await house.open(stack)
        await house.wait()


if __name__ == "__main__":
    logs.set_up("WARNING")
    asyncio.run(run())
