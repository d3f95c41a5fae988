"""The small closed lists of Italian that the mirror stands on, read from `tables/closed_it.txt` (each explained there)."""

from __future__ import annotations

from pathlib import Path


def _sections() -> dict[str, list[str]]:
    """The lines of each section, without comments."""
    found: dict[str, list[str]] = {}
    for line in (Path(__file__).parent / "tables" / "closed_it.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            found[line.strip("[]")] = []
        elif line and not line.startswith("#"):
            list(found.values())[-1].append(line)
    return found


_SECTIONS = _sections()


def _words(name: str) -> frozenset[str]:
    return frozenset(word for line in _SECTIONS[name] for word in line.split())


CAN_BE_VERB = _words("can_be_verb")
NEVER_VERB = _words("never_verb")
ADVERBIAL = _words("adverbial")
SURE_THIRD = _words("sure_third")
SECOND = _words("second")
ELIDED = _words("elided")
AMBIGUOUS_PROPER = _words("ambiguous_proper")
PREPOSITIONS = _words("prepositions")
ARTICLES = _words("articles")
CLITICS = _words("clitics")
ADVERBS = _words("adverbs")
CONJUNCTIONS = _words("conjunctions")
NOUN_BEFORE = _words("noun_before")
SUBORDINATORS = _words("subordinators")
FILLERS = _words("fillers")
FILLERS_BEFORE_COMMA = _words("fillers_before_comma")
DANGLING = _words("dangling")
DATIVE = _words("dative")
ACCUSATIVE = _words("accusative")
OUR_REFLEXIVES = _words("our_reflexives")
LOCATIVE_CI = _words("locative_ci")
THERE_IS = _words("there_is")
TO_US = _words("to_us")
MODALS = _words("modals")
BETWEEN = _words("between")
SHOPS = _words("shops")
COUNTABLE = _words("countable")
MASCULINE_A = _words("masculine_a")
FEMININE_O = _words("feminine_o")
GENERIC = _words("generic")
OWNED = _words("owned")
DIALECT = _words("dialect")
OPENERS_REFUSED = _words("openers_refused")
REPAIRED = dict(line.split(" = ") for line in _SECTIONS["repaired"])
PROPER = {word.casefold(): word for line in _SECTIONS["proper"] for word in line.split()}
