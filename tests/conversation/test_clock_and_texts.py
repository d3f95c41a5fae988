"""Hours as they really are, and texts with facts in them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.conversation import Library, Manner
from bot.conversation.clock import answers_now, is_open, next_opening, part_of_day
from bot.conversation.templates import Misspelt, NoMirror, Templates, context
from bot.conversation.types import Fact, FactId, How, Sheet


def at(text: str) -> datetime:
    """An instant written on Milan's clock in winter (UTC+1)."""
    return datetime.strptime(text + "+0100", "%Y-%m-%d %H:%M%z").astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-11-24 09:00", True),
        ("2026-11-24 17:59", True),
        ("2026-11-24 18:00", False),
        ("2026-11-28 10:00", False),  # Saturday
        ("2026-12-07 10:00", False),  # Sant'Ambrogio
        ("2026-12-08 10:00", False),  # Immacolata
        ("2026-12-09 10:00", True),
    ],
)
def test_the_desk_is_open_when_its_file_says_so(library: Library, when: str, expected: bool) -> None:
    assert is_open(library.hours, at(when)) is expected


def test_the_next_opening_skips_weekends_and_holidays(library: Library) -> None:
    opening = next_opening(library.hours, at("2026-12-04 20:00"))
    assert opening is not None
    assert (opening.date(), opening.hour) == (date(2026, 12, 9), 9)


def test_summer_time_is_spoken_as_milan_reads_it(library: Library) -> None:
    assert is_open(library.hours, datetime(2026, 7, 1, 7, 30, tzinfo=UTC))
    assert not is_open(library.hours, datetime(2026, 11, 24, 7, 30, tzinfo=UTC))


@pytest.mark.parametrize(("hour", "part"), [(4, "night"), (9, "morning"), (14, "afternoon"), (20, "evening")])
def test_it_greets_by_the_hour(hour: int, part: str) -> None:
    assert part_of_day(at(f"2026-11-24 {hour:02d}:00")) == part


def test_a_line_open_until_midnight_answers_at_half_past_eleven(library: Library) -> None:
    line = library.helplines.lines["telefono_amico"]
    assert answers_now(line, at("2026-11-24 23:30"))
    assert not answers_now(line, at("2026-11-24 00:30"))


def rendered(library: Library, text: str, *facts: Fact) -> str:
    compiled = Templates().compile(text)
    return compiled.render(context(Sheet(facts), library.book, Manner(), NoMirror(), compiled.facts))


@pytest.mark.parametrize(
    ("words", "value", "expected"),
    [
        ("ho un bar", "ristorazione_bar", "un bar"),
        ("faccio il prestinaio", "alimentari", "una panetteria"),
        ("vendo cose", "alimentari", "un negozio di alimentari"),
        ("banco al mercato di viale Papiniano", "ambulante", "un banco al mercato"),
        ("sono una barbiera", "salute_bellezza", "un'attività di salute e bellezza"),
    ],
)
def test_a_shop_is_called_as_its_owner_calls_it(
    library: Library, words: str, value: str, expected: str
) -> None:
    assert (
        rendered(library, "{{ attivita | bottega }}", Fact(FactId.ATTIVITA, value, words, 1, How.SAID))
        == expected
    )


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("Isola", "in Isola"), ("NoLo", "a NoLo"), ("Giambellino", "al Giambellino"), ("Barona", "alla Barona"),
        ("Municipio 8", "nel Municipio 8"), ("Porta Venezia", "in Porta Venezia"), ("Città Studi", "in Città Studi"),
        ("Sesto San Giovanni", "a Sesto San Giovanni"), ("Abbiategrasso", "ad Abbiategrasso"),
        ("Navigli", "sui Navigli"),
    ],
)  # fmt: skip
def test_a_place_takes_its_own_preposition(library: Library, place: str, expected: str) -> None:
    assert rendered(library, "{{ zona | dove }}", Fact(FactId.ZONA, place, place, 1, How.SAID)) == expected


def test_several_values_are_listed_as_a_sentence_does(library: Library) -> None:
    facts = [Fact(FactId.PRESENZA_OGGI, v, v, 1, How.SAID) for v in ("sito", "instagram", "whatsapp")]
    assert rendered(library, "{{ presenza_oggi | elenco }}", *facts) == "un sito, Instagram e WhatsApp"


def test_what_a_person_writes_is_never_run(library: Library) -> None:
    hostile = "{{ 7 * 7 }}{% for x in y %}"
    assert rendered(library, "{{ nome }}", Fact(FactId.NOME, hostile, hostile, 1, How.SAID)) == hostile


@pytest.mark.parametrize(
    "text",
    ["{{ nome.upper() }}", "{{ nome['x'] }}", "{{ 2 + 2 }}", "{% set x = 1 %}", "{{ range(9) }}", "{{ nome | safe }}",
     "{{ nome", "{{ sconosciuto }}", "{{ nome | dove(1) }}", "{{ [nome] }}"],
)  # fmt: skip
def test_a_text_may_hold_values_and_filters_and_nothing_else(text: str) -> None:
    with pytest.raises(Misspelt):
        Templates().compile(text)
