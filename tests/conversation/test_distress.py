"""Alarms: presence, one direct question, the right number at this hour, an angel told at once, and no goodbye."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.conversation import Library, Phase
from bot.conversation.types import (
    Act,
    Alarm,
    Concluded,
    DeleteTraces,
    Elapsed,
    OpenCase,
    RaiseAlarm,
    RaiseDoubt,
    Say,
    SetTimer,
    Taken,
    WantPerson,
)

from .talking import Talk, understood


@pytest.mark.parametrize("alarm", list(Alarm))
def test_an_alarm_stops_the_interview_tells_somebody_at_once_and_gives_a_number(
    talk: Talk, alarm: Alarm
) -> None:
    talk.agree().say("aiuto", alarm=alarm)
    assert isinstance(talk.effects[0], RaiseAlarm), "the angel is told before anything is said"
    assert any(isinstance(e, OpenCase) for e in talk.effects)
    assert talk.state.phase is Phase.DISTRESS
    assert talk.text.count("?") == 1
    assert "112" in talk.text or alarm is Alarm.INDEBITAMENTO
    assert "Ho avvisato subito una persona" in talk.text
    assert not any(c.startswith("salta") for c in talk.choices)


def test_debts_too_have_112_beside_lines_that_do_not_always_answer(talk: Talk) -> None:
    talk.agree().say("i debiti mi hanno sommerso", alarm=Alarm.INDEBITAMENTO)
    assert "112" in talk.text
    assert "piazza Borromeo 6" in talk.text


@pytest.mark.parametrize("alarm", list(Alarm))
@pytest.mark.parametrize("language", ["it", "en", "es", "ar", "zh"])
def test_no_line_is_given_without_saying_how_to_get_there(
    library: Library, alarm: Alarm, language: str
) -> None:
    talk = Talk(library).agree().tap(f"lingua:{language}").say("aiuto", alarm=alarm)
    ask = library.shared[language].words["ask_here"]
    for name in library.talks(language)[0].alarms[alarm].lines:
        line = library.helplines.lines[name]
        shown = next(row for row in talk.text.split("\n") if line.name[language] in row)
        assert any(way in shown for way in (line.number, line.address, ask) if way)
        assert (ask in shown) is not line.reachable


def test_an_alarm_passes_in_the_very_first_message_with_the_minimum(talk: Talk) -> None:
    talk.say("voglio farla finita", alarm=Alarm.AUTOLESIONE)
    raised = talk.did(RaiseAlarm)
    assert [r.minimal for r in raised] == [True]
    assert talk.state.sheet.facts == ()
    assert "minimo necessario" in talk.text


@pytest.mark.parametrize("alarm", [Alarm.VIOLENZA, Alarm.USURA_ESTORSIONE])
def test_where_the_phone_may_be_watched_nothing_is_collected(talk: Talk, alarm: Alarm) -> None:
    talk.agree().burst(
        understood("mi chiamo Carla", nome="Carla"),
        understood("Tizio mi minaccia in Isola", alarm=alarm, zona="Isola"),
    )
    assert talk.did(RaiseAlarm)[0].minimal
    assert talk.state.sheet.value(talk.state.sheet.facts[0].fact) == "Carla"
    assert "senza che altri leggano" in talk.text
    talk.say("sono in via Borsieri", zona="Isola")
    assert talk.state.sheet.values(talk.state.sheet.facts[0].fact) == ("Carla",)
    assert len(talk.state.sheet.facts) == 1


def test_if_writing_is_not_safe_it_says_so_and_offers_to_delete(talk: Talk) -> None:
    talk.agree().say("mi picchia", alarm=Alarm.VIOLENZA).say("no", Act.RIFIUTO)
    assert "non scriva altro qui" in talk.text
    assert "tracce" in talk.choices
    talk.tap("tracce")
    assert talk.did(DeleteTraces)


def test_the_clock_decides_which_number_answers_now(library: Library) -> None:
    talk = Talk(library)
    talk.now = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # 4 in the morning in Milan
    talk.agree().say("voglio morire", alarm=Alarm.AUTOLESIONE)
    numbers = talk.text[talk.text.index("112") - 20 :]
    assert numbers.index("112") < numbers.index("02 2327 2327")
    assert "apre alle 9" in numbers
    talk = Talk(library).agree().say("voglio morire", alarm=Alarm.AUTOLESIONE)
    assert "fino alle 24" in talk.text


def test_when_nobody_is_on_call_it_says_so(library: Library) -> None:
    talk = Talk(library, on_call=False, desk_open=False).agree().say("voglio morire", alarm=Alarm.AUTOLESIONE)
    assert "nessuna persona di SPIN" in talk.text.replace("Finora n", "n")
    assert "Ho avvisato subito" not in talk.text


def test_it_stays_message_after_message_without_repeating_itself_or_saying_goodbye(talk: Talk) -> None:
    talk.agree().say("voglio morire", alarm=Alarm.AUTOLESIONE)
    spoken: list[str] = []
    for turn in range(7):
        talk.say(f"non so, {turn}", Act.SFOGO)
        assert talk.text
        assert talk.state.phase is Phase.DISTRESS
        assert "arrivederci" not in talk.text.casefold()
        spoken.append(talk.text.split("\n\n")[0])
    assert len(set(spoken)) == len(spoken)
    assert len(talk.did(RaiseAlarm)) == 0
    talk.say("ciao", Act.CONGEDO)
    assert talk.text
    assert talk.state.phase is Phase.DISTRESS


def test_the_direct_question_is_answered_with_what_follows_from_it(talk: Talk) -> None:
    talk.agree().say("non voglio più vivere", alarm=Alarm.AUTOLESIONE)
    assert "togliersi la vita" in talk.text
    talk.say("sì", Act.CONFERMA)
    assert "Chiami adesso il 112" in talk.text


def test_a_second_and_worse_alarm_leads_a_lesser_one_does_not(talk: Talk) -> None:
    talk.agree().say("debiti", alarm=Alarm.INDEBITAMENTO)
    talk.say("voglio morire", alarm=Alarm.AUTOLESIONE)
    assert [r.alarm for r in talk.did(RaiseAlarm)] == [Alarm.AUTOLESIONE]
    talk.say("i debiti", alarm=Alarm.INDEBITAMENTO)
    assert talk.did(RaiseAlarm) == []
    assert talk.state.alarm is Alarm.AUTOLESIONE


def test_the_same_alarm_hours_later_is_told_again(talk: Talk) -> None:
    talk.agree().say("voglio morire", alarm=Alarm.AUTOLESIONE)
    talk.wait(hours=5).say("voglio ancora morire", alarm=Alarm.AUTOLESIONE)
    assert len(talk.did(RaiseAlarm)) == 1


def test_in_doubt_one_gentle_question_and_a_yes_is_an_alarm(talk: Talk) -> None:
    talk.agree().say("non ce la faccio più", Act.SFOGO, doubt=Alarm.AUTOLESIONE)
    assert talk.did(RaiseDoubt)
    assert "soprattutto stanchezza" in talk.text
    assert talk.text.count("?") == 1
    assert talk.state.phase is Phase.LISTENING
    talk.say("sì, a volte", Act.CONFERMA)
    assert talk.did(RaiseAlarm)


def test_in_doubt_a_calm_answer_goes_back_to_the_story(talk: Talk) -> None:
    talk.agree().say("non ce la faccio più", Act.SFOGO, doubt=Alarm.AUTOLESIONE)
    talk.say("no, sono solo stanca", Act.RACCONTO, come_sta="stanco")
    assert not talk.did(RaiseAlarm)
    assert talk.state.phase is Phase.LISTENING
    assert talk.state.doubt is None


def test_in_doubt_an_answer_that_is_not_given_is_not_pressed_for(talk: Talk) -> None:
    talk.agree().say("non ce la faccio più", Act.SFOGO, doubt=Alarm.AUTOLESIONE)
    talk.say("preferisco non dirlo", Act.SALTA)
    assert not talk.did(RaiseAlarm)
    assert "non serve rispondere" in talk.text
    assert "02 2327 2327" in talk.text
    assert "chiarito" not in talk.text
    assert "?" not in talk.text
    assert talk.state.doubt is None


def test_who_goes_on_with_the_story_is_not_thanked_for_an_answer(talk: Talk) -> None:
    talk.agree().say("non ce la faccio più", Act.SFOGO, doubt=Alarm.AUTOLESIONE)
    talk.say("comunque ho un bar in Isola", Act.RACCONTO, zona="Isola")
    assert "chiarito" not in talk.text
    assert talk.state.doubt is None


def test_the_gentle_question_is_asked_once_and_later_doubts_are_only_noted(talk: Talk) -> None:
    talk.agree().say("non ce la faccio più", Act.SFOGO, doubt=Alarm.AUTOLESIONE)
    talk.say("no, solo stanchezza", Act.RIFIUTO)
    talk.say("sono a pezzi", Act.SFOGO, doubt=Alarm.AUTOLESIONE)
    assert len(talk.did(RaiseDoubt)) == 1, "the case notes it"
    assert "non voler più vivere" not in talk.text
    assert talk.says, "and the conversation goes on"


def test_another_doubt_in_the_answer_is_the_alarm_that_is_heard(talk: Talk) -> None:
    talk.agree().say("mi stanno addosso per i soldi", Act.SFOGO, doubt=Alarm.USURA_ESTORSIONE)
    talk.say("è un debito pesante con la banca", Act.RACCONTO, doubt=Alarm.INDEBITAMENTO)
    assert [r.alarm for r in talk.did(RaiseAlarm)] == [Alarm.INDEBITAMENTO]


@pytest.mark.parametrize("alarm", list(Alarm))
def test_every_gentle_question_is_calm_first_and_worrying_second(talk: Talk, alarm: Alarm) -> None:
    talk.agree().say("una frase dubbia", Act.SFOGO, doubt=alarm)
    assert talk.text.count("?") == 1
    assert ", o " in talk.text, "so that a yes and a no mean the same in all four"
    assert talk.state.asked == "dubbio"
    talk.say("sì", Act.CONFERMA)
    assert [r.alarm for r in talk.did(RaiseAlarm)] == [alarm]


def test_after_an_alarm_no_reminder_no_survey(talk: Talk) -> None:
    talk.agree().say("debiti", alarm=Alarm.INDEBITAMENTO).tap("persona")
    assert talk.did(WantPerson)
    talk.happen(Taken("Anna")).happen(Concluded("avviato"))
    assert "Da 1 a 5" not in talk.text
    assert not any(isinstance(e, SetTimer) for e in talk.history)
    talk.happen(Elapsed("promemoria"))
    assert talk.says == []


def test_on_return_a_neutral_word_after_violence_and_care_after_despair(library: Library) -> None:
    talk = Talk(library).agree().say("mi picchia", alarm=Alarm.VIOLENZA).wait(days=2).say("ciao", Act.SALUTO)
    assert talk.text == "Buongiorno. Sono qui."
    talk = Talk(library).agree().say("morire", alarm=Alarm.AUTOLESIONE).wait(days=2).say("ciao", Act.SALUTO)
    assert "sollievo" in talk.text


def test_the_person_may_choose_to_speak_of_the_shop_again(talk: Talk) -> None:
    talk.agree().say("debiti", alarm=Alarm.INDEBITAMENTO).say("no", Act.RIFIUTO)
    assert "torno" in talk.choices
    talk.tap("torno")
    assert talk.state.phase is Phase.LISTENING
    assert talk.state.alarm is Alarm.INDEBITAMENTO
    assert talk.text.count("?") == 1


def test_while_an_angel_writes_an_alarm_still_sounds_and_nothing_is_said(talk: Talk) -> None:
    talk.agree().tap("persona").happen(Taken("Anna")).say("voglio morire", alarm=Alarm.AUTOLESIONE)
    assert talk.did(RaiseAlarm)
    assert talk.did(Say) == []
