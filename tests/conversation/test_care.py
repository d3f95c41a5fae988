"""Small cares: simpler words for who is learning Italian, the "tu" that is used, a yes that is none, a list that says what it loses."""

from __future__ import annotations

import pytest

from bot.conversation.mirror import ClauseMirror, learners_signs
from bot.conversation.state import Pending, Phase
from bot.conversation.templates import Manner
from bot.conversation.types import Act, Alarm, FactId, SetTimer
from tests.conversation.talking import Talk, to_summary


def test_who_does_not_follow_in_weak_italian_gets_simple_words_and_the_languages(talk: Talk) -> None:
    talk.agree().say("no capito, cosa tu vuole?", Act.RIPETI)
    assert talk.state.simple
    assert "/lingua" in talk.text
    assert talk.asks == "cosa_succede"
    assert "le piacerebbe" not in talk.text


def test_a_native_who_does_not_follow_is_not_spoken_to_like_a_child(talk: Talk) -> None:
    assert not learners_signs("non ho capito che cosa vuole sapere")
    talk.agree().say("non ho capito che cosa vuole sapere", Act.RIPETI)
    assert not talk.state.simple


@pytest.mark.parametrize(
    "text", ["te lo dico io che cosa succede qui", "ti giuro che non entra nessuno, oggi"]
)
def test_the_tu_that_is_used_is_given_back(talk: Talk, text: str) -> None:
    talk.agree().say(text)
    assert talk.state.address == "tu"


@pytest.mark.parametrize("text", ["le app ti mangiano il trenta per cento", "qui nessuno ti aiuta mai"])
def test_the_tu_of_anybody_is_no_tu(talk: Talk, text: str) -> None:
    talk.agree().say(text)
    assert talk.state.address == "lei"


@pytest.mark.parametrize("text", ["basta cosi", "direi che basta, ok"])
def test_enough_said_to_the_reminder_is_no_yes(talk: Talk, text: str) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    talk.order("pausa").say(text, Act.CONFERMA)
    assert talk.state.pending is not Pending.REMINDER
    assert not talk.did(SetTimer)


def test_a_need_that_is_taken_off_with_a_button_says_so(talk: Talk) -> None:
    to_summary(talk).tap("correggi:bisogno")
    taken = next(b for b in talk.buttons if b.choice == "correggi:bisogno:farsi_trovare")
    added = next(b for b in talk.buttons if b.choice == "correggi:bisogno:sito")
    assert taken.label.startswith("Togliere")
    assert not added.label.startswith("Togliere")
    talk.tap(taken.choice)
    assert "farsi_trovare" not in talk.state.notes.values(FactId.BISOGNO)
    assert "trovare" in talk.text.split("\n")[0]
    assert "Corretto" not in talk.text


def test_the_first_summary_does_not_speak_of_a_correction(talk: Talk) -> None:
    for seed in range(12):
        other = to_summary(Talk(talk.library, seed=seed))
        assert "Adesso" not in other.text


def test_an_answer_that_comes_after_the_last_question_is_not_blamed_on_the_question(talk: Talk) -> None:
    talk.agree()
    answers = iter(["affari lenti", "ferramenta", "Baggio", "io", "mah", "male", "boh", "uh"])
    while talk.state.phase is Phase.LISTENING:
        talk.say(next(answers))
    assert talk.state.phase is Phase.SUMMARY
    assert not {"messa male", "Mi spiego", "spiegato male", "altro modo"} & set(
        talk.text.split("\n")[0].split(". ")
    )
    assert "messa male" not in talk.text


@pytest.mark.parametrize(
    "text",
    [
        "Mi scusi se la tiro lunga, mio cugino mi chiama la gazzetta",
        "Se mi manda un caffè, giuro che sorrido",
    ],
)
def test_an_excuse_or_a_joke_is_not_kept_as_a_wish(talk: Talk, text: str) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    while talk.asks != "cosa_vorrebbe":
        talk.say("non saprei", Act.NON_SO)
    talk.say(text)
    assert not talk.state.notes.of(FactId.COSA_VORREBBE)
    assert "punto d'arrivo" not in talk.text


def test_what_something_is_worth_is_no_question_about_our_price(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    talk.say("vorrei vedere se vale la pena, prima di muovermi", Act.QUANTO_COSTA)
    assert "Non costa niente" not in talk.text
    talk.say("quanto mi costa?", Act.QUANTO_COSTA)
    assert "Non costa niente" in talk.text


@pytest.mark.parametrize("language", ["es", "ar", "zh"])
def test_how_they_are_is_named_in_every_language(talk: Talk, language: str) -> None:
    script = talk.library.script("primo-ascolto", language)
    told = [part.when["come_sta"] for part in script.summary.parts if "come_sta" in part.when]
    assert "stanco" in told
    assert "preoccupato" in told


def test_what_is_asked_of_us_is_not_given_back_as_their_topic(talk: Talk) -> None:
    talk.agree().say(
        "ma lei è un computer? qui si gela", Act.SEI_UN_PROGRAMMA, also=(Act.RACCONTO,), attivita="altro"
    )
    assert ": il computer" not in talk.text


def test_a_courtesy_with_an_answer_is_an_answer(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    asked = talk.asks
    talk.say("grazie mille, ci alterniamo tutti come capita", Act.RINGRAZIAMENTO)
    assert talk.asks != asked
    again = talk.asks
    talk.say("grazie", Act.RINGRAZIAMENTO)
    assert talk.asks == again


@pytest.mark.parametrize("text", ["dipende", "a fatica"])
def test_a_word_of_theirs_is_an_answer_and_a_sigh_is_none(talk: Talk, text: str) -> None:
    talk.agree()
    asked = talk.asks
    talk.say("mah")
    assert talk.asks == asked
    talk.say(text)
    assert talk.asks != asked


def test_how_one_feels_is_given_back_with_its_cause_and_as_it_was_said(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    while talk.asks != "come_sta":
        talk.say("non saprei", Act.NON_SO)
    talk.say("stufa di rincorrere i miei fornitori", come_sta="stanco")
    assert "Stufa di rincorrere i suoi fornitori." in talk.text


def test_a_shrug_that_opens_a_story_is_no_feeling(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    while talk.asks != "come_sta":
        talk.say("non saprei", Act.NON_SO)
    talk.say("boh, una volta mio suocero mi ha iscritto a una guida, chissà quale")
    assert "Né bene né male" not in talk.text


def test_a_bitter_question_is_no_request_to_repeat(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    while talk.asks != "come_sta":
        talk.say("non saprei", Act.NON_SO)
    talk.say("cosa vuole che le racconti, sono a pezzi", Act.RIPETI)
    assert talk.asks != "come_sta"
    assert "peso" in talk.text


def test_a_customer_during_the_summary_leaves_it_open(talk: Talk) -> None:
    to_summary(talk).say("arrivo signora, un sec", Act.PAUSA)
    assert talk.state.phase is Phase.SUMMARY
    assert talk.asks == "riassunto"
    assert "riassunto:si" in talk.choices


def test_a_wish_told_with_a_doubt_is_kept(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    while talk.asks != "cosa_vorrebbe":
        talk.say("non saprei", Act.NON_SO)
    talk.say("vorrei che le brioche finissero per le dieci, non ne posso più", doubt=Alarm.AUTOLESIONE)
    assert talk.state.pending is Pending.DOUBT
    assert talk.state.notes.knows(FactId.COSA_VORREBBE)


def test_a_place_put_right_in_their_story_keeps_its_preposition(talk: Talk) -> None:
    talk.agree().say(
        "ho un negozio di piante a Greco e la gente passa dritta", attivita="casa_arredo", zona="Greco",
        cosa_succede="ho un negozio di piante a Greco e la gente passa dritta",
    )  # fmt: skip
    talk.order("basta").say("no, sono a Turro non a Greco", Act.CORREGGI, zona="Turro")
    story = talk.state.sheet.of(FactId.COSA_SUCCEDE)[0].words
    assert "piante a Turro e" in story


def test_what_was_paid_for_nothing_is_not_praised_as_patience(talk: Talk) -> None:
    talk.agree().say("un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    while talk.asks != "esperienze_passate":
        talk.say("non saprei", Act.NON_SO)
    talk.say("ho pagato 900 euro per un sito che non si è mai visto", esperienze_passate="truffa")
    assert "Ha pagato 900 euro" in talk.text
    assert "pazienza" not in talk.text


def test_a_shame_told_in_the_middle_of_a_story_is_met_and_never_given_back(talk: Talk) -> None:
    talk.agree().say(
        "ho una stireria a Greco, da sola, e mi vergogno un po' a dirlo ma non so neanche accendere il computer",
        attivita="servizi", zona="Greco", persone="solo", ostacoli="competenze",
    )  # fmt: skip
    assert "dev'essere leggero" in talk.text
    assert "vergogn" not in talk.text.casefold()


def test_the_shame_of_others_is_not_theirs(talk: Talk) -> None:
    talk.agree().say(
        "il marciapiede davanti è una vergogna, il comune non lo aggiusta e la gente cambia strada",
        cosa_succede="la gente cambia strada",
    )  # fmt: skip
    assert "dev'essere leggero" not in talk.text


def test_a_fear_of_getting_it_wrong_is_heard(talk: Talk) -> None:
    talk.agree().say("una stireria a Greco", attivita="servizi", zona="Greco")
    talk.say("mai toccato niente, ho sempre paura di sbagliare qualcosa", esperienze_passate="nessuna")
    assert "passo falso" in talk.text


def test_a_verb_that_lost_its_h_is_written_with_it() -> None:
    manner = Manner(language="it", address="lei")
    said = ClauseMirror().clauses("o la merceria in via Padova, sono da sola", FactId.ATTIVITA, manner, 2)
    assert any(clause.startswith("ha la merceria in via Padova") for clause in said)
    either = ClauseMirror().clauses(
        "o la mattina o la sera, lavoro sempre da sola", FactId.ATTIVITA, manner, 2
    )
    assert not any("ha la mattina" in clause for clause in either)
