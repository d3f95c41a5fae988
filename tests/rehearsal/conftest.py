"""A local Telegram on a free port, and words to drive it with: the bot's calls and people's telephones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.server import serve


@dataclass
class Kit:
    """Both sides of a local Telegram, over HTTP."""

    local: LocalTelegram
    url: str
    http: httpx.AsyncClient

    @property
    def group(self) -> int:
        return self.local.first_group.id

    @property
    def angel(self) -> int:
        return self.local.angel_ids[0]

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        answer = await self.http.post(f"/bot{self.local.token}/{method}", json=params)
        body: dict[str, Any] = answer.json()
        assert answer.status_code == (200 if body["ok"] else body["error_code"])
        return body

    async def bot(self, method: str, **params: Any) -> Any:
        body = await self.call(method, **params)
        assert body["ok"], body
        return body["result"]

    async def refused(self, method: str, **params: Any) -> str:
        body = await self.call(method, **params)
        assert not body["ok"], body
        return f"{body['error_code']} {body['description']}"

    async def phone(self, path: str, **body: Any) -> Any:
        answer = await self.http.post(f"/phone/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def phone_refuses(self, path: str, **body: Any) -> tuple[int, str]:
        answer = await self.http.post(f"/phone/{path}", json=body)
        assert 400 <= answer.status_code < 500, answer.text
        return answer.status_code, answer.json()["error"]

    async def look(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def owner(self, action: str, **body: Any) -> Any:
        return await self.phone(f"groups/{self.group}/admin", action=action, **body)

    async def person(self, first_name: str = "Rosa", *, start: bool = True, **more: Any) -> int:
        user_id: int = (await self.phone("users", first_name=first_name, **more))["id"]
        if start:
            await self.phone(f"users/{user_id}/send", text="/start")
        return user_id

    async def says(self, user_id: int, **body: Any) -> int:
        message_id: int = (await self.phone(f"users/{user_id}/send", **body))["message_id"]
        return message_id

    async def sees(self, user_id: int, **query: Any) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = (await self.look(f"/phone/users/{user_id}/messages", **query))[
            "messages"
        ]
        return shown

    async def topic(self, name: str = "Rosa, fiorista") -> int:
        created: int = (await self.bot("createForumTopic", chat_id=self.group, name=name))[
            "message_thread_id"
        ]
        return created

    async def updates(self, **params: Any) -> list[dict[str, Any]]:
        """Take what waits and acknowledge it."""
        waiting: list[dict[str, Any]] = await self.bot("getUpdates", **params)
        if waiting:
            await self.bot("getUpdates", offset=waiting[-1]["update_id"] + 1, limit=1)
        return waiting


@pytest.fixture
async def kit() -> AsyncIterator[Kit]:
    local = LocalTelegram(flood_limits=False)
    async with serve(local) as url, httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as http:
        yield Kit(local, url, http)
