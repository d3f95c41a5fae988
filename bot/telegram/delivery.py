"""Delivery: the outbox is worked off, lane by lane, and every answer is booked.

States: `queued -> sending -> sent | uncertain | failed | blocked` (and `withheld`, by a claim). A row is marked
`sending` in a transaction of its own right before its request begins: what a claim withheld meanwhile never leaves.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session
from telegram import Bot

from bot.desk import BusyError
from bot.desk.events import Answer, Lost, Refused, Sent
from bot.store import crash, outbox
from bot.store.calls import CALL, Call, CreateTopic, DeleteTopic, EditText, Pin
from bot.store.database import ConflictError, Database
from bot.store.locks import ChatLocks
from bot.store.models import TROUBLE, Case, OutboxRow, Priority, SendState, Setting
from bot.store.outbox import Due
from bot.telegram import metrics
from bot.telegram.clock import Clock
from bot.telegram.pace import FREE, MINUTE, Pace
from bot.telegram.wire import REPEATABLE, Addressed, Later, NotLeft, Outcome, perform

log = structlog.get_logger()

Booking = Callable[[Session, OutboxRow, Answer, datetime], None]
"""Called in the transaction that books an answer; may set the row back to `queued`."""

IDLE_SECONDS = 0.5
"""How often the outbox is looked at when nobody called: other workers write into it too."""

SOON_SECONDS = 0.05
"""How soon it is looked at when a turn's own words have just left: sooner, when they are answered."""

IN_FLIGHT = 24
"""Most requests under way at once."""

HEADS = 4 * IN_FLIGHT
"""How many lanes are looked at at once."""

LOOK_SECONDS = 1.0
"""How often it is looked for what dead workers had under way."""

DEAD_SECONDS = 3.0
"""How long a worker's name must be free before it is called dead: a living one takes it back at once."""

BOOKINGS = 40
"""After so many failures of the house's own booking, the bare fact is booked, so that the lane goes on."""

_RETRY = timedelta(seconds=1)

LASTING_SECONDS = 20.0
LASTING_TIMES = 4
"""A 429 that asks for so long a wait, or came so many times for one message, is told to the coordinators."""

Slowed = Callable[[Session, int, float, datetime], None]
"""Called in the transaction that books a lasting 429: the chat, and the seconds that Telegram asks to wait."""


class Delivery:
    """Sends what is queued.

    Args:
        database: Where the outbox is.
        bot: The initialised bot.
        pace: How fast.
        clock: The house's time.
        booking: What the house does with an answer.
        worker: This process's name.
        locks: Who else is alive; None when this is the only process.
        slowed: Whom to tell of a 429 that lasts.
    """

    def __init__(
        self,
        database: Database,
        bot: Bot,
        pace: Pace,
        clock: Clock,
        booking: Booking,
        worker: str,
        locks: ChatLocks | None = None,
        slowed: Slowed | None = None,
    ) -> None:
        self._database = database
        self._bot = bot
        self._pace = pace
        self._clock = clock
        self._booking = booking
        self._worker = worker
        self._slowed = slowed
        self._locks = locks or ChatLocks(database, worker)
        self._fresh: list[Due] = []
        self._caught_up = True
        self._owed = True
        """Something may wait that nobody named, or for what is under way: it is looked for soon, and when that is done."""
        self._silent: dict[str, float] = {}
        self._looked = 0.0
        self._leads = database.sqlite
        self._wake = asyncio.Event()
        self._lanes: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def nudge(self, queued: Sequence[Due] = ()) -> None:
        """Something was queued.

        Args:
            queued: All that was queued to go at once, if that is known: what is for private chats does, where nothing
                else waits; the others are found by their order.
        """
        self._fresh += queued
        self._owed |= not queued
        self._wake.set()

    async def run(self) -> None:
        """Work for ever; cancelled at the end."""
        if self._leads:
            await self._remember()
        while True:
            self._wake.clear()
            try:
                await self._look_after()
                pause = await self._round()
            except Exception as error:
                log.error("delivery.database", error=type(error).__name__)
                pause = 1.0
            # Not asyncio.wait_for: before Python 3.12 it may swallow a cancellation that meets the event
            # (https://github.com/python/cpython/issues/86296).
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _remember(self) -> None:
        """What went to the group just before this start counts in its minute."""
        now, span = self._clock.now(), timedelta(seconds=MINUTE)
        with contextlib.suppress(SQLAlchemyError):
            for one in await self._database.run(lambda s: outbox.lately_answered(s, now, span)):
                at = time.monotonic() - one.ago.total_seconds()
                self._pace.remember(one.chat_id, one.method, at, one.weight)

    async def _round(self) -> float:
        fresh, self._fresh = self._fresh, []
        if fresh and self._caught_up:
            private = [due for due in fresh if due.chat_id > 0]
            begun = len(self._tasks)
            self._start(private)
            self._owed |= len(self._tasks) - begun < len(fresh)
            return (
                SOON_SECONDS if self._owed else IDLE_SECONDS
            )  # what was just started comes before the next look
        self._owed = False
        pause, full = IDLE_SECONDS, set[int]()
        more = True
        while more and len(self._tasks) < IN_FLIGHT:
            now = self._clock.now()
            rows = await self._database.run(lambda s, n=now, f=full: outbox.due_rows(s, n, HEADS, f))  # type: ignore[misc]
            wait, spent = self._start(rows)
            pause = min(pause, wait)
            # A group whose budget is spent may have more heads than are looked at: the others come after it.
            more = len(rows) == HEADS and not spent <= full
            full |= spent
            self._caught_up = len(rows) < HEADS and wait >= IDLE_SECONDS
        self._owed |= bool(self._tasks)  # behind each of them another may wait, which is no head yet
        return pause

    def _start(self, rows: Sequence[Due]) -> tuple[float, set[int]]:
        """Start what may go now; answers how soon the next may, and which groups have spent their budget."""
        pause, spent = IDLE_SECONDS, set[int]()
        for row in rows:
            if row.lane in self._lanes or len(self._tasks) >= IN_FLIGHT:
                continue
            if row.chat_id < 0 and not self._leads and row.method not in FREE:
                spent |= {row.chat_id}  # its minute is counted by one worker, or by none rightly
                continue
            if row.chat_id in spent and row.method not in FREE:
                continue  # who waits for the group's budget is not overtaken by what matters less, or weighs less
            wait = self._pace.wait(row.chat_id, row.method, row.priority, time.monotonic(), row.weight)
            if wait > 0:
                pause = min(pause, wait)
                spent |= {row.chat_id} if row.chat_id < 0 else set()
                continue
            self._lanes.add(row.lane)
            task = asyncio.create_task(self._deliver(row))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return pause, spent

    async def _deliver(self, row: Due) -> None:
        plain = False
        try:
            addressed, outcome = await self._sent(row)
            if addressed is not None and outcome is not None:
                crash.passing("send.after_answer")
                plain = await self._book(row.id, addressed, outcome)
                crash.passing("send.after_booked")
        finally:
            self._lanes.discard(row.lane)
            self._owed |= not plain
            if self._owed:
                self._wake.set()

    async def _sent(self, row: Due) -> tuple[Addressed | None, Outcome | None]:
        """Begin it, if that is still wanted, and hear the answer."""
        left = False
        try:
            addressed = await self._database.run(lambda session: self._begin(session, row.id))
            if addressed is None:
                return None, None
            crash.passing("send.after_begin")
            left = True
            outcome = await self._perform(addressed)
            left = not isinstance(outcome, NotLeft | Later)
            return addressed, outcome
        except Exception as error:
            # Whether this was committed cannot be told; that nothing left can.
            log.error("delivery.database", error=type(error).__name__, row=row.id)
            await self._not_begun(row.id)
            return None, None
        finally:
            self._pace.landed(row.chat_id, row.method, time.monotonic(), row.weight, left=left)

    async def _perform(self, addressed: Addressed) -> Outcome:
        try:
            return await perform(self._bot, addressed)
        except Exception as error:
            # A fault of ours or of a library: whether it had left cannot be told, so it is announced, not repeated.
            log.error("delivery.fault", error=type(error).__name__, method=addressed.call.method)
            return Lost("stopped")

    def _begin(self, session: Session, row_id: int) -> Addressed | None:
        now = self._clock.now()
        begun = outbox.begin(session, row_id, self._worker, now)
        if begun is None:
            return None
        call: Call = CALL.validate_json(begun.call)
        if begun.case_id is None:
            return Addressed(call)
        row = session.get_one(OutboxRow, row_id, populate_existing=True)
        case = session.get(Case, begun.case_id)
        thread = case.thread_id if case else None
        in_topic = getattr(call, "thread_of_case", False)
        if in_topic and not isinstance(call, CreateTopic):
            if case is None or thread is None:
                self._refuse(session, row, Refused(400, "no topic"), now)
                return None
            if case.group_id and case.group_id != call.chat_id:
                call = call.model_copy(update={"chat_id": case.group_id})
                row.chat_id = case.group_id
        card = case.card_message_id if case else None
        if isinstance(call, (EditText, Pin)) and not call.message_id and not card:
            self._refuse(session, row, Refused(400, "no card"), now)
            return None
        row.thread_id = thread if in_topic else None
        trouble = session.get(Setting, TROUBLE)
        return Addressed(
            call, row.thread_id, card, in_topic and trouble is not None and trouble.value == "forum"
        )

    def _refuse(self, session: Session, row: OutboxRow, answer: Refused, now: datetime) -> None:
        row.state = SendState.FAILED
        row.error = answer.description
        row.finished_at = now
        self._booking(session, row, answer, now)
        if row.state != SendState.QUEUED:
            row.call = None

    async def _book(self, row_id: int, addressed: Addressed, outcome: Outcome) -> bool:
        """Book an outcome; a database that is away for a moment must not make a sent message look unsent.

        Returns:
            True for a reply that arrived: nothing follows from it.
        """
        faults = 0
        while True:
            booking = self._booking if faults < BOOKINGS else _bare
            try:
                return await self._database.run(
                    lambda session, b=booking: self._booked(session, row_id, addressed, outcome, b)  # type: ignore[misc]
                )
            except (ConflictError, BusyError):
                await asyncio.sleep(0.02)  # a turn was first: it is booked on top of what that turn wrote
            except DBAPIError as error:
                log.error("delivery.database", error=type(error).__name__, row=row_id)
                await asyncio.sleep(0.5)
            except Exception as error:
                faults += 1
                log.error("delivery.booking", error=type(error).__name__, row=row_id, faults=faults)
                await asyncio.sleep(0.1)

    async def _not_begun(self, row_id: int) -> None:
        while True:
            await asyncio.sleep(0.5)
            with contextlib.suppress(SQLAlchemyError):
                await self._database.run(lambda s: outbox.not_begun(s, row_id, self._worker))
                return

    def _booked(
        self, session: Session, row_id: int, addressed: Addressed, outcome: Outcome, booking: Booking
    ) -> bool:
        now = self._clock.now()
        if isinstance(outcome, Sent) and outbox.arrived(session, row_id, self._worker, outcome.ids, now):
            crash.passing("send.before_booked")
            metrics.SENDS.labels(state=SendState.SENT).inc()
            return True
        row = session.get(OutboxRow, row_id)
        if row is None:  # erased while it was under way: a topic that came to be names the person, and goes
            call = addressed.call
            if isinstance(call, CreateTopic) and isinstance(outcome, Sent) and outcome.thread_id is not None:
                gone = DeleteTopic(chat_id=call.chat_id, thread_id=outcome.thread_id)
                outbox.enqueue(session, outbox.Order(gone, "service", Priority.SERVICE), now)
            return False
        late = row.state == SendState.UNCERTAIN and isinstance(outcome, Sent)
        if not late and (row.state != SendState.SENDING or row.worker != self._worker):
            return False  # booked already (the database's answer was lost), or given up as a dead worker's
        match outcome:
            case Later(seconds):
                self._pace.hold(row.chat_id, seconds, time.monotonic())
                row.state = SendState.QUEUED
                row.due_at = now + timedelta(seconds=seconds)
                lasts = seconds >= LASTING_SECONDS or row.attempts >= LASTING_TIMES
                if lasts and self._slowed is not None:
                    self._slowed(session, row.chat_id, seconds, now)
                return False
            case NotLeft():
                row.state, row.due_at = SendState.QUEUED, now + _RETRY
                return False
            case Lost() if row.method in REPEATABLE:
                row.state, row.due_at = SendState.QUEUED, now + _RETRY
                if row.attempts >= 8:
                    row.state, row.finished_at = SendState.FAILED, now
                return False
            case Sent(ids):
                row.state, row.result_ids, row.finished_at = SendState.SENT, list(ids), now
                outbox.book_ids(session, row, list(ids))
            case Lost():
                row.state = SendState.UNCERTAIN
            case Refused(code, description):
                row.state = SendState.BLOCKED if code == 403 else SendState.FAILED
                row.error = description[:200]
        row.finished_at = now
        booking(session, row, outcome, now)
        crash.passing("send.before_booked")
        if row.state != SendState.QUEUED:
            row.call = None
            metrics.SENDS.labels(state=row.state).inc()
        return False

    async def recover(self) -> int:
        """What was under way when another process died is uncertain, or harmless to repeat.

        On SQLite there is only one process, so at its start every other name is a dead one's; on PostgreSQL a
        worker is dead when its name has been free for a while, and any living one does this for it.

        Returns:
            How many messages are now marked uncertain.
        """
        dead = await self._dead()
        if not dead:
            return 0
        while True:
            try:
                return await self._database.run(lambda session: self._recover(session, dead))
            except (ConflictError, BusyError):
                await asyncio.sleep(0.02)

    async def _look_after(self) -> None:
        if self._database.sqlite or time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        led, self._leads = self._leads, await self._locks.lead("groups")
        if self._leads and not led:
            await self._remember()  # what the one before sent still counts
        if lost := await self.recover():
            log.warning("delivery.recovered", uncertain=lost)

    async def _dead(self) -> set[str]:
        sending = await self._database.run(outbox.sending_workers)
        dead = await self._locks.dead(sending)
        if self._database.sqlite:
            return dead
        now = time.monotonic()
        self._silent = {name: self._silent.get(name, now) for name in dead}
        return {name for name, since in self._silent.items() if now - since >= DEAD_SECONDS}

    def _recover(self, session: Session, dead: set[str]) -> int:
        now = self._clock.now()
        theirs = (OutboxRow.state == SendState.SENDING, OutboxRow.worker.in_(dead))
        repeat = update(OutboxRow).where(*theirs, OutboxRow.method.in_(REPEATABLE))
        session.execute(repeat.values(state=SendState.QUEUED))
        rows = list(session.scalars(select(OutboxRow).where(*theirs).with_for_update(skip_locked=True)))
        for row in rows:
            row.state, row.finished_at = SendState.UNCERTAIN, now
            self._booking(session, row, Lost("stopped"), now)
            if row.state != SendState.QUEUED:
                row.call = None
        return len(rows)


def _bare(_session: Session, _row: OutboxRow, _answer: Answer, _now: datetime) -> None:
    """The booking of a house whose own booking fails again and again."""
