"""A house in this process whose letter box takes anything; what it may never do is fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import event, func, select
from telegram import Update

from bot.bootstrap import _mask
from bot.conversation import Library
from bot.store import inbox
from bot.store.crypto import keyring
from bot.store.models import InboxRow
from bot.telegram.updates import read, receive
from tests.desk.house import BOT, GROUP, House
from tests.fuzz.findings import Findings
from tests.fuzz.hostile import Hostile


def _keyboards(house: House) -> tuple[str, ...]:
    """What the buttons that somebody could see now say: real data, to be pressed by whomever, wherever, late."""
    shown = [m for chat in house.post.chats.values() for m in list(chat.values())[-60:]]
    return tuple({key.data for m in shown for row in m.keyboard for key in row if key.data})


def edge(seed: int, count: int, told: Callable[[int], None] = lambda _: None) -> Findings:
    """Put `count` hostile updates through the edge alone: parsed, masked, written down, read again."""
    hostile, found = Hostile(seed, GROUP, (11, 12)), Findings()
    for number in range(1, count + 1):
        raw = hostile.update()
        try:
            Update.de_json({"update_id": number, **raw}, None)
        except (TypeError, KeyError, ValueError, AttributeError):
            continue
        try:
            incoming = receive({"update_id": number, **raw}, _mask)
            incoming.body.encode()
            read(incoming.body, BOT)
        except Exception as error:
            found.add(error, number)
        found.done += 1
        if number % 10_000 == 0:
            told(number)
    return found


async def fuzz(
    folder: Path, library: Library, seed: int, count: int, told: Callable[[int], None] = lambda _: None
) -> Findings:
    """Put `count` hostile updates through receiving, inbox, turn and delivery."""
    keyring.load([Fernet.generate_key().decode()])
    house = House(folder, library, on_call=(11, 12))
    house.angel(11, "Anna")
    house.angel(12, "Bruno", coordinator=True)
    hostile, found = Hostile(seed, GROUP, (11, 12)), Findings()
    # What is fuzzed is the house, not the disk: nothing here has to survive a power cut.
    event.listen(house.database.engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA synchronous=OFF"))
    house.database.engine.dispose()
    try:
        for number in range(1, count + 1):
            raw = hostile.update()
            if number % 500 == 0:
                hostile.keyboards = _keyboards(house)
            try:
                Update.de_json({"update_id": number, **raw}, None)
            except (TypeError, KeyError, ValueError, AttributeError):
                continue  # not an update at all: Telegram does not write such a thing
            try:
                incoming = receive({"update_id": number, **raw}, _mask)
                house.database.work(lambda s, i=incoming: inbox.accept(s, BOT, [i], house.clock.now()))  # type: ignore[misc]
                await house.turns.take(incoming.chat_id)
                if number % 20 == 0:
                    house.deliver()
            except Exception as error:
                found.add(error, number)
                house.database.work(lambda s: s.execute(InboxRow.__table__.delete()) and None)
            found.done += 1
            if number % 1000 == 0:
                told(number)
        waiting = house.database.work(
            lambda s: s.scalar(select(func.count()).where(InboxRow.state == "waiting"))
        )
        assert waiting == 0, f"{waiting} updates were never processed"
    finally:
        house.close()
    return found
