"""Somebody who writes too fast, and somebody on the block list."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import func, select

from bot.conversation.types import Alarm
from bot.store import inbox
from bot.store.models import Author, InboxRow, InboxState, Message, Person, StoredFact
from bot.telegram.updates import MaskedText, receive
from tests.desk.house import BOT, House, Phone

MARIA = 7_007_001_234


def _pours(house: House, phone: Phone, texts: list[str]) -> None:
    """Many messages arrive before the first is looked at."""
    incoming = []
    for text in texts:
        update: dict[str, Any] = {
            "update_id": next(house.updates),
            "message": phone._message(None, True, text=text),
        }
        incoming.append(receive(update, lambda said: MaskedText(said)))
    house.database.work(lambda s: inbox.accept(s, BOT, incoming, house.clock.now()))

    async def all_of_them() -> None:
        query = select(func.count()).where(InboxRow.state == InboxState.WAITING)
        while house.database.work(lambda s: s.scalar(query)):
            await house.turns.take(phone.id)

    asyncio.run(all_of_them())
    house.deliver()


def _heard(house: House) -> int:
    query = select(func.count()).where(Message.author == Author.SHOPKEEPER)
    return house.database.work(lambda s: s.scalar(query) or 0)


def test_a_flood_is_all_kept_and_answered_once_it_has_been_read(house: House) -> None:
    maria = house.person(MARIA, "Mariagrazia")
    maria.says("/start")
    maria.taps("Sì, va bene")
    before = len(maria.sees())
    _pours(house, maria, [f"messaggio numero {n}" for n in range(2 * inbox.MAX_BURST + 1)])
    assert _heard(house) == 2 * inbox.MAX_BURST + 1
    # This house gathers no bursts, so the last ones are answered one by one: the others not at all.
    assert 1 <= len(maria.sees()) - before <= inbox.MAX_BURST


def test_what_is_said_in_a_flood_counts_and_the_question_is_still_asked_after_it(house: House) -> None:
    maria = house.person(MARIA, "Mariagrazia")
    maria.says("/start")
    maria.taps("Sì, va bene")
    house.understands("ho un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    before = len(maria.sees())
    _pours(house, maria, ["ho un bar in Isola", *(f"messaggio {n}" for n in range(inbox.MAX_BURST + 1))])
    facts = house.database.work(lambda s: {f.value for f in s.scalars(select(StoredFact))})
    assert {"ristorazione_bar", "Isola"} <= facts
    assert any("?" in m.text for m in maria.sees()[before:])


def test_an_alarm_within_a_flood_is_heard_and_answered(house: House) -> None:
    maria = house.person(MARIA, "Mariagrazia")
    maria.says("/start")
    maria.taps("Sì, va bene")
    house.understands("voglio morire", alarm=Alarm.AUTOLESIONE)
    _pours(house, maria, ["voglio morire", *(f"messaggio numero {n}" for n in range(40))])
    assert house.case().alarm == Alarm.AUTOLESIONE
    assert "112" in maria.reads()


def test_somebody_on_the_block_list_gets_no_answer_and_nothing_is_kept(house: House) -> None:
    maria = house.person(MARIA, "Mariagrazia")
    maria.says("/start")
    maria.taps("Sì, va bene")

    def bar(session: Any) -> None:
        session.scalar(select(Person)).barred = True

    house.database.work(bar)
    before = len(maria.sees())
    maria.says("Sono ancora qui")
    assert [m.text for m in maria.sees()[before:]] == ["Sono ancora qui"]
    assert _heard(house) == 0
