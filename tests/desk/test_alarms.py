from __future__ import annotations

from sqlalchemy import select

from bot.conversation.types import Alarm
from bot.desk.texts import FOLDER, load_texts
from bot.store.models import Audit, CaseState

from .local_house import House

ICONS = load_texts(FOLDER).words.icons


def sound(house: House, alarm: Alarm = Alarm.AUTOLESIONE, *, consent: bool = False) -> None:
    maria = house.person(1, "Maria")
    house.understands("non ce la faccio più a vivere", alarm=alarm)
    maria.says("/start")
    if consent:
        maria.taps("Sì, va bene")
    maria.says("non ce la faccio più a vivere")


def test_an_alarm_without_consent_shows_the_flag_and_not_a_word(house: House) -> None:
    anna = house.angel(11, "Anna")
    anna.says("/start", private=True)
    sound(house)
    topic = house.open_topic()
    assert topic.icon_custom_emoji_id == ICONS.alarm
    assert "Maria" not in topic.name
    shown = house.texts() + "".join(m.text for m in anna.sees())
    assert "non ce la faccio" not in shown
    assert "Maria" not in shown
    assert "farsi del male" in house.texts()


def test_the_rota_is_called_in_private_with_the_protocol_and_the_numbers(house: House) -> None:
    anna, bruno = house.angel(11, "Anna"), house.angel(12, "Bruno")
    carla = house.angel(13, "Carla")
    for angel in (anna, bruno, carla):
        angel.says("/start", private=True)
    sound(house)
    for angel in (anna, bruno):
        call = angel.sees()[-1].text
        assert "Da fare" in call
        assert "Da non fare" in call
        assert "02 2327 2327" in call
        assert "112" in call
    assert "ALLARME" not in carla.reads()


def test_an_alarm_is_claimed_with_one_tap_in_private_and_the_others_hear_of_it(house: House) -> None:
    anna, bruno = house.angel(11, "Anna"), house.angel(12, "Bruno")
    anna.says("/start", private=True)
    bruno.says("/start", private=True)
    sound(house)
    assert anna.taps("Ci sono io", private=True).startswith("Ora è tuo. Apri l'argomento")
    assert house.case().state == CaseState.CLAIMED
    assert "risponde Anna" in bruno.reads()


def test_when_nobody_is_on_call_everybody_who_can_be_reached_is_called(house: House) -> None:
    carla = house.angel(13, "Carla")
    carla.says("/start", private=True)
    sound(house)
    assert "ALLARME" in carla.reads()
    general = house.general()
    assert "Nessun reperibile" in general


def test_an_alarm_that_nobody_answers_goes_up_and_the_person_hears_the_truth(house: House) -> None:
    anna, carla = house.angel(11, "Anna"), house.angel(13, "Carla", coordinator=True)
    anna.says("/start", private=True)
    carla.says("/start", private=True)
    sound(house)
    assert "ALLARME" not in carla.reads()
    before = len(house.shown(1))
    house.later(minutes=2)
    assert "ALLARME" in carla.reads()
    house.later(minutes=3)
    assert "non ha risposto nessuno" in house.texts()
    assert len(house.shown(1)) > before
    calls = anna.reads().count("ALLARME")
    house.later(minutes=21)
    assert anna.reads().count("ALLARME") >= calls + 2


def test_where_a_phone_may_be_watched_only_the_angels_are_called_again(house: House) -> None:
    anna = house.angel(11, "Anna")
    anna.says("/start", private=True)
    sound(house, Alarm.VIOLENZA, consent=True)
    before = house.shown(1)
    calls = anna.reads().count("ALLARME")
    house.later(minutes=40)
    assert house.shown(1) == before, "not a word unasked, however long nobody answers"
    assert anna.reads().count("ALLARME") > calls
    assert "non ho scritto niente" in house.texts()
    assert "Ho detto la verità" not in house.texts()


def test_a_watched_alarm_that_is_claimed_and_let_go_writes_nothing_either(house: House) -> None:
    anna = house.angel(11, "Anna")
    anna.says("/start", private=True)
    sound(house, Alarm.VIOLENZA, consent=True)
    before = house.shown(1)
    anna.taps("Ci sono io", private=True)
    house.later(minutes=30)
    assert "scaduta" in house.texts()
    assert house.shown(1) == before


def test_a_claimed_alarm_lapses_after_two_minutes_without_a_word(house: House) -> None:
    anna = house.angel(11, "Anna")
    anna.says("/start", private=True)
    sound(house)
    anna.taps("Ci sono io", private=True)
    house.later(minutes=1)
    assert house.case().state == CaseState.CLAIMED
    house.later(minutes=1)
    assert house.case().state == CaseState.WAITING
    assert "la presa in carico è scaduta" in house.texts()


def test_violence_shows_no_words_until_somebody_takes_the_case(house: House) -> None:
    anna = house.angel(11, "Anna")
    anna.says("/start", private=True)
    sound(house, Alarm.VIOLENZA, consent=True)
    maria = house.person(1, "Maria")
    maria.says("mio marito è in negozio")
    assert "mio marito" not in house.texts()
    anna.taps("Ci sono io", case=1)
    maria.says("adesso è uscito")
    assert "adesso è uscito" in house.texts()


def test_a_call_that_got_no_answer_is_made_again(house: House) -> None:
    from bot.desk.events import Lost

    anna = house.angel(11, "Anna")
    anna.says("/start", private=True)
    house.wire.fault(Lost(), lambda call: call.chat_id == 11)
    sound(house)
    assert "ALLARME" in anna.reads()


def test_the_decision_and_its_reason_stay_with_the_case_and_the_words_do_not(house: House) -> None:
    anna = house.angel(11, "Anna")
    anna.says("/start", private=True)
    sound(house)
    assert (house.case().alarm, house.case().alarm_reason) == (Alarm.AUTOLESIONE.value, "prova")
    assert "prova" not in house.texts() + house.general(), "angels read words, the register keeps the rule"
    assert "non ce la faccio" not in " ".join(detail for _, detail in audited(house))


def test_a_doubt_and_its_reason_are_kept_too(house: House) -> None:
    maria = house.person(1, "Maria")
    house.understands("sono a pezzi", doubt=Alarm.AUTOLESIONE)
    maria.says("/start")
    maria.taps("Sì, va bene")
    maria.says("sono a pezzi")
    assert ("doubt", "autolesione: prova") in audited(house)
    assert "non voler più vivere" in maria.reads()


def audited(house: House) -> list[tuple[str, str]]:
    """What was done and with which detail, oldest first."""
    return house.database.work(
        lambda session: [(a.action, a.detail) for a in session.scalars(select(Audit).order_by(Audit.id))]
    )
