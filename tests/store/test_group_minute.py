"""Several workers on one PostgreSQL: the group's minute is counted by one of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.phone import Phones
from bot.rehearsal.server import serve
from bot.store import outbox
from bot.store.calls import SendText
from bot.store.database import Database, open_engine
from bot.store.locks import ChatLocks
from bot.store.models import OutboxRow, Priority, SendState
from bot.store.outbox import Order
from bot.telegram.clock import SystemClock
from bot.telegram.delivery import Delivery
from bot.telegram.pace import Pace
from bot.telegram.wire import make_bot

postgres = pytest.mark.parametrize(
    "url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def second(url: str, database: Database) -> Iterator[Database]:
    """Another worker's way to the same database."""
    made = Database(open_engine(url))
    yield made
    made.close()


def count(database: Database, state: SendState) -> int:
    query = select(func.count(OutboxRow.id)).where(OutboxRow.state == state)
    return database.work(lambda session: session.scalar(query) or 0)


@postgres
async def test_two_workers_together_send_no_more_than_the_groups_minute(
    database: Database, second: Database
) -> None:
    local, clock = LocalTelegram(flood_limits=True), SystemClock()
    group = local.first_group.id

    def queue(session: Session) -> None:
        for number in range(40):
            call = SendText(chat_id=group, text=f"m{number}")
            outbox.enqueue(
                session, Order(call, f"case:{number}", Priority.ALARM, key=f"k{number}"), clock.now()
            )

    def private(session: Session, chat: int) -> None:
        call = SendText(chat_id=chat, text="a Carla")
        outbox.enqueue(session, Order(call, outbox.private_lane(chat), key="carla"), clock.now())

    database.work(queue)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serve(local))
        phones = Phones(local)
        carla = phones.create_user("Carla")
        phones.send(carla, {"text": "/start"})
        workers = []
        for name, base in (("one", database), ("two", second)):
            bot = await stack.enter_async_context(make_bot(local.token, url, read_timeout=5.0))
            locks = ChatLocks(base, name)
            stack.callback(locks.close)
            workers.append(Delivery(base, bot, Pace(0, 20, 0), clock, lambda *_: None, name, locks))
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        try:
            async with asyncio.timeout(60):
                while count(database, SendState.SENT) < 20:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                database.work(lambda session: private(session, carla))
                while count(database, SendState.SENT) < 21:  # a private chat does not wait for the group  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        lines = b"".join(local.log.after(0)).splitlines()
        refused = [line for line in lines if json.loads(line).get("error_code") == 429]
    assert count(database, SendState.SENT) == 21
    assert refused == []
