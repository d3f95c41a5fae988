"""One child process that is kept alive: started clean, watched, restarted, never left behind."""

from __future__ import annotations

import asyncio
import contextlib
import json
from abc import ABC, abstractmethod

import structlog

log = structlog.get_logger(__name__)


class KeptProcess(ABC):
    """A supervised child; what it is and how it is watched is the subclass's.

    The child gets an environment of its own making (no token, no database, no key) and holds two ropes to us (the
    kernel's, and its standard input), so that it ends with this process however this process ends.

    Args:
        name: What it is called in the log.
        first_pause: Seconds before the first restart; doubled at each further one.
        longest_pause: Seconds at most between restarts.
    """

    def __init__(self, name: str, first_pause: float = 0.5, longest_pause: float = 30.0) -> None:
        self._name = name
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._keeper: asyncio.Task[None] | None = None
        self._answers = asyncio.Event()
        self.pid: int | None = None
        self.starts = 0

    @property
    def ready(self) -> bool:
        """True from its first answer until it dies or stops answering."""
        return self._answers.is_set()

    async def wait_ready(self, seconds: float) -> bool:
        """Wait until it answers, at most so many seconds; True when it does."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._answers.wait(), seconds)
        return self.ready

    def start(self) -> None:
        """Begin to keep the child running, in the background of the running event loop.

        Call it from the main thread: on Linux a child's death signal follows the thread that started it.
        """
        if self._keeper is None:
            self._prepare()
            self._keeper = asyncio.create_task(self._keep(), name=self._name)

    async def stop(self) -> None:
        """End the child and wait until it is gone."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None

    def _prepare(self) -> None:
        """Before each start (a free port, say)."""
        return

    @abstractmethod
    async def _spawn(self) -> asyncio.subprocess.Process:
        """Start the child, its standard error a pipe."""

    @abstractmethod
    async def _watch(self, child: asyncio.subprocess.Process) -> None:
        """Set `_answers` when the child answers; return when it no longer does."""

    async def _keep(self) -> None:
        pause = self._first_pause
        while True:
            answered = False
            try:
                answered = await self._run_once()
            except Exception as problem:  # whatever it is, the conversation goes on and the next try may work
                log.error(f"{self._name}_cannot_start", error=type(problem).__name__)
            if answered:
                pause = self._first_pause
            log.warning(f"{self._name}_ended", restart_in_s=pause, starts=self.starts)
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._longest_pause)
            self._prepare()

    async def _run_once(self) -> bool:
        """Start it, watch it, and return when it is dead: whether it had ever answered."""
        child = await self._spawn()
        self.pid = child.pid
        self.starts += 1
        listener = asyncio.create_task(self._listen(child))
        watcher = asyncio.create_task(self._watch(child))
        ended = asyncio.create_task(child.wait())
        try:
            await asyncio.wait({ended, watcher}, return_when=asyncio.FIRST_COMPLETED)
            return self.ready or watcher.done()
        finally:
            self._answers.clear()
            self.pid = None
            if child.returncode is None:
                child.kill()
            for task in (watcher, listener):
                task.cancel()
            await asyncio.gather(ended, watcher, listener, return_exceptions=True)

    async def _listen(self, child: asyncio.subprocess.Process) -> None:
        """Pass on the child's own words, of which only the known harmless kinds exist (`nlu/hush.py`)."""
        assert child.stderr is not None
        rest = b""
        while chunk := await child.stderr.read(65_536):
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[-65_536:]
            for line in lines:
                self._pass_on(line)

    def _pass_on(self, line: bytes) -> None:
        with contextlib.suppress(ValueError):
            said = json.loads(line)
            if isinstance(said, dict):
                known = {
                    f"{self._name}_{k}": str(said[k]) for k in ("level", "logger", "at", "error") if k in said
                }
                log.warning(f"{self._name}_says", **known)
