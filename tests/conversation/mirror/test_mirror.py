"""What the mirror gives back, what it declines, and what can never come out of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.mirror import ClauseMirror
from bot.conversation.mirror.lexicon import italian
from bot.conversation.templates import Manner
from bot.conversation.types import FactId

HERE = Path(__file__).parent
LEI, TU = Manner(address="lei"), Manner(address="tu")
MIRROR = ClauseMirror()


def rows(name: str) -> list[list[str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def reflect(text: str, manner: Manner = LEI, fact: FactId = FactId.COSA_SUCCEDE) -> str | None:
    return MIRROR.reflect(text, fact, manner)


@pytest.mark.parametrize(("said", "lei", "tu"), rows("clauses_it.tsv"), ids=lambda text: text[:40])
def test_a_clause_is_turned_for_lei_and_for_tu(said: str, lei: str, tu: str) -> None:
    assert (reflect(said, LEI), reflect(said, TU)) == (lei, tu)


@pytest.mark.parametrize("said", [row[0] for row in rows("refused_it.txt")], ids=lambda text: text[:40])
def test_what_wounds_or_is_not_certain_is_never_given_back(said: str) -> None:
    assert reflect(said, LEI) is None
    assert reflect(said, TU) is None


@pytest.mark.parametrize(("said", "turned"), rows("clauses_en.tsv"), ids=lambda text: text[:40])
def test_an_english_clause_is_turned(said: str, turned: str) -> None:
    assert reflect(said, Manner("en")) == (None if turned == "-" else turned)


@pytest.mark.parametrize(
    ("story", "clause"),
    [
        (
            "Buongiorno, scusate il disturbo. Ho una merceria in via Padova da trent'anni. Non so da dove cominciare.",
            "ha una merceria in via Padova da trent'anni",
        ),
        (
            "È un periodo un po' così. Mi serve qualcuno per le foto dei gioielli. Poi vediamo.",
            "le serve qualcuno per le foto dei gioielli",
        ),
        (
            "Mi hanno truffato. Adesso vorrei un sito semplice con gli orari e le foto.",
            "adesso vorrebbe un sito semplice con gli orari e le foto",
        ),
    ],
)
def test_of_a_story_the_most_specific_clause_is_mirrored(story: str, clause: str) -> None:
    assert reflect(story) == clause


@pytest.mark.parametrize(
    ("fact", "said", "turned"),
    [
        (FactId.COSA_VORREBBE, "che i piumoni non mi facessero litigare con mezza San Siro", "vorrebbe che i piumoni non la facessero litigare con mezza San Siro"),
        (FactId.COSA_VORREBBE, "che la gente sappia dove sono il martedì e il sabato", "l'importante è che la gente sappia dove è il martedì e il sabato"),
        (FactId.COSA_VORREBBE, "un sistema semplice per gli ordini", "vorrebbe un sistema semplice per gli ordini"),
        (FactId.COSA_VORREBBE, "Metà degli ospiti che mi scrivono senza passare dal portale", "vorrebbe metà degli ospiti che le scrivono senza passare dal portale"),
        (FactId.PERSONE, "io e mio genero", "lei e suo genero"),
        (FactId.PERSONE, "tre: io, mia sorella e Aminata", "lei, sua sorella e Aminata"),
        (FactId.PERSONE, "siamo in sette", "siete in sette"),
    ],
)  # fmt: skip
def test_half_a_sentence_that_answers_is_turned_as_well(fact: FactId, said: str, turned: str) -> None:
    assert reflect(said, fact=fact) == turned


def test_two_clauses_are_given_when_asked_and_say_different_things() -> None:
    story = (
        "Le scuole fanno gli ordini su un portale e io resto fuori. Ho una cartoleria a Gorla con mia figlia."
    )
    first, second = MIRROR.clauses(story, FactId.COSA_SUCCEDE, Manner("it", "lei"), 2)
    assert first == "le scuole fanno gli ordini su un portale e lei resta fuori"
    assert second == "ha una cartoleria a Gorla con sua figlia"


def test_an_infinitive_answers_what_they_would_like() -> None:
    assert (
        reflect("avere più clienti giovani", LEI, FactId.COSA_VORREBBE)
        == "vorrebbe avere più clienti giovani"
    )
    assert reflect("farmi trovare su Google", TU, FactId.COSA_VORREBBE) == "vorresti farti trovare su Google"
    assert reflect("avere più clienti giovani") is None


@pytest.mark.parametrize(
    "said",
    [
        "il bar è in Isola e ho due figli",
        "mia figlia usa il mio telefono",
        "mio fratello gestisce un banco ho due vetrine",
        "le ho detto di pubblicare le foto",
        "mia moglie segue i suoi clienti e io i miei",
    ],
)
def test_with_lei_nothing_is_said_that_could_be_of_somebody_else(said: str) -> None:
    assert reflect(said, LEI) is None


def test_of_somebody_who_is_learning_only_right_italian_is_given_back() -> None:
    simply = Manner(simple=True)
    assert reflect("ho un bar in Isola", simply) == "ha un bar in Isola"
    assert reflect("ho negozio in Isola, gente non viene", simply) is None


def test_a_language_without_tables_is_declined() -> None:
    assert reflect("tengo un bar en Isola", Manner("es")) is None


FIRST_PERSON = re.compile(
    r"\b(?:io|me|mi|noi|mio|mia|miei|mie|nostr[oaie]|\w+iamo|\w+rmi|ho|faccio|devo|posso|voglio|vorrei|vado|sto|avrei|farei)\b"
)
WORDS = sorted(
    {word for row in rows("clauses_it.tsv") for word in row[0].split()}
    | {
        "lavoro",
        "resto",
        "sono",
        "ci",
        "mi",
        "me",
        "e",
        "che",
        "non",
        "mio",
        "nostra",
        "corro",
        "riempio",
        "porto",
        ",",
        ".",
    }
)


@given(
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
    st.sampled_from([LEI, TU]),
    st.sampled_from(list(FactId)),
)
@settings(max_examples=1500, deadline=None)
def test_no_first_person_ever_comes_out(said: str, manner: Manner, fact: FactId) -> None:
    turned = MIRROR.reflect(said, fact, manner)
    if turned is None:
        return
    assert not FIRST_PERSON.search(turned), turned
    for word in re.findall(r"\w+", turned):
        if word.endswith(("isco", "ndo")) and not word.endswith(("ando", "endo")):
            assert italian().persons(word) != {0}, turned


@given(
    st.text(max_size=400), st.sampled_from(["it", "en", "es", "", "zz"]), st.sampled_from(["lei", "tu", ""])
)
@settings(max_examples=400, deadline=None)
def test_no_text_makes_it_raise(said: str, language: str, address: str) -> None:
    MIRROR.reflect(said, FactId.COSA_SUCCEDE, Manner(language, address))


@pytest.mark.parametrize(
    "said", ["ho " * 50_000, "\x00" * 100, "a" * 200_000, "e, " * 20_000, "🙃" * 4096, "‮ho un bar‬"]
)
def test_hostile_texts_are_answered(said: str) -> None:
    assert reflect(said) is None or len(said) < 20


@given(st.sampled_from([row for row in rows("clauses_it.tsv")]))
def test_what_was_mirrored_is_capped_at_fourteen_words(row: list[str]) -> None:
    for turned in row[1:]:
        assert len(re.findall(r"[\w']+", turned)) <= 16
