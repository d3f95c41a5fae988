"""What breaks: the network, the disk, the clock, the database, Rasa, and calls of every kind."""

from __future__ import annotations

import contextlib
import random
import resource
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from bot.bootstrap import newest_model
from bot.understanding.rasa.training import room_environment, room_python
from tests.chaos.bots import Bots
from tests.chaos.nursery import Child
from tests.e2e.house import ROOT, House

FAULTS = ("timeout_before", "timeout_after", "disconnect", "429", "500", "slow", "403")
""" `403` is ordered for one private chat at a time: its owner has blocked the bot."""
HIDING = frozenset({"timeout_before", "timeout_after", "disconnect", "500"})
"""Faults after which nobody can tell whether a message arrived."""

SHOWING = frozenset({"sendMessage", "copyMessage", "createForumTopic"})
METHODS = ("sendMessage", "sendMessage", "getUpdates", "editMessageText", "setMessageReaction", None)


class Weather:
    """Breaks one thing at a time.

    Args:
        house: The Telegram of the storm.
        bots: Its processes.
        chance: Chooses.
        database_away: Stops the database at once and starts it again; None where that cannot be.
        rasa: The storm's own, if it has one.
    """

    def __init__(
        self,
        house: House,
        bots: Bots,
        chance: random.Random,
        database_away: Callable[[], None] | None,
        rasa: Rasa | None,
    ) -> None:
        self.house, self.bots, self.chance = house, bots, chance
        self.happened: Counter[str] = Counter()
        self.acts: dict[str, Callable[[], None]] = {
            "process paused": self._pause,
            "network paused": self._network,
            "second poller": self._second_poller,
            "clock jumped": self._clock,
        }
        if bots.house.settings["DATABASE_URL"].startswith("sqlite"):
            self.acts["disk full"] = self._disk_full
        if database_away is not None:
            self.acts["database restarted"] = database_away
        if rasa is not None:
            self.acts |= {"rasa killed": rasa.kill, "rasa hung": lambda: rasa.hang(chance.uniform(0.5, 3.0))}

    def break_something(self) -> None:
        """One act."""
        name = self.chance.choice(list(self.acts))
        self.happened[name] += 1
        self.acts[name]()

    def order_faults(self, how_many: int, blockable: list[int]) -> None:
        """The next calls go wrong; what was ordered before and met no call is taken back.

        Args:
            how_many: Calls.
            blockable: Private chats that may answer 403 once.
        """
        self.house.http.delete("/faults")
        while how_many > 0:
            kind, count = self.chance.choice(FAULTS), min(how_many, self.chance.randint(1, 3))
            order: dict[str, Any] = {"kind": kind, "count": count, "seconds": 0.3}
            method = self.chance.choice(METHODS)
            if kind == "403":
                order |= {"count": 1, "chat_id": self.chance.choice(blockable)}
                method = "sendMessage"
            order |= {"method": method} if method else {}
            self.house.http.post("/faults", json=order).raise_for_status()
            how_many -= order["count"]

    def _network(self) -> None:
        """Telegram says nothing for a while, and then goes on."""
        assert self.house.telegram is not None
        _hold(self.house.telegram, self.chance.uniform(0.3, 2.0))

    def _disk_full(self) -> None:
        """For a while no file of the bot may grow."""
        bot = self.bots.one()
        if bot is None:
            return
        _, hard = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (4096, hard))
        time.sleep(self.chance.uniform(0.3, 1.5))
        if bot.process.poll() is None:
            resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def _pause(self) -> None:
        bot = self.bots.one()
        if bot is not None:
            _hold(bot.process, self.chance.uniform(0.2, 1.5))

    def _second_poller(self) -> None:
        # The fault that is next in line may hit the stranger.
        with httpx.Client(timeout=10) as stranger, contextlib.suppress(httpx.HTTPError):
            stranger.get(f"{self.house.info['url']}/bot{self.house.info['token']}/getUpdates")

    def _clock(self) -> None:
        seconds = self.chance.randint(1, 60)
        self.house.http.post("/clock", json={"advance_s": seconds}).raise_for_status()


class Rasa:
    """A Rasa of the storm's own, as the bot would keep one: real, and started again when it dies."""

    def __init__(self) -> None:
        self._port = free_port()
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
        _hold(self._process, seconds)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def _hold(process: subprocess.Popen[bytes] | Child, seconds: float) -> None:
    process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    process.send_signal(signal.SIGCONT)


def free_port() -> int:
    """A port of loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
