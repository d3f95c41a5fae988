"""What the desk itself says to a person is in their language."""

from __future__ import annotations

import pytest

from bot.desk.texts import FOLDER, load_texts

from .local_house import House

LANGUAGES = ("it", "en", "es", "ar", "zh")
CALL = {
    "it": "La chiamo domani alle 9.",
    "en": "I will call you tomorrow at 9:00.",
    "es": "Le llamo mañana a las 9:00.",
    "ar": "سأتصل بك غدًا الساعة 9:00.",
    "zh": "我明天 9:00给您打电话。",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_promised_call_a_canned_reply_and_the_goodbye_are_in_the_persons_language(
    house: House, language: str
) -> None:
    anna = house.angel(11, "Anna")
    house.clock.at = house.clock.at.replace(hour=16, minute=30)  # half past five in Milan: half an hour to go
    maria = house.person(1, "Maria", language)
    maria.shares("bar")
    anna.says("/richiama", case=1)
    anna.taps("domani alle 9", case=1)  # angels read Italian
    assert CALL[language] in maria.reads()
    anna.taps("Me ne occupo io", case=1)
    anna.taps("Risposte pronte", case=1)
    anna.taps("Posso chiamare", case=1)
    ready = house.library.canned[language].replies["chiamo_io"].lei
    assert maria.sees()[-1].text == f"Anna\n{ready}"
    anna.taps("Chiudi", case=1)
    anna.taps("Risolto in chat", case=1)
    assert str(house.library.outcomes.outcomes["risolto"].closing[language]) in maria.reads()


def test_every_sentence_of_the_desk_to_people_exists_in_all_languages(house: House) -> None:
    assert all(set(texts) == set(LANGUAGES) for texts in load_texts(FOLDER).people.values())
    assert set(house.library.canned) == set(LANGUAGES)
    assert all(set(o.closing) >= set(LANGUAGES) for o in house.library.outcomes.outcomes.values())
