"""Who comes first, and what happens while nobody is there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.conversation.types import Alarm
from bot.store.models import CaseState

from .local_house import House, Phone


@pytest.fixture
def people(house: House) -> tuple[Phone, Phone]:
    carla, anna = house.angel(13, "Carla", coordinator=True), house.angel(11, "Anna")
    carla.says("/start", private=True)
    anna.says("/start", private=True)
    return carla, anna


def test_rising_distress_moves_the_case_up_and_says_why(house: House, people: tuple[Phone, Phone]) -> None:
    _carla, anna = people
    piero, maria = house.person(2, "Piero"), house.person(1, "Maria")
    piero.shares()
    house.later(minutes=1)
    maria.shares()
    house.understands("non ne posso più, è un disastro", come_sta="in_crisi")
    maria.says("non ne posso più, è un disastro")
    assert "Maria sale in cima alla coda: in crisi" in house.texts(2)
    assert "Maria sale in cima alla coda" in house.general()
    anna.says("/miei", private=True)
    listed = anna.sees()[-1].text
    assert listed.index("Maria") < listed.index("Piero")
    maria.says("non ne posso più, è un disastro")
    assert house.texts(2).count("sale in cima") == 1


def test_a_swindle_under_way_goes_to_the_top_of_the_queue(house: House, people: tuple[Phone, Phone]) -> None:
    maria = house.person(1, "Maria")
    maria.shares()
    house.understands("mi chiedono ancora soldi per il sito", truffa_in_corso="si")
    maria.says("mi chiedono ancora soldi per il sito")
    assert "un raggiro forse ancora in corso" in house.texts()


def test_a_doubt_moves_the_case_up(house: House, people: tuple[Phone, Phone]) -> None:
    maria = house.person(1, "Maria")
    maria.shares()
    house.understands("sono così stanca di tutto", doubt=Alarm.AUTOLESIONE)
    maria.says("sono così stanca di tutto")
    assert "sale in cima alla coda: il programma ha un dubbio" in house.texts()


def test_out_of_hours_a_call_is_booked_in_a_slot_and_comes_back_at_its_time(
    house: House, people: tuple[Phone, Phone]
) -> None:
    carla, anna = people
    house.clock.at = datetime(2026, 11, 24, 22, 40, tzinfo=UTC)  # 23:40 in Milan
    maria = house.person(1, "Maria")
    maria.shares()
    maria.taps("domani alle 9")
    assert house.case().state == CaseState.CALLBACK
    assert "L'ora la conferma una persona" in maria.reads()
    assert "«domani alle 9»" in house.texts()
    assert "La chiamo" not in maria.reads()  # no promise that nobody confirmed
    house.later(hours=9, minutes=6)
    assert "Da richiamare oggi: 1" in carla.reads()
    assert "oggi alle 9" in carla.reads()
    house.later(minutes=14)
    assert house.case().state == CaseState.WAITING
    assert "È l'ora di richiamare Maria" in house.texts()
    assert anna.taps("Me ne occupo io", case=1) == "Ora è tuo. Scrivi qui sotto."


def test_an_angel_confirms_the_chosen_slot_with_one_tap(house: House, people: tuple[Phone, Phone]) -> None:
    _carla, anna = people
    house.clock.at = datetime(2026, 11, 24, 22, 40, tzinfo=UTC)
    maria = house.person(1, "Maria")
    maria.shares()
    maria.taps("domani alle 11")
    anna.taps("domani alle 11", case=1)
    assert "La chiamo domani alle 11" in maria.reads()


def test_a_slot_that_was_not_offered_books_nothing(house: House, people: tuple[Phone, Phone]) -> None:
    house.clock.at = datetime(2026, 11, 24, 22, 40, tzinfo=UTC)
    maria = house.person(1, "Maria")
    maria.shares()
    maria.presses(maria.sees()[-1].number, "b:ora:1790000000")
    assert house.case().state == CaseState.WAITING


def test_somebody_elses_case_cannot_be_promised_a_call(house: House, people: tuple[Phone, Phone]) -> None:
    _carla, anna = people
    bruno = house.angel(12, "Bruno")
    maria = house.person(1, "Maria")
    maria.shares()
    anna.says("/richiama", case=1)
    anna.taps("Me ne occupo io", case=1)
    assert bruno.taps("oggi alle 13", case=1) == "Può farlo solo chi se ne occupa: Anna."
    assert "La chiamo" not in maria.reads()


def test_after_a_snooze_whoever_still_waits_is_remembered(house: House, people: tuple[Phone, Phone]) -> None:
    _carla, anna = people
    maria = house.person(1, "Maria")
    maria.shares()
    anna.taps("Me ne occupo io", case=1)
    anna.says("eccomi", case=1)
    maria.says("ha visto?")
    anna.says("/rimanda", case=1)
    anna.taps("oggi alle 11", case=1)
    house.later(minutes=46)
    assert "è il momento che avevi scelto" in anna.reads()
    house.later(minutes=11)
    assert "aspetta una tua parola" in anna.reads()


def test_buttons_in_general_and_in_private_say_who_has_the_case(
    house: House, people: tuple[Phone, Phone]
) -> None:
    carla, anna = people
    bruno = house.angel(12, "Bruno")
    house.person(1, "Maria").shares()
    house.later(minutes=25)
    assert anna.taps("Me ne occupo io").startswith("Ora è tuo. Apri l'argomento")
    assert bruno.taps("Se ne occupa Anna") == "Se ne occupa Anna."
    labels = [k.label for m in carla.sees() for row in m.keyboard for k in row]
    assert any("Se ne occupa Anna" in label for label in labels)
    assert not any("Me ne occupo io" in label for label in labels)


def test_alarm_calls_say_who_answers(house: House, people: tuple[Phone, Phone]) -> None:
    _carla, anna = people
    bruno = house.angel(12, "Bruno")
    bruno.says("/start", private=True)
    house.understands("voglio morire", alarm=Alarm.AUTOLESIONE)
    maria = house.person(1, "Maria")
    maria.says("/start")
    maria.says("voglio morire")
    anna.taps("Ci sono io", private=True)
    assert bruno.taps("Se ne occupa Anna", private=True) == "Se ne occupa Anna."
