"""A storm: pairs of a shopkeeper and an angel write to each other while everything around them breaks."""

from __future__ import annotations

import contextlib
import random
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, text

from bot.bootstrap import newest_model
from bot.store.crash import PLACES
from bot.understanding.rasa.training import room_environment, room_python
from tests.chaos.ledger import MARK, Verdict, compare, mark
from tests.e2e.house import ROOT, House, Phone, until

NAMES = (
    "Adalgisa",
    "Bonifacio",
    "Cunegonda",
    "Desiderio",
    "Ermenegilda",
    "Filiberto",
    "Genoveffa",
    "Ildebrando",
)
FAULTS = ("timeout_before", "timeout_after", "disconnect", "429", "500", "slow")
HIDING = frozenset({"timeout_before", "timeout_after", "disconnect", "500"})
"""Faults after which nobody can tell whether a message arrived."""

SHOWING = frozenset({"sendMessage", "copyMessage", "createForumTopic"})
METHODS = ("sendMessage", "sendMessage", "getUpdates", "editMessageText", "setMessageReaction", None)


@dataclass
class Plan:
    """How big a storm, and which.

    Attributes:
        seed: Replays the same orders in the same sequence.
        pairs: Shopkeepers, each with an angel.
        rounds: Times that everybody writes one message; after each, one thing breaks.
        workers: Processes of the bot.
        words: Messages that everybody writes in a round.
        acts: Things that break in a round.
        rasa: With a real Rasa, which is killed and hung too.
    """

    seed: int = 1
    pairs: int = 3
    rounds: int = 12
    workers: int = 1
    words: int = 1
    acts: int = 1
    rasa: bool = False


@dataclass
class Pair:
    """Two people with the bot between them."""

    number: int
    shopkeeper: Phone
    angel: Phone
    sent_n: list[str] = field(default_factory=list)
    sent_s: list[str] = field(default_factory=list)


class Storm:
    """Runs one plan.

    Args:
        folder: For databases and logs.
        plan: What is to happen.
        database_url: "" = SQLite in the folder.
        database_away: Stops the database at once and starts it again; None where that cannot be.
    """

    def __init__(
        self,
        folder: Path,
        plan: Plan,
        database_url: str = "",
        database_away: Callable[[], None] | None = None,
    ) -> None:
        self.plan = plan
        self.chance = random.Random(plan.seed)
        self.url = database_url or f"sqlite:///{folder / 'bot.sqlite'}"
        self.house = House(folder, settings={"DATABASE_URL": self.url})
        self.away = database_away
        self.bots: list[subprocess.Popen[bytes]] = []
        self.pairs: list[Pair] = []
        self.happened: dict[str, int] = {}
        self.endings: list[int] = []
        self.in_flight = 0
        """Sends that were under way when a process died."""
        self.rasa: Rasa | None = None

    def run(self, told: Callable[[int], None] = lambda _: None) -> Verdict:
        """Set up, storm, let it settle, and hold the ledger against what was seen."""
        try:
            self.house.open()
            if self.plan.rasa:
                self.rasa = Rasa()
                self.house.settings |= {"NLU_OFF": "false", "NLU_URL": self.rasa.url}
            for _ in range(self.plan.workers):
                self.bots.append(self._start())
            self.pairs = [self._meet(number) for number in range(self.plan.pairs)]
            for number in range(self.plan.rounds):
                for turn in range(max(self.plan.words, self.plan.acts)):
                    if turn < self.plan.acts:
                        self._order_fault()
                    if turn < self.plan.words:
                        self._talk(number * self.plan.words + turn)
                    if turn < self.plan.acts:
                        self._break()
                self._revive()
                told(number)
            self.house.http.delete("/faults")
            self._settle()
            return self._verdict()
        finally:
            for bot in self.bots:
                bot.kill()
                bot.wait()
            if self.rasa is not None:
                self.rasa.close()
            self.house.close()

    def _start(self, crash_at: str = "") -> subprocess.Popen[bytes]:
        with self.house.output.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "run"],
                cwd=ROOT,
                env=self.house.environment() | {"CRASH_AT": crash_at},
                stdout=log,
                stderr=log,
            )

    def _meet(self, number: int) -> Pair:
        name = NAMES[number % len(NAMES)]
        phone = self.house.newcomer(name)
        phone.say("/start")
        phone.tap("Sì, va bene")
        until(lambda: len(phone.messages()) >= 4, "the first question")
        phone.say("ho un panificio a Lambrate, vorrei farmi trovare su google")
        phone.say("/persona")
        angel = self.house.topic_of(name, number % 2)
        angel.tap("Me ne occupo")
        angel.sees("Se ne occupa")
        return Pair(number, phone, angel)

    def _talk(self, word: int) -> None:
        for pair in self.chance.sample(self.pairs, len(self.pairs)):
            pair.sent_n.append(mark("n", pair.number, word))
            pair.shopkeeper.send(pair.sent_n[-1])
            pair.sent_s.append(mark("s", pair.number, word))
            pair.angel.send(pair.sent_s[-1])

    def _break(self) -> None:
        acts: list[tuple[str, Callable[[], None]]] = [
            ("kill", self._kill),
            ("crash", self._crash),
            ("pause", self._pause),
            ("network", self._network),
            ("second poller", self._second_poller),
            ("clock", self._clock),
        ]
        if self.url.startswith("sqlite"):
            acts.append(("disk full", self._disk_full))
        if self.rasa is not None:
            acts += [("rasa killed", self.rasa.kill), ("rasa hung", self._rasa_hangs)]
        if self.away is not None:
            acts.append(("database", self.away))
        name, act = self.chance.choice(acts)
        self.happened[name] = self.happened.get(name, 0) + 1
        act()

    def _order_fault(self) -> None:
        """Half of the times, before anybody writes: the next calls go wrong."""
        if self.chance.random() < 0.5:
            self._fault()

    def _fault(self) -> None:
        kind = self.chance.choice(FAULTS)
        order: dict[str, Any] = {"kind": kind, "count": self.chance.randint(1, 3), "seconds": 0.3}
        self.happened["faults ordered"] = self.happened.get("faults ordered", 0) + order["count"]
        method = self.chance.choice(METHODS)
        self.house.http.post(
            "/faults", json=order | ({"method": method} if method else {})
        ).raise_for_status()

    def _kill(self) -> None:
        bot = self.chance.choice(self.bots)
        bot.send_signal(signal.SIGKILL)
        bot.wait()
        self._count_in_flight()

    def _count_in_flight(self) -> None:
        self.in_flight += self._count("outbox", "sending")

    def _network(self) -> None:
        """Telegram says nothing for a while, and then goes on."""
        telegram = self.house.telegram
        assert telegram is not None
        telegram.send_signal(signal.SIGSTOP)
        time.sleep(self.chance.uniform(0.3, 2.0))
        telegram.send_signal(signal.SIGCONT)

    def _rasa_hangs(self) -> None:
        assert self.rasa is not None
        self.rasa.hang(self.chance.uniform(0.5, 3.0))

    def _disk_full(self) -> None:
        """For a while no file of the bot may grow."""
        bot = self.chance.choice(self.bots)
        if bot.poll() is not None:
            return
        _, hard = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (4096, hard))
        time.sleep(self.chance.uniform(0.5, 2.0))
        if bot.poll() is None:
            resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def _crash(self) -> None:
        """The next process dies at a named place; until then it works."""
        place = f"{self.chance.choice(PLACES)}:{self.chance.randint(1, 3)}"
        self._kill()
        self.bots = [bot for bot in self.bots if bot.poll() is None] + [self._start(place)]

    def _pause(self) -> None:
        bot = self.chance.choice(self.bots)
        if bot.poll() is None:
            bot.send_signal(signal.SIGSTOP)
            time.sleep(self.chance.uniform(0.2, 1.5))
            bot.send_signal(signal.SIGCONT)

    def _second_poller(self) -> None:
        # The fault that is next in line may hit the stranger.
        with httpx.Client(timeout=10) as stranger, contextlib.suppress(httpx.HTTPError):
            stranger.get(f"{self.house.info['url']}/bot{self.house.info['token']}/getUpdates")

    def _clock(self) -> None:
        seconds = self.chance.randint(1, 60)
        self.house.http.post("/clock", json={"advance_s": seconds}).raise_for_status()

    def _revive(self) -> None:
        for index, bot in enumerate(self.bots):
            if bot.poll() is not None:
                self.endings.append(bot.returncode)
                self._count_in_flight()
                self.bots[index] = self._start()

    def _settle(self) -> None:
        """Until nothing waits: whoever dies now at an armed place is started again too."""

        def quiet() -> bool:
            self._revive()
            return not self._count("inbox", "waiting") and not self._count("outbox", "queued", "sending")

        last = self.house.newcomer("Zoroastro")
        last.send("/start")

        def fetched() -> bool:
            self._revive()
            return len(last.messages()) >= 3

        # Who wrote last is answered, so whatever Telegram still held before that has been fetched.
        until(fetched, "an answer to who wrote last", 180)
        until(quiet, "inbox and outbox worked off", 180)

    def _count(self, table: str, *states: str) -> int:
        engine = create_engine(self.url.replace("postgresql://", "postgresql+psycopg://", 1))
        names = ", ".join(f"'{state}'" for state in states)
        try:
            with engine.connect() as connection:
                query = text(f"SELECT count(*) FROM {table} WHERE state IN ({names})")
                return int(connection.execute(query).scalar_one())
        finally:
            engine.dispose()

    def unsure(self) -> dict[tuple[int, int | None], int]:
        """What the bot itself reports as not certainly delivered, by chat and topic."""
        engine = create_engine(self.url.replace("postgresql://", "postgresql+psycopg://", 1))
        query = text(
            "SELECT chat_id, thread_id, count(*) FROM outbox WHERE purpose = 'relay'"
            " AND state IN ('uncertain', 'failed', 'blocked') GROUP BY chat_id, thread_id"
        )
        with engine.connect() as connection:
            found = {(int(chat), thread): int(n) for chat, thread, n in connection.execute(query)}
        engine.dispose()
        return found

    def _verdict(self) -> Verdict:
        verdict, unsure = Verdict(), self.unsure()
        verdict.uncertain, verdict.explained = self._count("outbox", "uncertain"), self._explained()
        for pair in self.pairs:
            chat = int(pair.shopkeeper.user)
            topic = (int(pair.angel.chat or 0), pair.angel.thread)
            compare(pair.sent_n, _marks(pair.angel, "n"), unsure.get(topic, 0), verdict)
            compare(pair.sent_s, _marks(pair.shopkeeper, "s"), unsure.get((chat, None), 0), verdict)
        return verdict

    def _explained(self) -> int:
        """How many sends were hit: by a fault that hides its outcome, or by the death of their process."""
        faults = [line for line in self.house.log() if line.get("fault") and line["method"] in SHOWING]
        self.happened["faults on sends"] = len(faults)
        self.happened["processes ended"] = len(self.endings)
        return sum(line["fault"] in HIDING for line in faults) + self.in_flight


class Rasa:
    """A Rasa of the storm's own, as the bot would keep one: real, and started again when it dies."""

    def __init__(self) -> None:
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [
            str(room_python(ROOT)),
            str(ROOT / "nlu/serve.py"),
            str(newest_model(ROOT)),
            str(self._port),
        ]
        return subprocess.Popen(
            command,
            cwd=ROOT / "nlu",
            env=room_environment(ROOT),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """Kill it; another one begins to load at once."""
        self._process.kill()
        self._process.wait()
        self._process = self._start()

    def hang(self, seconds: float) -> None:
        """It holds its connections open and says nothing."""
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _marks(phone: Phone, side: str) -> list[str]:
    """The marks of one direction on a screen, written by the bot."""
    found = []
    for message in phone.messages():
        if message.get("from", {}).get("is_bot") and not message.get("deleted"):
            found += [
                m.group()
                for m in MARK.finditer(message.get("text", ""))
                if m.group().startswith(f"uovo-{side}")
            ]
    return found
