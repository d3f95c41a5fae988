"""Violence and extortion: somebody else may hold the telephone, and nothing is written there unasked."""

from __future__ import annotations

import pytest

from bot.conversation import Library, Phase
from bot.conversation.types import (
    Act,
    Alarm,
    DeleteTraces,
    Elapsed,
    GivenBack,
    NobodyCame,
    RaiseAlarm,
    Safety,
    Say,
    Taken,
    Unsure,
)

from .talking import Talk

WATCHED = [Alarm.VIOLENZA, Alarm.USURA_ESTORSIONE]
UNASKED = [NobodyCame(Alarm.VIOLENZA), NobodyCame(), Unsure(), Elapsed("promemoria")]


def alarmed(library: Library, alarm: Alarm = Alarm.VIOLENZA, *, safety: Safety = Safety.UNKNOWN) -> Talk:
    talk = Talk(library).agree().say("mi minaccia", alarm=alarm)
    return talk.say("le dico", safety=safety) if safety is not Safety.UNKNOWN else talk


@pytest.mark.parametrize("event", UNASKED)
@pytest.mark.parametrize("alarm", WATCHED)
@pytest.mark.parametrize("safety", [Safety.UNKNOWN, Safety.UNSURE, Safety.UNSAFE])
def test_nothing_is_written_unasked_unless_they_said_that_it_is_safe(
    library: Library, alarm: Alarm, safety: Safety, event: object
) -> None:
    talk = alarmed(library, alarm, safety=safety).happen(event)  # type: ignore[arg-type]
    assert talk.did(Say) == []


def test_who_said_that_it_is_safe_hears_the_truth_when_nobody_comes(library: Library) -> None:
    talk = alarmed(library, safety=Safety.SAFE).happen(NobodyCame(Alarm.VIOLENZA))
    assert "nessuna persona di SPIN" in talk.text
    assert "1522" in talk.text


def test_after_traces_were_deleted_nothing_is_ever_written_unasked(library: Library) -> None:
    talk = alarmed(library, safety=Safety.SAFE).tap("tracce")
    assert talk.did(DeleteTraces)
    for event in UNASKED:
        assert talk.happen(event).did(Say) == []


def test_an_angel_who_lets_go_leaves_silence_and_the_alarm_stands(library: Library) -> None:
    talk = alarmed(library).happen(Taken("Anna")).happen(GivenBack("Anna"))
    assert talk.did(Say) == []
    assert talk.state.phase is Phase.DISTRESS


def test_other_alarms_still_hear_the_truth(library: Library) -> None:
    talk = alarmed(library, Alarm.AUTOLESIONE).happen(NobodyCame(Alarm.AUTOLESIONE))
    assert "02 2327 2327" in talk.text


@pytest.mark.parametrize("alarm", WATCHED)
def test_not_safe_is_answered_with_how_to_leave_and_come_back_and_an_offer_to_delete(
    library: Library, alarm: Alarm
) -> None:
    talk = alarmed(library, alarm)
    assert talk.state.asked == "sicuro"
    talk.say("no qui nn e sicuro, lui guarda il telefono", Act.PRIVACY, safety=Safety.UNSAFE, doubt=alarm)
    assert "non scriva altro qui" in talk.text
    assert "chiuda pure la chat" in talk.text
    assert "basta un «ciao»" in talk.text
    assert "tracce" in talk.choices
    assert talk.state.safety is Safety.UNSAFE
    assert "Decide lei" not in talk.text


def test_the_answer_counts_also_when_it_carries_the_alarm_again(library: Library) -> None:
    talk = alarmed(library).say("no, mi guarda il telefono e mi ammazza", alarm=Alarm.VIOLENZA,
                                safety=Safety.UNSAFE)  # fmt: skip
    assert "non scriva altro qui" in talk.text


def test_what_the_first_message_tells_is_not_asked(library: Library) -> None:
    talk = Talk(library).agree().say("mi minaccia e mi controlla il telefono", alarm=Alarm.VIOLENZA,
                                     safety=Safety.UNSAFE)  # fmt: skip
    assert talk.did(RaiseAlarm)
    assert "senza che altri leggano" not in talk.text
    assert "non scriva altro qui" in talk.text
    assert "112" in talk.text


def test_for_now_only_is_a_few_words(library: Library) -> None:
    talk = alarmed(library).say("adesso sì, tra poco no", Act.NON_SO, safety=Safety.UNSURE)
    assert "poche parole" in talk.text
    assert "tracce" in talk.choices
    assert talk.state.safety is Safety.UNSURE


def test_safe_goes_on_to_the_direct_question(library: Library) -> None:
    talk = alarmed(library).say("sì qui posso", Act.CONFERMA, safety=Safety.SAFE)
    assert "in pericolo" in talk.text
    assert talk.state.safety is Safety.SAFE


def test_a_question_that_was_passed_over_is_still_open(library: Library) -> None:
    talk = alarmed(library).say("ho paura", Act.SFOGO)
    assert talk.state.asked == "sicuro"
    talk.say("no", Act.RIFIUTO)
    assert talk.state.safety is Safety.UNSAFE


def test_who_writes_again_after_not_safe_reads_a_neutral_word_and_is_asked_again(library: Library) -> None:
    talk = alarmed(library, safety=Safety.UNSAFE).tap("tracce").say("ciao", Act.SALUTO)
    assert talk.text.startswith("Sono qui.")
    assert "1522" not in talk.text
    assert talk.state.asked == "sicuro"
    talk.say("sì", Act.CONFERMA, safety=Safety.SAFE)
    assert talk.state.safety is Safety.SAFE


def test_ordinary_words_about_readers_are_kept_for_no_later_alarm(library: Library) -> None:
    talk = Talk(library).agree().say("mia figlia mi guarda il telefono", safety=Safety.UNSAFE)
    assert talk.state.safety is Safety.UNKNOWN


def test_debts_do_not_silence_the_bot(library: Library) -> None:
    assert alarmed(library, Alarm.INDEBITAMENTO).state.may_write_first
    assert not alarmed(library).state.may_write_first
