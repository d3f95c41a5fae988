"""What was found wrong by driving the desk as an angel and a shopkeeper do, thumb by thumb."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.conversation.types import Alarm
from bot.desk.texts import FOLDER, load_texts
from bot.store.calls import SendDocument
from bot.store.models import CaseState, StoredFact

from .local_house import House, Phone


def alarmed(house: House) -> Phone:
    """A person who agreed to be listened to, in danger, whom the bot has asked one question."""
    maria = house.person(1, "Maria")
    house.understands("non ce la faccio più a vivere", alarm=Alarm.AUTOLESIONE)
    maria.says("/start")
    maria.taps("Sì, va bene")
    maria.says("non ce la faccio più a vivere")
    return maria


# --- somebody else's message --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "sign"), [("È una nota", "✍"), ("Manda come aiuto", "👌"), ("Prendo io", "👌")]
)
def test_once_it_is_decided_nothing_says_that_the_message_did_not_leave(
    house: House, people: tuple[Phone, Phone], choice: str, sign: str
) -> None:
    bruno = house.angel(12, "Bruno")
    number = bruno.says("arrivo io", case=1)
    assert "questo messaggio non è partito" in house.texts()
    bruno.taps(choice, case=1)
    assert "questo messaggio non è partito" not in house.texts()
    assert house.message(number).reaction == sign


# --- notes ------------------------------------------------------------------------------------------------------------


def test_a_note_older_than_the_persons_own_word_does_not_come_back(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    anna.says("eccomi", case=1)
    anna.says("// zona: Lambrate", case=1)
    anna.taps("Ridai al bot", case=1)
    house.understands("no, siamo a Baggio", zona="Baggio")
    maria.says("no, siamo a Baggio")
    anna.taps("Me ne occupo io", case=1)
    anna.says("capito", case=1)
    anna.taps("Ridai al bot", case=1)
    house.later(minutes=1)
    assert "Baggio" in house.card().text


def test_what_was_noted_is_known_when_the_case_is_closed_too(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, _maria = people
    anna.says("eccomi", case=1)
    anna.says("// persone: solo", case=1)
    anna.taps("Chiudi", case=1)
    anna.taps("Risolto in chat", case=1)
    query = select(StoredFact).where(StoredFact.fact == "persone", StoredFact.current.is_(True))
    assert house.database.work(lambda s: [fact.value for fact in s.scalars(query)]) == ["solo"]


# --- words that were chosen, not typed -------------------------------------------------------------------------------


def test_a_canned_reply_shows_that_it_arrived_and_that_it_was_taken_back(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    anna.says("/risposte google", case=1)
    anna.taps("Guardiamo insieme Google", case=1)
    (face,) = [m for m in house.topic() if m.text.startswith("✉️ Partita")]
    assert face.reaction == "👌"
    anna.taps("Ritira l'ultimo", case=1)
    assert "quando qualcuno lo cerca su Google" not in maria.reads()
    assert house.message(face.number).reaction == "🗿"


def test_a_canned_reply_is_taken_back_by_answering_its_notice(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    anna.says("/risposte google", case=1)
    anna.taps("Guardiamo insieme Google", case=1)
    (face,) = [m for m in house.topic() if m.text.startswith("✉️ Partita")]
    anna.says("prima", case=1)
    anna.says("/ritira", case=1, reply_to=face.number)
    assert "quando qualcuno lo cerca su Google" not in maria.reads()
    assert "prima" in maria.reads()


def test_a_canned_reply_to_somebody_who_blocked_the_bot_says_so(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    house.phones.set_blocked(maria.id, True)
    anna.says("/risposte google", case=1)
    anna.taps("Guardiamo insieme Google", case=1)
    (face,) = [m for m in house.topic() if m.text.startswith("✉️ Partita")]
    assert face.reaction == "👎"


# --- who leaves without a word -----------------------------------------------------------------------------------------


def test_an_angel_who_never_wrote_is_not_said_to_have_left(house: House, people: tuple[Phone, Phone]) -> None:
    _anna, maria = people
    house.later(minutes=10)
    assert house.case().state == CaseState.WAITING
    assert "ha lasciato la chat" not in maria.reads()
    assert "La richiesta di una persona resta aperta" in maria.reads()


def test_an_angel_who_wrote_is_named_when_she_leaves(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    anna.says("eccomi", case=1)
    anna.taps("Ridai al bot", case=1)
    assert "Anna ha lasciato la chat" in maria.reads()


def test_an_alarm_whose_claim_lapses_is_called_again_at_once_and_the_person_has_the_numbers(
    house: House,
) -> None:
    anna, bruno = house.angel(11, "Anna"), house.angel(12, "Bruno")
    for angel in (anna, bruno):
        angel.says("/start", private=True)
    maria = alarmed(house)
    bruno.taps("Ci sono io", private=True)
    calls, before = anna.reads().count("ALLARME"), len(maria.sees())
    house.later(minutes=2, seconds=5)
    assert "la presa in carico è scaduta" in house.texts()
    assert anna.reads().count("ALLARME") == calls + 1
    said = "\n".join(m.text for m in maria.sees()[before:])
    assert "Io resto qui" in said
    assert "112" in said
    assert "Bruno" not in said


def test_an_alarm_that_is_given_back_keeps_the_bot_present(house: House) -> None:
    anna = house.angel(11, "Anna")
    anna.says("/start", private=True)
    maria = alarmed(house)
    anna.taps("Ci sono io", private=True)
    anna.says("Sono qui", case=1)
    before = len(maria.sees())
    anna.taps("Ridai al bot", case=1)
    said = "\n".join(m.text for m in maria.sees()[before:])
    assert said.startswith("Anna ha lasciato la chat")
    assert "112" in said, "the bot stays, and the numbers with it"


# --- times -----------------------------------------------------------------------------------------------------------


def test_an_angel_may_choose_a_time_of_the_next_days(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    anna.says("eccomi", case=1)
    anna.says("/rimanda", case=1)
    anna.taps("domani alle 14", case=1)
    assert "Rimandato: domani alle 14." in house.texts()
    anna.says("/richiama", case=1)
    anna.taps("domani alle 9", case=1)
    assert "Anna richiama Maria domani alle 9." in house.texts()
    assert "La chiamo domani alle 9" in maria.reads()


def test_the_days_ahead_leave_out_a_holiday(house: House, people: tuple[Phone, Phone]) -> None:
    anna, _maria = people
    anna.says("eccomi", case=1)
    house.clock.at = datetime(
        2026, 12, 4, 14, 0, tzinfo=UTC
    )  # Friday; Monday is Sant'Ambrogio, Tuesday the Immacolata
    anna.says("/rimanda", case=1)
    offered = [k.label for m in house.topic()[-1:] for row in m.keyboard for k in row]
    assert "⏰ mercoledì 9/12 alle 9" in offered
    assert not any("7/12" in label or "8/12" in label for label in offered)


def test_going_off_duty_says_until_when_and_drops_what_is_decided(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, _maria = people
    piero = house.person(2, "Piero")
    piero.shares()
    anna.taps("Me ne occupo io", case=2)
    for number in (1, 2):
        anna.says("eccomi", case=number)
    house.clock.at = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)  # Friday, 16:30 in Milan
    anna.says("/turno", private=True)
    anna.says("/turno", private=True)
    anna.taps("lunedì 30/11 alle 9: Maria", private=True)
    left = [k.label for row in anna.sees()[-1].keyboard for k in row]
    assert len(left) == 2
    assert all("Piero" in label for label in left)


def test_no_call_is_offered_before_somebody_is_there(house: House) -> None:
    anna = house.angel(11, "Anna")
    anna.says("/start", private=True)
    anna.says("/turno", private=True)
    anna.says("/turno", private=True)  # the only one who said anything today is gone, at 11:15
    maria = house.person(1, "Maria")
    maria.shares()
    assert "la prima legge domani alle 9" in maria.reads()
    labels = [k.label for m in maria.sees() for row in m.keyboard for k in row]
    assert "domani alle 9" in labels
    assert not any(label.startswith("oggi") for label in labels)


def test_who_chose_the_hour_is_asked_for_the_number_alone(house: House) -> None:
    house.clock.at = datetime(2026, 11, 24, 22, 40, tzinfo=UTC)  # 23:40 in Milan
    maria = house.person(1, "Maria")
    maria.shares()
    maria.taps("domani alle 9")
    assert "Ho segnato una chiamata domani alle 9" in maria.reads()
    assert maria.sees()[-1].text.endswith("A quale numero la chiamiamo?")
    assert "📌 domani" not in house.card().text  # "tomorrow" would be a lie tomorrow: the date stands there


# --- the group -------------------------------------------------------------------------------------------------------


def test_a_command_for_another_bot_is_none_of_ours(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    before = len(house.topic())
    anna.says("/aiuto@altro_bot", case=1)
    assert len(house.topic()) == before + 1  # only Anna's own line
    assert "altro_bot" not in maria.reads()
    anna.says(f"/aiuto@{house.local.bot.username}", case=1)
    assert "Il banco in una schermata" in house.texts()


def test_an_alarm_says_truly_who_was_told(house: House) -> None:
    carla = house.angel(13, "Carla")
    carla.says("/start", private=True)
    alarmed(house)
    assert "nessun reperibile si può raggiungere" in house.texts()
    assert "chi è reperibile è avvisato" not in house.texts()


def test_the_transcript_names_who_has_left_and_says_what_did_not_arrive(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    carla = house.angel(13, "Carla", coordinator=True)
    carla.says("/start", private=True)
    anna.says("Sono Anna", case=1)
    house.phones.set_blocked(maria.id, True)
    anna.says("mi sente?", case=1)
    anna.leaves()
    carla.says("/trascrizione", case=1)
    (body,) = [c.body for c in house.wire.calls if isinstance(c, SendDocument)]
    assert "Anna: Sono Anna\n" in body
    assert "Anna: mi sente? (non arrivato)" in body
    assert "Anna: preso in carico" in body


def test_whoever_promised_the_call_hears_that_it_is_time(house: House) -> None:
    anna = house.angel(11, "Anna")
    anna.says("/start", private=True)
    house.clock.at = datetime(2026, 11, 24, 22, 40, tzinfo=UTC)  # 23:40 in Milan, nobody on duty
    maria = house.person(1, "Maria")
    maria.shares()
    maria.taps("domani alle 9")
    anna.taps("domani alle 9", case=1)
    assert "Maria" not in anna.reads()
    house.later(hours=9, minutes=20)
    assert "È l'ora di richiamare Maria" in anna.reads()
    assert "L'ha promesso Anna." in house.texts()


def test_a_call_without_a_number_says_so_in_words(house: House) -> None:
    anna = house.angel(11, "Anna")
    anna.says("/start", private=True)
    house.clock.at = datetime(2026, 11, 24, 22, 40, tzinfo=UTC)
    maria = house.person(1, "Maria")
    maria.shares()
    maria.taps("domani alle 9")
    anna.taps("domani alle 9", case=1)
    house.later(hours=9, minutes=20)
    assert "È l'ora di richiamare Maria: al telefono. Un numero non l'ha lasciato" in anna.reads()


def test_a_wait_through_the_night_is_told_in_hours_and_with_its_day(house: House) -> None:
    carla = house.angel(13, "Carla", coordinator=True)
    carla.says("/start", private=True)
    house.clock.at = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)  # 19:00 in Milan
    house.person(1, "Maria").shares()
    house.later(hours=13, minutes=46)
    assert "aspetta dalle 19:00 del 24/11" in carla.reads()  # the morning's list
    house.later(minutes=30)
    assert "Maria aspetta una persona da 14 ore." in house.general()


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "1 minuto"), (2, "2 minuti"), (90, "90 minuti"), (91, "2 ore"), (2880, "2 giorni")],
)
def test_a_wait_is_told_as_one_says_it(minutes: int, said: str) -> None:
    assert load_texts(FOLDER).span(timedelta(minutes=minutes)) == said
