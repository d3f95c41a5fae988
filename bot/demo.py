"""The demo and the rehearsal: the local Telegram in this process, the bot as a process beside it.

Both print exactly one line on standard output when they are up, and everything else on standard error.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.phone import Phones
from bot.rehearsal.server import serve

STOP_SECONDS = 10.0
UP_SECONDS = 240
"""Longest wait for the bot's first sign of life, on the slowest machine."""


def announce(local: LocalTelegram, url: str) -> None:
    """The one line on standard output."""
    print(json.dumps(local.ready(url)), flush=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _until_told() -> None:
    """Wait for SIGTERM or SIGINT."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()


def _wake_angels(local: LocalTelegram) -> None:
    """The angels press start, as real ones must before anybody may write to them."""
    phones = Phones(local)
    for angel in (*local.angel_ids, local.coordinator_id):
        phones.send(angel, {"text": "/start"})


async def rehearse(port: int, data: Path | None) -> None:
    """The local Telegram alone, so that a bot started apart can be killed and started again."""
    local = LocalTelegram(data / "telegram" if data else None)
    async with serve(local, port=port) as url:
        announce(local, url)
        await _until_told()


class _Bot:
    """The bot as a child process; started again when it dies, because the demo must go on."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None

    async def keep(self) -> None:
        pause = 0.5
        while True:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.cli",
                "run",
                env=self._environment,
                stdout=sys.stderr,
                stderr=sys.stderr,
            )
            code = await self._process.wait()
            print(f"Il bot si è fermato (codice {code}); lo riavvio.", file=sys.stderr)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)

    async def stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


def _environment(
    local: LocalTelegram, url: str, data: Path, http_port: int, with_rasa: bool
) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("BOT_TOKEN", "DATABASE_URL", "WEBHOOK_URL")}
    return kept | {
        "BOT_TOKEN": local.token,
        "TELEGRAM_API_URL": url,
        "STAFF_GROUP_ID": str(local.first_group.id),
        "ON_CALL": ",".join(str(number) for number in local.angel_ids[:2]),
        "DATABASE_URL": f"sqlite:///{data / 'bot.sqlite'}",
        "DATA_DIR": str(data),
        "CLOCK_URL": f"{url}/clock",
        "HTTP_PORT": str(http_port),
        "NLU_OFF": "false" if with_rasa else "true",
        "PYTHONUNBUFFERED": "1",
    }


def _health(http_port: int) -> list[Route]:
    """The bot's readiness, told at the demo's own address."""

    async def passed_on(request: Request) -> Response:
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                answer = await client.get(f"http://127.0.0.1:{http_port}{request.url.path}")
            body: dict[str, Any] = answer.json()
            return JSONResponse(body, answer.status_code)
        except (httpx.HTTPError, ValueError):
            return JSONResponse({"ready": False}, 503)

    return [Route("/readyz", passed_on), Route("/healthz", passed_on)]


def _prepare(data: Path) -> bool:
    """Make the demo's folder; True when there is no Telegram in it yet."""
    data.mkdir(parents=True, exist_ok=True)
    return not (data / "telegram").exists()


@contextlib.asynccontextmanager
async def stage(port: int, data: Path, *, with_rasa: bool) -> AsyncIterator[tuple[LocalTelegram, str]]:
    """Local Telegram, page and bot, up until the context closes.

    Args:
        port: Of the page and of the local Telegram; 0 picks a free one.
        data: Folder that survives the demo.
        with_rasa: Start Rasa too.
    """
    fresh = _prepare(data)
    local = LocalTelegram(data / "telegram")
    http_port = _free_port()
    async with serve(local, port=port, routes=_health(http_port)) as url:
        if fresh:
            _wake_angels(local)
        bot = _Bot(_environment(local, url, data, http_port, with_rasa))
        keeping = asyncio.create_task(bot.keep())
        try:
            await _up(http_port)
            yield local, url
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await bot.stop()


async def _up(http_port: int) -> None:
    """Wait until the bot answers; Rasa may still be loading."""
    async with httpx.AsyncClient(timeout=2) as client:
        for _ in range(10 * UP_SECONDS):
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"http://127.0.0.1:{http_port}/healthz")).is_success:
                    return
            await asyncio.sleep(0.1)
    raise RuntimeError("il bot non è partito: qui sopra c'è scritto perché")


async def demo(port: int, data: Path, *, headless: bool, with_rasa: bool) -> None:
    """Everything at one address, until SIGTERM or Ctrl-C."""
    async with stage(port, data, with_rasa=with_rasa) as (local, url):
        announce(local, url)
        if not headless:
            print(f"\n  SPIN in ascolto è aperto: {url}\n  Ctrl-C per chiudere.\n", file=sys.stderr)
            with contextlib.suppress(webbrowser.Error):
                webbrowser.open(url)
        await _until_told()
