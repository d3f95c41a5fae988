"""The rules by which what was heard changes the situation sheet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.sheet import (
    HEDGE,
    LIST_ENTRIES,
    STORIES,
    STORY_PARTS,
    Rule,
    Second,
    choose,
    confirm,
    decline,
    folded,
    hear,
    hedged,
    rewrite,
)
from bot.conversation.types import LIST_FACTS, NON_DETTO, Change, FactHeard, FactId, How, Sheet

RULES = {
    FactId.ZONA: Rule(Second.ASK),
    FactId.ATTIVITA: Rule(Second.ASK, ("alimentari", "ristorazione_bar")),
    FactId.PERSONE: Rule(Second.ASK, ("solo", "2-5")),
    FactId.COME_STA: Rule(Second.NEWEST, ("sereno", "stanco", "deluso")),
    FactId.ESPERIENZE_PASSATE: Rule(Second.WORST, ("nessuna", "buona", "delusione", "truffa")),
    FactId.BISOGNO: Rule(
        Second.NEWEST, ("sito", "social", "bandi", "pagamenti", "non_so"), frozenset({"non_so"}), 3
    ),
    FactId.PRESENZA_OGGI: Rule(Second.NEWEST, ("sito", "instagram", "nessuna"), frozenset({"nessuna"})),
}


def fact(name: FactId, value: str, **more: object) -> FactHeard:
    return FactHeard(name, value, f"parole su {value}", **more)  # type: ignore[arg-type]


def heard(*items: FactHeard, sheet: Sheet | None = None, ref: int = 1, **more: bool) -> Sheet:
    return hear(sheet or Sheet(), items, ref, RULES, **more).sheet


def test_an_addition_to_a_list_adds_and_keeps_its_message() -> None:
    sheet = heard(fact(FactId.BISOGNO, "sito"), ref=4)
    sheet = heard(fact(FactId.BISOGNO, "social"), sheet=sheet, ref=9)
    assert [(f.value, f.ref) for f in sheet.of(FactId.BISOGNO)] == [("sito", 4), ("social", 9)]


def test_at_most_three_needs_and_the_least_certain_gives_way() -> None:
    sheet = heard(
        fact(FactId.BISOGNO, "sito"), fact(FactId.BISOGNO, "social", certainty=0.3),
        fact(FactId.BISOGNO, "bandi"), fact(FactId.BISOGNO, "pagamenti"),
    )  # fmt: skip
    assert sheet.values(FactId.BISOGNO) == ("sito", "bandi", "pagamenti")


def test_something_concrete_takes_the_place_of_nothing() -> None:
    sheet = heard(fact(FactId.PRESENZA_OGGI, "nessuna"))
    assert heard(fact(FactId.PRESENZA_OGGI, "sito"), sheet=sheet).values(FactId.PRESENZA_OGGI) == ("sito",)


def test_nothing_does_not_erase_something_concrete() -> None:
    sheet = heard(fact(FactId.PRESENZA_OGGI, "sito"))
    assert heard(fact(FactId.PRESENZA_OGGI, "nessuna"), sheet=sheet).values(FactId.PRESENZA_OGGI) == ("sito",)


def test_a_correction_replaces_and_says_so() -> None:
    sheet = heard(fact(FactId.ZONA, "Isola"))
    result = hear(sheet, [fact(FactId.ZONA, "Lambrate", change=Change.REPLACE)], 2, RULES)
    assert [(f.value, f.how, f.ref) for f in result.sheet.of(FactId.ZONA)] == [("Lambrate", How.CORRECTED, 2)]
    assert result.corrected == (FactId.ZONA,)


def test_a_corrected_list_is_the_new_list_whole() -> None:
    sheet = heard(fact(FactId.BISOGNO, "sito"), fact(FactId.BISOGNO, "social"))
    new = [fact(FactId.BISOGNO, v, change=Change.REPLACE) for v in ("bandi", "pagamenti")]
    assert hear(sheet, new, 2, RULES).sheet.values(FactId.BISOGNO) == ("bandi", "pagamenti")


def test_another_sure_answer_is_a_clash_and_changes_nothing_yet() -> None:
    sheet = heard(fact(FactId.ZONA, "Isola"))
    result = hear(sheet, [fact(FactId.ZONA, "Lambrate")], 2, RULES)
    assert result.clash is FactId.ZONA
    assert result.sheet.value(FactId.ZONA) == "Isola"


def test_a_sure_answer_takes_the_place_of_a_hedge_without_a_clash() -> None:
    sheet = heard(fact(FactId.ZONA, "Isola", certainty=0.3))
    result = hear(sheet, [fact(FactId.ZONA, "Lambrate")], 2, RULES)
    assert result.clash is None
    assert result.sheet.value(FactId.ZONA) == "Lambrate"


def test_a_hedge_does_not_disturb_what_is_sure() -> None:
    sheet = heard(fact(FactId.ZONA, "Isola"))
    assert heard(fact(FactId.ZONA, "Lambrate", certainty=0.2), sheet=sheet).value(FactId.ZONA) == "Isola"


def test_a_mood_that_changes_is_the_newest() -> None:
    sheet = heard(fact(FactId.COME_STA, "stanco"))
    assert heard(fact(FactId.COME_STA, "sereno"), sheet=sheet).value(FactId.COME_STA) == "sereno"


def test_the_worst_experience_counts_and_both_stories_stay() -> None:
    sheet = heard(fact(FactId.ESPERIENZE_PASSATE, "truffa"))
    sheet = heard(fact(FactId.ESPERIENZE_PASSATE, "buona"), sheet=sheet)
    entry = sheet.of(FactId.ESPERIENZE_PASSATE)[0]
    assert entry.value == "truffa"
    assert "buona" in entry.words


def test_something_given_up_is_taken_away() -> None:
    sheet = heard(fact(FactId.PRESENZA_OGGI, "sito"), fact(FactId.PRESENZA_OGGI, "instagram"))
    sheet = heard(fact(FactId.PRESENZA_OGGI, "sito", change=Change.REMOVE), sheet=sheet)
    assert sheet.values(FactId.PRESENZA_OGGI) == ("instagram",)


def test_declining_is_an_answer_and_a_later_word_takes_its_place() -> None:
    sheet = decline(Sheet(), FactId.ZONA)
    assert sheet.knows(FactId.ZONA)
    assert sheet.value(FactId.ZONA) == ""
    assert heard(fact(FactId.ZONA, "Isola"), sheet=sheet).values(FactId.ZONA) == ("Isola",)


def test_declining_does_not_erase_what_was_told() -> None:
    sheet = heard(fact(FactId.ZONA, "Isola"), fact(FactId.ZONA, NON_DETTO))
    assert decline(sheet, FactId.ZONA).values(FactId.ZONA) == ("Isola",)


def test_a_story_told_in_several_messages_reads_as_one() -> None:
    sheet = heard(fact(FactId.COSA_SUCCEDE, "pochi clienti"), ref=1)
    sheet = heard(fact(FactId.COSA_SUCCEDE, "il sito non va"), sheet=sheet, ref=2)
    assert len(sheet.of(FactId.COSA_SUCCEDE)) == 2
    assert folded(sheet).value(FactId.COSA_SUCCEDE) == "pochi clienti; il sito non va"


def test_an_edited_message_takes_back_what_it_gave_and_only_that() -> None:
    sheet = heard(fact(FactId.COSA_SUCCEDE, "pochi clienti"), fact(FactId.ZONA, "Isola"), ref=1)
    sheet = heard(fact(FactId.COSA_SUCCEDE, "il sito non va"), sheet=sheet, ref=2)
    result = rewrite(sheet, [fact(FactId.ZONA, "Lambrate")], 1, RULES)
    assert result.sheet.value(FactId.ZONA) == "Lambrate"
    assert folded(result.sheet).value(FactId.COSA_SUCCEDE) == "il sito non va"
    assert result.corrected == (FactId.ZONA,)


def test_a_pressed_button_is_chosen_and_replaces() -> None:
    sheet = choose(heard(fact(FactId.PERSONE, "solo")), FactId.PERSONE, "2-5", "da due a cinque", RULES)
    assert [(f.value, f.how, f.ref) for f in sheet.of(FactId.PERSONE)] == [("2-5", How.CHOSEN, 0)]


def test_approval_confirms_hedges_and_inferences_and_leaves_the_rest_as_said() -> None:
    sheet = heard(
        fact(FactId.ZONA, "Isola", certainty=0.3), fact(FactId.PERSONE, "solo", how=How.INFERRED),
        fact(FactId.COME_STA, "stanco"),
    )  # fmt: skip
    assert [f.value for f in hedged(sheet)] == ["Isola"]
    assert [f.how for f in confirm(sheet).facts] == [How.CONFIRMED, How.CONFIRMED, How.SAID]
    assert hedged(confirm(sheet)) == ()


def test_a_value_that_is_not_on_the_sheet_is_not_taken() -> None:
    assert heard(fact(FactId.PERSONE, "un esercito")) == Sheet()


facts_heard = st.builds(
    FactHeard,
    fact=st.sampled_from(list(FactId)),
    value=st.one_of(
        st.sampled_from(
            ["sito", "social", "solo", "2-5", "nessuna", "truffa", "buona", "Isola", NON_DETTO, ""]
        ),
        st.text(max_size=600),
    ),
    words=st.text(max_size=600),
    certainty=st.floats(-1, 2),
    change=st.sampled_from(list(Change)),
    how=st.sampled_from(list(How)),
    detail=st.text(max_size=50),
)


@given(st.lists(st.tuples(st.lists(facts_heard, max_size=4), st.integers(1, 9), st.booleans()), max_size=12))
def test_whatever_is_heard_the_sheet_keeps_its_shape(
    messages: list[tuple[list[FactHeard], int, bool]],
) -> None:
    sheet = Sheet()
    for items, ref, edited in messages:
        sheet = (rewrite if edited else hear)(sheet, items, ref, RULES).sheet
        for name in FactId:
            entries = sheet.of(name)
            values = [f.value for f in entries]
            if name in STORIES:
                assert len(entries) <= STORY_PARTS
            else:
                assert len(values) == len(set(values))
                assert len(entries) <= (LIST_ENTRIES if name in LIST_FACTS else 1)
            assert len(values) == 1 or NON_DETTO not in values
            assert len(folded(sheet).of(name)) <= (LIST_ENTRIES if name in LIST_FACTS else 1)
        assert all(0 <= f.certainty <= 1 and len(f.words) <= 400 for f in sheet.facts)
    assert all(f.certainty >= HEDGE for f in confirm(sheet).facts if f.value != NON_DETTO)


@given(st.lists(facts_heard, max_size=6))
def test_hearing_the_same_message_twice_is_hearing_it_once(items: list[FactHeard]) -> None:
    once = hear(Sheet(), items, 1, RULES).sheet
    again = rewrite(once, items, 1, RULES).sheet
    assert again == once
