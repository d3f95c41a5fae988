"""The edge is tested against the local Telegram, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from telegram import Bot

from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.server import serve
from bot.store import migrate
from bot.store.crypto import keyring
from bot.store.database import Database, open_engine
from bot.telegram.wire import make_bot


@dataclass
class Town:
    """A local Telegram with its levers."""

    local: LocalTelegram
    url: str
    http: httpx.AsyncClient

    async def person(self, name: str = "Carla") -> int:
        """Somebody who has pressed start."""
        made = (await self.http.post("/phone/users", json={"first_name": name})).json()["id"]
        await self.http.post(f"/phone/users/{made}/send", json={"text": "/start"})
        return int(made)

    async def fault(self, kind: str, **more: Any) -> None:
        """Order a fault."""
        (await self.http.post("/faults", json={"kind": kind, "count": 1, **more})).raise_for_status()

    async def seen(self, user: int) -> list[str]:
        """The bot's texts on a person's phone."""
        answer = await self.http.get(f"/phone/users/{user}/messages", params={"after": 0})
        bot = self.local.bot.id
        return [
            m["text"] for m in answer.json()["messages"] if m["from"]["id"] == bot and not m.get("deleted")
        ]


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    local = LocalTelegram(flood_limits=False)
    async with serve(local) as url, httpx.AsyncClient(base_url=url, timeout=30) as http:
        yield Town(local, url, http)


@pytest.fixture
async def bot(town: Town) -> AsyncIterator[Bot]:
    made = make_bot(town.local.token, town.url, read_timeout=1.0)
    async with made:
        yield made


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    keyring.load([Fernet.generate_key().decode()])
    engine = open_engine(f"sqlite:///{tmp_path / 'bot.sqlite'}")
    migrate.upgrade(engine)
    made = Database(engine)
    yield made
    made.close()
