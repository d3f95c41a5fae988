"""The running bot's own HTTP: its webhook, /healthz, /readyz and /metrics, from whoever can reach the port."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from bot.bench.stage import Ear, Stage
from tests.fuzz.findings import Findings
from tests.fuzz.hostile import Hostile

SECRET = "il-segreto-del-webhook"
ALLOWED = frozenset({200, 307, 400, 403, 404, 405, 413})
"""What may be answered; 503 only while the database is away, which it is not here."""

PATHS = (
    "/telegram",
    "/telegram/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/",
    "/../telegram",
    "/telegram%00",
    "/docs",
    "/x" * 900,
)
METHODS = ("POST", "GET", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "BREW")
AT_ONCE = 16


class Knocks:
    """Requests, half of them with the secret and something that looks like an update.

    Args:
        seed: Draws the same again.
        group: The angels' group.
        angels: Its members.
    """

    def __init__(self, seed: int, group: int, angels: tuple[int, ...]) -> None:
        self.chance = random.Random(seed)
        self._hostile = Hostile(seed, group, angels)
        self._number = 0

    def next(self) -> dict[str, Any]:
        """Keywords for `httpx`."""
        self._number += 1
        method, path, headers = "POST", "/telegram", {"x-telegram-bot-api-secret-token": SECRET}
        if self.chance.random() < 0.3:
            method, path = self.chance.choice(METHODS), self.chance.choice(PATHS)
        if self.chance.random() < 0.2:
            headers = self.chance.choice(
                (
                    {},
                    {"x-telegram-bot-api-secret-token": SECRET[:-1]},
                    {"x-telegram-bot-api-secret-token": "è"},
                    {"x-telegram-bot-api-secret-token": "x" * 5000},
                    {"x-telegram-bot-api-secret-token": SECRET, "content-encoding": "gzip"},
                    {"x-telegram-bot-api-secret-token": SECRET, "content-type": "multipart/form-data"},
                )
            )
        encoded = {name: value.encode() for name, value in headers.items()}
        return {"method": method, "url": path, "headers": encoded, "content": self._body()}

    def _body(self) -> bytes:
        update: Any = {"update_id": self._number, **self._hostile.update()}
        if self.chance.random() < 0.1:
            update["update_id"] = self.chance.choice((None, "1", -1, 2**70, True, [], 0))
        raw = json.dumps(update).encode()
        pick = self.chance.random()
        if pick < 0.1:
            raw = raw[: self.chance.randrange(len(raw))]
        elif pick < 0.2:
            spoilt = bytearray(raw)
            spoilt[self.chance.randrange(len(spoilt))] = self.chance.randrange(256)
            raw = bytes(spoilt)
        elif pick < 0.25:
            raw = self.chance.choice(
                (b"", b"[]", b"null", b"[" * 100_000, b"9" * 5000, b"{}", b"\xff\xfe", b"x" * 1_000_001)
            )
        return raw


async def doors(
    folder: Path, seed: int, count: int, told: Callable[[int], None] = lambda _: None
) -> Findings:
    """Knock `count` times at a running bot; it answers each, lives, and works off what it took."""
    stage = Doorstep(folder)
    found = Findings()
    async with stage.up():
        await stage.start()
        knocks = Knocks(seed, stage.local.first_group.id, tuple(stage.local.angel_ids))
        places = asyncio.Semaphore(AT_ONCE)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{stage.http_port}", timeout=120) as http:
            numbers = iter(range(1, count + 1))

            async def visitor() -> None:
                for number in numbers:
                    async with places:
                        await _knock(http, knocks.next(), found, number)
                    if number % 1000 == 0:
                        told(number)

            await asyncio.gather(*(visitor() for _ in range(AT_ONCE)))
            if (await http.get("/healthz")).status_code != 200:
                found.note("not alive afterwards", count)
        await _settle(stage, found)
        for line in (folder / "bot.log").read_text(errors="replace").splitlines():
            if any(
                bad in line
                for bad in ("Traceback", "errore inatteso", "turn.failed", "delivery.fault", " ERROR")
            ):
                found.note(f"in the log: {line[:160]}", count)
    return found


class Doorstep(Stage):
    """A stage whose bot is told its updates by a webhook."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Ear.OFF)

    def environment(self) -> dict[str, str]:
        """The bot's settings, with a webhook."""
        door = f"http://127.0.0.1:{self.http_port}"
        return super().environment() | {"WEBHOOK_URL": door, "WEBHOOK_SECRET": SECRET}


async def _knock(http: httpx.AsyncClient, request: dict[str, Any], found: Findings, number: int) -> None:
    found.done += 1
    try:
        answer = await http.request(**request)
    except (
        httpx.RemoteProtocolError
    ):  # a request that is none: uvicorn hangs up, or answers before it has read it
        return
    except (httpx.WriteError, httpx.ReadError):  # hung up in the middle of a body that was too long
        if len(request["content"]) < 100_000:
            found.note("hung up on a small request", number)
        return
    except httpx.HTTPError as error:
        found.add(error, number)
        return
    if answer.status_code not in ALLOWED:
        found.note(f"{request['method']} {request['url'][:20]} answered {answer.status_code}", number)
    right = request["headers"].get("x-telegram-bot-api-secret-token") == SECRET.encode()
    if (
        not right
        and request["url"] == "/telegram"
        and request["method"] == "POST"
        and answer.status_code != 403
    ):
        found.note(f"without the secret: {answer.status_code}", number)


async def _settle(stage: Stage, found: Findings) -> None:
    """What was taken is worked off, and nothing of it had to be set aside."""
    for _ in range(2400):
        with closing(sqlite3.connect(stage.folder / "bot.sqlite", timeout=60)) as books:
            states = dict(books.execute("SELECT state, count(*) FROM inbox GROUP BY state").fetchall())
        if not states.get("waiting"):
            break
        await asyncio.sleep(0.25)
    for state in ("waiting", "failed"):
        if states.get(state):
            found.note(f"{states[state]} updates are {state} in the end", found.done)
