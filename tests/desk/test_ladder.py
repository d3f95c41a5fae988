from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.store.models import CaseState

from .local_house import House, Phone


@pytest.fixture
def people(house: House) -> tuple[Phone, Phone]:
    """A coordinator and an angel who can be written to."""
    carla, anna = house.angel(13, "Carla", coordinator=True), house.angel(11, "Anna")
    carla.says("/start", private=True)
    anna.says("/start", private=True)
    return carla, anna


def test_nobody_takes_the_case_group_then_coordinator_then_the_truth(
    house: House, people: tuple[Phone, Phone]
) -> None:
    carla, _anna = people
    maria = house.person(1, "Maria")
    maria.shares()
    house.later(minutes=9)
    assert "aspetta" not in house.general()
    house.later(minutes=1)
    assert "Maria aspetta una persona da 10 minuti" in house.general()
    house.later(minutes=15)
    assert "nessuno ha preso il caso" in carla.reads()
    assert "come stanno le cose" not in maria.reads()
    house.later(minutes=15)
    assert "come stanno le cose" in maria.reads()


def test_a_case_is_claimed_from_general_with_one_tap(house: House, people: tuple[Phone, Phone]) -> None:
    _carla, anna = people
    house.person(1, "Maria").shares()
    house.later(minutes=10)
    assert anna.taps("Me ne occupo io").startswith("Ora è tuo. Apri l'argomento")


def test_at_night_the_ladder_waits_for_the_opening(house: House, people: tuple[Phone, Phone]) -> None:
    house.clock.at = datetime(2026, 11, 24, 22, 40, tzinfo=UTC)
    maria = house.person(1, "Maria")
    maria.shares()
    house.later(hours=9)
    assert house.general() == ""
    house.later(minutes=35)
    assert "Maria" in house.general()


def test_an_owner_who_does_not_write_loses_the_case_aloud(house: House, people: tuple[Phone, Phone]) -> None:
    _carla, anna = people
    maria = house.person(1, "Maria")
    maria.shares()
    anna.taps("Me ne occupo io", case=1)
    house.later(minutes=10)
    assert house.case().state == CaseState.WAITING
    assert "la presa in carico è scaduta" in house.texts()
    assert "di nuovo io, il programma" in maria.reads()


def test_an_owner_who_lets_somebody_wait_is_reminded_then_loses_the_case(
    house: House, people: tuple[Phone, Phone]
) -> None:
    carla, anna = people
    maria = house.person(1, "Maria")
    maria.shares()
    anna.taps("Me ne occupo io", case=1)
    anna.says("Buongiorno", case=1)
    maria.says("buongiorno, ha visto?")
    house.later(minutes=10)
    assert "aspetta una tua parola" in anna.reads()
    house.later(minutes=15)
    assert "una parola di Anna" in carla.reads()
    house.later(minutes=20)
    assert house.case().state == CaseState.WAITING
    assert "di nuovo libero" in house.texts()


def test_a_word_of_the_owner_ends_the_wait(house: House, people: tuple[Phone, Phone]) -> None:
    _carla, anna = people
    maria = house.person(1, "Maria")
    maria.shares()
    anna.taps("Me ne occupo io", case=1)
    anna.says("Buongiorno", case=1)
    maria.says("ha visto?")
    house.later(minutes=9)
    anna.says("Sì, arrivo", case=1)
    house.later(hours=2)
    assert house.case().state == CaseState.CLAIMED
    assert "aspetta una tua parola" not in anna.reads()


def test_a_callback_is_booked_with_one_tap_and_comes_back_at_its_time(
    house: House, people: tuple[Phone, Phone]
) -> None:
    _carla, anna = people
    maria = house.person(1, "Maria")
    maria.shares()
    anna.says("/richiama", case=1)
    anna.taps("oggi alle 13", case=1)
    assert house.case().state == CaseState.CALLBACK
    assert "La chiamo oggi alle 13" in maria.reads()
    house.later(hours=2, minutes=44)
    assert house.case().state == CaseState.CALLBACK
    house.later(minutes=1)
    assert house.case().state == CaseState.WAITING
    assert "È l'ora di richiamare" in house.texts()


def test_going_off_duty_asks_what_happens_to_every_open_case(
    house: House, people: tuple[Phone, Phone]
) -> None:
    carla, anna = people
    house.person(1, "Maria").shares()
    anna.taps("Me ne occupo io", case=1)
    anna.says("eccomi", case=1)
    anna.says("/turno", private=True)
    anna.says("/turno", private=True)
    assert "Questi casi sono ancora tuoi" in anna.sees()[-1].text
    anna.taps("Passa", private=True)
    assert anna.taps("Carla", private=True) == "Passato: ora è di Carla."
    assert "ti ha passato il caso" in carla.reads()


def test_my_cases_are_listed_by_the_longest_wait(house: House, people: tuple[Phone, Phone]) -> None:
    _carla, anna = people
    for number, name in ((1, "Maria"), (2, "Piero")):
        person = house.person(number, name)
        person.shares()
        anna.taps("Me ne occupo io", case=number)
        anna.says("eccomi", case=number)
    house.person(2, "Piero").says("ci sei?")
    house.later(minutes=1)
    house.person(1, "Maria").says("e io?")
    anna.says("/passo mandare la lista", case=1)
    anna.says("/miei", private=True)
    listed = anna.sees()[-1].text
    assert listed.index("Piero") < listed.index("Maria")
    assert "mandare la lista" in listed


def test_the_coordinators_get_the_days_list_in_the_morning(house: House, people: tuple[Phone, Phone]) -> None:
    carla, _anna = people
    house.person(1, "Maria").shares()
    house.later(hours=23)
    assert "Aspettano: 1" in carla.reads()


def test_no_launch_while_fewer_than_two_on_call_can_be_reached(house: House) -> None:
    anna, bruno = house.angel(11, "Anna"), house.angel(12, "Bruno")
    anna.says("/start", private=True)
    assert any("due reperibili" in p for p in house.database.work(house.desk.problems))
    bruno.says("/start", private=True)
    assert house.database.work(house.desk.problems) == []
