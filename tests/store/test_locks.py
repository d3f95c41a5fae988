"""Several workers on one database: a chat is one worker's, and a dead worker's is nobody's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.store import outbox, timers
from bot.store.calls import SendText
from bot.store.database import Database, open_engine
from bot.store.locks import ChatLocks
from bot.store.outbox import Order
from tests.store.conftest import NOW

postgres = pytest.mark.parametrize(
    "url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def second(url: str, database: Database) -> Iterator[Database]:
    """Another worker's way to the same database."""
    made = Database(open_engine(url))
    yield made
    made.close()


@postgres
async def test_a_chat_belongs_to_one_worker_until_it_lets_go(database: Database, second: Database) -> None:
    one, two = ChatLocks(database, "one"), ChatLocks(second, "two")
    assert await one.take(7)
    assert not await two.take(7)
    assert await two.take(8)
    await one.free(7)
    assert await two.take(7)
    one.close()
    two.close()


@postgres
async def test_who_leads_is_one_and_the_next_takes_over_when_it_dies(
    database: Database, second: Database
) -> None:
    one, two = ChatLocks(database, "one"), ChatLocks(second, "two")
    assert await one.lead("poll")
    assert not await two.lead("poll")
    one.close()
    await _until(lambda: two.lead("poll"))
    two.close()


async def _is_dead(locks: ChatLocks, worker: str) -> bool:
    return worker in await locks.dead({worker})


async def _until(happens: Callable[[], Awaitable[bool]]) -> None:
    """The server lets go of a lock a moment after the connection that held it has ended."""
    async with asyncio.timeout(20):
        while not await happens():  # noqa: ASYNC110 -- the database does not call
            await asyncio.sleep(0.01)


@postgres
async def test_a_worker_is_dead_when_its_name_is_free(database: Database, second: Database) -> None:
    one, two = ChatLocks(database, "one"), ChatLocks(second, "two")
    await one.take(1)
    await two.take(2)
    assert await one.dead({"one", "two", "never born"}) == {"never born"}
    two.close()
    await _until(lambda: _is_dead(one, "two"))
    assert await one.dead({"one"}) == set()
    one.close()


@postgres
async def test_a_worker_whose_connection_broke_knows_that_it_leads_no_more(
    database: Database, second: Database
) -> None:
    one, two = ChatLocks(database, "one"), ChatLocks(second, "two")
    assert await one.lead("poll")
    kill = text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    second.work(lambda session: session.execute(kill).all())
    assert await two.lead("poll")
    assert not await one.lead("poll")
    assert not await one.lead("poll")
    assert await two.dead({"one"}) == set(), "its name is the first thing it takes back"
    one.close()
    two.close()


def test_a_call_that_would_overtake_the_one_before_it_does_not_begin(database: Database) -> None:
    for number in (1, 2):
        order = Order(SendText(chat_id=5, text=str(number)), outbox.private_lane(5), key=f"k{number}")
        database.work(lambda session, o=order: outbox.enqueue(session, o, NOW) and None)
    assert not database.work(lambda session: outbox.begin(session, 2, "one", NOW))
    assert database.work(lambda session: outbox.begin(session, 1, "one", NOW))
    assert not database.work(lambda session: outbox.begin(session, 2, "two", NOW))


def test_a_timer_is_done_by_whoever_claims_it_first_and_not_before_it_is_due(database: Database) -> None:
    database.work(lambda session: timers.set_timer(session, "case:1", "wait", NOW))
    early = NOW - timedelta(seconds=1)
    assert not database.work(lambda session: timers.claim_timer(session, "case:1", "wait", early))
    assert database.work(lambda session: timers.claim_timer(session, "case:1", "wait", NOW))
    assert not database.work(lambda session: timers.claim_timer(session, "case:1", "wait", NOW))
