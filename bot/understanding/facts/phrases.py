"""The little language in which staff write phrases, and the tree that finds them in a message.

`bar`            the word
`parrucchier*`   any word that begins so
`[mio] negozio`  the word in brackets may be missing
`(sito|pagina)`  one of these
`...`            up to three words in between
`#`              a number, in digits or in words
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.understanding.facts.wording import STRONG, Token, normal

GAP, NUMBER = "...", "#"
WIDEST_GAP = 3

_ELEMENT = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|(\.\.\.)|(#)|([^\W_]+\*?)")


class PhraseError(ValueError):
    """A phrase that cannot be read; the message is in Italian."""


@dataclass(frozen=True, slots=True)
class Sense:
    """What a phrase means.

    Attributes:
        topic: A fact's id, or `cue` for a trigger of the context, or another group of words.
        value: The fact's value, or the cue's name.
        mode: How it counts: see `vocabulary.py`.
    """

    topic: str
    value: str
    mode: str


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found: tokens `start` up to and without `end`."""

    start: int
    end: int
    sense: Sense

    @property
    def length(self) -> int:
        """Number of words."""
        return self.end - self.start


def elements(phrase: str) -> list[list[tuple[str, ...]]]:
    """A phrase as its elements, each the ways to say it; an empty way means that it may be missing.

    Raises:
        PhraseError: Unknown sign, or no words at all.
    """
    text = phrase.replace("&", " e ").replace("+", " piu ")
    found: list[list[tuple[str, ...]]] = []
    at = 0
    for element in _ELEMENT.finditer(text):
        _refuse(text[at : element.start()], phrase)
        at = element.end()
        among, optional, gap, number, word = element.groups()
        if among is not None:
            found.append([_plain(part, phrase) for part in among.split("|")])
        elif optional is not None:
            found.append([(), *(_plain(part, phrase) for part in optional.split("|"))])
        else:
            found.append([(gap or number or _word(word),)])
    _refuse(text[at:], phrase)
    if not any(all(ways) for ways in found):
        raise PhraseError(f"«{phrase}»: non contiene parole che devono esserci")
    return found


def _refuse(rest: str, phrase: str) -> None:
    if sign := rest.strip(" '’-"):
        raise PhraseError(f"«{phrase}»: il segno «{sign}» non si può usare qui")


def _plain(part: str, phrase: str) -> tuple[str, ...]:
    words = re.findall(r"\.\.\.|#|[^\W_]+\*?", part)
    if not words or re.sub(r"\.\.\.|#|[^\W_]+\*?|[\s'’-]", "", part):
        raise PhraseError(f"«{phrase}»: non si capisce «{part}»")
    return tuple(w if w in (GAP, NUMBER) else _word(w) for w in words)


def _word(word: str) -> str:
    return normal(word[:-1]) + "*" if word.endswith("*") else normal(word)


@dataclass(slots=True)
class _Node:
    exact: dict[str, list[_Node]] = field(default_factory=dict)
    prefixes: dict[str, list[_Node]] = field(default_factory=dict)
    shortest: int = 99
    gaps: list[_Node] = field(default_factory=list)
    numbers: list[_Node] = field(default_factory=list)
    senses: list[Sense] = field(default_factory=list)


class PhraseTree:
    """All phrases of a language: one walk per word of the message finds them all.

    Phrases without choices share their beginnings in a tree; each of the others hangs from the root on its own.
    """

    def __init__(self) -> None:
        self._root = _Node()
        self.words: set[str] = set()
        self.prefixes: set[str] = set()

    def add(self, parts: Sequence[Sequence[tuple[str, ...]]], sense: Sense) -> None:
        """Add one phrase (see `elements`)."""
        if all(len(ways) == 1 for ways in parts):
            ends = [self._chain(self._root, [w for ways in parts for w in ways[0]], None, shared=True)]
        else:
            ends = [self._root]
            for ways in parts:
                target = _Node()
                for head in ends:
                    for way in ways:
                        if way:
                            self._chain(head, way, target, shared=False)
                ends = [*ends, target] if () in ways else [target]
        for node in ends:
            if sense not in node.senses:
                node.senses.append(sense)

    def _chain(self, node: _Node, way: Sequence[str], target: _Node | None, *, shared: bool) -> _Node:
        for i, element in enumerate(way):
            last = i == len(way) - 1
            into = target if last and target is not None else None
            node = self._step(node, element, into, shared=shared)
        return node

    def _step(self, node: _Node, element: str, into: _Node | None, *, shared: bool) -> _Node:
        if element == GAP:
            ways = node.gaps
        elif element == NUMBER:
            ways = node.numbers
        elif element.endswith("*"):
            stem = element[:-1]
            self.prefixes.add(stem)
            node.shortest = min(node.shortest, len(stem))
            ways = node.prefixes.setdefault(stem, [])
        else:
            self.words.add(element)
            ways = node.exact.setdefault(element, [])
        if into is None and shared:
            # The first place in each list belongs to the shared tree; see `_Shared`.
            known = next((n for n in ways if isinstance(n, _Shared)), None)
            if known is not None:
                return known
            into = _Shared()
        into = into or _Node()
        ways.append(into)
        return into

    def knows(self, word: str) -> bool:
        """True when some phrase uses this word, whole or by its beginning."""
        return word in self.words or any(word[:k] in self.prefixes for k in range(3, len(word) + 1))

    def find(self, tokens: Sequence[Token]) -> list[Match]:
        """Every phrase in the message, in order of their first word."""
        found: list[Match] = []
        for start in range(len(tokens)):
            seen: set[tuple[int, Sense]] = set()
            for end, senses in self._walk(tokens, start):
                for sense in senses:
                    if (end, sense) not in seen:
                        seen.add((end, sense))
                        found.append(Match(start, end, sense))
        return found

    def _walk(self, tokens: Sequence[Token], start: int) -> Iterator[tuple[int, list[Sense]]]:
        agenda = [(self._root, start)]
        while agenda:
            node, at = agenda.pop()
            if node.senses and at > start:
                yield at, node.senses
            if at >= len(tokens) or (at > start and tokens[at].apart == STRONG):
                continue
            word = tokens[at].norm
            for nxt in node.exact.get(word, ()):
                agenda.append((nxt, at + 1))
            for length in range(node.shortest, len(word) + 1):
                for nxt in node.prefixes.get(word[:length], ()):
                    agenda.append((nxt, at + 1))
            if node.numbers and tokens[at].number is not None:
                agenda.extend((nxt, at + 1) for nxt in node.numbers)
            for nxt in node.gaps:
                agenda.append((nxt, at))
                for skip in range(1, WIDEST_GAP + 1):
                    if at + skip >= len(tokens) or tokens[at + skip].apart == STRONG:
                        break
                    agenda.append((nxt, at + skip))


class _Shared(_Node):
    """A node of the tree of phrases without choices."""


def longest(matches: Sequence[Match]) -> list[Match]:
    """Of matches that overlap, the longest (the earlier one when equal), in the order of the message."""
    kept: list[Match] = []
    taken: set[int] = set()
    for match in sorted(matches, key=lambda m: (-m.length, m.start)):
        span = range(match.start, match.end)
        if not any(i in taken for i in span):
            kept.append(match)
            taken.update(span)
    return sorted(kept, key=lambda m: m.start)
