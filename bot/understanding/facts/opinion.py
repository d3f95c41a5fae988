"""Where the second opinion may speak: of what the rules neither heard nor heard denied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.conversation.types import LIST_FACTS, FactHeard, FactId, How
from bot.understanding.facts.scene import ABSENT, Scene, Status
from bot.understanding.facts.vocabulary import IGNORE, Lexicon

CERTAINTY = 0.6
"""Of what was not said in so many words; the summary asks."""
MOST_ADDED = 2
"""Values that an opinion may add to a fact that holds several."""
_NOT_KNOWN = "non_so"
_NOT_SO = ABSENT | Status.DROPPED | Status.DENIED
_SOMEBODY_ELSE = ("others", "hypothetical")


@dataclass(frozen=True, slots=True)
class Opinion:
    """A value that a sentence seems to tell.

    Attributes:
        words: The sentence.
        score: How sure, about 0 to 1.
    """

    fact: FactId
    value: str
    words: str
    score: float


class Second(Protocol):
    """Whoever has opinions on a message (`second.SecondOpinion`)."""

    def opinions(self, text: str, asked: str) -> list[Opinion]:
        """What the sentences of a message seem to tell, the surest first."""
        ...


def added(
    scene: Scene, lexicon: Lexicon, heard: Sequence[FactHeard], opinions: Sequence[Opinion]
) -> list[FactHeard]:
    """What the opinions add to the facts that the rules heard."""
    found: list[FactHeard] = []
    denied = _denied(scene, lexicon)
    for opinion in opinions:
        told = [fact for fact in (*heard, *found) if fact.fact is opinion.fact]
        mine = [fact for fact in found if fact.fact is opinion.fact]
        several = opinion.fact in LIST_FACTS
        if (told and not several) or len(mine) >= MOST_ADDED:
            continue
        if (told and opinion.value == _NOT_KNOWN) or any(fact.value == opinion.value for fact in told):
            continue
        if (opinion.fact, opinion.value) in denied or _tells_nothing(scene, opinion):
            continue
        found.append(
            FactHeard(opinion.fact, opinion.value, opinion.words.strip(), CERTAINTY, how=How.INFERRED)
        )
    return found


def _denied(scene: Scene, lexicon: Lexicon) -> set[tuple[FactId, str]]:
    """What is named and is not so: absent, past, unwanted, somebody else's."""
    denied: set[tuple[FactId, str]] = set()
    for fact in FactId:
        for match in scene.of(fact):
            if scene.status(match) & _NOT_SO or scene.denied(match, lexicon.words("negators")):
                denied.add((fact, match.sense.value))
                if fact is FactId.PRESENZA_OGGI and (need := lexicon.needs.get(match.sense.value)):
                    denied.add((FactId.BISOGNO, need))
    return denied


def _tells_nothing(scene: Scene, opinion: Opinion) -> bool:
    """True for a question, for what is said of others or might be, and for what the vocabulary calls a look-alike."""
    words = opinion.words.strip()
    start = scene.text.find(words)
    end = start + len(words)
    if words.endswith("?"):
        return True
    beside = [cue for cue in scene.cues if cue.sense.value.startswith(_SOMEBODY_ELSE)]
    beside += [m for m in scene.matches if m.sense.topic == opinion.fact and m.sense.mode == IGNORE]
    return start >= 0 and any(start <= scene.tokens[mark.start].start < end for mark in beside)
