"""Voice messages through a whole turn: kept like texts, carried beside their sound, hidden where they must be."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.conversation.types import Act, Alarm, FactHeard, FactId, Understood
from bot.store import conversations
from bot.store.models import InboxRow, InboxState, Message, Person, StoredFact
from bot.telegram.updates import MaskedText

from .local_house import House, Phone

VOICE = {"voice": "sample"}
STORY = "ho un bar in Isola"


class Voices:
    """Hears what the test says."""

    def __init__(self) -> None:
        self.says: MaskedText | None = MaskedText(STORY)
        self.asked: list[str] = []
        self.notice = False

    async def words(self, chat_id, file_id, languages, *, quietly, takes_long):  # type: ignore[no-untyped-def]
        self.asked.append(file_id)
        if self.notice and not quietly:
            await takes_long()
        return self.says


@pytest.fixture
def voices(house: House) -> Voices:
    made = Voices()
    house.turns._ears._voices = made  # type: ignore[assignment]
    house.ear.meanings[STORY] = Understood(STORY, facts=(FactHeard(FactId.ZONA, "Isola", STORY),))
    house.ear.meanings["sì"] = Understood("sì", act=Act.CONFERMA)
    return made


def _inbox(house: House) -> list[tuple[str, str | None]]:
    rows = house.database.work(lambda s: list(s.scalars(select(InboxRow).order_by(InboxRow.id))))
    return [(row.state, row.body) for row in rows]


def _talks(house: House) -> Phone:
    maria = house.person(1, "Maria")
    maria.says("/start")
    return maria


def test_its_words_follow_the_sound_into_the_topic_and_its_facts_say_so(house: House, voices: Voices) -> None:
    maria = _talks(house)
    maria.taps("Sì, va bene")
    maria.says(**VOICE)
    assert f"Ho capito così: «{STORY}», giusto?" in maria.sees()[-1].text
    facts = house.database.work(lambda s: list(s.scalars(select(StoredFact))))
    assert [(f.fact, f.voice) for f in facts] == [("zona", True)]
    maria.says("/persona")
    kinds = [(m.kind, m.text) for m in house.topic()]
    assert ("voice", "🗨 Maria") in kinds
    assert f"🗨 Maria 🎙\n{STORY}" in house.texts()


def test_before_consent_its_words_wait_sealed_in_the_inbox_and_are_heard_once(
    house: House, voices: Voices
) -> None:
    maria = _talks(house)
    maria.says(**VOICE)
    state, body = _inbox(house)[-1]
    assert state == InboxState.HELD
    assert STORY in (body or "")
    assert house.database.work(lambda s: list(s.scalars(select(StoredFact)))) == []
    maria.taps("Sì, va bene")
    assert len(voices.asked) == 1, "what waited is not listened to again"
    assert STORY in " ".join(m.text for m in maria.sees())
    assert all(body is None for _, body in _inbox(house))


def test_before_consent_a_refusal_forgets_its_words(house: House, voices: Voices) -> None:
    maria = _talks(house)
    maria.says(**VOICE)
    maria.taps("No, grazie")
    assert all(body is None for _, body in _inbox(house))
    assert house.database.work(lambda s: list(s.scalars(select(Message)))) == []


@pytest.mark.parametrize("kind", ["photo", "voice"])
def test_what_is_not_text_and_came_before_consent_reaches_the_angel_too(house: House, kind: str) -> None:
    maria = _talks(house)
    maria.says(**{kind: "sample"})
    maria.taps("Sì, va bene")
    maria.says("/persona")
    assert kind in [m.kind for m in house.topic()]


def test_where_nobody_listens_it_is_acknowledged_and_reaches_the_angel(house: House, voices: Voices) -> None:
    voices.says = None
    maria = _talks(house)
    maria.taps("Sì, va bene")
    maria.says(**VOICE)
    assert "non riesco ad ascoltarlo" in maria.sees()[-1].text
    maria.says("/persona")
    assert "voice" in [m.kind for m in house.topic()]


def test_a_sound_that_says_what_must_be_hidden_stays_behind_and_its_masked_words_go(
    house: House, voices: Voices
) -> None:
    hidden = "la carta è [numero di carta nascosto]"
    voices.says = MaskedText(hidden, ("carta",))
    maria = _talks(house)
    maria.taps("Sì, va bene")
    maria.says(**VOICE)
    assert "un numero di carta" in " ".join(m.text for m in maria.sees())
    maria.says("/persona")
    assert "voice" not in [m.kind for m in house.topic()]
    assert f"🗨 Maria 🎙\n{hidden}" in house.texts()


def test_violence_said_aloud_leaves_neither_words_nor_sound(house: House, voices: Voices) -> None:
    words = "mio marito mi picchia"
    voices.says = MaskedText(words)
    house.understands(words, alarm=Alarm.VIOLENZA)
    maria = _talks(house)
    maria.taps("Sì, va bene")
    maria.says(**VOICE)
    messages = house.database.work(lambda s: list(s.scalars(select(Message))))
    sound = [conversations.read_content(m) for m in messages]
    kept = [c for c in sound if c.kind == "voice"]
    assert [(c.text, c.transcript, c.file_id) for c in kept] == [("", "", "")]
    assert house.case().alarm == Alarm.VIOLENZA


def test_whoever_is_barred_is_not_listened_to(house: House, voices: Voices) -> None:
    maria = _talks(house)
    maria.taps("Sì, va bene")
    house.database.work(lambda s: s.execute(update(Person).values(barred=True)) and None)
    maria.says(**VOICE)
    assert voices.asked == []


def test_while_an_angel_talks_the_words_reach_the_topic_and_the_bot_is_silent(
    house: House, voices: Voices
) -> None:
    anna = house.angel(11, "Anna")
    maria = house.person(1, "Maria")
    maria.shares()
    anna.taps("Me ne occupo io", case=1)
    before = len(maria.sees())
    voices.notice = True
    maria.says(**VOICE)
    assert house.topic()[-2].kind == "voice"
    assert house.topic()[-1].text == f"🗨 Maria 🎙\n{STORY}"
    assert len(maria.sees()) == before + 1, "only her own message"


def test_the_line_that_says_it_is_listening_is_said_once_and_counts_as_a_message(
    house: House, voices: Voices
) -> None:
    maria = _talks(house)
    maria.taps("Sì, va bene")
    before = len(maria.sees())
    voices.notice = True
    maria.says(**VOICE)
    new = [m.text for m in maria.sees()[before:] if m.text]
    assert new[0] == "Sto ascoltando il vocale, un momento."
    assert len(new) == 2
