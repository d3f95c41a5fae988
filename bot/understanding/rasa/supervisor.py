"""Keeps one Rasa alive as a child process: started clean, watched, restarted, never left behind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import structlog

from bot.understanding.rasa.training import room_environment, room_python

log = structlog.get_logger(__name__)


class RasaServer:
    """One supervised `nlu/serve.py`, which is Rasa's own HTTP API on a free port of the loopback.

    The child gets an environment of its own making (no token, no database, no key) and holds two ropes to us
    (`nlu/leash.py`), so that it ends with this process however this process ends.
    """

    def __init__(
        self,
        root: Path,
        model: Callable[[], Path] | Path,
        *,
        first_pause: float = 0.5,
        longest_pause: float = 30.0,
        check_every: float = 5.0,
    ) -> None:
        """Nothing is started yet.

        Args:
            root: The project's folder, with `nlu/.venv` set up.
            model: The trained model, or what names it (asked again at each start).
            first_pause: Seconds before the first restart; doubled at each further one.
            longest_pause: Seconds at most between restarts.
            check_every: Seconds between two looks at a server that runs.
        """
        self._root = root
        self._model = model
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._check_every = check_every
        self._keeper: asyncio.Task[None] | None = None
        self._answers = asyncio.Event()
        self.port = 0
        self.pid: int | None = None
        self.starts = 0

    @property
    def url(self) -> str:
        """Where it listens, or will; it may change at a restart."""
        return f"http://127.0.0.1:{self.port}"

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
        """Begin to keep a server running, in the background of the running event loop.

        Call it from the main thread: on Linux a child's death signal follows the thread that started it.
        """
        if self._keeper is None:
            self.port = _free_port()
            self._keeper = asyncio.create_task(self._keep(), name="rasa")

    async def stop(self) -> None:
        """End the server and wait until it is gone."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None

    async def _keep(self) -> None:
        pause = self._first_pause
        while True:
            answered = False
            try:
                answered = await self._run_once()
            except Exception as problem:  # whatever it is, the conversation goes on and the next try may work
                log.error("rasa_cannot_start", error=type(problem).__name__)
            if answered:
                pause = self._first_pause
            log.warning("rasa_ended", restart_in_s=pause, starts=self.starts)
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._longest_pause)
            self.port = _free_port()

    async def _run_once(self) -> bool:
        """Start it, watch it, and return when it is dead: whether it had ever answered."""
        model = self._model if isinstance(self._model, Path) else self._model()
        child = await asyncio.create_subprocess_exec(
            str(room_python(self._root)),
            str(self._root / "nlu" / "serve.py"),
            str(model),
            str(self.port),
            env=room_environment(self._root),
            cwd=self._root / "nlu",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        self.pid = child.pid
        self.starts += 1
        listener = asyncio.create_task(_listen(child))
        watcher = asyncio.create_task(self._watch())
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

    async def _watch(self) -> None:
        """Say when it answers; return when it once did and then failed to three times in a row (it hangs)."""
        misses = 0
        async with httpx.AsyncClient(base_url=self.url, timeout=3.0, trust_env=False) as http:
            while misses < 3:
                try:
                    fine = (await http.get("/status")).status_code == httpx.codes.OK
                except httpx.HTTPError:
                    fine = False
                if fine and not self.ready:
                    log.info("rasa_ready", port=self.port)
                    self._answers.set()
                misses = 0 if fine or not self.ready else misses + 1
                await asyncio.sleep(self._check_every if self.ready else 0.2)
        log.error("rasa_hangs")


async def _listen(child: asyncio.subprocess.Process) -> None:
    """Pass on the child's own words, of which only the known harmless kinds exist (`nlu/hush.py`)."""
    assert child.stderr is not None
    rest = b""
    while chunk := await child.stderr.read(65_536):
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[-65_536:]
        for line in lines:
            _pass_on(line)


def _pass_on(line: bytes) -> None:
    with contextlib.suppress(ValueError):
        said = json.loads(line)
        if isinstance(said, dict):
            log.warning(
                "rasa_says",
                **{f"rasa_{k}": str(said[k]) for k in ("level", "logger", "at", "error") if k in said},
            )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
