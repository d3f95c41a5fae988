"""Runs of digits as people write and dictate them: grouped, dotted, or in words ("tre tre otto, quarantadue").

Shared by masking and by whoever looks for a telephone number. Time is linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS_IT = "zero uno due tre quattro cinque sei sette otto nove".split()  # noqa: SIM905
_TEENS_IT = "dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove".split()  # noqa: SIM905
_TENS_IT = "venti trenta quaranta cinquanta sessanta settanta ottanta novanta".split()  # noqa: SIM905
_UNITS_EN = "zero one two three four five six seven eight nine".split()  # noqa: SIM905
_UNITS_ES = "cero uno dos tres cuatro cinco seis siete ocho nueve".split()  # noqa: SIM905


def _words() -> dict[str, str]:
    words = {w: str(n) for unit in (_UNITS_IT, _UNITS_EN, _UNITS_ES) for n, w in enumerate(unit)}
    words |= {"oh": "0"} | {w: str(10 + n) for n, w in enumerate(_TEENS_IT)}
    for n, tens in enumerate(_TENS_IT, start=2):
        words[tens] = f"{n}0"
        for unit, word in enumerate(_UNITS_IT[1:], start=1):
            stem = tens[:-1] if word in ("uno", "otto") else tens
            words[stem + word] = f"{n}{unit}"
            if word == "tre":
                words[stem + "tré"] = f"{n}{unit}"
    return words


NUMBER_WORDS = _words()
"""A number word from 0 to 99 (Italian), 0 to 9 (English, Spanish), to its digits."""

_WORD = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_PIECE = re.compile(rf"\d{{1,40}}|\b(?:{_WORD})\b", re.IGNORECASE)
_GAP_OF_DIGITS = re.compile(r"[\s.\-/()‐-―*_]{0,3}")
_GAP_OF_WORDS = re.compile(r"[\s.,\-/()]{0,3}(?:e\s)?")
_WIDEST_GAP = 5


@dataclass(frozen=True, slots=True)
class Group:
    """Digits that stand together: `start` and `end` are offsets in the text, `spoken` when in words."""

    start: int
    end: int
    digits: str
    spoken: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Groups that follow one another with nothing but separators between them."""

    groups: tuple[Group, ...]

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.groups[0].start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.groups[-1].end

    @property
    def digits(self) -> str:
        """All its digits, without what separates them."""
        return "".join(g.digits for g in self.groups)


def runs(text: str, at_least: int) -> list[Run]:
    """Every run of digits of a text that has `at_least` digits or more, in order."""
    found: list[Run] = []
    groups: list[Group] = []
    for match in _PIECE.finditer(text):
        spoken = not match[0][0].isdigit()
        digits = NUMBER_WORDS[match[0].lower()] if spoken else _ascii(match[0])
        if groups and not _joins(text, groups[-1], match.start(), spoken):
            _keep(found, groups, at_least)
            groups = []
        groups.append(Group(match.start(), match.end(), digits, spoken))
    _keep(found, groups, at_least)
    return found


def _ascii(digits: str) -> str:
    return "".join(str(int(d)) for d in digits)


def _joins(text: str, last: Group, start: int, spoken: bool) -> bool:
    if start - last.end > _WIDEST_GAP:
        return False
    gap = _GAP_OF_WORDS if spoken or last.spoken else _GAP_OF_DIGITS
    return gap.fullmatch(text, last.end, start) is not None


def _keep(found: list[Run], groups: list[Group], at_least: int) -> None:
    if groups and sum(len(g.digits) for g in groups) >= at_least:
        found.append(Run(tuple(groups)))
