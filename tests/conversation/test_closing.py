"""From the summary to a person: approval, corrections, the second consent, contact, waiting, and after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation import Library, Phase
from bot.conversation.types import (
    Act,
    CaseReason,
    Concluded,
    Consent,
    Erase,
    FactHeard,
    FactId,
    GivenBack,
    How,
    KeepFeedback,
    NewNeed,
    NobodyCame,
    OpenCase,
    RecordConsent,
    Taken,
    WantPerson,
)

from .talking import Talk, to_summary, to_waiting


def test_the_summary_reads_back_what_was_told_and_nothing_else(talk: Talk) -> None:
    to_summary(talk)
    assert "un bar in Isola" in talk.text
    assert "farsi trovare" in talk.text
    assert "Instagram" not in talk.text
    assert [b.choice for b in talk.buttons] == ["riassunto:si", "riassunto:correggo", "persona"]
    assert talk.asks == "riassunto"


def test_a_hedge_is_read_back_as_a_doubt_and_confirmed_by_the_yes(talk: Talk) -> None:
    talk.agree().say("forse siamo in sei", certainty=0.3, persone="6-9").order("basta")
    assert "da sei a nove" in talk.text
    assert "dubbio" in talk.text or "non sono sicuro" in talk.text
    talk.tap("riassunto:si")
    assert talk.state.sheet.of(FactId.PERSONE)[0].how is How.CONFIRMED


def test_a_correction_in_words_is_read_back_again(talk: Talk) -> None:
    to_summary(talk).say("no, non Isola: Lambrate", Act.CORREGGI, zona="Lambrate")
    assert "a Lambrate" in talk.text
    assert "in Isola" not in talk.text.split("«")[0]
    assert talk.asks == "riassunto"


def test_a_correction_by_button_asks_for_the_fact_and_puts_it_right(talk: Talk) -> None:
    to_summary(talk).tap("riassunto:correggo")
    assert "correggi:zona" in talk.choices
    talk.tap("correggi:zona")
    assert talk.asks == "zona"
    talk.say("Lambrate", zona="Lambrate")
    assert talk.state.sheet.value(FactId.ZONA) == "Lambrate"
    talk.tap("riassunto:correggo").tap("correggi:bisogno").tap("correggi:bisogno:sito")
    assert set(talk.state.sheet.values(FactId.BISOGNO)) == {"farsi_trovare", "sito"}
    assert talk.asks == "riassunto"


def test_nothing_is_shown_to_anybody_before_the_second_yes(talk: Talk) -> None:
    to_summary(talk).tap("riassunto:si")
    assert not any(isinstance(e, OpenCase) for e in talk.history)
    assert any("l'angelo veda" in b.label for b in talk.buttons)
    talk.tap("condivido:si")
    assert RecordConsent(Consent.SHARE, True, talk.library.version) in talk.effects
    assert talk.did(OpenCase) == [OpenCase(CaseReason.AGREED)]
    assert talk.asks == "contatto"


def test_no_to_sharing_keeps_it_between_us(talk: Talk) -> None:
    to_summary(talk).tap("riassunto:si").tap("condivido:no")
    assert talk.state.phase is Phase.RESTING
    assert not any(isinstance(e, (OpenCase, WantPerson)) for e in talk.history)


def test_a_pointer_comes_only_after_the_approved_summary_and_with_permission(talk: Talk) -> None:
    to_summary(talk)
    assert "indicazione:si" not in talk.choices
    talk.tap("riassunto:si").tap("condivido:no")
    assert "indicazione:si" in talk.choices
    assert "Google è gratuita" not in talk.text
    talk.tap("indicazione:si")
    assert "Google è gratuita" in talk.text


def test_a_telephone_without_a_number_is_asked_for_once(talk: Talk) -> None:
    to_summary(talk).tap("riassunto:si").tap("condivido:si").tap("contatto:telefono")
    assert talk.asks == "contatto"
    talk.say("non lo so a memoria", Act.NON_SO)
    assert talk.did(WantPerson)
    assert talk.state.phase is Phase.WAITING


def test_asking_for_a_person_is_the_second_consent_from_anywhere(library: Library) -> None:
    talk = Talk(library).start().say("voglio parlare con qualcuno", Act.CHIEDI_UMANO)
    consents = [(e.consent, e.given) for e in talk.did(RecordConsent)]
    assert consents == [(Consent.LISTEN, True), (Consent.SHARE, True)]
    assert talk.did(WantPerson) == [WantPerson(CaseReason.ASKED)]
    assert "Vedrà quello che ha scritto" in talk.text


def test_a_callback_keeps_the_wish_in_their_words_and_promises_nothing(talk: Talk) -> None:
    talk.agree().say("mi chiami domani alle tre", Act.CHIEDI_RICHIAMATA)
    assert talk.did(WantPerson) == [WantPerson(CaseReason.CALLBACK, "mi chiami domani alle tre")]
    assert "conferma una persona" in talk.text


def test_while_waiting_it_goes_on_listening_without_asking(talk: Talk) -> None:
    to_waiting(talk).say("e poi ho anche Instagram", presenza_oggi="instagram")
    assert talk.state.sheet.values(FactId.PRESENZA_OGGI) == ("instagram",)
    assert "?" not in talk.text
    assert talk.text


def test_once_claimed_not_a_word_until_given_back(talk: Talk) -> None:
    to_waiting(talk).happen(Taken("Anna"))
    for act in (Act.RACCONTO, Act.CHIEDI_UMANO, Act.SEI_UN_PROGRAMMA, Act.CANCELLA_DATI):
        assert talk.say("prova", act).says == []
    assert talk.tap("persona").says == []
    assert talk.order("aiuto").says == []
    talk.happen(GivenBack("Anna", (FactHeard(FactId.PERSONE, "2-5", "in due"),)))
    assert "Anna" in talk.text
    assert talk.state.sheet.value(FactId.PERSONE) == "2-5"


def test_the_right_to_be_forgotten_holds_while_an_angel_writes(talk: Talk) -> None:
    to_waiting(talk).happen(Taken("Anna")).order("cancella")
    assert talk.effects == ()
    talk.order("cancella")
    assert talk.did(Erase)
    assert talk.state.sheet.facts == ()


def test_after_closing_one_question_and_its_answer(talk: Talk) -> None:
    to_waiting(talk).happen(Taken("Anna")).happen(Concluded("avviato"))
    assert "Da 1 a 5, quanto ha trovato ascolto?" in talk.text
    talk.say("4")
    assert talk.did(KeepFeedback) == [KeepFeedback(score=4)]
    talk.say("è stata gentile")
    assert talk.did(KeepFeedback) == [KeepFeedback(words="è stata gentile")]


def test_the_goodbye_says_tu_to_whom_the_bot_says_tu(talk: Talk) -> None:
    to_waiting(talk).happen(Taken("Anna"))
    talk.state = replace(talk.state, address="tu")
    talk.happen(Concluded("avviato"))
    assert "Grazie del tempo che ci hai dato" in talk.text


def test_what_an_angel_noted_is_known_when_the_case_is_closed(talk: Talk) -> None:
    to_waiting(talk).happen(Taken("Anna"))
    talk.happen(Concluded("avviato", facts=(FactHeard(FactId.PERSONE, "2-5", "in due"),)))
    assert talk.state.sheet.value(FactId.PERSONE) == "2-5"


@pytest.mark.parametrize(
    ("waits", "said"), [(True, "La richiesta di una persona resta aperta"), (False, "il programma")]
)
def test_an_angel_who_never_wrote_is_not_named(talk: Talk, waits: bool, said: str) -> None:
    to_waiting(talk).happen(Taken("Anna")).happen(GivenBack("Anna", spoke=False, waits=waits))
    assert said in talk.text
    assert "Anna" not in talk.text


def test_a_new_need_knows_the_person_and_not_the_old_story(talk: Talk) -> None:
    to_waiting(talk).happen(Taken("Anna")).happen(Concluded("avviato"))
    talk.wait(days=60).say("adesso vorrei vendere online", bisogno="vendere_online")
    assert "nuovo:si" in talk.choices
    talk.tap("nuovo:si")
    assert talk.did(NewNeed)
    assert talk.state.sheet.value(FactId.ZONA) == "Isola"
    story = [fact.words for fact in talk.state.sheet.of(FactId.COSA_SUCCEDE)]
    assert story == ["adesso vorrei vendere online"], "the new story, and nothing of the old one"
    assert talk.asks != "attivita"


def test_what_was_told_on_coming_back_begins_the_new_story(talk: Talk) -> None:
    to_waiting(talk).happen(Taken("Anna")).happen(Concluded("avviato"))
    talk.wait(days=60).say(
        "avrei anche un altro problema, il pos mi costa troppo", presenza_oggi="pos_pagamenti"
    )
    talk.tap("nuovo:si")
    assert "il pos mi costa troppo" in (talk.state.sheet.of(FactId.COSA_SUCCEDE)[0].words)
    assert talk.state.sheet.value(FactId.PRESENZA_OGGI) == "pos_pagamenti"
    assert talk.asks != "cosa_succede"
    assert talk.state.sheet.value(FactId.ESPERIENZE_PASSATE) == ""


def test_a_new_need_among_the_last_words_is_not_lost(talk: Talk) -> None:
    to_waiting(talk).happen(Taken("Anna")).happen(Concluded("avviato"))
    talk.say("5").say("gentilissima. il pos però mi costa troppo", presenza_oggi="pos_pagamenti")
    assert talk.did(KeepFeedback) == [KeepFeedback(words="gentilissima. il pos però mi costa troppo")]
    assert "nuovo:si" in talk.choices
    talk.tap("nuovo:si")
    assert talk.state.sheet.value(FactId.PRESENZA_OGGI) == "pos_pagamenti"


def test_the_one_question_says_tu_too(talk: Talk) -> None:
    to_waiting(talk).happen(Taken("Anna"))
    talk.state = replace(talk.state, address="tu")
    talk.happen(Concluded("avviato"))
    assert "quanto hai trovato ascolto?" in talk.text
    talk.say("4")
    assert "Se vuoi aggiungere due parole" in talk.text


def test_if_nobody_came_it_says_so_and_offers_a_call(talk: Talk) -> None:
    to_waiting(talk).happen(NobodyCame())
    assert "nessuno è riuscito a rispondere" in talk.text
    assert "richiamata" in talk.choices


def test_start_again_goes_on_where_we_were(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola").start()
    assert "ascolto:si" not in talk.choices
    assert talk.state.sheet.value(FactId.ZONA) == "Isola"
    assert talk.text.count("?") == 1


def test_a_tap_twice_does_it_once_and_a_forged_one_nothing(talk: Talk) -> None:
    to_summary(talk).tap("riassunto:si")
    assert talk.tap("riassunto:si").says == []
    for forged in (
        "fatto:zona:Roma",
        "correggi:zona:Roma",
        "voto:5",
        "nuovo:si",
        "x" * 60,
        "admin",
        "contatto:ufo",
    ):
        assert talk.tap(forged).effects == ()
