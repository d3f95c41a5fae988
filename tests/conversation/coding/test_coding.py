"""A rendered text is coded as one who reads it would, without the script's tags."""

from __future__ import annotations

import pytest

from bot.conversation import Library
from bot.conversation.coding import Code, Told, code_text, humiliating
from bot.conversation.coding.truth import untold
from bot.conversation.library import variants
from bot.conversation.script import Conditions
from bot.listening_report import wilson


def told(*messages: str) -> Told:
    memory = Told()
    for message in messages:
        memory.say(message)
    return memory


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mi racconti che cosa succede in negozio.", Code.OPEN),
        ("E finora, con internet, com'è andata?", Code.OPEN),
        ("Che cosa dovrebbe cambiare?", Code.OPEN),
        ("What brings you here?", Code.OPEN),
        ("Lavora da sola?", Code.CLOSED),
        ("Ha già un sito?", Code.CLOSED),
        ("How many people work there?", Code.CLOSED),
        ("Posso dirle una cosa che potrebbe servirle?", Code.PERMISSION),
        ("Le consiglio di aprire una pagina.", Code.ADVICE),
        ("Tornare a parlarne, dopo, non è da tutti.", Code.AFFIRMATION),
        ("Vende fiori al mercato da vent'anni.", Code.SIMPLE),
        ("Ogni mattina ricomincia da capo, e nessuno lo vede.", Code.COMPLEX),
        ("Va bene, passiamo oltre.", Code.INFORMATION),
        ("Sono un programma automatico, non una persona.", Code.INFORMATION),
        ("Provo a mettere insieme quello che ho sentito.", Code.SUMMARY),
        (
            "I keep it only if you agree, a person reads it only if you decide (serious danger apart).",
            Code.INFORMATION,
        ),
        ("No end-to-end encryption.", Code.INFORMATION),
        ("The question can wait.", Code.INFORMATION),
        (
            "RiEmergo, for debts too heavy to carry, by appointment (a person at SPIN can tell you more)",
            Code.INFORMATION,
        ),
        ("If I follow, flowers at the market for twenty years.", Code.COMPLEX),
        ("Li tengo solo con il suo consenso.", Code.INFORMATION),
    ],
)
def test_one_sentence_is_coded(text: str, code: Code) -> None:
    (found,) = code_text(text, told("vendo fiori al mercato da vent'anni"))
    assert found.code is code


def test_what_follows_the_summary_belongs_to_it_up_to_the_question() -> None:
    codes = [
        u.code
        for u in code_text("Provo a mettere insieme quello che so. Ha dei fiori. Ci si ritrova?", told())
    ]
    assert codes == [Code.SUMMARY, Code.SUMMARY, Code.CLOSED]


def test_a_reflection_carries_what_is_theirs_whatever_its_person_and_number() -> None:
    (found,) = code_text("Vende borse e cinture.", told("io vendo una borsa e qualche cintura"))
    assert len(found.shared) == 3


def test_words_that_put_down_are_found_but_not_in_their_own_quotation() -> None:
    assert humiliating("È stata ingenua a fidarsi.")
    assert not humiliating("Nelle sue parole: «mi sono fatta fregare».")


def test_an_idea_that_was_never_told_is_found() -> None:
    assert untold("La stanchezza si sente.", {"come_sta": frozenset({"sereno"})}) == "come_sta"
    assert untold("La stanchezza si sente.", {"come_sta": frozenset({"stanco"})}) == ""


def test_wilsons_interval_of_nine_in_ten() -> None:
    low, high = wilson(9, 10)
    assert (round(low, 2), round(high, 2)) == (0.6, 0.98)


def test_a_danger_is_no_anger() -> None:
    assert untold("A danger apart, nothing changes.", {}) == ""
    assert untold("The anger is there.", {}) == "come_sta"


@pytest.mark.parametrize("language", ["it", "en"])
def test_no_reflection_carries_an_idea_that_its_conditions_do_not_hold(
    library: Library, language: str
) -> None:
    script = library.script("primo-ascolto", language)
    pools = [script.reflections, *(step.reflect for step in script.steps.values())]
    strays = [
        (source, idea)
        for item in (item for pool in pools for item in pool)
        for variant in variants(item.complex or item.simple or [])
        for source in (variant.text, variant.lei, variant.tu)
        if isinstance(source, str) and (idea := untold(source, _conditions({**item.when, **variant.when})))
    ]
    assert not strays


def _conditions(when: Conditions) -> dict[str, frozenset[str]]:
    return {key: frozenset([value] if isinstance(value, str) else value) for key, value in when.items()}
