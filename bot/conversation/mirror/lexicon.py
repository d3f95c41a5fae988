"""The tables: Italian verb forms by person, and the words that are surely spelled right.

Built by `tables/build.py`; read once, on first use.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLES = Path(__file__).parent / "tables"
TENSES = ("present", "imperfect", "future", "past", "conditional", "subjunctive", "past_subjunctive")
IO, TU, LUI, NOI, VOI, LORO = range(6)


@dataclass(frozen=True, slots=True)
class Form:
    """One reading of a verb form.

    Attributes:
        verb: Infinitive.
        tense: One of `TENSES`.
        person: 0 io, 1 tu, 2 lui, 3 noi, 4 voi, 5 loro.
    """

    verb: str
    tense: str
    person: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Italian, as far as the mirror knows it.

    Attributes:
        forms: Every finite form and its readings.
        table: The six forms of each verb and tense.
        participles: Masculine singular past participles and their verbs.
        words: Words that are surely spelled right.
    """

    forms: dict[str, tuple[Form, ...]]
    table: dict[tuple[str, str], tuple[str, ...]]
    participles: dict[str, tuple[str, ...]]
    words: frozenset[str]

    def persons(self, word: str) -> frozenset[int]:
        """The persons a form can be of; empty for what is no finite verb."""
        return frozenset(f.person for f in self.forms.get(word, ()))

    def turned(self, word: str, person: int, to: int) -> str | None:
        """The form of another person with the same verb and tense; None when the readings disagree."""
        found = {
            self.table[f.verb, f.tense][to]
            for f in self.forms.get(word, ())
            if f.person == person and not _rare(word, f)
        }
        return found.pop() if len(found) == 1 else None

    def verbs_of(self, word: str, person: int) -> frozenset[str]:
        """The infinitives that a form of this person may belong to."""
        return frozenset(
            f.verb for f in self.forms.get(word, ()) if f.person == person and not _rare(word, f)
        )

    def infinitive(self, word: str) -> bool:
        """True for the infinitive of a verb with a table."""
        return (word, "present") in self.table

    def participle(self, word: str) -> frozenset[str]:
        """The verbs of which a word is a past participle, whatever its ending."""
        stem = word[:-1]
        return frozenset(self.participles.get(stem + "o", ())) if word[-1:] in tuple("oaie") else frozenset()

    def knows(self, word: str) -> bool:
        """True when the word is surely spelled right."""
        return (
            word in self.words
            or word in self.forms
            or bool(self.participle(word))
            or self.infinitive(word)
            or self._plural(word)
            or (len(word) > 4 and word.endswith("o") and word[:-1] + "i" in self.words)
        )

    def _plural(self, word: str) -> bool:
        """True for the regular plural of a word that is surely spelled right."""
        if len(word) < 4 or word[-1] not in "ie":
            return False
        stem = word[:-2] if word.endswith(("chi", "che", "ghi", "ghe")) else word[:-1]
        return any(stem + end in self.words for end in (("o", "e", "io") if word[-1] == "i" else ("a",)))


_UNMEANT = frozenset({("sono", "sonare"), ("sento", "sentare"), ("porto", "porgere"), ("paro", "parere")})
"""A form and a verb that nobody means when they write it."""


def _rare(word: str, form: Form) -> bool:
    return (word, form.verb) in _UNMEANT


def _lines(name: str) -> list[str]:
    with gzip.open(_TABLES / name, "rt", encoding="utf-8") as file:
        return file.read().splitlines()


@cache
def italian() -> Lexicon:
    """The Italian tables (about 0.2 s the first time, 25 MB)."""
    forms: dict[str, list[Form]] = {}
    table: dict[tuple[str, str], tuple[str, ...]] = {}
    participles: dict[str, list[str]] = {}
    for line in _lines("verbs.tsv.gz"):
        verb, participle, *columns = line.split("\t")
        for variant in participle.split("/"):
            participles.setdefault(variant, []).append(verb)
        for tense, column in zip(TENSES, columns, strict=True):
            options = [cell.split("/") for cell in column.split(",")]
            table[verb, tense] = tuple(cell[0] for cell in options)
            for person, cell in enumerate(options):
                for form in cell:
                    forms.setdefault(form, []).append(Form(verb, tense, person))
    return Lexicon(
        {form: tuple(readings) for form, readings in forms.items()},
        table,
        {participle: tuple(verbs) for participle, verbs in participles.items()},
        frozenset(_lines("words_it.txt.gz")),
    )


@cache
def english_words() -> frozenset[str]:
    """English words that are surely spelled right."""
    return frozenset(_lines("words_en.txt.gz"))
