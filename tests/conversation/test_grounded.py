"""A meaning is given back only where it stands in the words: a feeling that nobody told is never named."""

from __future__ import annotations

import pytest

from bot.conversation.feeling import feeling_in
from bot.conversation.grounded import grounded
from bot.conversation.types import Act, Fact, FactId, How
from bot.conversation.voice import words_in
from tests.conversation.talking import Talk


def _fact(fact: str, value: str, words: str, how: How = How.SAID) -> Fact:
    return Fact(FactId(fact), value, words, 1, how)


@pytest.mark.parametrize(
    ("fact", "value", "words", "stands"),
    [
        ("come_sta", "preoccupato", "ci penso anche la notte, ho paura", True),
        ("come_sta", "preoccupato", "da ottobre resto senza mia zia al banco", False),
        ("come_sta", "preoccupato", "preoccupata è troppo, diciamo attenta", False),
        ("come_sta", "arrabbiato", "non sono arrabbiato, solo stufo", True),
        ("come_sta", "arrabbiato", "non sono arrabbiato", False),
        ("come_sta", "in_crisi", "stanca, e il polso mi fa male", False),
        ("esperienze_passate", "delusione", "a Pasqua ho messo le colombe su Facebook e ne ho date via quaranta", False),
        ("esperienze_passate", "delusione", "un mese di annunci e tre clienti in tutto", True),
        ("esperienze_passate", "buona", "ho la pagina, metto i piatti del giorno", False),
        ("bisogno", "vendere_online", "vorrei tenere anche le riviste vecchie", False),
        ("bisogno", "vendere_online", "vorrei spedire le riviste in tutta Italia", True),
        ("bisogno", "sito", "mi hanno fregato, il sito non c'è", False),
        ("bisogno", "farsi_trovare", "mi mancano i ragazzi del liceo", False),
        ("persone", "2-5", "lavoro da sola, un tempo avevo una commessa", False),
        ("urgenza", "adesso", "e fretta non ce n'ho", False),
        ("urgenza", "settimane", "con calma, per l'autunno", False),
        ("zona", "Isola", "in un posto che chiamano Garibaldi", True),
    ],
)  # fmt: skip
def test_a_value_stands_in_its_words_or_its_meaning_is_not_given_back(
    fact: str, value: str, words: str, stands: bool
) -> None:
    assert grounded(_fact(fact, value, words), "it") is stands


@pytest.mark.parametrize(
    ("fact", "value", "words", "stands"),
    [
        ("come_sta", "preoccupato", "I can't sleep thinking about it", True),
        ("come_sta", "preoccupato", "the samples took two weeks", False),
        ("esperienze_passate", "truffa", "we printed a menu and it took ages", False),
        ("esperienze_passate", "truffa", "he took the money and vanished", True),
        ("truffa_in_corso", "si", "the tax forms are late again", False),
    ],
)
def test_the_same_in_english(fact: str, value: str, words: str, stands: bool) -> None:
    assert grounded(_fact(fact, value, words), "en") is stands


def test_what_was_chosen_with_a_button_needs_no_words_of_theirs() -> None:
    assert grounded(_fact("urgenza", "adesso", "senza fretta", How.CHOSEN), "it")


def test_a_success_heard_as_a_disappointment_is_given_back_as_what_it_was(talk: Talk) -> None:
    talk.agree().say("un forno a Greco", attivita="alimentari", zona="Greco")
    while talk.asks != "esperienze_passate":
        talk.say("non saprei", Act.NON_SO)
    talk.say(
        "Per la festa della mamma ho messo le torte su Facebook e ne ho date via quaranta in tre giorni",
        esperienze_passate="delusione", presenza_oggi="facebook",
    )  # fmt: skip
    assert "delusione" not in talk.text
    assert "non è andato" not in talk.text
    assert "torte su Facebook" in talk.text


def test_a_loss_told_in_the_middle_of_a_story_is_not_passed_over(talk: Talk) -> None:
    talk.agree().say(
        "I conti li faceva mio marito. È mancato a Natale, e io so solo impastare, per il resto mi perdo",
        attivita="alimentari", cosa_succede="I conti li faceva mio marito",
    )  # fmt: skip
    assert "mancanza" in talk.text
    assert "morto" not in talk.text


@pytest.mark.parametrize(
    "text", ["è mancato il tempo per tutto", "il quartiere è morto", "business has died"]
)
def test_what_died_is_not_always_somebody(text: str) -> None:
    assert feeling_in(text, "en" if "business" in text else "it") != "mourning"


def test_a_learners_clause_without_its_verb_is_not_given_back(talk: Talk) -> None:
    talk.agree().say("scusi il mio italiano, io ha negozio frutta", attivita="alimentari")
    assert talk.state.simple
    while talk.asks != "cosa_vorrebbe":
        talk.say("non so", Act.NON_SO)
    talk.say("Milanese entra prende mango, prende riso, saluta")
    assert "Milanese entra" not in talk.text


def test_a_caution_leaves_room_for_one_reflection(talk: Talk) -> None:
    talk.agree().say(
        "Ho una tabaccheria a Baggio e pago ancora cento euro al mese a chi mi tiene il dominio e non me lo ridà",
        attivita="altro", zona="Baggio", truffa_in_corso="si", esperienze_passate="truffa",
    )  # fmt: skip
    assert "codici" in talk.text
    assert words_in(talk.text) <= 41
