"""The measures. Each sets its own stage, talks, and answers plain figures: seconds, bytes, counts."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.bench.fill import lengthen, populate, seal_once
from bot.bench.people import LINES
from bot.bench.stage import Ear, Stage
from bot.bootstrap import load_keys, open_database
from bot.conversation import Library
from bot.settings import Settings
from bot.store.database import Database

WARM = 14
"""Turns before the clock counts: caches, compiled statements, the language's tables."""

AT_A_TIME = 300
TURNS_EACH = 8
"""People of the load who talk at the same time, and how much each says."""

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Spread:
    """Latencies in milliseconds: update handed out by Telegram to the bot's first call for that chat."""

    turns: int
    median: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Spread:
        """Of latencies in seconds."""
        if not seconds:
            return cls(0, 0.0, 0.0, 0.0)
        ordered = sorted(1000 * s for s in seconds)
        return cls(len(ordered), *(round(_at(ordered, share), 2) for share in (0.5, 0.95, 0.99)))


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@contextlib.contextmanager
def opened(stage: Stage) -> Any:
    """The stage's database, for as long as no bot uses it."""
    settings = Settings(database_url=stage.database_url, data_dir=stage.folder, _env_file=None)
    load_keys(settings)
    seal_once()
    database: Database = open_database(settings)
    try:
        yield database
    finally:
        database.close()


async def alone(stage: Stage, people: int, turns: int) -> list[float]:
    """Whole interviews from the first hello, one turn at a time, nobody else there."""
    taken: list[float] = []
    for number in range(people + 1):
        person = stage.newcomer("Carla")
        first = await stage.turn(person, "/start")
        await stage.quiet()
        agreed = await stage.press(person, "ascolto:si")
        spoken = [await stage.turn(person, LINES[n % len(LINES)]) for n in range(turns)]
        if number:  # the first one warms
            taken += [first, agreed, *spoken]
    return taken


async def cost(folder: Path, ear: Ear, people: int, turns: int) -> dict[str, Any]:
    """What a turn costs when nobody else is there; and how many turns a second go through when many are."""
    stage = Stage(folder, ear)
    async with stage.up():
        await stage.start()
        await alone(stage, 0, turns)
        before = stage.worked()
        taken = await alone(stage, people, turns)
        work = _work(stage, before, (people + 1) * (turns + 2))
        rate = await throughput(stage, people=16, turns=turns)
        return {**asdict(Spread.of(taken)), **work, "turns_per_second": rate, "memory": stage.memory()}


def _work(stage: Stage, before: float | None, turns: int) -> dict[str, float]:
    """Processor milliseconds a turn of the bot's process since `before`; nothing where they cannot be told."""
    after = stage.worked()
    return {} if before is None or after is None else {"processor": round(1000 * (after - before) / turns, 2)}


async def throughput(stage: Stage, people: int, turns: int) -> float:
    """Turns a second with so many people who each write again as soon as they are answered."""

    async def one() -> None:
        person = stage.newcomer("Carla")
        await stage.turn(person, "/start")
        await stage.press(person, "ascolto:si")
        for number in range(turns):
            await stage.turn(person, LINES[number % len(LINES)])

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(people)))
    return round(people * (turns + 2) / (time.perf_counter() - begun), 1)


async def by_length(
    folder: Path,
    ear: Ear,
    library: Library,
    lengths: Sequence[int],
    rounds: int,
    settings: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The cost of a turn against the length of its conversation: same bot, same moment, taking turns.

    Every conversation has an angel's topic, into which each word is carried too.
    """
    stage = Stage(folder, ear, settings)
    async with stage.up():
        await stage.start()
        people = {length: await _with_topic(stage) for length in lengths}
        await stage.quiet()
        await stage.stop()
        with opened(stage) as database:
            for length, person in people.items():
                if length > 10:
                    lengthen(database, library, person, length - 10, datetime.now(UTC), stage.local.bot.id)
        await stage.start()
        return {
            str(length): asdict(spread)
            for length, spread in (
                await _rounds({length: _turns_of(stage, person) for length, person in people.items()}, rounds)
            ).items()
        }


async def _with_topic(stage: Stage) -> int:
    """Somebody who has told a little, and asked for a person."""
    person = stage.newcomer("Carla")
    await stage.turn(person, "/start")
    await stage.press(person, "ascolto:si")
    for line in LINES[:5]:
        await stage.turn(person, line)
    await stage.turn(person, "/persona")
    with contextlib.suppress(TimeoutError):
        await stage.press(person, "condivido:si")
    return person


def _turns_of(stage: Stage, person: int) -> Callable[[int], Awaitable[float]]:
    async def turn(number: int) -> float:
        taken = await stage.turn(person, LINES[number % len(LINES)])
        await _sent(stage)
        return taken

    return turn


async def _sent(stage: Stage) -> None:
    """The rest of a turn (the copy in the topic) is done before the next one begins."""
    seen = -1
    while seen != stage.local.log.last:
        seen = stage.local.log.last
        await asyncio.sleep(0.02)


async def _rounds(talkers: dict[int, Callable[[int], Awaitable[float]]], rounds: int) -> dict[int, Spread]:
    """Everybody in turn, round after round: what disturbs the machine disturbs all alike."""
    taken: dict[int, list[float]] = {size: [] for size in talkers}
    for number in range(WARM + rounds):
        for size, turn in talkers.items():
            seconds = await turn(number)
            if number >= WARM:
                taken[size].append(seconds)
    return {size: Spread.of(seconds) for size, seconds in taken.items()}


async def by_stored(
    folder: Path, library: Library, sizes: Sequence[int], rounds: int, told: Told
) -> dict[str, Any]:
    """The own cost of a turn against the number of stored conversations: one bot each, taking turns."""
    async with contextlib.AsyncExitStack() as stack:
        stages: dict[int, Stage] = {}
        for size in sizes:
            stage = await stack.enter_async_context(Stage(folder / str(size), Ear.OFF).up())
            told(f"{size} conversazioni nella banca dati...")
            with opened(stage) as database:
                await asyncio.to_thread(
                    populate, database, library, size, datetime.now(UTC), bot_id=stage.local.bot.id
                )
            stages[size] = stage
        people = {}
        for size, stage in stages.items():
            await stage.start()
            people[size] = await _with_topic(stage)
            await stage.quiet()
        spreads = await _rounds(
            {size: _turns_of(stage, people[size]) for size, stage in stages.items()}, rounds
        )
        return {
            str(size): {
                **asdict(spread),
                "memory": stages[size].memory(),
                "file": (stages[size].folder / "bot.sqlite").stat().st_size,
            }
            for size, spread in spreads.items()
        }


async def load(
    folder: Path,
    ear: Ear,
    library: Library,
    per_second: float,
    seconds: float,
    told: Told,
    window: float = 0.0,
) -> dict[str, Any]:
    """So many updates a second, come what may, for so long; latencies by thirds show growth.

    Three hundred people at a time, each in the middle of an interview; when it is over, others follow.

    Args:
        folder: For the database.
        ear: How much is understood.
        library: The scripts.
        per_second: How many updates.
        seconds: How long.
        told: Hears how it goes.
        window: Seconds of silence that the bot waits for before it answers, in case more is being written
            (`GATHER_SECONDS`); they are in the latencies, and `p95_besides` is without them.
    """
    stage = Stage(folder, ear, {"GATHER_SECONDS": str(window)})
    async with stage.up():
        people = AT_A_TIME * (1 + int(per_second * seconds) // (AT_A_TIME * TURNS_EACH))
        everybody = [stage.newcomer("Carla") for _ in range(people)]
        with opened(stage) as database:
            populate(database, library, everybody, datetime.now(UTC), turns=2, bot_id=stage.local.bot.id)
        await stage.start()
        warm = stage.newcomer("Carla")
        for text in ("/start", "sì", *LINES):
            await stage.turn(warm, text)
        before, worked = stage.memory(), stage.worked()
        begun = stage.local.clock.now()
        count = await _open_loop(stage, everybody, per_second, seconds, told)
        await stage.quiet()
        work = _work(stage, worked, count)
        turns = [(at - begun, taken) for at, taken in stage.watch.turns if at >= begun]
        thirds = [
            asdict(Spread.of([t for at, t in turns if third <= 3 * at / seconds < third + 1]))
            for third in range(3)
        ]
        spread = Spread.of([taken for _, taken in turns])
        besides = {"window": 1000 * window, "p95_besides": round(spread.p95 - 1000 * window, 2)}
        return {
            **asdict(spread),
            **(besides if window else {}),
            **work,
            "updates": count,
            "per_second": per_second,
            "seconds": seconds,
            "unanswered": stage.watch.open,
            "thirds": thirds,
            "memory_before": before,
            "memory": stage.memory(),
        }


async def _open_loop(
    stage: Stage, everybody: Sequence[int], per_second: float, seconds: float, told: Told
) -> int:
    """Write at a fixed pace, whether or not answers come."""
    begun = time.monotonic()
    count = round(per_second * seconds)
    for number in range(count):
        due = begun + number / per_second
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        cohort, place = divmod(number, AT_A_TIME * TURNS_EACH)
        person = everybody[cohort * AT_A_TIME + place % AT_A_TIME]
        turn, who = divmod(place, AT_A_TIME)
        line = LINES[(2 + turn + who) % len(LINES)]  # at every moment all of them are being said
        stage.phones.send(person, {"text": line})
        if number and number % round(per_second * 30) == 0:
            last = [taken for at, taken in stage.watch.turns[-round(per_second * 30) :]]
            told(f"{number} messaggi, p95 degli ultimi 30 s: {Spread.of(last).p95:.0f} ms")
    return count


async def first_answer(folder: Path, ear: Ear, library: Library, stored: int, times: int) -> dict[str, Any]:
    """Seconds from the start of the process to its first message, with somebody's hello already waiting."""
    taken: list[float] = []
    stage = Stage(folder, ear)
    async with stage.up():
        with opened(stage) as database:
            populate(database, library, stored, datetime.now(UTC), bot_id=stage.local.bot.id)
        for _ in range(times):
            person = stage.newcomer("Carla")
            stage.phones.send(person, {"text": "/start"})
            waiter: asyncio.Future[float] = asyncio.get_running_loop().create_future()
            stage.watch.waiting[person] = waiter
            begun = time.perf_counter()
            await stage.launch()
            async with asyncio.timeout(60):
                await waiter
            taken.append(time.perf_counter() - begun)
            await stage.quiet()
            await stage.stop()
    return {"seconds": round(statistics.median(taken), 2), "times": times, "stored": stored}
