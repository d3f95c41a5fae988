"""Posting updates to the bot's webhook: in order within a chat, again until they are taken."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Hashable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx

from bot.rehearsal.updates import Queued, Webhook

if TYPE_CHECKING:
    from bot.rehearsal.local import LocalTelegram

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
ANSWER_WITHIN_S = 60.0
"""Seconds that a webhook may take to answer (the Bot API server's author: "The timeout is 60 seconds")."""


class Post:
    """One row of updates per chat; as many rows at work at once as the webhook allows connections."""

    def __init__(self, local: LocalTelegram) -> None:
        self._local = local
        self._rows: dict[Hashable, deque[Queued]] = {}
        self._rounds: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(40)
        self._hook = Webhook()
        self._client: httpx.AsyncClient | None = None
        self.answers: Any = None

    async def run(self) -> None:
        """Follow the webhook as it is set and deleted, until cancelled."""
        async with httpx.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False, verify=False) as client:
            self._client = client
            try:
                while not self._local.bell.closed:
                    if self._local.updates.webhook is not self._hook:
                        await self._start_over()
                    await self._local.bell.wait(("webhook",), 3600)
            finally:
                self._client = None
                await self._stop()

    async def _start_over(self) -> None:
        await self._stop()
        self._hook = self._local.updates.webhook
        self._places = asyncio.Semaphore(max(1, self._hook.max_connections))
        if self._hook.url:
            for update in list(self._local.updates.waiting.values()):
                self.put(update)

    async def _stop(self) -> None:
        for task in list(self._rounds):
            task.cancel()
        for task in list(self._rounds):
            with suppress(asyncio.CancelledError):
                await task
        self._rows.clear()

    def put(self, update: Queued) -> None:
        """Add an update to its row, if a webhook is at work."""
        if self._client is None or not self._hook.url or self._local.updates.webhook is not self._hook:
            return
        row = self._rows.get(update.lane)
        if row is not None:
            row.append(update)
            return
        self._rows[update.lane] = deque([update])
        task = asyncio.get_running_loop().create_task(self._work(update.lane))
        self._rounds.add(task)
        task.add_done_callback(self._rounds.discard)

    async def _work(self, lane: Hashable) -> None:
        row = self._rows[lane]
        while row:
            async with self._places:
                taken = await self._deliver(row[0])
            if taken:
                row.popleft()
        del self._rows[lane]

    async def _deliver(self, update: Queued) -> bool:
        """Post one update until it is taken; return True then, or when it is no longer wanted."""
        pause = FIRST_PAUSE_S
        while update.id in self._local.updates.waiting:
            fault = await self._attempt(update)
            self._record(update, fault)
            if fault is None:
                self._local.updates.done(update.id)
                break
            self._hook.last_error_date = self._local.clock.date()
            self._hook.last_error_message = fault
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE_S, pause * 2)
        return True

    async def _attempt(self, update: Queued) -> str | None:
        """Post once; return what went wrong, in Telegram's words."""
        assert self._client is not None
        headers = {"Content-Type": "application/json"}
        if self._hook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._hook.secret_token
        try:
            answer = await self._client.post(self._hook.url, content=update.body, headers=headers)
        except httpx.TimeoutException:
            return "Read timeout expired"
        except httpx.HTTPError:
            return "Connection refused"
        if answer.status_code not in range(200, 300):
            return f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
        await self._obey(answer)
        return None

    async def _obey(self, answer: httpx.Response) -> None:
        """Make the call that the bot put into its answer (Bot API, making requests when getting updates)."""
        with suppress(ValueError, UnicodeDecodeError):
            body = json.loads(answer.content)
            if isinstance(body, dict) and isinstance(body.get("method"), str) and self.answers is not None:
                await self.answers(body.pop("method"), body)

    def _record(self, update: Queued, fault: str | None) -> None:
        entry: dict[str, Any] = {"t": self._local.clock.now(), "via": "webhook", "method": "webhook"}
        entry |= {"params": json.loads(update.body), "ok": fault is None}
        if fault is not None:
            entry |= {"error_code": 0, "description": fault}
        self._local.log.add(entry, b"true" if fault is None else None)
