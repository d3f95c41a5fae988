"""Dispatch: which chat is processed next, in parallel across chats, in order within each."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from bot.store import inbox
from bot.store.database import Database
from bot.store.locks import ChatLocks
from bot.store.models import InboxRow, InboxState
from bot.telegram import metrics
from bot.telegram.clock import Clock

log = structlog.get_logger()

Take = Callable[[int], Awaitable[datetime | None]]
"""Processes a chat's oldest update; answers when to come back for the rest of a burst."""

IDLE_SECONDS = 0.5
AT_ONCE = 8
"""Most chats processed at the same time by one process."""

TRIES = 5
"""After so many failures an update is set aside, so that the chat goes on."""


class Dispatcher:
    """Hands chats to `take`.

    Args:
        database: Where the inbox is.
        locks: One worker per chat.
        take: Processes a chat.
        clock: The house's time.
        listening: How many of the chats in progress only wait for a voice message to be heard; they take no room.
    """

    def __init__(
        self,
        database: Database,
        locks: ChatLocks,
        take: Take,
        clock: Clock,
        listening: Callable[[], int] = lambda: 0,
    ) -> None:
        self._database = database
        self._locks = locks
        self._take = take
        self._clock = clock
        self._listening = listening
        self._wake = asyncio.Event()
        self._busy: set[int] = set()
        self._later: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def nudge(self) -> None:
        """Something came in."""
        self._wake.set()

    async def run(self) -> None:
        """Work for ever; cancelled at the end."""
        while True:
            self._wake.clear()
            pause = IDLE_SECONDS
            try:
                pause = await self._round()
            except Exception as error:
                log.error("dispatch.failed", error=type(error).__name__)
            # Not asyncio.wait_for: before Python 3.12 it may swallow a cancellation that meets the event
            # (https://github.com/python/cpython/issues/86296).
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _round(self) -> float:
        room = AT_ONCE - len(self._busy) + self._listening()
        if room <= 0:
            return IDLE_SECONDS
        chats = await self._database.run(
            lambda session: inbox.waiting_chats(session, 4 * AT_ONCE + len(self._later) + len(self._busy))
        )
        now = time.monotonic()
        pause = IDLE_SECONDS
        for chat_id in chats:
            wait = self._later.get(chat_id, 0.0) - now
            if chat_id in self._busy or room <= 0:
                continue
            if wait > 0:
                pause = min(pause, wait)
                continue
            if not await self._locks.take(chat_id):
                continue
            room -= 1
            self._busy.add(chat_id)
            task = asyncio.create_task(self._process(chat_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return pause

    async def _process(self, chat_id: int) -> None:
        try:
            begun = time.monotonic()
            again = await self._take(chat_id)
            self._later.pop(chat_id, None)
            if again is None:
                metrics.TURNS.observe(time.monotonic() - begun)
            if again is not None:
                seconds = (again - self._clock.now()).total_seconds()
                # A new message of the burst calls again by itself; this is for the silence after the last one.
                self._later[chat_id] = time.monotonic() + max(0.01, min(seconds, 5.0))
        except (OperationalError, InterfaceError) as error:
            # The database is away, full, or broke a deadlock: no fault of this update, which is simply tried again.
            log.warning("turn.database", error=type(error).__name__)
            self._later[chat_id] = time.monotonic() + 0.5
        except Exception as error:
            log.error("turn.failed", error=type(error).__name__, where=_where(error))
            await self._stumble(chat_id)
        finally:
            self._busy.discard(chat_id)
            await self._locks.free(chat_id)
            self._wake.set()

    async def _stumble(self, chat_id: int) -> None:
        """Count the failure of the chat's oldest update; set it aside when it fails again and again."""
        self._later[chat_id] = time.monotonic() + 0.5
        try:
            aside = await self._database.run(lambda session: _stumbled(session, chat_id))
        except Exception as error:
            log.error("turn.database", error=type(error).__name__)
            return
        metrics.STUMBLES.labels(aside=str(aside).lower()).inc()
        if aside:
            log.error("turn.set_aside")


def _stumbled(session: Session, chat_id: int) -> bool:
    query = select(InboxRow.id).where(InboxRow.chat_id == chat_id, InboxRow.state == InboxState.WAITING)
    oldest = session.scalar(query.order_by(InboxRow.id).limit(1))
    return oldest is not None and inbox.stumbled(session, [oldest], TRIES)


def _where(error: BaseException) -> str:
    """File and line of an error: enough to find it, and no word of what was being processed."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    name = trace.tb_frame.f_code.co_filename.rsplit("/", 2)
    return f"{'/'.join(name[-2:])}:{trace.tb_lineno}"
