"""Asks the child for words: one voice message after the other, each within its time, or none."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import structlog

from bot.understanding.kept import KeptProcess
from bot.understanding.port import Transcript

log = structlog.get_logger(__name__)

GRACE_S = 20.0
"""Seconds beyond a message's time after which a child that does not answer is taken to hang."""

_PASSED_ON = (
    *("PATH", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SYSTEMROOT", "HOME"),
    # A model that is named rather than given as a folder is downloaded once.
    *("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE", "HF_ENDPOINT", "HF_HUB_OFFLINE"),
)


def installed() -> bool:
    """True when the extra `voice` is there."""
    return importlib.util.find_spec("faster_whisper") is not None


class WhisperEars(KeptProcess):
    """One supervised `child.py`; its memory and its crashes are its own.

    Args:
        model: A folder, or a name that faster-whisper knows (`small`, `medium`, ...).
        folder: Where a model that is downloaded is kept.
        first_pause: Seconds before the first restart; doubled at each further one.
    """

    def __init__(self, model: str, folder: Path, *, first_pause: float = 0.5) -> None:
        super().__init__("voice", first_pause, longest_pause=300.0)
        self._model = str(Path(model).resolve()) if Path(model).is_dir() else model
        self._folder = folder.resolve()
        self._child: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._asked: tuple[int, asyncio.Future[dict[str, Any]]] | None = None
        self._count = 0
        self._asking: set[asyncio.Task[dict[str, Any]]] = set()

    @property
    def busy(self) -> bool:
        """True while the child has a message."""
        return self._asked is not None

    async def listen(self, audio: bytes, languages: tuple[str, ...], seconds: float) -> Transcript | None:
        """The words of a voice message.

        Args:
            audio: As Telegram keeps it (Opus in Ogg).
            languages: ISO 639-1 codes it may be in, the person's own first.
            seconds: How long this may take, the wait for those before it included.

        Returns:
            None when it took too long, could not be read, or the child died of it.
        """
        until = time.monotonic() + seconds
        task = asyncio.create_task(self._in_turn(audio, languages, until))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                answer = await asyncio.shield(task)
            if "text" in answer:
                return Transcript(answer["text"], answer["language"])
            log.info("voice_not_heard", why=answer.get("failed", ""))
        return None

    async def stop(self) -> None:
        """End the child; nobody is answered any more."""
        for task in tuple(self._asking):
            task.cancel()
        await super().stop()

    async def _in_turn(self, audio: bytes, languages: tuple[str, ...], until: float) -> dict[str, Any]:
        async with self._turn:
            left = until - time.monotonic()
            if left <= 0 or not await self.wait_ready(left):
                return {"failed": "busy"}
            child, left = self._child, until - time.monotonic()
            if child is None or child.stdin is None:
                return {"failed": "gone"}
            self._count += 1
            answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
            self._asked = (self._count, answer)
            head = {"id": self._count, "languages": languages, "seconds": max(left, 0.0), "bytes": len(audio)}
            try:
                child.stdin.write(json.dumps(head).encode() + b"\n" + audio)
                await child.stdin.drain()
                async with asyncio.timeout(max(left, 0.0) + GRACE_S):
                    return await answer
            except (TimeoutError, OSError) as error:
                log.error("voice_hangs", error=type(error).__name__)
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                return {"failed": "hangs"}
            finally:
                self._asked = None

    async def _spawn(self) -> asyncio.subprocess.Process:
        self._folder.mkdir(parents=True, exist_ok=True)
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {
            "PYTHONUTF8": "1",
            "PYTHONWARNINGS": "ignore",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }
        self._child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.understanding.voice.child", self._model, str(self._folder)),
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        return self._child

    async def _watch(self, child: asyncio.subprocess.Process) -> None:
        """Hand every answer to whoever waits for it, until there are no more."""
        assert child.stdout is not None
        try:
            while line := await child.stdout.readline():
                said = json.loads(line)
                if said.get("ready"):
                    log.info("voice_ready")
                    self._answers.set()
                elif self._asked is not None and self._asked[0] == said.get("id"):
                    self._settle(said)
        finally:
            self._child = None
            self._settle({"failed": "died"})

    def _settle(self, said: dict[str, Any]) -> None:
        if self._asked is not None and not self._asked[1].done():
            self._asked[1].set_result(said)
