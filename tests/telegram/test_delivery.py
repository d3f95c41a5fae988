"""What is queued goes out once, or is marked; faults of one chat never hold back another."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from telegram import Bot

from bot.desk.events import Answer
from bot.store import outbox
from bot.store.calls import EditText, SendText
from bot.store.database import Database
from bot.store.models import OutboxRow, SendState
from bot.store.outbox import Order, Purpose
from bot.telegram.clock import SystemClock
from bot.telegram.delivery import Delivery
from bot.telegram.pace import Pace
from tests.telegram.conftest import Town


class Desk:
    """Keeps the answers that delivery books."""

    def __init__(self) -> None:
        self.booked: list[tuple[str, str]] = []

    def __call__(self, _session: Session, row: OutboxRow, answer: Answer, _now: datetime) -> None:
        self.booked.append((row.key, type(answer).__name__))


class Post:
    def __init__(self, database: Database, bot: Bot) -> None:
        self.database, self.desk = database, Desk()
        self.delivery = Delivery(database, bot, Pace(0, 0, 0), SystemClock(), self.desk, "test")

    def queue(self, chat: int, text: str, key: str, purpose: Purpose = Purpose.PLAIN) -> None:
        order = Order(
            SendText(chat_id=chat, text=text),
            outbox.private_lane(chat),
            purpose=purpose,
            key=key,
            speech=True,
            person_id=1,
        )
        now = SystemClock().now()
        self.database.work(lambda session: outbox.enqueue(session, order, now) and None)

    def states(self) -> dict[str, str]:
        rows = self.database.work(lambda session: list(session.scalars(select(OutboxRow))))
        return {row.key: row.state for row in rows}

    async def until(self, *done: str) -> dict[str, str]:
        """Work until the rows with these keys are finished."""
        task = asyncio.create_task(self.delivery.run())
        try:
            async with asyncio.timeout(20):
                while any(self.states()[key] in (SendState.QUEUED, SendState.SENDING) for key in done):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return self.states()


@pytest.fixture
def post(database: Database, bot: Bot) -> Post:
    return Post(database, bot)


async def test_messages_of_one_chat_arrive_in_order_and_once(town: Town, post: Post) -> None:
    carla = await town.person()
    for number in range(6):
        post.queue(carla, f"m{number}", f"k{number}")
    await post.until("k5")
    assert await town.seen(carla) == [f"m{number}" for number in range(6)]


async def test_a_reply_that_arrived_is_booked_and_asks_nothing_of_the_house(town: Town, post: Post) -> None:
    carla = await town.person()
    await town.fault("timeout_after", method="sendMessage", seconds=3)
    for number in range(3):
        post.queue(carla, f"m{number}", f"k{number}", Purpose.REPLY)
    states = await post.until("k0", "k1", "k2")
    assert states == {"k0": SendState.UNCERTAIN, "k1": SendState.SENT, "k2": SendState.SENT}
    assert await town.seen(carla) == ["m0", "m1", "m2"]
    assert post.desk.booked == [("k0", "Lost")]
    rows = post.database.work(lambda session: list(session.scalars(select(OutboxRow).order_by(OutboxRow.id))))
    assert [(len(row.result_ids), row.call is None) for row in rows] == [(0, True), (1, True), (1, True)]


async def test_an_answer_lost_after_it_left_is_uncertain_and_never_sent_again(town: Town, post: Post) -> None:
    carla = await town.person()
    await town.fault("timeout_after", method="sendMessage", seconds=3)
    post.queue(carla, "una", "k")
    post.queue(carla, "due", "l")
    assert await post.until("k", "l") == {"k": SendState.UNCERTAIN, "l": SendState.SENT}
    assert await town.seen(carla) == ["una", "due"]
    assert post.desk.booked == [("k", "Lost"), ("l", "Sent")]


async def test_a_429_holds_back_the_chat_it_came_from_and_no_other(town: Town, post: Post) -> None:
    carla, dario = await town.person("Carla"), await town.person("Dario")
    await town.fault("429", method="sendMessage", chat_id=carla, seconds=2)
    post.queue(carla, "a Carla", "c")
    post.queue(dario, "a Dario", "d")
    await post.until("d")
    assert post.states()["c"] == SendState.QUEUED
    assert (await post.until("c"))["c"] == SendState.SENT
    assert await town.seen(carla) == ["a Carla"]


async def test_somebody_who_blocked_the_bot_is_booked_as_blocked(town: Town, post: Post) -> None:
    carla = await town.person()
    await town.http.post(f"/phone/users/{carla}/block")
    post.queue(carla, "ci sei?", "k")
    assert (await post.until("k"))["k"] == SendState.BLOCKED


async def test_what_telegram_refuses_is_failed_with_telegrams_words(town: Town, post: Post) -> None:
    carla = await town.person()
    post.queue(carla, "x" * 5000, "k")
    assert (await post.until("k"))["k"] == SendState.FAILED
    row = post.database.work(lambda session: session.scalars(select(OutboxRow)).one())
    assert "too long" in row.error
    assert row.call is None


async def test_an_edit_whose_answer_was_lost_is_simply_repeated(town: Town, post: Post) -> None:
    carla = await town.person()
    post.queue(carla, "prima", "k")
    await post.until("k")
    number = post.database.work(lambda session: session.scalars(select(OutboxRow)).one()).result_ids[0]
    await town.fault("timeout_after", method="editMessageText", seconds=3)
    order = Order(
        EditText(chat_id=carla, message_id=number, text="dopo"), outbox.private_lane(carla), key="e"
    )
    now = SystemClock().now()
    post.database.work(lambda session: outbox.enqueue(session, order, now) and None)
    assert (await post.until("e"))["e"] == SendState.SENT
    assert await town.seen(carla) == ["dopo"]


async def test_what_was_under_way_at_a_crash_is_uncertain_after_the_start(town: Town, post: Post) -> None:
    carla = await town.person()
    post.queue(carla, "forse", "k")
    now = SystemClock().now()
    post.database.work(lambda session: outbox.begin(session, 1, "dead", now))
    assert await post.delivery.recover() == 1
    assert post.states() == {"k": SendState.UNCERTAIN}
    assert await town.seen(carla) == []
