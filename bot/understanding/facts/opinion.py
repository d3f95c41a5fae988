"""What a sentence seems to tell, and what speaks against it: named as absent, a question, somebody else's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.conversation.types import FactId
from bot.understanding.facts.phrases import Match
from bot.understanding.facts.scene import ABSENT, Scene, Status
from bot.understanding.facts.vocabulary import IGNORE, Lexicon

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


@dataclass(frozen=True, slots=True)
class Opinions:
    """What a message seems to tell.

    Attributes:
        told: By its sentences, faint opinions too, the surest first, each value once.
        whole: By the message as a whole, however unlikely: the score of each value, and of anything of a fact at all under "".
    """

    told: tuple[Opinion, ...]
    whole: Mapping[tuple[FactId, str], float]


class Second(Protocol):
    """Whoever has opinions on a message (`second.SecondOpinion`)."""

    def opinions(self, text: str, asked: str) -> Opinions:
        """See `Opinions`."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """A phrase of the vocabulary that stands for a value, and how it is meant there.

    Attributes:
        as_need: True where it names a thing, and the value is the need that follows from wishing for it.
        not_so: Absent, past, unwanted, denied, somebody else's.
    """

    match: Match
    status: Status
    as_need: bool
    not_so: bool


def named(scene: Scene, lexicon: Lexicon) -> dict[tuple[FactId, str], list[Named]]:
    """Every value that the message names, whether or not it says that it is so."""
    found: dict[tuple[FactId, str], list[Named]] = {}
    negators = lexicon.words("negators")
    for fact in FactId:
        for match in scene.of(fact):
            status = scene.status(match)
            not_so = bool(status & _NOT_SO) or scene.denied(match, negators)
            found.setdefault((fact, match.sense.value), []).append(Named(match, status, False, not_so))
            if fact is FactId.PRESENZA_OGGI and (need := lexicon.needs.get(match.sense.value)):
                found.setdefault((FactId.BISOGNO, need), []).append(Named(match, status, True, not_so))
    return found


def told_away(scene: Scene, fact: FactId, names: Sequence[Named]) -> bool:
    """True where a thing is named only as gone ("il sito è sparito"), as not there ("né sito né Instagram"), or in what stands for
    something else ("2.400 euro per un sito"): whatever that sounds like, it is not there, nor wished for where it has gone."""
    if fact not in (FactId.PRESENZA_OGGI, FactId.BISOGNO) or not names:
        return False
    ignored = [m for m in scene.matches if m.sense.topic == FactId.PRESENZA_OGGI and m.sense.mode == IGNORE]

    def away(name: Named) -> bool:
        absent = Status.NEGATED in name.status and not name.status & (Status.HAD | Status.OTHERS)
        return (
            Status.PAST in name.status
            or (absent and fact is FactId.PRESENZA_OGGI)
            or any(m.start <= name.match.start and name.match.end <= m.end for m in ignored)
        )

    return all(away(name) for name in names)


def doubts(scene: Scene, opinion: Opinion) -> Iterable[str]:
    """Why the sentence of an opinion may tell nothing: `question`, `others` (or might be), `look-alike`."""
    words = opinion.words.strip()
    if words.endswith("?"):
        yield "question"
    start = scene.text.find(words)
    if start < 0:
        return
    end = start + len(words)
    inside = [m for m in (*scene.cues, *scene.matches) if start <= scene.tokens[m.start].start < end]
    if any(m.sense.topic == "cue" and m.sense.value.startswith(_SOMEBODY_ELSE) for m in inside):
        yield "others"
    if any(m.sense.topic == opinion.fact and m.sense.mode == IGNORE for m in inside):
        yield "look-alike"
