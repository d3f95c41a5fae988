"""One stage: a local Telegram in this process, the bot as a process beside it, and a stopwatch between the two."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import httpx

from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.phone import Phones
from bot.rehearsal.server import serve
from bot.rehearsal.world import Json

PATIENCE_S = 60.0
"""Longest wait for an answer; a turn that takes longer counts as lost."""

RASA_S = 240.0
"""Longest wait for Rasa to be up."""

_ANSWERS = frozenset({"sendMessage", "copyMessage", "sendDocument"})


class Ear(StrEnum):
    """How much is understood. `off`: nothing, every message is a story. `net`: all but Rasa. `real`: everything."""

    OFF = "off"
    NET = "net"
    REAL = "real"


@dataclass
class Stopwatch:
    """Seconds from the moment an update is handed out to the first message that the bot then sends to that chat.

    Both ends are read at Telegram, so the bot's HTTP is in them. A turn whose answer never comes is in `open`.
    """

    now: Callable[[], float]
    handed: dict[int, deque[float]] = field(default_factory=dict)
    turns: list[tuple[float, float]] = field(default_factory=list)
    """When it was handed out, and how long the answer took."""
    waiting: dict[int, asyncio.Future[float]] = field(default_factory=dict)

    def record(self, entry: Json, result: bytes | None) -> None:
        """See one line of Telegram's log."""
        if entry["method"] == "getUpdates" and result and len(result) > 2:
            at = self.now()
            for update in json.loads(result):
                about = update.get("message") or update.get("callback_query", {}).get("message")
                if about and about["chat"]["type"] == "private":
                    self.handed.setdefault(about["chat"]["id"], deque()).append(at)
        elif entry["method"] in _ANSWERS and entry.get("ok"):
            self._answered(int(entry["params"].get("chat_id") or 0), entry["t"])

    def _answered(self, chat_id: int, at: float) -> None:
        queue = self.handed.get(chat_id)
        if not queue:
            return
        begun = queue[0]
        queue.clear()  # what was handed out meanwhile is answered with it
        self.turns.append((begun, at - begun))
        waiter = self.waiting.pop(chat_id, None)
        if waiter is not None and not waiter.done():
            waiter.set_result(at - begun)

    @property
    def open(self) -> int:
        """Updates that nothing has followed yet."""
        return sum(len(queue) for queue in self.handed.values())


class Stage:
    """A Telegram, a bot, a folder.

    Args:
        folder: Holds the database, which may have been filled before.
        ear: How much is understood.
        settings: Further settings of the bot, by environment name.
    """

    def __init__(self, folder: Path, ear: Ear, settings: dict[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.ear = ear
        self._more = settings or {}
        self.local = LocalTelegram(flood_limits=False)
        self.phones = Phones(self.local)
        self.watch = Stopwatch(self.local.clock.now)
        self.url = ""
        self.http_port = _free_port()
        self.process: asyncio.subprocess.Process | None = None
        self._listen()

    def _listen(self) -> None:
        add = self.local.log.add

        def recorded(entry: dict[str, Any], result: bytes | None = None) -> None:
            self.watch.record(entry, result)
            add(entry, result)

        self.local.log.add = recorded  # type: ignore[method-assign]

    @property
    def database_url(self) -> str:
        """Where the bot keeps what it keeps."""
        return self._more.get("DATABASE_URL", f"sqlite:///{self.folder / 'bot.sqlite'}")

    @contextlib.asynccontextmanager
    async def up(self) -> Any:
        """Serve Telegram for as long as the context is open; the bot, when started, ends with it."""
        async with serve(self.local) as url:
            self.url = url
            for angel in (*self.local.angel_ids, self.local.coordinator_id):
                self.phones.send(angel, {"text": "/start"})
            try:
                yield self
            finally:
                await self.stop()

    def environment(self) -> dict[str, str]:
        """The bot's settings: no waiting for bursts and no pacing, which are waits by design and not costs."""
        return {
            **{k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH")},
            "BOT_TOKEN": self.local.token,
            "TELEGRAM_API_URL": self.url,
            "STAFF_GROUP_ID": str(self.local.first_group.id),
            "ON_CALL": ",".join(str(number) for number in self.local.angel_ids[:2]),
            "DATABASE_URL": self.database_url,
            "DATA_DIR": str(self.folder),
            "HTTP_PORT": str(self.http_port),
            "NLU_OFF": "false" if self.ear is Ear.REAL else "true",
            "GATHER_SECONDS": "0",
            "PRIVATE_PER_SECOND": "0",
            "GROUP_PER_MINUTE": "0",
            "OVERALL_PER_SECOND": "0",
            "LOG_LEVEL": "WARNING",
            "PYTHONUTF8": "1",
            **self._more,
        }

    async def start(self) -> None:
        """Start the bot and wait until it answers (with `real`, until Rasa does too)."""
        await self.launch()
        await self._ready()

    def program(self) -> list[str]:
        """What is started: the bot, or the one whose ears are off."""
        return ["-m", "bot.bench.deaf"] if self.ear is Ear.OFF else ["-m", "bot.cli", "run"]

    async def launch(self) -> None:
        """Start the bot, and wait for nothing."""
        program = self.program()
        with (self.folder / "bot.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, *program, env=self.environment(), stdout=log, stderr=log
            )

    async def _ready(self) -> None:
        async with httpx.AsyncClient(timeout=5) as client:
            for _ in range(int(RASA_S * 10)):
                with contextlib.suppress(httpx.HTTPError):
                    answer = await client.get(f"http://127.0.0.1:{self.http_port}/readyz")
                    if answer.status_code == 200 or (
                        self.ear is not Ear.REAL and answer.json().get("telegram")
                    ):
                        return
                if self.process is None or self.process.returncode is not None:
                    break
                await asyncio.sleep(0.1)
        raise RuntimeError(f"il bot non è partito: si veda {self.folder / 'bot.log'}")

    async def stop(self) -> None:
        """End the bot, if it runs."""
        process, self.process = self.process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(20):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def newcomer(self, name: str) -> int:
        """A person who has pressed start some time ago; the bot was not told."""
        number = self.phones.create_user(name, language_code="it")
        self.local.world.users[number].started = True
        return number

    async def turn(self, person: int, text: str) -> float:
        """Write, and wait for the first word of the answer; seconds.

        Raises:
            TimeoutError: No answer came.
        """
        waiter: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.watch.waiting[person] = waiter
        self.phones.send(person, {"text": text})
        async with asyncio.timeout(PATIENCE_S):
            return await waiter

    async def press(self, person: int, choice: str) -> float:
        """Press the newest button that makes this choice, and wait for the first word of the answer; seconds."""
        async with asyncio.timeout(PATIENCE_S):
            while (found := self._button(person, choice)) is None:
                await self.local.bell.wait((self.local.world.chats[person],), 1.0)
        data, message_id = found
        waiter: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.watch.waiting[person] = waiter
        await self.phones.tap(person, {"message_id": message_id, "data": data})
        async with asyncio.timeout(PATIENCE_S):
            return await waiter

    def _button(self, person: int, choice: str) -> tuple[str, int] | None:
        chat = self.local.world.chats[person]
        for message in sorted(chat.messages.values(), key=lambda m: -m.id):
            keyboard = message.reply_markup or {}
            for row in keyboard.get("inline_keyboard", []):
                for key in row:
                    if key.get("callback_data", "").endswith(choice):
                        return key["callback_data"], message.id
        return None

    async def quiet(self) -> None:
        """Until the bot has nothing left to send: nothing was logged for a moment."""
        seen = -1
        while seen != self.local.log.last:
            seen = self.local.log.last
            await asyncio.sleep(0.15)

    def worked(self) -> float | None:
        """Processor seconds of the bot's process alone so far; None where that cannot be told.

        On a busy machine they vary less than latencies do: to compare two runs, these.
        """
        return processor_seconds(self.process.pid) if self.process else None

    def memory(self) -> int | None:
        """Bytes of the bot's process alone that are in memory; None where that cannot be told."""
        try:
            text = Path(f"/proc/{self.process.pid if self.process else 0}/status").read_text()
        except OSError:
            return None
        line = next((line for line in text.splitlines() if line.startswith("VmRSS:")), None)
        return int(line.split()[1]) * 1024 if line else None


def processor_seconds(pid: int) -> float | None:
    """What a process has used of the processors so far (`man 5 proc`: utime and stime)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
