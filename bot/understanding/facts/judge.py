"""The judge: of all that the rules heard and the second opinion seems to hear, what holds.

Rules are exact, and wrong in new ways with every new writer; the second opinion hears more, and invents. Each value that either
of them tells is a candidate, described by a few plain marks (heard by a rule, in which way it was named, how much it sounds like
the examples, whether it was asked); logistic regression, fitted on whole stories that no rule was written for
(`judge: true` in `nlu/facts/`), weighs them. The weights are a table by name: `Judge.weights`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.conversation.types import LIST_FACTS, FactHeard, FactId, How
from bot.understanding.facts.opinion import Named, Opinion, Opinions, doubts, named, told_away
from bot.understanding.facts.scene import Scene
from bot.understanding.facts.things import NOTHING
from bot.understanding.facts.vocabulary import ASKED, MENTION, SAID, WANTED, Lexicon
from bot.understanding.facts.wording import normal

CERTAINTY = 0.6
"""Of what was not said in so many words; the summary asks."""
MOST_ADDED = 2
"""Values that opinions may add to a fact that holds several."""
HOLDS = 0.55
"""From which probability on a candidate is a fact."""
BARE = "heard, bare answer"
BARE_WORDS = 3
"""An answer of so few words to the very question is that answer: there is nothing to weigh."""
ANSWERS = 0.35
"""The same for what a rule hears in the answer to its own question: what is not heard there is asked again."""
RIDGE = 0.6
_STEPS = 40
_NOT_KNOWN = "non_so"
_FACTS = frozenset(f.value for f in FactId)
_COUNTS = frozenset({SAID, MENTION, WANTED, ASKED})
_WHOLLY_BY_RULE = frozenset({FactId.NOME, FactId.ZONA, FactId.PERSONE})
_KIND = {FactId.PRESENZA_OGGI: "there", FactId.BISOGNO: "need"}
"""Being named counts otherwise for what is there and for what is needed than for the rest."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that a message may tell.

    Attributes:
        heard: What the rules made of it; None where they did not hear it.
        unheard: What it would be as a fact where no rule hears it.
        marks: What is known of it, by name.
    """

    fact: FactId
    value: str
    heard: FactHeard | None
    unheard: FactHeard | None
    marks: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Judge:
    """Weighs candidates; `weights` by the name of a mark."""

    weights: Mapping[str, float]

    def holds(self, candidate: Candidate) -> float:
        """How likely it is that the message tells this, 0 to 1."""
        total = sum(self.weights.get(name, 0.0) * mark for name, mark in candidate.marks.items())
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))

    def facts(self, candidates: Sequence[Candidate]) -> list[FactHeard]:
        """The candidates that hold: the likeliest of a fact that has one value, those heard by rules in their order."""
        sure = [(1.0 if BARE in c.marks else self.holds(c), c) for c in candidates]
        sure = [
            (chance, candidate)
            for chance, candidate in sure
            if chance >= (ANSWERS if "heard, asked" in candidate.marks else HOLDS)
        ]
        best: dict[FactId, float] = {}
        for chance, candidate in sure:
            best[candidate.fact] = max(chance, best.get(candidate.fact, 0.0))
        found: list[FactHeard] = []
        for chance, candidate in sure:
            told = [fact for fact in found if fact.fact is candidate.fact]
            if candidate.fact not in LIST_FACTS and (told or chance < best[candidate.fact]):
                continue
            if candidate.heard is not None:
                found.append(candidate.heard)
            elif candidate.unheard is not None and not _too_many(candidate, told):
                found.append(candidate.unheard)
        return found


def _too_many(candidate: Candidate, told: Sequence[FactHeard]) -> bool:
    if candidate.value == _NOT_KNOWN and told:
        return True
    return sum(fact.how is How.INFERRED and fact.certainty == CERTAINTY for fact in told) >= MOST_ADDED


def _inferred(
    scene: Scene, fact: FactId, value: str, opinion: Opinion | None, names: Sequence[Named]
) -> FactHeard:
    words = opinion.words.strip() if opinion else scene.words(names[0].match)
    return FactHeard(fact, value, words, CERTAINTY, how=How.INFERRED)


def _knows_not(scene: Scene) -> bool:
    """ "Non saprei", "boh": nothing is told, whatever it sounds like."""
    return any(
        match.sense.value == _NOT_KNOWN and len(scene.tokens) - match.length <= 1
        for match in scene.of(FactId.BISOGNO)
    )


def _only_named(names: Mapping[tuple[FactId, str], Sequence[Named]]) -> Iterator[tuple[FactId, str]]:
    """What the vocabulary names and nothing says is not so; no name, place or number of people."""
    for (fact, value), told in names.items():
        counts = [name for name in told if name.match.sense.mode in _COUNTS and not name.not_so]
        if value and fact not in _WHOLLY_BY_RULE and len(counts) == len(told):
            yield fact, value


def candidates(
    scene: Scene, lexicon: Lexicon, heard: Sequence[FactHeard], opinions: Opinions, asked: str
) -> list[Candidate]:
    """Every value that the rules heard, an opinion tells or a word names, in this order, with its marks."""
    names = named(scene, lexicon)
    rules = {(fact.fact, fact.value): fact for fact in heard}
    sounds = {(opinion.fact, opinion.value): opinion for opinion in opinions.told}
    found = []
    keys = rules if _knows_not(scene) else dict.fromkeys((*rules, *sounds, *_only_named(names)))
    for key in keys:
        fact, value = key
        nothing = fact is FactId.PRESENZA_OGGI and (fact, NOTHING) in rules  # "Non ho né sito né Instagram"
        if key not in rules and (nothing or told_away(scene, fact, names.get(key, ()))):
            continue
        rivals = [opinion.score for other, opinion in sounds.items() if other[0] is fact and other != key]
        marks = dict(
            _marks(
                fact,
                rules.get(key),
                sounds.get(key),
                max(rivals, default=0.0),
                sum(other[0] is fact for other in rules if other != key),
                asked,
                len(scene.tokens),
            )
        )
        marks.update(_as_whole(key, opinions.whole, "heard" if key in rules else "sounds"))
        marks.update(_as_named(fact, names.get(key, ()), heard=key in rules, asked=asked == fact))
        if key in sounds:
            marks.update(
                (f"{'heard' if key in rules else 'sounds'}, {why}", 1.0) for why in doubts(scene, sounds[key])
            )
        unheard = None
        if key not in rules:
            unheard = _inferred(scene, fact, value, sounds.get(key), names.get(key, ()))
        found.append(Candidate(fact, value, rules.get(key), unheard, marks))
    return found


def _marks(
    fact: FactId,
    heard: FactHeard | None,
    opinion: Opinion | None,
    rival: float,
    others: int,
    asked: str,
    length: int,
) -> Iterator[tuple[str, float]]:
    """What is known of a candidate, the words that name it apart."""
    score = min(max(opinion.score, 0.0), 1.0) if opinion else 0.0
    who = "heard" if heard else "sounds"
    shape = _shape(fact)
    yield fact.value, 1.0
    yield f"{who}", 1.0
    yield f"{who}, {fact.value}", 1.0
    yield f"{who}, alike", score
    yield f"{who}, alike, {fact.value}", score
    yield f"{who}, length", math.log1p(length)
    yield f"{who}, rival {shape}", min(max(rival - score, -1.0), 1.0)
    yield f"{who}, another heard {shape}", float(min(others, 3))
    if asked == fact:
        yield f"{who}, asked", 1.0
        if heard and length <= BARE_WORDS:
            yield BARE, 1.0
    elif asked in _FACTS:
        yield f"{who}, asked something else", 1.0
    if heard:
        yield "heard, words", min(len(heard.words.split()), 12) / 12
        yield "heard, hedged", float(heard.certainty < 1)
        yield "heard, inferred", float(heard.how is How.INFERRED)
        yield "heard, corrected", float(heard.how is How.CORRECTED)


def _as_whole(
    key: tuple[FactId, str], wholes: Mapping[tuple[FactId, str], float], who: str
) -> Iterator[tuple[str, float]]:
    """How much the whole message is like those that tell this, and like those that tell something else of the fact."""
    if key not in wholes:
        return
    fact, _ = key
    score = min(max(wholes[key], 0.0), 1.0)
    rival = max(
        (like for other, like in wholes.items() if other[0] is fact and other[1] and other != key),
        default=0.0,
    )
    yield f"{who}, whole", score
    yield f"{who}, whole, {fact.value}", score
    yield f"{who}, whole, rival {_shape(fact)}", min(max(rival - score, -1.0), 1.0)
    yield f"{who}, of this fact", min(max(wholes[fact, ""], 0.0), 1.0)


def _shape(fact: FactId) -> str:
    return "of several" if fact in LIST_FACTS else "of one"


def _as_named(
    fact: FactId, names: Sequence[Named], *, heard: bool, asked: bool
) -> Iterator[tuple[str, float]]:
    """How the vocabulary's words name it."""
    if not names:
        return
    kind, who = _KIND.get(fact, "else"), "heard" if heard else "sounds"
    yield f"{who}, named, {kind}", 1.0
    yield f"{who}, named, longest, {kind}", min(max(name.match.length for name in names), 5) / 5
    if any(name.not_so for name in names):
        yield f"{who}, named as not so, {kind}", 1.0
    for name in names:
        yield f"{who}, named as {name.match.sense.mode}, {kind}", 1.0
        if asked:
            yield f"{who}, named as {name.match.sense.mode}, asked, {kind}", 1.0
        if name.as_need:
            yield f"{who}, named as a thing, {kind}", 1.0
        for flag in name.status:
            yield f"{who}, {str(flag.name).lower()}, {kind}", 1.0


def fit_judge(told: Sequence[tuple[Sequence[Candidate], frozenset[tuple[str, str]]]]) -> Judge:
    """Fit the weights (ridge logistic regression, Newton's steps); the same stories always give the same.

    Args:
        told: For each story its candidates, and the (fact, value) pairs that hold.
    """
    rows = [candidate.marks for found, _ in told for candidate in found]
    holds = np.array(
        [
            (c.fact.value, normal(c.value)) in {(fact, normal(value)) for fact, value in facts}
            for found, facts in told
            for c in found
        ],
        dtype=np.float64,
    )
    names = sorted({name for row in rows for name in row})
    column = {name: number for number, name in enumerate(names)}
    marks: NDArray[np.float64] = np.zeros((len(rows), len(names)))
    for row, known in enumerate(rows):
        for name, mark in known.items():
            marks[row, column[name]] = mark
    weights = np.zeros(len(names))
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(marks @ weights, -30, 30)))
        slope = marks.T @ (chance - holds) + RIDGE * weights
        curve = (marks * (chance * (1 - chance))[:, None]).T @ marks + RIDGE * np.eye(len(names))
        weights -= np.linalg.solve(curve, slope)
    return Judge({name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)})
