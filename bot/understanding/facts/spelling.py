"""Typing as it comes: abbreviations, and single slips in long words."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.understanding.facts.phrases import PhraseTree

SHORTEST_MENDED = 7
"""Shorter words have too many neighbours that mean something else (`isola`, `sola`)."""


@dataclass(slots=True)
class Speller:
    """Gives a word the spelling that the vocabulary uses.

    Attributes:
        abbreviations: Short and dictated forms, and what they stand for.
        real: Real words that look like a slip of a vocabulary word and are none.
    """

    abbreviations: dict[str, str] = field(default_factory=dict)
    real: frozenset[str] = frozenset()
    _tree: PhraseTree | None = None
    _shortened: dict[str, str] = field(default_factory=dict)

    def learn(self, tree: PhraseTree) -> None:
        """Index the tree's long words by what remains when one letter is left out."""
        self._tree = tree
        for word in sorted(tree.words):
            if len(word) >= SHORTEST_MENDED and word.isalpha():
                for short in _shortenings(word):
                    self._shortened.setdefault(short, word)

    def spell(self, word: str) -> str:
        """The vocabulary's spelling of a normal form; the word itself when there is none."""
        if word in self.abbreviations:
            return self.abbreviations[word]
        tree = self._tree
        if tree is None or len(word) < SHORTEST_MENDED or not word.isalpha() or word in self.real:
            return word
        if word in tree.words or tree.knows(word):
            return word
        known = self._shortened.get(word)
        if known is not None:
            return known
        for short in _shortenings(word):
            known = self._shortened.get(short)
            if known is not None and _one_slip(word, known):
                return known
            if short in tree.words and len(short) >= SHORTEST_MENDED:
                return short
        return word


def _shortenings(word: str) -> list[str]:
    """The first letter is kept: people rarely miss it, and `vendere` is not `rendere`."""
    return [word[:i] + word[i + 1 :] for i in range(1, len(word))]


def _one_slip(a: str, b: str) -> bool:
    """One letter changed, or two neighbours swapped."""
    if len(a) != len(b) or a[0] != b[0]:
        return False
    wrong = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    if len(wrong) == 1:
        # A changed last letter is grammar (gender, number, person), not a slip.
        return wrong[0] < len(a) - 1
    return (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and a[wrong[0]] == b[wrong[1]]
        and a[wrong[1]] == b[wrong[0]]
    )
