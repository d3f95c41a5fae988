"""The voice: opening, consent, reflections, questions, repair. What a shopkeeper would notice."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.conversation import Library, Manner, Phase, load_library
from bot.conversation.state import Pending
from bot.conversation.types import (
    Act,
    Change,
    Consent,
    DropTimer,
    Erase,
    FactId,
    ForgetHeld,
    Heard,
    How,
    RecordConsent,
    Say,
    SetTimer,
    ShowData,
    SpeechAct,
)
from bot.conversation.voice import fingerprint, sentences

from .conftest import DIALOGUES
from .talking import Talk, to_summary, understood


def test_the_first_two_messages_say_what_must_be_said(talk: Talk) -> None:
    talk.start()
    assert len(talk.says) == 2
    first, second = talk.says
    assert "programma automatico" in first.text
    assert "gratis" in first.text
    assert "non vende niente" in first.text
    assert "fino alle 18" in first.text
    assert "Confcommercio Milano" in second.text
    assert "crittografia" in second.text
    assert talk.library.desk.phone in second.text
    assert {"ascolto:si", "ascolto:no", "persona"} <= {b.choice for b in talk.buttons}
    assert second.asks == "apertura"


def test_at_night_it_says_that_nobody_is_there_and_when_somebody_will_be(library: Library) -> None:
    talk = Talk(library, desk_open=False)
    talk.now = datetime(2026, 12, 4, 22, 40, tzinfo=UTC)  # a Friday, before Sant'Ambrogio and the Immacolata
    talk.start()
    assert "non c'è nessuna persona" in talk.text
    assert "mercoledì alle 9" in talk.text


def test_nothing_is_kept_before_the_yes_and_what_was_held_counts_after_it(talk: Talk) -> None:
    talk.start().say("ho un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    assert talk.state.sheet.facts == ()
    assert "ascolto:si" in talk.choices
    held = Heard(7, understood("ho un bar in Isola", attivita="ristorazione_bar", zona="Isola"))
    talk.happen(talk_press("ascolto:si"), held=(held,))
    assert talk.state.sheet.value(FactId.ZONA) == "Isola"
    assert talk.state.sheet.of(FactId.ZONA)[0].ref == 7
    assert RecordConsent(Consent.LISTEN, True, talk.library.version) in talk.effects
    assert "Isola" in talk.text


def talk_press(choice: str):  # type: ignore[no-untyped-def]
    from bot.conversation.types import Pressed

    return Pressed(choice)


def test_a_no_erases_what_waited_and_leaves_the_door_open(talk: Talk) -> None:
    talk.start().say("no grazie", Act.RIFIUTO)
    assert talk.did(ForgetHeld)
    assert not talk.state.listening
    assert {"ascolto:si", "persona"} <= set(talk.choices)


def test_a_yes_in_words_with_a_story_counts_both(talk: Talk) -> None:
    talk.start().say(
        "sì, ho un bar in Isola",
        Act.CONFERMA,
        also=(Act.RACCONTO,),
        attivita="ristorazione_bar",
        zona="Isola",
    )
    assert talk.state.listening
    assert talk.state.sheet.value(FactId.ATTIVITA) == "ristorazione_bar"


def test_it_reflects_what_was_said_and_then_asks_one_thing_never_what_it_knows(talk: Talk) -> None:
    talk.agree().say(
        "ho una panetteria al Corvetto e siamo in tre",
        attivita="alimentari", zona="Corvetto", persone="2-5", cosa_succede="pochi clienti",
    )  # fmt: skip
    assert "una panetteria" in talk.text.casefold()
    assert "al Corvetto" in talk.text
    assert talk.text.count("?") == 1
    assert talk.asks == "esperienze_passate", "trade, place and people are known: they are not asked"


def test_a_message_that_tells_and_asks_gets_both(talk: Talk) -> None:
    talk.agree().say(
        "ho un bar in Isola, ma lei è un robot?", Act.SEI_UN_PROGRAMMA, also=(Act.RACCONTO,),
        attivita="ristorazione_bar", zona="Isola",
    )  # fmt: skip
    assert "programma automatico" in talk.text
    assert "un bar" in talk.text.casefold()
    assert "in Isola" in talk.text
    assert talk.text.count("?") == 1


def test_a_burst_is_answered_once(talk: Talk) -> None:
    talk.agree().burst(
        understood("ho un bar", attivita="ristorazione_bar"),
        understood("in Isola", zona="Isola"),
        understood("da solo", persone="solo"),
    )
    assert len(talk.says) == 1
    assert talk.state.sheet.value(FactId.PERSONE) == "solo"


def test_after_seven_questions_at_most_it_sums_up(library: Library) -> None:
    for seed in range(12):
        talk = Talk(library, seed=seed).agree()
        asked = 0
        for turn in range(14):
            if talk.state.phase is Phase.SUMMARY:
                break
            asked += talk.text.count("?")
            talk.say(f"ecco, la cosa numero {turn} che volevo raccontare")
        assert talk.state.phase is Phase.SUMMARY
        assert asked <= 7


def test_no_sentence_returns_within_a_conversation(library: Library) -> None:
    for seed in range(10):
        talk = Talk(library, seed=seed).agree()
        for text, act, facts in STORY:
            talk.say(text, act, **facts)
        talk.order("basta")
        counted: dict[int, str] = {}
        for say in (e for e in talk.history if isinstance(e, Say)):
            for part in say.spoken:
                if part.act in (SpeechAct.NOTICE, SpeechAct.SUMMARY, SpeechAct.PERMISSION):
                    continue
                for sentence in sentences(part.text):
                    mark = fingerprint(sentence)
                    assert mark not in counted, f"seed {seed}: {sentence!r} twice"
                    counted[mark] = sentence


STORY = [
    ("nessuno mi trova", Act.RACCONTO, {"cosa_succede": "nessuno mi trova", "bisogno": "farsi_trovare"}),
    ("boh", Act.NON_SO, {}),
    ("un bar in Isola", Act.RACCONTO, {"attivita": "ristorazione_bar", "zona": "Isola"}),
    ("non ho capito", Act.RIPETI, {}),
    (
        "mi hanno fregato coi soldi del sito",
        Act.RACCONTO,
        {"esperienze_passate": "truffa", "come_sta": "deluso"},
    ),
    ("quanto costa?", Act.QUANTO_COSTA, {}),
    ("più gente", Act.RACCONTO, {"cosa_vorrebbe": "più gente"}),
    ("salta", Act.SALTA, {}),
    ("xyz", Act.FUORI_TEMA, {}),
]


def test_two_conversations_do_not_sound_alike(library: Library) -> None:
    spoken = {
        Talk(library, seed=s).agree().say("ho un bar", attivita="ristorazione_bar").text for s in range(12)
    }
    assert len(spoken) >= 5


def test_it_follows_a_tu_and_goes_on_with_it(talk: Talk) -> None:
    talk.agree().say("ciao, dimmi tu da dove parto, ho un bar", attivita="ristorazione_bar")
    assert talk.state.address == "tu"
    assert not re.search(r"\b(lei|la sua|le sue|suo)\b", talk.text, re.IGNORECASE)


def test_open_facts_get_no_options_only_skip_and_a_person(library: Library) -> None:
    for step in library.scripts["it"]["primo-ascolto"].steps.values():
        if library.book.facts[step.listens_for[0]].asked == "open":
            assert step.buttons is None
    talk = Talk(library).agree()
    assert {c.split(":")[0] for c in talk.choices} == {"salta", "persona"}


def test_not_understood_has_three_rungs_and_no_loop(talk: Talk) -> None:
    talk.agree()
    question = talk.text
    talk.say("fghj")
    assert talk.asks == "cosa_succede"
    assert question not in talk.text, "said in other words"
    talk.say("qwer")
    assert {"basta", "persona"} <= set(talk.choices)
    talk.say("zxcv")
    assert talk.asks == "persona"
    assert {"persona", "persona:no"} <= set(talk.choices)
    talk.tap("persona:no")
    assert talk.asks not in ("cosa_succede", "persona"), "it goes on with something else"


def test_what_was_skipped_is_declined_and_never_asked_again(talk: Talk) -> None:
    talk.agree().tap("salta:cosa_succede")
    assert talk.state.sheet.knows(FactId.COSA_SUCCEDE)
    assert talk.asks == "attivita"
    before = talk.state
    talk.tap("salta:cosa_succede")
    assert talk.says == []
    assert talk.state.notes == before.notes


def test_going_back_asks_the_question_before(talk: Talk) -> None:
    talk.agree().say("pochi clienti", cosa_succede="pochi clienti").say("torna indietro", Act.INDIETRO)
    assert talk.asks == "cosa_succede"


def test_a_correction_is_taken_at_once(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    talk.say("no, non Isola: Lambrate", Act.CORREGGI, zona="Lambrate")
    entry = talk.state.sheet.of(FactId.ZONA)[0]
    assert (entry.value, entry.how) == ("Lambrate", How.CORRECTED)


def test_a_contradiction_is_asked_about_once_and_gently(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    talk.say("qui a Lambrate non passa nessuno", zona="Lambrate")
    assert "Isola" in talk.text
    assert talk.asks == "zona"
    talk.say("Lambrate", zona="Lambrate")
    assert talk.state.sheet.value(FactId.ZONA) == "Lambrate"
    talk.say("a Isola ci stavo prima", zona="Isola")
    assert talk.asks != "zona"


def test_an_edited_message_changes_its_facts_and_the_question_stays_open(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    ref = talk.state.sheet.of(FactId.ZONA)[0].ref
    asked = talk.state.asked
    talk.rewrite(ref, "un bar a Lambrate", attivita="ristorazione_bar", zona="Lambrate")
    assert talk.state.sheet.value(FactId.ZONA) == "Lambrate"
    assert talk.state.asked == asked
    assert talk.text.count("?") == 0


def test_a_pause_offers_one_reminder_and_comes_back_where_it_was(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    step = talk.state.step
    talk.say("scusi, ho un cliente, riprendiamo dopo", Act.PAUSA)
    assert talk.state.phase is Phase.PAUSED
    talk.tap("promemoria:si")
    assert [t.timer for t in talk.did(SetTimer)] == ["promemoria"]
    talk.wait(days=2).say("eccomi", Act.SALUTO)
    assert talk.did(DropTimer)
    assert talk.state.step == step
    assert "dove eravamo" in talk.text
    talk.order("pausa")
    assert "promemoria:si" not in talk.choices, "offered once"


@pytest.mark.parametrize(
    "kind", ["photo", "voice", "video", "sticker", "location", "contact", "document", "dice"]
)
def test_what_is_not_text_is_received_and_the_question_comes_back(talk: Talk, kind: str) -> None:
    talk.agree().bring(kind)
    assert talk.text
    assert talk.asks == "cosa_succede"


def test_ones_own_number_is_kept_and_not_asked_again(talk: Talk) -> None:
    talk.agree().bring("contact", own_number="333 1234567")
    assert talk.state.sheet.value(FactId.CONTATTO) == "telefono"
    talk.order("basta").tap("riassunto:si").tap("condivido:si")
    assert talk.asks != "contatto"
    assert talk.state.phase is Phase.WAITING


def test_once_insulted_it_stays_calm_twice_it_sets_a_boundary(talk: Talk) -> None:
    talk.agree().say("siete degli idioti", Act.INSULTO)
    assert talk.asks == "cosa_succede"
    talk.say("idioti", Act.INSULTO)
    assert talk.asks == ""
    assert "persona" in talk.choices


def test_enough_said_in_words_is_a_summary(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola").say(
        "basta così, grazie", Act.CONGEDO
    )
    assert talk.asks == "riassunto"


def test_a_hello_days_later_is_welcomed_back_to_where_we_were(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    step = talk.state.step
    talk.wait(days=3).say("buongiorno", Act.SALUTO)
    assert "dove eravamo" in talk.text
    assert talk.state.step == step


def test_a_swindle_under_way_gets_its_one_word_of_caution(talk: Talk) -> None:
    talk.agree().say(
        "mi chiedono ancora soldi per il sito", truffa_in_corso="si", esperienze_passate="truffa"
    )
    assert "non dia codici a nessuno" in talk.text
    assert talk.text.count("?") == 1
    talk.say("ancora adesso", truffa_in_corso="si", cosa_succede="ancora adesso")
    assert "non dia codici a nessuno" not in talk.text


def test_a_student_and_a_minor_are_answered_as_what_they_are(talk: Talk) -> None:
    talk.agree().say("scrivo per la mia tesi di laurea", Act.FUORI_TEMA)
    assert "tesi" in talk.text
    talk.say("ho 15 anni", Act.RACCONTO)
    assert "adulti" in talk.text


def test_what_was_masked_is_said(talk: Talk) -> None:
    talk.agree().say("la carta è 4111...", masked=("carta",), cosa_succede="pagamenti strani")
    assert "un numero di carta" in talk.text
    assert "cancelli" in talk.text


def test_erasing_is_confirmed_and_leaves_nothing(talk: Talk) -> None:
    to_summary(talk).order("cancella")
    assert not talk.did(Erase)
    talk.tap("cancella:si")
    assert talk.did(Erase)
    assert talk.state.sheet.facts == ()
    assert not talk.state.listening
    talk.order("start")
    assert "ascolto:si" in talk.choices


def test_my_data_are_shown_and_the_question_stays(talk: Talk) -> None:
    talk.agree().order("imieidati")
    assert talk.did(ShowData)
    assert talk.asks == "cosa_succede"


def test_easy_italian_can_be_chosen(talk: Talk) -> None:
    talk.agree().order("lingua")
    assert "lingua:semplice" in talk.choices
    talk.tap("lingua:semplice")
    assert talk.state.simple


def test_an_uncertain_question_is_asked_anew_in_other_words(talk: Talk) -> None:
    from bot.conversation.types import Unsure

    talk.agree()
    question = sentences(talk.text)[-1]
    talk.happen(Unsure())
    assert talk.asks == "cosa_succede"
    assert question not in talk.text


class EchoMirror:
    """A mirror that turns everything, to see where its words go."""

    def reflect(self, words: str, fact: FactId, manner: Manner) -> str | None:
        return f"ha detto di {fact.value} dando del {manner.address}"

    def clauses(self, words: str, fact: FactId, manner: Manner, count: int) -> tuple[str, ...]:
        return (f"ha detto di {fact.value} dando del {manner.address}",)

    def quotable(self, words: str, manner: Manner) -> bool:
        return True


def test_the_mirror_speaks_where_the_script_asks_for_it() -> None:
    talk = Talk(load_library(DIALOGUES, mirror=EchoMirror())).agree()
    talk.say("ho un bar e nessuno mi trova", cosa_succede="nessuno mi trova")
    assert "Ha detto di cosa_succede dando del lei." in talk.text


def test_where_the_mirror_declines_the_fact_is_reflected_plainly(talk: Talk) -> None:
    talk.agree().say("pane e focacce", cosa_succede="pane e focacce", attivita="alimentari")
    assert "un negozio di alimentari" in talk.text.casefold()


def test_a_fact_taken_back_is_gone(talk: Talk) -> None:
    talk.agree().say("ho il sito", presenza_oggi="sito").say(
        "il sito l'ho chiuso", presenza_oggi="sito", change=Change.REMOVE
    )
    assert talk.state.sheet.values(FactId.PRESENZA_OGGI) == ()


def test_what_was_told_before_the_yes_is_their_story_and_is_not_asked_again(talk: Talk) -> None:
    story = understood(
        "ho una panetteria in via Padova, il ragazzo del sito è sparito", attivita="alimentari"
    )
    held = (Heard(7, story),)
    talk.start().happen(talk_press("ascolto:si"), held=held)
    assert talk.state.notes.values(FactId.COSA_SUCCEDE) == (story.text,)
    assert talk.asks != FactId.COSA_SUCCEDE


def test_what_was_masked_before_the_yes_is_said_too(talk: Talk) -> None:
    talk.start().say("la mia carta è [numero di carta nascosto]", masked=("carta",))
    assert "un numero di carta" in talk.text
    assert talk.state.pending is Pending.LISTEN


def test_a_story_told_instead_of_settling_a_contradiction_is_heard_as_one(talk: Talk) -> None:
    talk.agree().say("siamo in tre", persone="2-5").say("lavoro da solo, sempre", persone="solo")
    assert talk.state.pending is Pending.CLASH
    talk.say("comunque sono stanco morto e nessuno mi cerca", come_sta="stanco")
    assert talk.state.pending is not Pending.CLASH
    assert FactId.COME_STA in {f.fact for f in talk.state.notes.facts}
    assert all(part.line.endswith("clash_done") is False for say in talk.says for part in say.spoken)


def test_after_christmas_is_no_pause(library: Library) -> None:
    talk = to_summary(Talk(library))
    talk.say("con calma, dopo natale", Act.PAUSA, urgenza="con_calma")
    assert talk.state.phase is Phase.SUMMARY


def test_an_obstacle_is_no_wish(talk: Talk) -> None:
    talk.agree()
    talk.state = replace(talk.state, asked=FactId.COSA_VORREBBE.value)
    talk.say("il tempo, alle 14 crollo", ostacoli="tempo")
    assert not talk.state.notes.values(FactId.COSA_VORREBBE)


def test_how_many_questions_are_left_gets_a_number(talk: Talk) -> None:
    talk.agree().say("ma quante domande mi fate ancora?", Act.AIUTO)
    assert "Sette domande al massimo" in talk.text
    assert "/persona" not in talk.text


def test_somebody_at_ease_in_another_of_our_languages_is_offered_it_once(talk: Talk) -> None:
    talk.agree().say("ho una macelleria, io parlo arabo", attivita="alimentari", lingua="ar")
    assert "/lingua" in talk.text
    talk.say("parlo arabo e lavoro solo", persone="solo", lingua="ar")
    assert "/lingua" not in talk.text


def test_how_they_are_is_no_wish(talk: Talk) -> None:
    talk.agree()
    talk.state = replace(talk.state, asked=FactId.COSA_VORREBBE.value)
    talk.say("un po' scoraggiata ma non mollo")
    assert not talk.state.notes.values(FactId.COSA_VORREBBE)
