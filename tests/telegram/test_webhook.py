"""The webhook's door: only Telegram gets in, nothing is acknowledged before it is committed, nothing comes in twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Route
from telegram import Bot

from bot.store.database import Database
from bot.telegram.receiving import MAX_BODY, Receiver
from bot.telegram.updates import MaskedText

SECRET = "il-segreto"


class Stopped:
    def now(self) -> datetime:
        return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _update(number: int = 1, said: str = "Buongiorno") -> dict[str, Any]:
    chat = {"id": 7, "type": "private", "first_name": "Carla"}
    sender = {"id": 7, "is_bot": False, "first_name": "Carla"}
    return {
        "update_id": number,
        "message": {"message_id": number, "date": 1, "chat": chat, "from": sender, "text": said},
    }


@pytest.fixture
async def door(bot: Bot, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    receiver = Receiver(database, bot, lambda text: MaskedText(text), Stopped(), lambda chats: None)
    app = Starlette(routes=[Route("/telegram", receiver.webhook(SECRET), methods=["POST"])])
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot", headers=headers) as client:
        yield client


def _waiting(database: Database) -> int:
    return database.work(lambda s: int(s.execute(text("SELECT count(*) FROM inbox")).scalar_one()))


async def test_an_update_with_the_secret_is_committed_before_it_is_acknowledged(
    door: httpx.AsyncClient, database: Database
) -> None:
    assert (await door.post("/telegram", json=_update())).status_code == 200
    assert _waiting(database) == 1


@pytest.mark.parametrize("secret", ["", "il-segretx", "il-segreto ", "ìl-segreto".encode().decode("latin-1")])
async def test_without_the_secret_nobody_gets_in(
    door: httpx.AsyncClient, database: Database, secret: str
) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret.encode("latin-1", "replace")}
    assert (await door.post("/telegram", json=_update(), headers=headers)).status_code == 403
    assert _waiting(database) == 0


async def test_an_update_that_telegram_repeats_comes_in_once(
    door: httpx.AsyncClient, database: Database
) -> None:
    for _ in range(3):
        assert (await door.post("/telegram", json=_update())).status_code == 200
    assert _waiting(database) == 1


async def test_a_body_too_large_is_refused_before_it_is_read_to_its_end(
    door: httpx.AsyncClient, database: Database
) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += MAX_BODY // 4
            yield b" " * (MAX_BODY // 4)

    assert (await door.post("/telegram", content=endless())).status_code == 413
    assert read <= 2 * MAX_BODY
    assert _waiting(database) == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b'"x"', b"7", b"\xff\xfe", b"{}", b'{"update_id": "x"}', b"[" * 100_000,
     b'{"update_id": 1, "message": []}', b'{"update_id": 1, "message": {"chat": 5}}'],
    ids=lambda body: body[:30].decode("latin-1"),
)  # fmt: skip
async def test_what_is_no_update_is_refused_quietly(
    door: httpx.AsyncClient, database: Database, body: bytes
) -> None:
    assert (await door.post("/telegram", content=body)).status_code == 400
    assert _waiting(database) == 0


async def test_while_the_database_is_away_nothing_is_acknowledged(
    door: httpx.AsyncClient, database: Database
) -> None:
    database.work(lambda s: s.execute(text("ALTER TABLE inbox RENAME TO elsewhere")) and None)
    assert (await door.post("/telegram", json=_update())).status_code == 503
    database.work(lambda s: s.execute(text("ALTER TABLE elsewhere RENAME TO inbox")) and None)
    assert (await door.post("/telegram", json=_update())).status_code == 200
    assert _waiting(database) == 1


async def test_who_may_be_in_danger_goes_before_those_who_waited_longer(bot: Bot, database: Database) -> None:
    async def hears(texts: Sequence[str]) -> list[bool]:
        return ["morire" in said for said in texts]

    receiver = Receiver(database, bot, lambda said: MaskedText(said), Stopped(), lambda chats: None, hears)
    await receiver.commit([_update(1, "Buongiorno"), _update(2, "voglio morire")])
    query = text("SELECT update_id FROM inbox WHERE urgent")
    assert database.work(lambda s: s.scalars(query).all()) == [2]


async def test_nobody_is_lost_when_who_is_in_danger_cannot_be_told(bot: Bot, database: Database) -> None:
    async def deaf(_texts: Sequence[str]) -> list[bool]:
        raise RuntimeError("the rules cannot be opened")

    receiver = Receiver(database, bot, lambda said: MaskedText(said), Stopped(), lambda chats: None, deaf)
    assert await receiver.commit([_update(1), _update(2)]) == 3
    assert _waiting(database) == 2


@pytest.mark.parametrize("number", [2**63, -(2**63), True, "1", None])
async def test_an_update_whose_number_is_none_is_refused(
    door: httpx.AsyncClient, database: Database, number: object
) -> None:
    answer = await door.post("/telegram", json=_update() | {"update_id": number})
    assert (answer.status_code, _waiting(database)) == (400, 0)


async def test_a_chat_whose_number_no_database_keeps_is_refused(
    door: httpx.AsyncClient, database: Database
) -> None:
    update = _update()
    update["message"]["chat"]["id"] = 2**70
    assert (await door.post("/telegram", json=update)).status_code == 400
    assert _waiting(database) == 0
