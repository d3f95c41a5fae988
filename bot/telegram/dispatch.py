"""Dispatch: which chat is processed next, in parallel across chats, in order within each."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
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

FORGOTTEN_SECONDS = 60.0
"""A silence that was over so long ago and was never looked at again belonged to somebody who is gone."""

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
        self._fresh: list[int] = []
        self.caught_up = True
        """Nobody waits but those who are being answered: nobody need be looked for when a turn ends."""
        self._again: set[int] = set()
        """Who, of those being answered, has more updates waiting."""
        self._tasks: set[asyncio.Task[None]] = set()

    def nudge(self, chats: Iterable[int] = ()) -> None:
        """Something came in.

        Args:
            chats: From whom, one for each update; where nobody else waits they are taken at once, without asking
                who is next.
        """
        self._fresh += chats
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
        fresh, self._fresh = self._fresh, []
        if fresh and self.caught_up:
            self.caught_up = len(await self._begin(fresh)) == len(set(fresh))
            return self._soonest()
        passed: set[int] = set()  # another worker has them
        more = True
        while more and self._room() > 0:
            besides = passed | self._busy | self._waited_for()
            rows, more = await self._database.run(lambda session, b=besides: inbox.next_in_queue(session, b))  # type: ignore[misc]
            begun = await self._begin(rows)
            passed |= set(rows) - begun
            more = more and bool(rows)
            self.caught_up = not more and begun == set(rows)
        return self._soonest()

    def _room(self) -> int:
        return AT_ONCE - len(self._busy) + self._listening()

    async def _begin(self, rows: Sequence[int]) -> set[int]:
        """Begin with as many of these updates' chats as there is room for; returns which were begun."""
        begun: set[int] = set()
        waited_for = self._waited_for()
        times = Counter(rows)
        self._again |= {chat_id for chat_id in times if times[chat_id] > 1 or chat_id in self._busy}
        for chat_id in times:
            if self._room() <= 0 or chat_id in self._busy or chat_id in waited_for:
                continue
            if not await self._locks.take(chat_id):
                continue
            begun.add(chat_id)
            self._busy.add(chat_id)
            task = asyncio.create_task(self._process(chat_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return begun

    def _waited_for(self) -> set[int]:
        """Chats whose burst may not be complete yet, or that stumbled a moment ago."""
        now = time.monotonic()
        return {chat_id for chat_id, at in self._later.items() if at > now}

    def _soonest(self) -> float:
        """Seconds until somebody's silence is over, at most `IDLE_SECONDS`."""
        now = time.monotonic()
        self._later = {chat_id: at for chat_id, at in self._later.items() if at > now - FORGOTTEN_SECONDS}
        return min((at - now for at in self._later.values() if at > now), default=IDLE_SECONDS)

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
            if chat_id in self._later or chat_id in self._again or not self.caught_up:
                self._wake.set()
            self._again.discard(chat_id)

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
