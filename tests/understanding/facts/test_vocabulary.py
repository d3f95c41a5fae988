from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.conversation.types import FactId
from bot.understanding.facts import FactReader, Vocabulary, VocabularyError, load_vocabulary


def test_milan_has_88_quarters(vocabulary: Vocabulary) -> None:
    assert len(vocabulary.quarters) == 88
    assert {
        "Duomo",
        "Isola",
        "Città Studi",
        "QT8",
        "Baggio - Quartiere degli Olmi - Quartiere Valsesia",
    } <= set(vocabulary.quarters)


def test_the_metropolitan_city_has_133_comuni(vocabulary: Vocabulary) -> None:
    assert len(vocabulary.metropolitan) == len(set(vocabulary.metropolitan)) == 133
    assert {"Milano", "Sesto San Giovanni", "Rozzano", "Rho", "Legnano", "Abbiategrasso"} <= set(
        vocabulary.metropolitan
    )
    assert "Monza" not in vocabulary.metropolitan


def test_the_other_italian_municipalities_are_there(vocabulary: Vocabulary) -> None:
    # ISTAT counts 7,896 comuni (1 January 2024); namesakes, and names that are Milan's quarters, stand here once.
    assert 7_860 <= len(vocabulary.comuni) + len(vocabulary.metropolitan) <= 7_896
    assert {"Monza", "Bergamo", "Roma", "Napoli", "Aosta", "Lampedusa e Linosa"} <= set(vocabulary.comuni)


def test_no_place_is_listed_twice(vocabulary: Vocabulary) -> None:
    places = [p for spoken in vocabulary.quarters.values() for p in spoken]
    places += [*vocabulary.metropolitan, *vocabulary.comuni]
    assert [p for p, n in Counter(places).items() if n > 1] == []


def test_every_place_is_read_as_itself_when_asked(reader: FactReader, vocabulary: Vocabulary) -> None:
    wrong = {
        place: read
        for place in [p for spoken in vocabulary.quarters.values() for p in spoken]
        + list(vocabulary.metropolitan)
        if (read := [f.value for f in reader.read(place, "zona", "it") if f.fact is FactId.ZONA]) != [place]
    }
    assert wrong == {}


@pytest.mark.parametrize("number", range(1, 10))
def test_every_municipio_is_read(reader: FactReader, number: int) -> None:
    assert [f.value for f in reader.read(f"siamo in zona {number}", "", "it")] == [f"Municipio {number}"]


@pytest.mark.parametrize("name", ["Re", "Lei", "Sale", "Marta"])
def test_a_comune_named_like_a_word_needs_more_than_its_name(reader: FactReader, name: str) -> None:
    assert not [f for f in reader.read(f"la {name.lower()} mi piace", "", "it") if f.fact is FactId.ZONA]


def test_the_two_full_languages_have_the_same_files(vocabulary: Vocabulary) -> None:
    root = Path(__file__).parents[3] / "nlu" / "vocabulary"
    italian, english = ({p.stem for p in (root / lang).glob("*.yml")} for lang in ("it", "en"))
    assert english <= italian
    assert italian - english <= {"scrittura"}


def broken(tmp_path: Path, text: str) -> str:
    folder = tmp_path / "it"
    folder.mkdir()
    (folder / "prova.yml").write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError) as caught:
        load_vocabulary(tmp_path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("fact: colore\n", 1, "non è una voce della scheda"),
        ("fact: zona\nvalues:\n  a:\n    sempre: [x]\n", 4, "«sempre» non va bene"),
        ("fact: zona\nvalues:\n  a:\n    said:\n      - 'bar {x}'\n", 5, "non si può usare qui"),
        ("fact: zona\nvalues:\n  a:\n    said: bar\n", 4, "ci vuole un elenco di frasi"),
        ("fact: zona\nvalues: [\n", 3, "non è YAML valido"),
        ("numbers:\n  tre: tanti\n", 2, "numero in cifre"),
        ("cose: {}\n", 1, "la sezione «cose» non si conosce"),
    ],
)
def test_a_mistake_is_told_in_italian_with_file_and_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    told = broken(tmp_path, text)
    assert f"prova.yml:{line}: " in told
    assert message in told


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    told = broken(tmp_path, "fact: zona\nvalues:\n  a:\n    uno: [x]\n    due: [y]\ncose: {}\n")
    assert len(told.splitlines()) == 3


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="cartella «it»"):
        load_vocabulary(tmp_path / "nulla")
