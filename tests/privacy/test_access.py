from __future__ import annotations

import json

from sqlalchemy import select

from bot.conversation.types import FactId
from bot.privacy.access import PAGE_LIMIT, personal_data
from bot.store.calls import SendDocument
from bot.store.models import Audit, Person
from tests.desk.house import House

MARIA = 7_007_001_234


def _file(house: House) -> dict[str, list[dict[str, object]]]:
    (sent,) = [call for call in house.post.calls if isinstance(call, SendDocument)]
    return json.loads(sent.body)  # type: ignore[no-any-return]


def test_one_sees_what_was_told_in_plain_words_and_who_has_read_it(house: House) -> None:
    anna = house.angel(11, "Anna")
    maria = house.person(MARIA, "Mariagrazia")
    house.understands("Ho un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    maria.shares("Ho un bar in Isola")
    maria.says("/imieidati")
    assert "Finora non ha letto nessuno" in maria.reads()
    house.post.calls.clear()
    anna.taps("Me ne occupo io", case=1)
    maria.says("/imieidati")
    page = next(m.text for m in reversed(maria.sees()) if "Ecco tutto" in m.text)
    attivita = house.library.book.facts[FactId.ATTIVITA]
    label = attivita.values["ristorazione_bar"].label["it"]
    assert f"• {attivita.label['it']}: {label}" in page
    assert "24/11/2026: un Digital Angel" in page
    assert not [name for name in FactId if f"{name.value}:" in page]
    data = _file(house)
    assert "Isola" in [fact["valore"] for fact in data["fatti"]]
    assert "Ho un bar in Isola" in [message["testo"] for message in data["messaggi"]]
    assert [consent["dato"] for consent in data["consensi"]] == [True, True]


def test_that_somebody_asked_for_their_data_is_written_down_without_saying_who(house: House) -> None:
    maria = house.person(MARIA, "Mariagrazia")
    maria.says("/start")
    maria.taps("Sì, va bene")
    maria.says("/imieidati")
    row = house.database.work(lambda s: s.scalar(select(Audit).where(Audit.action == "read_own_data")))
    assert row is not None
    assert (row.case_id, row.detail) == (None, "")


def test_the_page_is_one_message_however_much_was_told(house: House) -> None:
    maria = house.person(MARIA, "Mariagrazia")
    long = "Una storia molto lunga. " * 150
    house.understands(long, cosa_succede=long, cosa_vorrebbe=long)
    maria.says("/start")
    maria.taps("Sì, va bene")
    maria.says(long)

    def page(session: object) -> str:
        person = session.scalar(select(Person))  # type: ignore[attr-defined]
        return personal_data(session, person, house.library, house.clock.now()).page  # type: ignore[arg-type]

    text = house.database.work(page)
    assert len(text) <= PAGE_LIMIT
    assert text.endswith("/cancella")
