"""What was told already, in words that no fact was made of, is never asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation.already import touched_in
from bot.conversation.state import Pending, Phase
from bot.conversation.types import Act, FactId, Heard, Said
from tests.conversation.talking import Talk, understood


@pytest.mark.parametrize(
    ("language", "text", "facts"),
    [
        ("it", "La mia profumeria dietro la chiesa di Affori la conoscono in pochi", {"attivita", "zona"}),
        ("it", "Taglio capelli da una vita, ho una apprendista e un ragazzo il sabato", {"persone"}),
        ("it", "Riparo macchine da cucire e il mestiere sparisce", {"attivita"}),
        ("it", "un conoscente ci ha fatto il sito e non si è mai visto un ordine", {"esperienze_passate"}),
        ("it", "Oreste, 61 anni, sarto, e mi manca proprio il tempo", {"nome", "ostacoli"}),
        ("it", "la libreria è in piazza Gramsci, e non so da dove cominciare", {"zona", "ostacoli"}),
        ("en", "We run a little bakery off Viale Monza, my husband and I", {"attivita", "zona", "persone"}),
        ("en", "a guy made us a website and nobody ever came", {"esperienze_passate"}),
        ("es", "tengo una frutería con mi hermana", {"attivita", "persone"}),
        ("zh", "我开理发店，一个人", {"attivita", "persone"}),
        ("ar", "عندي مطعم صغير", {"attivita"}),
    ],
)
def test_what_their_words_speak_of_is_seen(language: str, text: str, facts: set[str]) -> None:
    assert {f.value for f in touched_in(text, language)} >= facts


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "ho un problema e ne parlavo ieri con mia figlia"),
        ("it", "a Natale su Instagram non si vende niente"),
        ("it", "quanto costa tutto questo"),
        ("en", "I saw it on Google in December"),
        ("zh", "您好，我想问一下"),
    ],
)
def test_what_tells_nothing_of_the_shop_silences_no_question(language: str, text: str) -> None:
    assert not touched_in(text, language)


def test_who_works_there_told_in_passing_is_not_asked(talk: Talk) -> None:
    talk.agree()
    talk.say(
        "Ho una lavanderia a Crescenzago con una commessa, e i clienti sono la metà",
        attivita="servizi", zona="Crescenzago", cosa_succede="i clienti sono la metà",
    )  # fmt: skip
    assert talk.asks not in ("attivita", "zona", "persone")


def test_a_trade_that_nobody_recognised_is_not_asked_and_the_place_is(talk: Talk) -> None:
    talk.agree().say("Riparo strumenti a fiato e il lavoro cala")
    assert talk.asks == "zona"


def test_what_was_told_beside_a_side_question_is_not_asked_when_it_comes_back(talk: Talk) -> None:
    talk.agree().say("una pizzeria ad Affori", attivita="ristorazione_bar", zona="Affori")
    assert talk.asks == "persone"
    talk.say("ma lei è un robot? noi siamo in tre", Act.SEI_UN_PROGRAMMA)
    assert talk.asks != "persone"


def test_nothing_is_noted_before_the_first_consent(talk: Talk) -> None:
    talk.start().say("ho un bar con mia moglie")
    assert talk.state.touched == ()


def test_two_words_that_name_a_thing_of_the_trade_are_an_answer(talk: Talk) -> None:
    talk.agree().say("pochi clienti")
    assert talk.asks != "cosa_succede"
    assert FactId.COSA_SUCCEDE in {f.fact for f in talk.state.notes.facts}


def test_a_place_named_in_passing_contradicts_nothing(talk: Talk) -> None:
    talk.agree().say("una fumetteria in Bovisa", attivita="libri_cartoleria_edicola", zona="Bovisa")
    talk.say("entro la fiera di Lucca", zona="Lucca", urgenza="settimane")
    assert talk.state.pending is not Pending.CLASH
    assert talk.state.sheet.value(FactId.ZONA) == "Bovisa"


def test_a_wish_contradicts_nothing(talk: Talk) -> None:
    talk.agree().say("ho una sartoria a Greco", attivita="artigianato_riparazioni", zona="Greco")
    while talk.asks != "cosa_vorrebbe":
        talk.say("non saprei", Act.NON_SO)
    talk.say("vorrei fare abiti da cerimonia, ho già le stoffe", attivita="abbigliamento")
    assert talk.state.pending is not Pending.CLASH


def test_a_customer_at_the_counter_is_no_pause(talk: Talk) -> None:
    talk.agree()
    asked = talk.asks
    talk.say("un sec, è entrata gente", Act.PAUSA)
    assert talk.state.phase is Phase.LISTENING
    assert talk.asks == asked
    assert "?" not in talk.text
    talk.say("arrivo subito, riprendiamo stasera", Act.PAUSA)
    assert talk.state.phase is Phase.PAUSED


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("sono tappezziere e il lavoro cala", "attivita"),
        ("mia nuora segue la cassa, io il forno", "persone"),
        ("siamo dalle parti del cimitero nuovo", "zona"),
        ("ci ho già provato due volte", "esperienze_passate"),
        ("mi fa rabbia vederlo vuoto", "come_sta"),
        ("mi piacerebbe avere la sala piena anche il lunedì", "cosa_vorrebbe"),
        ("servirebbe prima dei saldi", "urgenza"),
        ("tempo zero, glielo dico", "ostacoli"),
        ("Salve, qui Ottone, ho l'officina", "nome"),
    ],
)
def test_the_many_ways_of_having_said_it(text: str, fact: str) -> None:
    assert FactId(fact) in touched_in(text, "it")


def test_what_is_told_beside_a_question_of_theirs_answers_ours(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    asked = talk.asks
    talk.say("ma poi chi legge? qui comunque ci arrangiamo tutti come si può", Act.PRIVACY)
    assert talk.asks != asked
    assert "Titolare" in talk.text


def test_who_says_that_it_was_said_is_believed(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    asked = talk.asks
    talk.say("gliel'ho già detto, tutti e tre insieme")
    assert "ragione" in talk.text or "era già qui" in talk.text
    assert talk.asks != asked


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("che la gente torna il sabato", Act.INDIETRO),
        ("chiudo alle otto e crollo", Act.CONGEDO),
        ("adesso male, poi si vedrà insomma", Act.PAUSA),
    ],
)
def test_an_answer_that_sounds_like_leaving_is_an_answer(talk: Talk, text: str, act: Act) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    asked, step = talk.asks, talk.state.step
    talk.happen(Said((Heard(900, replace(understood(text, act), confidence=0.5)),)))
    assert talk.state.phase is not Phase.PAUSED
    assert talk.asks != asked or talk.state.step != step


def test_a_place_that_no_list_knows_is_an_answer_and_the_summary_asks_whether_it_is_right(talk: Talk) -> None:
    talk.agree().say("ho una cereria", attivita="altro")
    assert talk.asks == "zona"
    talk.say("Cascina Triulza")
    assert talk.asks != "zona"
    talk.order("basta")
    assert "Cascina Triulza" in talk.text


def test_letters_at_random_are_still_not_understood(talk: Talk) -> None:
    talk.agree()
    asked = talk.asks
    talk.say("sdfgh")
    assert talk.asks == asked
