"""The phrases that staff write in `nlu/alarms/*.yml`, turned into regular expressions.

voglio (morire|farla finita) [con la vita]   alternatives in (), what may be missing in []
picchi*                                      any ending
<parente> ... mi picchia                     a named group of the file; up to four words in between
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.understanding.normalise import folded

_TOKEN = re.compile(r"\.\.\.|<[\w]+>|[()|\[\]]|[^\s()|\[\]<>]+")
_BETWEEN = r"(?:[^\w.!?;\n]+|(?<=\w)\.(?=\w))"
_GAP = rf"(?:{_BETWEEN}\w+){{0,4}}?{_BETWEEN}"
_ODD = re.compile(r"[?{}+^$!]|[*].|^[*]$")
_DOUBLED = re.compile(r"([^\W\d_])\1")
_MUTE_H = re.compile(r"\bh(?=[aeiou])")


class PhraseError(ValueError):
    """A phrase that cannot be read; the text, in Italian, says why."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How the phrases of a language and the texts are brought to one form.

    Attributes:
        sloppy: Double letters count as single and a leading h as silent: "anno amazzato" is "hanno ammazzato".
        spaced: Words are separated by spaces (not so in Chinese; in Arabic words carry prefixes).
        abbreviations: Short forms of the phone and the whole words they stand for, folded.
    """

    sloppy: bool = False
    spaced: bool = True
    abbreviations: Mapping[str, str] | None = None

    def read(self, text: str) -> str:
        """A spoken text in the form in which this language's phrases are compared."""
        text = folded(text)
        if self.abbreviations:
            text = re.sub(r"\w+", lambda m: (self.abbreviations or {}).get(m[0], m[0]), text)
        return self._bring(text)

    def _bring(self, text: str) -> str:
        return _MUTE_H.sub("", _DOUBLED.sub(r"\1", text)) if self.sloppy else text

    def compile(self, phrases: list[str], groups: Mapping[str, list[str]]) -> re.Pattern[str]:
        """One expression that finds any of the phrases.

        Raises:
            PhraseError: A bracket without its pair, an unknown group.
        """
        edge = r"\b" if self.spaced else ""
        either = "|".join(self._one(phrase, groups, 0) for phrase in phrases)
        return re.compile(rf"{edge}(?:{either}){edge}")

    def _one(self, phrase: str, groups: Mapping[str, list[str]], depth: int) -> str:
        if depth > 5:
            raise PhraseError("un gruppo contiene se stesso")
        tokens = _TOKEN.findall(phrase)
        parsed, rest = self._sequence(tokens, 0, groups, depth)
        if rest != len(tokens):
            raise PhraseError(f"nella frase «{phrase}» c'è una parentesi chiusa di troppo")
        return parsed

    def _sequence(
        self, tokens: list[str], at: int, groups: Mapping[str, list[str]], depth: int
    ) -> tuple[str, int]:
        """Expression for tokens from `at` to the end or to an unmatched closing sign; separators precede each piece but the first."""
        space, gap = (_BETWEEN, _GAP) if self.spaced else (r"\s*", r"[^。！？!?.\n]{0,10}?")
        alternatives: list[str] = []
        out, joint = "", ""
        while at < len(tokens):
            token = tokens[at]
            if token in ")]":
                break
            if token == "|":
                alternatives.append(out)
                out, joint, at = "", "", at + 1
                continue
            if token == "...":
                joint, at = gap, at + 1
                continue
            piece, at, optional = self._piece(tokens, at, groups, depth)
            if optional:
                # What may be missing takes its separator with it, on whichever side there is one.
                out += f"(?:{joint}{piece})?" if joint else f"(?:{piece}{space})?"
                joint = joint if joint else ""
            else:
                out, joint = out + joint + piece, space
        alternatives.append(out)
        return (alternatives[0] if len(alternatives) == 1 else f"(?:{'|'.join(alternatives)})"), at

    def _piece(
        self, tokens: list[str], at: int, groups: Mapping[str, list[str]], depth: int
    ) -> tuple[str, int, bool]:
        token = tokens[at]
        if token in "([":
            inner, end = self._sequence(tokens, at + 1, groups, depth)
            if end >= len(tokens) or tokens[end] != {"(": ")", "[": "]"}[token]:
                raise PhraseError(f"manca la parentesi che chiude «{token}»")
            return f"(?:{inner})", end + 1, token == "["
        if token.startswith("<") and token.endswith(">"):
            if token[1:-1] not in groups:
                raise PhraseError(f"il gruppo {token} non c'è")
            either = "|".join(self._one(phrase, groups, depth + 1) for phrase in groups[token[1:-1]])
            return f"(?:{either})", at + 1, False
        if _ODD.search(token):
            raise PhraseError(
                f"in «{token}» c'è un segno che qui non si usa (l'asterisco va solo in fondo a una parola)"
            )
        word = self._bring(folded(token))
        return re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else ""), at + 1, False
