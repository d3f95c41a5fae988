"""Voice messages: shown before anything is built on them, taken back with a word, never a consent."""

from __future__ import annotations

import pytest

from bot.conversation import Library, Phase
from bot.conversation.aloud import SHOWN, quoted
from bot.conversation.state import Pending
from bot.conversation.types import (
    Act,
    Alarm,
    Consent,
    Erase,
    FactId,
    Heard,
    RaiseAlarm,
    RecordConsent,
    Said,
    Started,
    WantPerson,
)
from tests.conversation.talking import Talk, to_summary, understood

STORY = "Ho un bar in Isola e nessuno mi trova su Google."
FACTS = {"attivita": "ristorazione_bar", "zona": "Isola", "bisogno": "farsi_trovare"}


def speak(talk: Talk, text: str, act: Act = Act.RACCONTO, **what: object) -> Talk:
    """Send a voice message whose transcript is this text."""
    heard = Heard(talk.ref + 100, understood(text, act, **what), voice=True)  # type: ignore[arg-type]
    return talk.happen(Said((heard,)))


def test_a_story_told_aloud_is_read_back_and_that_is_the_only_question(library: Library) -> None:
    talk = speak(Talk(library).agree(), STORY, **FACTS)
    assert "Ho capito così: «Ho un bar in Isola e nessuno mi trova su Google», giusto?" in talk.text
    assert len(talk.says) == 1
    assert talk.text.count("?") == 1
    assert talk.choices == ["vocale:si", "vocale:no"]
    assert talk.state.pending is Pending.VOICE


def test_its_facts_keep_the_message_and_that_it_was_a_voice(library: Library) -> None:
    talk = speak(Talk(library).agree(), STORY, **FACTS)
    zone = talk.state.sheet.of(FactId.ZONA)[0]
    assert (zone.value, zone.voice, zone.ref) == ("Isola", True, talk.ref + 99)
    written = Talk(library).agree().say(STORY, **FACTS)  # type: ignore[arg-type]
    assert not written.state.sheet.of(FactId.ZONA)[0].voice


@pytest.mark.parametrize("yes", ["tap", "text", "voice"])
def test_a_yes_goes_on_as_if_it_had_been_written(library: Library, yes: str) -> None:
    talk = speak(Talk(library).agree(), STORY, **FACTS)
    match yes:
        case "tap":
            talk.tap("vocale:si")
        case "text":
            talk.say("sì", Act.CONFERMA)
        case _:
            speak(talk, "Sì.", Act.CONFERMA)
    assert talk.state.pending is Pending.NOTHING
    assert talk.state.spoken == ()
    assert "bar" in talk.text.lower(), "the turn gives something of the story back"
    assert talk.state.questions == 2
    story = talk.state.notes.of(FactId.COSA_SUCCEDE)
    assert [(f.words, f.voice) for f in story] == [(STORY, True)], "the answer to the question is their story"


@pytest.mark.parametrize("how", ["tap", "text"])
def test_a_no_takes_its_facts_away_and_asks_for_it_again(library: Library, how: str) -> None:
    talk = speak(Talk(library).agree(), STORY, **FACTS)
    talk.tap("vocale:no") if how == "tap" else talk.say("no", Act.RIFIUTO)
    assert talk.state.sheet.facts == ()
    assert "a voce o per iscritto" in talk.text
    assert talk.state.asked == "cosa_succede", "what had been asked is open again"


def test_a_no_that_says_it_right_is_heard_at_once(library: Library) -> None:
    talk = speak(Talk(library).agree(), STORY, **FACTS)
    talk.say("no, ho detto Lambrate, una libreria a Lambrate", Act.CORREGGI, zona="Lambrate")
    assert talk.state.sheet.values(FactId.ZONA) == ("Lambrate",)
    assert talk.state.sheet.value(FactId.ATTIVITA) == ""


def test_whoever_goes_on_telling_has_said_yes(library: Library) -> None:
    talk = speak(Talk(library).agree(), STORY, **FACTS)
    talk.say("e poi siamo in due, io e mia sorella", persone="2-5")
    assert talk.state.pending is not Pending.VOICE
    assert talk.state.sheet.value(FactId.ZONA) == "Isola"
    assert talk.state.sheet.value(FactId.PERSONE) == "2-5"


def test_a_person_asked_for_aloud_is_one_tap_away_and_the_tap_says_what_they_will_see(
    library: Library,
) -> None:
    talk = speak(Talk(library).agree(), "Vorrei parlare con una persona vera.", Act.CHIEDI_UMANO)
    assert not talk.did(WantPerson)
    assert talk.choices == ["persona", "vocale:no"]
    assert "vedrà" in talk.buttons[0].label
    talk.tap("persona")
    assert talk.did(WantPerson)
    assert talk.state.sharing


def test_a_spoken_yes_never_shares_nor_erases(library: Library) -> None:
    talk = to_summary(Talk(library)).tap("riassunto:si")
    assert talk.state.pending is Pending.SHARE
    speak(talk, "Sì.", Act.CONFERMA)
    assert not talk.state.sharing
    assert "condivido:si" in talk.choices
    talk.order("cancella")
    speak(talk, "Sì.", Act.CONFERMA)
    assert not talk.did(Erase)
    assert "cancella:si" in talk.choices


def test_a_spoken_yes_before_the_consent_is_no_consent(library: Library) -> None:
    talk = speak(Talk(library).start(), "Sì, va bene.", Act.CONFERMA)
    assert not talk.state.listening
    assert not talk.did(RecordConsent)
    assert "ascolto:si" in talk.choices


def test_what_was_said_aloud_before_the_consent_counts_and_is_shown_after_it(library: Library) -> None:
    talk = Talk(library).start()
    held = (Heard(50, understood(STORY, **FACTS), voice=True),)  # type: ignore[arg-type]
    talk.moment["held"] = held
    talk.tap("ascolto:si")
    assert [r.consent for r in talk.did(RecordConsent)] == [Consent.LISTEN]
    assert "Ho capito così: «Ho un bar in Isola e nessuno mi trova su Google»." in talk.text
    assert talk.state.sheet.of(FactId.ZONA)[0].voice


def test_an_alarm_said_aloud_sounds_at_once_and_is_not_read_back(library: Library) -> None:
    for talk in (Talk(library).start(), Talk(library).agree()):
        speak(talk, "Mio marito mi picchia.", alarm=Alarm.VIOLENZA)
        assert [a.alarm for a in talk.did(RaiseAlarm)] == [Alarm.VIOLENZA]
        assert "picchia" not in talk.text
        speak(talk, "Ho paura di tornare a casa stasera.")
        assert "paura" not in talk.text
        assert talk.state.phase is Phase.DISTRESS


def test_a_summary_is_approved_by_a_spoken_yes_because_nothing_leaves_with_it(library: Library) -> None:
    talk = speak(to_summary(Talk(library)), "Sì, esatto.", Act.CONFERMA)
    assert talk.state.phase is Phase.SHARE
    assert "«Sì, esatto»" in talk.text


def test_a_question_said_aloud_is_answered_in_the_same_turn(library: Library) -> None:
    talk = speak(Talk(library).agree(), "Ma lei è un robot?", Act.SEI_UN_PROGRAMMA)
    assert "«Ma lei è un robot?»" in talk.text
    assert "programma automatico" in talk.text
    assert talk.state.pending is not Pending.VOICE


def test_something_else_in_between_does_not_lose_the_question(library: Library) -> None:
    talk = speak(Talk(library).agree(), STORY, **FACTS).bring("photo")
    assert "giusto?" in talk.text
    talk.order("aiuto")
    assert "giusto?" in talk.text
    talk.tap("vocale:si")
    assert "bar" in talk.text.lower()


def test_what_was_hidden_in_a_transcript_is_told(library: Library) -> None:
    talk = speak(
        Talk(library).agree(), "La mia carta è [numero di carta nascosto], mi aiuti.", masked=("carta",)
    )
    assert "un numero di carta" in talk.text
    assert "[numero di carta nascosto]" in talk.text


def test_after_a_notice_the_turn_is_one_message(library: Library) -> None:
    talk = Talk(library).happen(Started("Carla", "it"), one_message=True)
    assert len(talk.says) == 1
    assert len(Talk(library).start().says) == 2


def test_a_long_transcript_is_shown_in_part_and_kept_bounded(library: Library) -> None:
    text = " ".join(["parola"] * 3000)
    assert len(quoted(text)) <= SHOWN + 1
    talk = Talk(library).agree()
    for _ in range(8):
        speak(talk, text)
    assert len(talk.state.spoken) == 3
    assert sum(len(h.understood.text) for h in talk.state.spoken) <= 6000
