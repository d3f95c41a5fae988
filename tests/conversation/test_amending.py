"""Corrections of a story in its own words, and wishes told by the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation import Library, Phase
from bot.conversation.amending import amended, wish_in
from bot.conversation.types import Act, Fact, FactId, How, Sheet

from .talking import Talk, to_summary


def _story(text: str) -> Sheet:
    return Sheet((Fact(FactId.COSA_SUCCEDE, text, text, 1, How.SAID),))


@pytest.mark.parametrize(
    ("story", "correction", "after"),
    [
        ("mi ha fregato 3000 euro", "correggo: non sono 3000 ma 3500 euro", "mi ha fregato 3500 euro"),
        ("mi ha fregato 3000 euro", "3500, non 3000", "mi ha fregato 3500 euro"),
        ("vendo al mercato il martedì", "no, non martedì ma giovedì", "vendo al mercato il giovedì"),
        ("they took 300 pounds", "not 300 but 350", "they took 350 pounds"),
    ],
)
def test_not_this_but_that_is_put_right_where_it_stands(story: str, correction: str, after: str) -> None:
    entry = amended(_story(story), correction).facts[0]
    assert (entry.value, entry.words, entry.how) == (after, after, How.CORRECTED)


@pytest.mark.parametrize("correction", ["non è 12 ma 13", "non mi ritrovo", "3500", "ma no", "non non ma ma"])
def test_what_names_nothing_of_the_story_changes_nothing(correction: str) -> None:
    story = _story("mi ha fregato 3000 euro")
    assert amended(story, correction) == story


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("vorrei le consegne mie entro natale", "vorrei le consegne mie entro natale"),
        ("Ho un bar. Mi piacerebbe che la sera venisse gente.", "Mi piacerebbe che la sera venisse gente."),
        ("no, vorremmo lavorare anche a luglio", "vorremmo lavorare anche a luglio"),
        ("We would love to sell on Sundays too", "We would love to sell on Sundays too"),
        ("vorrei parlare con una persona", ""),
        ("vorrei sapere quanto costa", ""),
        ("vorrei un sito", ""),
        ("non vorrei mai chiudere", ""),
        ("vorrei che mi chiamasse domani?", ""),
    ],
)
def test_a_wish_told_by_the_way_is_found_in_their_words(text: str, wish: str) -> None:
    assert wish_in(text) == wish


def test_a_figure_put_right_at_the_summary_is_on_the_sheet(library: Library) -> None:
    talk = Talk(library).agree()
    talk.say("una ditta mi ha preso 3000 euro per un sito mai visto", esperienze_passate="truffa")
    talk.order("basta").say("correggo: non sono 3000 ma 3500 euro", Act.CORREGGI)
    assert "3500" in " ".join(f.words for f in talk.state.sheet.facts)
    assert "3000" not in " ".join(f.words for f in talk.state.sheet.facts)
    assert talk.state.phase is Phase.SUMMARY


def test_what_is_missing_after_the_yes_goes_in_and_is_read_back_again(library: Library) -> None:
    talk = to_summary(Talk(library)).tap("riassunto:si")
    assert talk.state.phase is Phase.SHARE
    talk.say("manca la cosa più importante: riavere il mio dominio", Act.CORREGGI)
    assert talk.state.phase is Phase.SUMMARY
    assert not talk.state.approved
    assert "riavere il mio dominio" in " ".join(f.value for f in talk.state.sheet.facts)


def test_enough_without_an_accent_sums_up_and_is_no_yes_to_the_summary(library: Library) -> None:
    talk = Talk(library).agree().say("ho un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    talk.say("basta cosi", Act.PAUSA)
    assert talk.state.phase is Phase.SUMMARY
    talk.say("basta cosi dai", Act.CONFERMA)
    assert talk.state.phase is Phase.SUMMARY


def test_a_wish_told_first_is_not_asked_for_again(library: Library) -> None:
    talk = Talk(library).agree()
    talk.say(
        "ho un bar in Isola. vorrei che la sera venisse più gente", attivita="ristorazione_bar", zona="Isola"
    )
    assert talk.state.notes.values(FactId.COSA_VORREBBE) == ("vorrei che la sera venisse più gente",)


def test_a_wish_told_to_another_question_is_the_wish(library: Library) -> None:
    talk = Talk(library).agree().say("ho un bar in Isola", attivita="ristorazione_bar", zona="Isola")
    talk.state = replace(talk.state, asked=FactId.NOME.value)
    talk.say("vorrei che chi cerca un bar all'Isola trovasse noi")
    assert talk.state.notes.values(FactId.COSA_VORREBBE) == (
        "vorrei che chi cerca un bar all'Isola trovasse noi",
    )
    for _ in range(6):
        assert talk.asks != FactId.COSA_VORREBBE
        talk.say("boh", Act.NON_SO)


def test_money_paid_elsewhere_is_no_question_of_price(library: Library) -> None:
    talk = Talk(library).agree().say("ma voi mi ridate i soldi?", Act.QUANTO_COSTA)
    assert "carte alla mano" in talk.text
