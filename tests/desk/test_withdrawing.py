from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.store.models import Message, StoredFact

from .local_house import House, Phone


@pytest.fixture
def people(house: House) -> tuple[Phone, Phone]:
    anna = house.angel(11, "Anna")
    maria = house.person(1, "Maria")
    maria.shares()
    return anna, maria


def test_a_shopkeeper_takes_a_message_out_on_both_sides(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    anna.taps("Me ne occupo io", case=1)
    told = maria.says("il mio socio è un ladro")
    assert "è un ladro" in house.texts()
    before = len(maria.sees())
    maria.says("/elimina", reply_to=told)
    assert "è un ladro" not in house.texts()
    assert "Maria ha tolto un suo messaggio" in house.texts()
    assert len(maria.sees()) == before - 1  # message and command are gone, and the bot says nothing
    kept = house.database.work(lambda s: [m.content for m in s.scalars(select(Message))])
    assert not any("ladro" in content for content in kept)


def test_what_was_understood_from_it_goes_too(house: House, people: tuple[Phone, Phone]) -> None:
    _anna, maria = people
    house.understands("siamo in tre in Isola", zona="Isola")
    told = maria.says("siamo in tre in Isola")
    house.later(minutes=1)
    assert "Isola" in house.card().text
    maria.says("/elimina", reply_to=told)
    house.later(minutes=1)
    assert "Isola" not in house.card().text.split("Per cominciare")[0].replace("Ho un bar in Isola", "")
    facts = house.database.work(lambda s: [f.value for f in s.scalars(select(StoredFact))])
    assert "Isola" not in facts


@pytest.mark.parametrize(
    ("language", "word"), [("it", "tenga premuto"), ("en", "hold it"), ("es", "pulsado")]
)
def test_without_a_message_it_is_explained_in_the_persons_language(
    house: House, language: str, word: str
) -> None:
    maria = house.person(1, "Maria", language)
    maria.shares("my shop")
    maria.says("/elimina")
    assert word in maria.sees()[-1].text
    maria.says("/elimina", reply_to=maria.sees()[-1].number)  # the bot's own words are not theirs to take out
    assert maria.reads().count(word) == 2


def test_a_message_that_the_bot_may_not_delete_any_more_is_left_to_the_angels(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    anna.taps("Me ne occupo io", case=1)
    anna.says("eccomi", case=1)
    told = maria.says("non lo dica a nessuno")
    anna.says("promesso", case=1)
    house.owner("set_rights", can_delete_messages=False)
    house.later(hours=49)
    maria.says("/elimina", reply_to=told)
    assert "non riesco più a cancellarlo" in house.texts()


def test_an_angel_who_withdraws_too_late_is_told(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    anna.taps("Me ne occupo io", case=1)
    written = anna.says("la chiamo io", case=1)
    house.later(hours=49)
    anna.says("/ritira", case=1, reply_to=written)
    assert "Non si può più ritirare" in house.texts()
    assert "la chiamo io" in maria.reads()


def test_the_menu_shows_it_in_every_language() -> None:
    from pathlib import Path

    from bot.telegram.menu import load_menu

    menu, _ = load_menu(Path(__file__).parents[2] / "dialogues" / "menu.yml")
    assert all("elimina" in commands for commands in menu.private.values())
