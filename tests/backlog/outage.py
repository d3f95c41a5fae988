"""An outage: the bot is away, people go on writing, and then it comes back to all of it.

    python -m tests.backlog --count 100000

Everybody has agreed to be listened to before; during the outage they write several messages each, and some of them
are in danger. When the bot is back, Telegram's own log and the bot's books are held against what was written: every
message once and in order, memory flat, who is in danger before the others, and nobody flooded with stale questions.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.bench.people import LINES
from bot.bench.stage import Ear, Stage
from bot.rehearsal.world import Json

DANGER = "non ce la faccio più a vivere, voglio farla finita"
AWAY_S = 3600.0
"""How long the bot is away, by Telegram's clock."""

LOOK_S = 0.25
AT_ONCE = 16
"""People who agree at the same time, before the outage."""

PATIENCE_S = 300.0
"""Longest wait in which nothing at all is worked off."""


@dataclass(frozen=True)
class Plan:
    """How much waits.

    Attributes:
        count: Updates.
        people: Who write them, each about as many.
        dangers: How many of the people are in danger, one message each, anywhere in the backlog.
        ear: How much is understood.
        seed: Replays the same backlog.
    """

    count: int = 100_000
    people: int = 2_000
    dangers: int = 20
    ear: Ear = Ear.OFF
    seed: int = 1


@dataclass
class Figures:
    """What came of it.

    Attributes:
        count: Updates that waited.
        seconds: From the start of the process until nothing was left.
        memory: Bytes at so many percent of the work.
        missing: Messages that are not in the books.
        disordered: People whose messages are in the books in another order, or twice.
        unanswered: People who got no answer at all.
        answers: The bot's messages to one person: the median, and the most.
        overtaken: For each in danger: how many other people were answered between the moment in which Telegram
            handed their message out and their own answer.
        calm: The same for everybody else, the median.
    """

    count: int = 0
    seconds: float = 0.0
    memory: dict[int, int] = field(default_factory=dict)
    missing: int = 0
    disordered: int = 0
    unanswered: int = 0
    answers: tuple[float, int] = (0, 0)
    overtaken: list[int] = field(default_factory=list)
    calm: float = 0.0

    def growth(self) -> float:
        """Memory at the end against that at a tenth."""
        return self.memory[100] / self.memory[10]

    def faults(self) -> list[str]:
        """What is wrong with it, in words; nothing of it looks at the clock."""
        return [
            *([f"{self.missing} messages are missing"] if self.missing else []),
            *([f"{self.disordered} people's messages are out of order"] if self.disordered else []),
            *([f"{self.unanswered} people got no answer"] if self.unanswered else []),
            *([f"somebody got {self.answers[1]} messages"] if self.answers[1] > MOST_ANSWERS else []),
            *(
                [f"{max(self.overtaken)} people were answered before somebody in danger"]
                if self.overtaken and max(self.overtaken) > MOST_OVERTAKEN
                else []
            ),
        ]

    def __str__(self) -> str:
        """The figures, one a line."""
        megabytes = ", ".join(f"{part} %: {size / 1e6:.0f} MB" for part, size in self.memory.items())
        danger = self.overtaken or [0]
        return "\n".join(
            [
                f"{self.count} updates in {self.seconds:.0f} s, {self.count / self.seconds:.0f} a second",
                f"memory at {megabytes}; at the end {self.growth():.2f} times that at a tenth",
                f"missing {self.missing}, out of order {self.disordered}, unanswered {self.unanswered}",
                f"answers to one person: median {self.answers[0]:.0f}, most {self.answers[1]}",
                f"others answered first: {statistics.median(danger):.0f} (most {max(danger)}) where there is danger,"
                f" {self.calm:.0f} where there is none (medians)",
                *(self.faults() or ["clean"]),
            ]
        )


MOST_ANSWERS = 8
"""Messages of the bot to one person after an outage; an alarm says several things."""

MOST_OVERTAKEN = 24
"""People who were being answered already, with what waits for Telegram's answer."""


class Outage(Stage):
    """A stage whose Telegram tells the bot the time.

    Args:
        folder: For the bot's files.
        plan: What waits.
        told: Hears how far it is.
    """

    def __init__(self, folder: Path, plan: Plan, told: Callable[[str], None] = lambda _: None) -> None:
        super().__init__(folder, plan.ear)
        self.plan = plan
        self.told = told
        self.dice = random.Random(plan.seed)
        self.written: dict[int, list[int]] = {}
        self.in_danger: dict[int, int] = {}
        """Person to the number of the message that says so."""
        self.handed: dict[int, int] = {}
        """Person to how many people had been answered when Telegram handed the message out."""
        self.answered: dict[int, int] = {}
        """Person to how many people had been answered before."""
        self.sends: Counter[int] = Counter()
        self.back = False
        self._follow()

    def environment(self) -> dict[str, str]:
        """The bot's settings, with Telegram's clock."""
        return super().environment() | {"CLOCK_URL": f"{self.url}/clock"}

    def program(self) -> list[str]:
        """With understanding off, danger is heard all the same: by the rules alone."""
        return ["-m", "tests.backlog.wary"] if self.ear is Ear.OFF else super().program()

    def _follow(self) -> None:
        add = self.local.log.add

        def recorded(entry: Json, result: bytes | None = None) -> None:
            if self.back and entry["method"] == "sendMessage" and entry.get("ok"):
                self._was_answered(int(entry["params"]["chat_id"]))
            if self.back and entry["method"] == "getUpdates" and result and len(result) > 2:
                self._was_handed(result)
            add(entry, result)

        self.local.log.add = recorded  # type: ignore[method-assign]

    def _was_answered(self, chat: int) -> None:
        if chat in self.written:
            self.sends[chat] += 1
            self.answered.setdefault(chat, len(self.answered))

    def _was_handed(self, result: bytes) -> None:
        for update in json.loads(result):
            message = update.get("message")
            if message and message["chat"]["id"] in self.written:
                chat, number = message["chat"]["id"], message["message_id"]
                if self.in_danger.get(chat, number) == number:
                    self.handed.setdefault(chat, len(self.answered))

    async def run(self) -> Figures:
        """Everybody agrees, the bot goes away, they write, it comes back."""
        async with self.up():
            await self.start()
            people = [self.newcomer(f"Negozio{number}") for number in range(self.plan.people)]
            await self._agree(people)
            await self.quiet()
            await self.stop()
            self._write(people)
            self.local.clock.advance(AWAY_S)
            self.told(f"{self.plan.count} updates wait")
            figures = Figures(self.plan.count)
            self.back = True
            begun = time.monotonic()
            await self.launch()
            await self._watch(figures)
            figures.seconds = time.monotonic() - begun
            self._judge(figures)
            return figures

    async def _agree(self, people: list[int]) -> None:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(person: int) -> None:
            async with places:
                await self.turn(person, "/start")
                await self.press(person, "ascolto:si")

        await asyncio.gather(*(one(person) for person in people))
        self.told(f"{len(people)} people have agreed")

    def _write(self, people: list[int]) -> None:
        self.written = {person: [] for person in people}
        places = set(self.dice.sample(range(self.plan.count), self.plan.dangers))
        calm = list(people)
        for number in range(self.plan.count):
            person = self.dice.choice(calm if number in places else people)
            text = f"{self.dice.choice(LINES)} ({number})"
            if number in places:
                calm.remove(person)
                text = DANGER
            sent = int(self.phones.send(person, {"text": text})["message_id"])
            self.written[person].append(sent)
            if number in places:
                self.in_danger[person] = sent
        self.written = {person: sent for person, sent in self.written.items() if sent}

    async def _watch(self, figures: Figures) -> None:
        """Until nothing is left; memory is read on the way."""
        done, since = -1, time.monotonic()
        while True:
            await asyncio.sleep(LOOK_S)
            before, (done, left) = done, self._progress()
            if done != before:
                since = time.monotonic()
            if time.monotonic() - since > PATIENCE_S:
                raise RuntimeError(f"nothing moves: {done} worked off, {left} left")
            reached = 100 * done // self.plan.count
            for part in (10, 50, 100):
                if part <= reached and part not in figures.memory:
                    figures.memory[part] = self.memory() or 0
                    self.told(f"{part} %: {done} worked off, {figures.memory[part] / 1e6:.0f} MB")
            if not left and done >= self.plan.count and not self.local.updates.waiting:
                return

    def _progress(self) -> tuple[int, int]:
        """How many messages of the outage are in the books, and how much is left to do."""
        with closing(sqlite3.connect(self.folder / "bot.sqlite", timeout=60)) as books:
            (done,) = books.execute("SELECT count(*) FROM messages WHERE author = 'shopkeeper'").fetchone()
            (left,) = books.execute(
                "SELECT (SELECT count(*) FROM inbox WHERE state = 'waiting')"
                " + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending'))"
            ).fetchone()
        return done, left

    def _judge(self, figures: Figures) -> None:
        kept: dict[int, list[int]] = {person: [] for person in self.written}
        with closing(sqlite3.connect(self.folder / "bot.sqlite", timeout=60)) as books:
            rows = books.execute(
                "SELECT chat_id, telegram_id FROM messages WHERE author = 'shopkeeper' ORDER BY id"
            )
            for chat, number in rows:
                if chat in kept:
                    kept[chat].append(number)
        for person, sent in self.written.items():
            figures.missing += len(set(sent) - set(kept[person]))
            figures.disordered += kept[person] != sent
        figures.unanswered = len(set(self.written) - set(self.sends))
        figures.answers = (statistics.median(self.sends.values()), max(self.sends.values()))
        waits = {
            person: self.answered[person] - at
            for person, at in self.handed.items()
            if person in self.answered
        }
        figures.overtaken = [waits[person] for person in self.in_danger if person in waits]
        figures.calm = statistics.median(
            wait for person, wait in waits.items() if person not in self.in_danger
        )
