"""One Italian clause on its way to the second person: its words, who each verb speaks of, what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.mirror import words as w
from bot.conversation.mirror.lexicon import IO, Lexicon, italian


class Uncertain(Exception):
    """The clause cannot be turned with certainty."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A clause in the second person.

    Attributes:
        text: The clause, without capital and full stop.
        changes: How many words were turned; 0 for a clause that speaks of others.
        finite: Index of the first finite verb.
    """

    text: str
    changes: int
    finite: int


def written(words: Sequence[str]) -> str:
    """Words as a line of text: no space after an elision or before a comma."""
    text = ""
    for word in words:
        glue = not text or (text.endswith("'") and not text.endswith("po'")) or word == ","
        text += word if glue else f" {word}"
    return text


class Clause:
    """The words of one clause and what is known of each."""

    def __init__(self, words: Sequence[str], *, polite: bool, wish: bool, bare: bool) -> None:
        self.lexicon: Lexicon = italian()
        self.polite, self.wish, self.bare = polite, wish, bare
        self.raw = [
            w.PROPER.get(x.casefold(), x) if x.casefold() not in w.AMBIGUOUS_PROPER else x for x in words
        ]
        self.low = [x.casefold() for x in words]
        self.out = list(self.raw)
        self.person: list[int | None] = [None] * len(words)
        self.sure: list[bool] = [False] * len(words)
        self.changes = 0

    def at(self, i: int) -> str:
        """The word at a place, "" outside."""
        return self.low[i] if 0 <= i < len(self.low) else ""

    def before(self, i: int) -> int:
        """The nearest word before that is neither a clitic nor "non" (nor an adverb of degree)."""
        j = i - 1
        while j >= 0 and (self.low[j] in w.CLITICS - {"la", "lo", "le", "gli", "l'"} or self.low[j] == "non"):
            j -= 1
        return j

    def after(self, i: int) -> int:
        """The nearest word after that is not an adverb."""
        j = i + 1
        while j < len(self.low) and (self.low[j] in w.ADVERBS or self.low[j].endswith("mente")):
            j += 1
        return j

    def _put(self, i: int, word: str) -> None:
        self.out[i] = word
        self.changes += 1

    def _is_proper(self, i: int) -> bool:
        return 0 <= i < len(self.low) and (self.low[i] in w.PROPER or (i > 0 and self.raw[i][:1].isupper()))

    def _enclitic(self, word: str) -> str:
        """The infinitive of "aiutarmi", "iscriverci", "arrangiandomi"; "" for any other word."""
        if len(word) < 5 or word[-2:] not in ("mi", "ci", "lo", "la", "li", "le", "ne", "si"):
            return ""
        stem = word[:-2]
        if stem.endswith("r"):
            for end in ("e", "re"):
                if self.lexicon.infinitive(stem + end):
                    return stem + end
        if stem.endswith("ndo") and len(stem) > 5:
            return "?"
        if (
            stem.endswith(("me", "ce", "se"))
            and stem[:-2].endswith("r")
            and self.lexicon.infinitive(stem[:-2] + "e")
        ):
            return "" if stem.endswith("me") else stem[:-2] + "e"
        return ""

    def _of_no_one(self, j: int) -> bool:
        """A third person that nobody can be: "c'è", "mi piace", "serve"."""
        return self.at(j - 1) in ("c'", "ci", "mi", "si") or self.low[j] in (
            "serve",
            "manca",
            "basta",
            "pare",
            "sembra",
            "piace",
            "piacerebbe",
        )

    def _speaks_on(self, i: int) -> bool:
        """True when the verb of "io" follows at once, or after "non" and clitics."""
        while self.at(i) in w.CLITICS | {"non"}:
            i += 1
        return i < len(self.low) and self.person[i] == IO
