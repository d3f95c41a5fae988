"""Receiving: an update is committed to the inbox before Telegram hears that it arrived.

python-telegram-bot's own updater moves the offset when it queues an update in memory, and its webhook answers 200
from the same queue: a crash would lose what was queued. So we fetch, commit, and only then ask for the next ones;
and our own webhook route answers 200 after the commit.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlencode

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter

from bot.store import crash, inbox
from bot.store.database import Database
from bot.telegram import metrics
from bot.telegram.clock import Clock
from bot.telegram.updates import ALLOWED_UPDATES, Mask, receive
from bot.telegram.wire import retry_seconds

log = structlog.get_logger()

Raw = dict[str, Any]
"""An Update as Telegram writes it (https://core.telegram.org/bots/api#update)."""

Danger = Callable[[Sequence[str]], Awaitable[Sequence[bool]]]

POLL_SECONDS = 25
STAND_BY_SECONDS = 1.0
"""How often a worker that stands by asks whether it is its turn to poll."""

MAX_BODY = 1_000_000
"""Bytes of a webhook body; Telegram's own updates are far smaller."""


async def fetch(bot: Bot, offset: int | None, seconds: int) -> Sequence[Raw]:
    """What Telegram has from `offset` on, at most 100 (https://core.telegram.org/bots/api#getupdates).

    Not through the library's `get_updates`, which parses every update: what is parsed here would be written down
    and parsed again when its turn comes.

    Args:
        bot: The initialised bot.
        offset: Acknowledges all before it; None or 0 = from the oldest.
        seconds: How long Telegram waits for one.

    Raises:
        telegram.error.TelegramError: As from any call.
    """
    asked = {"limit": 100, "timeout": seconds, "allowed_updates": json.dumps(ALLOWED_UPDATES)}
    query = urlencode(asked | ({"offset": offset} if offset else {}))
    found = await bot.request.post(f"{bot.base_url}/getUpdates?{query}", read_timeout=seconds + 10)
    return cast(list[Raw], found)


class Receiver:
    """Commits updates, from long polling or from a webhook.

    Args:
        database: Where the inbox is.
        bot: The initialised bot.
        mask: Hides what must never be stored.
        clock: The house's time.
        arrived: Called after a commit that brought something new, with the chats it came from.
        danger: Which of some texts go before other people's, because somebody may be in danger.
    """

    def __init__(
        self,
        database: Database,
        bot: Bot,
        mask: Mask,
        clock: Clock,
        arrived: Callable[[Sequence[int]], None],
        danger: Danger | None = None,
    ) -> None:
        self._database = database
        self._bot = bot
        self._mask = mask
        self._clock = clock
        self._arrived = arrived
        self._danger = danger
        self.polled = False
        """True once Telegram has answered a poll."""
        self.stands_by = False
        """True while another worker polls."""

    async def poll(self, leads: Callable[[], Awaitable[bool]] | None = None) -> None:
        """Fetch updates for ever.

        Args:
            leads: True while this worker is the one that polls; the others stand by and take over.

        Raises:
            InvalidToken: Telegram does not know the token.
        """
        failures = 0
        offset: int | None = None
        while True:
            if leads is not None and not await leads():
                offset, self.stands_by = None, True
                await asyncio.sleep(STAND_BY_SECONDS)
                continue
            self.stands_by = False
            try:
                if offset is None:
                    offset = await self._database.run(
                        lambda session: inbox.next_offset(session, self._bot.id)
                    )
                offset = await self.commit(await fetch(self._bot, offset, POLL_SECONDS), offset)
                self.polled, failures = True, 0
            except InvalidToken:
                raise
            except Conflict:
                log.warning("poll.conflict", meaning="another process polls with the same token")
                await asyncio.sleep(3)
            except RetryAfter as error:
                await asyncio.sleep(retry_seconds(error))
            except (
                Exception
            ) as error:  # whatever it is: a bot that no longer asks hears nobody, and nobody sees why
                failures += 1
                log.warning("poll.failed", error=type(error).__name__, failures=failures)
                await asyncio.sleep(min(10.0, 0.2 * 2 ** min(failures, 6)))

    async def commit(self, updates: Sequence[Raw], offset: int = 0) -> int:
        """Commit updates and the offset after them in one transaction.

        Returns:
            The offset that acknowledges them.
        """
        if not updates:
            return offset
        following = max(offset, max(update["update_id"] for update in updates) + 1)
        received = [(update, self._received(update)) for update in updates]
        return await self._store(await self._ranked([(u, i) for u, i in received if i]), following)

    def _received(self, update: Raw) -> inbox.Incoming | None:
        """An update that cannot be read must not hold back all those after it."""
        try:
            return receive(update, self._mask)
        except Exception as error:
            log.error("update.unreadable", error=type(error).__name__)
            return None

    async def _ranked(self, received: Sequence[tuple[Raw, inbox.Incoming]]) -> list[inbox.Incoming]:
        """While people wait, who may be in danger goes first."""
        try:
            return await self._urgent_ones(received)
        except Exception as error:
            # Who goes first matters less than that everybody is taken in.
            log.error("update.unranked", error=type(error).__name__)
            return [item for _, item in received]

    async def _urgent_ones(self, received: Sequence[tuple[Raw, inbox.Incoming]]) -> list[inbox.Incoming]:
        messages = [update.get("message") or {} for update, _ in received]
        texts = [message.get("text") or message.get("caption") or "" for message in messages]
        urgent = (
            await self._danger(texts) if self._danger is not None and any(texts) else [False] * len(texts)
        )
        return [
            replace(item, urgent=True) if now and item.chat_id > 0 else item
            for now, (_, item) in zip(urgent, received, strict=True)
        ]

    async def _store(self, incoming: Sequence[inbox.Incoming], following: int) -> int:
        now = self._clock.now()

        def unit(session: Session) -> int:
            new = inbox.accept(session, self._bot.id, incoming, now)
            if following:
                inbox.move_offset(session, self._bot.id, following)
            crash.passing("inbox.before_commit")
            return new

        if new := await self._database.run(unit):
            crash.passing("inbox.after_commit")
            metrics.UPDATES.inc(new)
            self._arrived([item.chat_id for item in incoming])
        return following

    def webhook(self, secret: str) -> Callable[[Request], object]:
        """The route for Telegram's webhook.

        Args:
            secret: What Telegram must send in `X-Telegram-Bot-Api-Secret-Token`
                (https://core.telegram.org/bots/api#setwebhook); compared in constant time.
        """

        async def route(request: Request) -> Response:
            given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
            if not hmac.compare_digest(given.encode(), secret.encode()):
                return PlainTextResponse("", 403)
            body = b""
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY:  # not read to its end: its size is the sender's choice
                    return PlainTextResponse("", 413)
            try:
                update = json.loads(body)
                incoming = receive(update, self._mask)
            except (ValueError, KeyError, TypeError, OverflowError, AttributeError, RecursionError):
                log.warning("webhook.unreadable")
                return PlainTextResponse("", 400)
            try:
                await self._store(await self._ranked([(update, incoming)]), 0)
            except SQLAlchemyError as error:
                # Not acknowledged: Telegram sends it again.
                log.warning("webhook.database", error=type(error).__name__)
                return PlainTextResponse("", 503)
            return PlainTextResponse("")

        return route
