"""Violence and extortion: the angels are told whether writing is safe, and a first word waits for a second yes."""

from __future__ import annotations

import pytest

from bot.conversation.types import Alarm, Safety
from bot.desk import signals
from bot.desk.texts import FOLDER, load_texts

from .local_house import House, Phone

TEXTS = load_texts(FOLDER)
UNSAFE = "qui non è sicuro"


@pytest.fixture
def people(house: House) -> tuple[Phone, Phone]:
    anna, maria = house.angel(11, "Anna"), house.person(1, "Maria")
    anna.says("/start", private=True)
    house.understands("mi minaccia", alarm=Alarm.VIOLENZA, reason="violenza: it/minacciato p=1.00")
    house.understands(UNSAFE, safety=Safety.UNSAFE)
    house.understands("sì qui posso", safety=Safety.SAFE)
    maria.says("/start")
    maria.taps("Sì, va bene")
    maria.says("mi minaccia")
    return anna, maria


def test_the_card_and_the_call_begin_with_whether_writing_is_safe(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    assert house.card().text.startswith("⚠️ Non si sa")
    assert next(m for m in anna.sees() if "ALLARME" in m.text).text.startswith("⚠️ Non si sa")
    maria.says(UNSAFE)
    house.later(minutes=1)
    assert house.card().text.startswith("⛔ Ha detto che scrivere qui NON è sicuro")
    assert "NON è sicuro" in anna.sees()[-1].text
    maria.says("sì qui posso")
    house.later(minutes=1)
    assert house.card().text.startswith("✅")


def test_other_alarms_say_nothing_of_who_reads(house: House) -> None:
    house.angel(11, "Anna")
    maria = house.person(1, "Maria")
    house.understands("basta", alarm=Alarm.AUTOLESIONE)
    maria.says("/start")
    maria.says("basta")
    assert house.card().text.startswith("🔥")


def test_the_first_word_to_somebody_who_is_not_safe_waits_for_a_second_yes(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    maria.says(UNSAFE)
    anna.taps("Ci sono io", private=True)
    anna.says("Buongiorno, sono Anna di SPIN", case=1)
    assert "sono Anna" not in maria.reads()
    assert "NON è sicuro" in house.topic()[-1].text
    anna.taps("Mando lo stesso", case=1)
    assert "sono Anna" in maria.reads()
    anna.says("quando può", case=1)
    assert "quando può" in maria.reads(), "once a claim, not every time"


def test_a_first_word_that_is_not_sent_stays_a_note(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    maria.says(UNSAFE)
    anna.taps("Ci sono io", private=True)
    anna.says("Buongiorno, sono Anna di SPIN", case=1)
    anna.taps("Non si manda", case=1)
    assert "sono Anna" not in maria.reads()


def test_taking_over_and_sending_is_asked_twice_too(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    maria.says(UNSAFE)
    anna.says("Ci sono, mi dica", case=1)
    assert "tocca di nuovo" in anna.taps("Prendo io e mando", case=1)
    assert "mi dica" not in maria.reads()
    anna.taps("Prendo io e mando", case=1)
    assert "mi dica" in maria.reads()


def test_what_was_said_before_the_consent_is_cleared_from_the_chat_too(house: House) -> None:
    maria = house.person(1, "Maria")
    house.understands("mi minaccia", alarm=Alarm.VIOLENZA)
    house.understands(UNSAFE, safety=Safety.UNSAFE)
    maria.says("/start")
    maria.says("mi minaccia")
    maria.says(UNSAFE)
    assert "mi minaccia" in maria.reads()
    maria.taps("Cancelli le tracce")
    assert "mi minaccia" not in maria.reads()
    assert UNSAFE not in maria.reads()


def test_who_said_that_it_is_safe_is_answered_at_once(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    maria.says("sì qui posso")
    anna.taps("Ci sono io", private=True)
    anna.says("Buongiorno, sono Anna", case=1)
    assert "sono Anna" in maria.reads()


def test_the_chat_so_far_says_why_there_is_nothing_to_read(house: House, people: tuple[Phone, Phone]) -> None:
    anna, _maria = people
    anna.taps("La chat finora", case=1)
    assert "le parole non si conservano" in house.texts()


def test_angels_read_words_and_no_figures(house: House, people: tuple[Phone, Phone]) -> None:
    anna, _maria = people
    read = house.texts() + anna.reads()
    assert "parole che parlano di minacce o di botte, e il programma ne è sicuro" in read
    for machine in ("p=", "it/", "violenza:"):
        assert machine not in read
    assert house.case().alarm_reason == "violenza: it/minacciato p=1.00", "the register keeps it"


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("usura_estorsione: it/pizzo p=0.72", "di pizzo o di soldi pretesi con la paura, e il programma ne è abbastanza sicuro"),
        ("violenza: p=0.55", "dal senso di quello che ha scritto, ma il programma potrebbe sbagliarsi"),
        ("autolesione: it/voglio_morire p=0.00", "di morire o di farsi del male"),
        ("conferma alla domanda gentile", "la risposta alla domanda gentile"),
        ("dubbio dopo la domanda gentile: indebitamento: p=0.95", "dal senso di quello che ha scritto, e il programma ne è sicuro"),
    ],
)  # fmt: skip
def test_a_reason_in_words(reason: str, told: str) -> None:
    spoken = signals.spoken(TEXTS, "violenza", reason)
    assert told in spoken
    assert "p=" not in spoken
    assert "/" not in spoken
