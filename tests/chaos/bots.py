"""The bot's processes: started, killed, buried, started again."""

from __future__ import annotations

import contextlib
import json
import random
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from tests.chaos.nursery import Child, Nursery
from tests.e2e.house import House, until


@dataclass(frozen=True)
class Bot:
    """One process, and where it writes."""

    process: Child
    log: Path

    def lines(self) -> list[str]:
        """What it has said; nothing when it was killed before it said anything."""
        return self.log.read_text(errors="replace").splitlines() if self.log.exists() else []

    @property
    def worker(self) -> str:
        """The name by which its sends are known in the database; "" before it is up."""
        for line in self.lines():
            if line.startswith("{") and '"house.worker"' in line:
                return str(json.loads(line)["name"])
        return ""

    def had_no_database(self) -> bool:
        """It could not start because the disk was full or the database away: whoever keeps it starts it again."""
        lines = self.lines()
        return any("OperationalError" in line for line in lines) and not any(
            '"house.open"' in line for line in lines
        )


class Bots:
    """All processes of one storm.

    Args:
        house: The Telegram they serve, and their settings.
        count: How many share the database.
        chance: Chooses whom to kill.
        deaf: With understanding off.
    """

    def __init__(self, house: House, count: int, chance: random.Random, deaf: bool) -> None:
        self._nursery = Nursery(deaf)
        self.house = house
        self.chance = chance
        self.deaths = 0
        self.in_flight = 0
        """Sends that were under way when their process died."""
        self.endings: list[str] = []
        """Processes that ended otherwise than by a kill."""
        self._started = 0
        self._engine = engine_of(house.settings["DATABASE_URL"])
        self.living = [self._start() for _ in range(count)]

    def _start(self, crash_at: str = "") -> Bot:
        self._started += 1
        path = self.house.folder / f"bot-{self._started}.log"
        environment = self.house.environment() | {"CRASH_AT": crash_at}
        return Bot(self._nursery.start(environment, path), path)

    def one(self) -> Bot | None:
        """One that lives, if any."""
        alive = [bot for bot in self.living if bot.process.poll() is None]
        return self.chance.choice(alive) if alive else None

    def kill(self) -> None:
        """kill -9, whatever it is doing."""
        bot = self.one()
        if bot is not None:
            bot.process.send_signal(signal.SIGKILL)
            bot.process.wait()

    def revive(self, crash_at: str = "") -> bool:
        """Count and replace whoever has died, by a kill or at an armed place.

        Args:
            crash_at: Where the replacement is to die in its turn.

        Returns:
            True when there was one.
        """
        dead = [bot for bot in self.living if bot.process.poll() is not None]
        for bot in dead:
            self.deaths += 1
            self.in_flight += self._under_way(bot)
            if bot.process.returncode != -signal.SIGKILL and not bot.had_no_database():
                self.endings.append(f"{bot.log}: ended with {bot.process.returncode}")
            self.living[self.living.index(bot)] = self._start(crash_at)
        return bool(dead)

    def _under_way(self, bot: Bot) -> int:
        """What the dead one had begun to send: the next process, or another worker, has not cleared it away yet."""
        rows = self._ask("SELECT worker, count(*) FROM outbox WHERE state = 'sending' GROUP BY worker")
        return sum(int(number) for name, number in rows if name == bot.worker)

    def _ask(self, query: str) -> list[Any]:
        """A look into the books, as soon as the database is there."""

        def asked() -> list[list[Any]]:
            with contextlib.suppress(SQLAlchemyError), self._engine.connect() as connection:
                return [list(connection.execute(text(query)))]
            return []

        return list(until(asked, "the database", every=0.2)[0])

    def count(self, table: str, *states: str) -> int:
        """Rows of these states."""
        names = ", ".join(f"'{state}'" for state in states)
        return int(self._ask(f"SELECT count(*) FROM {table} WHERE state IN ({names})")[0][0])

    def unsure(self, purpose: str) -> Counter[tuple[int, int | None]]:
        """What the bot itself reports as not certainly delivered, by chat and topic."""
        rows = self._ask(
            f"SELECT chat_id, thread_id, count(*) FROM outbox WHERE purpose = '{purpose}'"
            " AND state IN ('uncertain', 'failed', 'blocked') GROUP BY chat_id, thread_id"
        )
        return Counter({(int(chat), thread): int(n) for chat, thread, n in rows})

    def lines(self) -> Iterator[str]:
        """All that any of them has said."""
        for path in sorted(self.house.folder.glob("bot-*.log")):
            yield from path.read_text(errors="replace").splitlines()

    def close(self) -> None:
        """End them."""
        for bot in self.living:
            bot.process.send_signal(signal.SIGKILL)
            bot.process.wait()
        self._nursery.close()
        self._engine.dispose()


def engine_of(url: str) -> Engine:
    """A look into the bot's database from outside."""
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
