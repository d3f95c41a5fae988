from __future__ import annotations

from bot.desk.texts import FOLDER, load_texts
from bot.store.models import CaseState

from .local_house import House

ICONS = load_texts(FOLDER).words.icons


def test_asking_for_a_person_opens_one_topic_with_the_card_pinned(house: House) -> None:
    house.angel(11, "Anna")
    maria = house.person(1, "Maria")
    house.understands(
        "Ho un bar in Isola", attivita="ristorazione_bar", zona="Isola", cosa_succede="Ho un bar in Isola"
    )
    maria.shares()
    topic = house.open_topic()
    assert topic.name == "Maria · bar · Isola"
    assert topic.icon_custom_emoji_id == ICONS.waiting
    card = house.card()
    assert "Ho un bar in Isola" in card.text
    assert "Isola" in card.text


def test_a_second_angel_who_taps_claim_sees_who_has_it(house: House) -> None:
    anna, bruno = house.angel(11, "Anna"), house.angel(12, "Bruno")
    house.person(1, "Maria").shares()
    card = house.card()
    claim = card.keyboard[0][0].data
    assert anna.taps("Me ne occupo io", case=1) == "Ora è tuo. Scrivi qui sotto."
    assert bruno.presses(card.number, claim) == "Se ne occupa Anna."
    assert bruno.taps("Se ne occupa Anna", case=1) == "Se ne occupa Anna."
    assert house.case().state == CaseState.CLAIMED


def test_what_the_owner_writes_reaches_the_person_and_the_answer_comes_back(house: House) -> None:
    anna = house.angel(11, "Anna")
    maria = house.person(1, "Maria")
    maria.shares()
    anna.taps("Me ne occupo io", case=1)
    anna.says("Buongiorno, da dove cominciamo?", case=1)
    assert maria.sees()[-1].text == "Anna\nBuongiorno, da dove cominciamo?"
    before = len(maria.sees())
    maria.says("Dal sito")
    assert len(maria.sees()) == before + 1  # the bot says nothing
    assert any(m.text == "🗨 Maria\nDal sito" for m in house.topic())


def test_giving_back_lets_the_bot_speak_again(house: House) -> None:
    anna = house.angel(11, "Anna")
    maria = house.person(1, "Maria")
    maria.shares()
    anna.taps("Me ne occupo io", case=1)
    anna.says("Torno fra poco", case=1)
    assert anna.taps("Ridai al bot", case=1) == "Ridato al bot."
    assert "di nuovo io, il programma" in maria.reads()
    assert house.case().state == CaseState.LISTENING


def test_closing_takes_two_taps_and_asks_how_it_was(house: House) -> None:
    anna = house.angel(11, "Anna")
    maria = house.person(1, "Maria")
    maria.shares()
    anna.taps("Me ne occupo io", case=1)
    anna.taps("Chiudi", case=1)
    assert anna.taps("Risolto in chat", case=1) == "Chiuso."
    topic = house.open_topic()
    assert (topic.icon_custom_emoji_id, topic.closed) == (ICONS.closed, True)
    assert "Da 1 a 5" in maria.reads()
    maria.taps("5")
    assert house.case().rating == 5
    assert "5 su 5" in house.texts()
