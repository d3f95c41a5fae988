"""Which language a short message is in: script first, then the words and endings that give a language away.

The words are data (`nlu/languages/<code>.yml`, one file per language): to add a language, add its file. Nothing
here names a language but the scripts that only one of them uses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from bot.understanding.normalise import folded, words

_SCRIPTS = (
    ("zh", re.compile(r"[\u3400-\u9fff\U00020000-\U0002fa1f]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("bn", re.compile(r"[\u0980-\u09ff]")),
    ("pa", re.compile(r"[\u0a00-\u0a7f]")),
    ("ta", re.compile(r"[\u0b80-\u0bff]")),
    ("si", re.compile(r"[\u0d80-\u0dff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
)
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LETTERS_OF = {
    "uk": re.compile(r"[іїєґ]", re.IGNORECASE),
    "ur": re.compile(r"[ٹڈڑںےھ]"),
    "fa": re.compile(r"[پچژگ]"),
}
_READ = 2_000
_ENOUGH = 1.0
_LEAD = 0.5


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What gives one language away.

    Attributes:
        code: ISO 639-1.
        words: Folded words and what each weighs.
        endings: Folded word endings and what each weighs.
        letters: Letters (with their accents) that few others use.
        prior: Weight that is added where the text gives any sign of this language: most people here write it.
    """

    code: str
    words: Mapping[str, float]
    endings: Mapping[str, float]
    letters: frozenset[str]
    prior: float = 0.0


class LanguageTeller:
    """Tells the language of a text; pure and fast (a few microseconds a word).

    Args:
        lexicons: One per language written in Latin letters.
    """

    def __init__(self, lexicons: tuple[Lexicon, ...]) -> None:
        self._lexicons = lexicons

    def tell(self, text: str, hint: str = "") -> str:
        """The language of a text.

        Args:
            text: Any text; the first 2,000 characters are read.
            hint: The language the person is known to use; decides only where the text leaves it open between
                this one and others.

        Returns:
            ISO 639-1 code, or "" when it cannot be told.
        """
        text = text[:_READ]
        script = _script(text)
        if script != "latin":
            return script
        scores = self._scores(text)
        if not scores:
            return ""
        (first, best), *others = sorted(scores.items(), key=lambda pair: -pair[1])
        second = others[0][1] if others else 0.0
        if hint and scores.get(hint, 0.0) >= max(best - 0.01, 0.01):
            return hint
        return first if best >= _ENOUGH and best - second >= _LEAD else ""

    def _scores(self, text: str) -> dict[str, float]:
        scores = {lexicon.code: 0.0 for lexicon in self._lexicons}
        accented = set(text.lower())
        for lexicon in self._lexicons:
            if found := len(lexicon.letters & accented):
                scores[lexicon.code] += 0.8 * found
        for word in words(folded(text)):
            for lexicon in self._lexicons:
                weight = lexicon.words.get(word) or next(
                    (
                        w
                        for size in (5, 4, 3)
                        if (w := lexicon.endings.get(word[-size:])) and len(word) > size
                    ),
                    0,
                )
                if weight:
                    scores[lexicon.code] += weight
        for lexicon in self._lexicons:
            if scores[lexicon.code] > 0:
                scores[lexicon.code] += lexicon.prior
        return scores


def load_languages(folder: Path) -> LanguageTeller:
    """Read every `nlu/languages/<code>.yml`.

    Raises:
        ValueError: A file is not a language file; the text says which, in Italian.
    """
    lexicons = []
    for file in sorted(folder.glob("*.yml")):
        data = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        try:
            lexicons.append(
                Lexicon(
                    file.stem,
                    {folded(str(w)): 1.0 for w in str(data["words"]).split()}
                    | {folded(str(w)): 0.4 for w in str(data.get("shared", "")).split()},
                    {folded(str(e)): 0.6 for e in str(data.get("endings", "")).split()},
                    frozenset(str(data.get("letters", "")).replace(" ", "")),
                    float(data.get("prior", 0.0)),
                )
            )
        except (KeyError, TypeError, AttributeError) as wrong:
            raise ValueError(f"{file}:1: un file di lingua ha almeno la voce «words»") from wrong
    return LanguageTeller(tuple(lexicons))


def _script(text: str) -> str:
    counts = {code: len(pattern.findall(text)) for code, pattern in _SCRIPTS}
    code, most = max(counts.items(), key=lambda pair: pair[1])
    latin = len(_LATIN.findall(text))
    # One sign of a script without alphabet says as much as a few letters.
    if not most or most * (3 if code in ("zh", "ja", "ko") else 1) < latin:
        return "latin" if latin else ""
    if counts["ja"] and code == "zh":
        return "ja"
    others = {"ru": ("uk",), "ar": ("ur", "fa")}.get(code, ())
    return next((other for other in others if _LETTERS_OF[other].search(text)), code)
