"""Keeps one Rasa alive as a child process: started clean, watched, restarted, never left behind."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import structlog

from bot.understanding.kept import KeptProcess
from bot.understanding.rasa.training import room_environment, room_python

log = structlog.get_logger(__name__)


class RasaServer(KeptProcess):
    """One supervised `nlu/serve.py`, which is Rasa's own HTTP API on a free port of the loopback.

    The child holds its ropes with `nlu/leash.py`.
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
        super().__init__("rasa", first_pause, longest_pause)
        self._root = root
        self._model = model
        self._check_every = check_every
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens, or will; it may change at a restart."""
        return f"http://127.0.0.1:{self.port}"

    def _prepare(self) -> None:
        self.port = _free_port()

    async def _spawn(self) -> asyncio.subprocess.Process:
        model = self._model if isinstance(self._model, Path) else self._model()
        return await asyncio.create_subprocess_exec(
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

    async def _watch(self, child: asyncio.subprocess.Process) -> None:
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
