"""Where the shop is: of the places a message names, the one where they work."""

from __future__ import annotations

from bot.conversation.types import FactHeard, FactId
from bot.understanding.facts.hearing import heard
from bot.understanding.facts.phrases import Match
from bot.understanding.facts.scene import Scene, Status
from bot.understanding.facts.vocabulary import RARE, SURE, Lexicon
from bot.understanding.facts.wording import NONE, STRONG

_FACT = FactId.ZONA
_CITY = "Milano"
NEAR = 0.9
"""What a place loses, beside others, that only says what theirs is near to, or in which province it lies."""
_STREETS = {"Via", "Viale", "Piazza", "Piazzale", "Corso", "Largo"}


_STREET_WORDS = {"via", "viale", "piazza", "piazzale", "corso", "largo"}


def place(scene: Scene, lexicon: Lexicon, asked: str) -> list[FactHeard]:
    """`zona`; at most one."""
    marks = [m for m in scene.matches if m.sense.topic == "where"]
    best: tuple[tuple[bool, bool, float, float], Match, Status] | None = None
    for match in scene.of(_FACT):
        status = scene.status(match)
        if status & (Status.NEGATED | Status.PAST | Status.HYPOTHETICAL | Status.WISHED):
            continue
        score = _score(scene, match, status, marks, lexicon, asked)
        if score < 1:
            continue
        score -= NEAR if _landmark(scene, match, lexicon) else 0
        rank = (match.sense.value != _CITY, scene.corrects(match), score, _precision(match))
        if best is None or rank > best[0]:
            best = (rank, match, status)
    return [heard(scene, best[1], _FACT, best[1].sense.value, status=best[2])] if best else []


def _precision(match: Match) -> float:
    """A neighbourhood says more than a Municipio, and that more than the city."""
    if match.sense.value == _CITY:
        return 0
    if match.sense.value.startswith("Municipio"):
        return 1
    return 1.5 if match.sense.value.split()[0] in _STREETS else 2


def _landmark(scene: Scene, match: Match, lexicon: Lexicon) -> bool:
    """ "All'Isola, dietro la stazione Garibaldi": they are in Isola."""
    first, _ = scene.clause(match.start)
    return any(
        t.norm in lexicon.words("landmark") for t in scene.tokens[max(first, match.start - 2) : match.start]
    )


def _is_address(scene: Scene, match: Match, first: str) -> bool:
    """A street with a number after it."""
    if first not in _STREET_WORDS or match.end >= len(scene.tokens):
        return False
    after = scene.tokens[match.end]
    return after.number is not None and after.apart == NONE


def _score(
    scene: Scene, match: Match, status: Status, marks: list[Match], lexicon: Lexicon, asked: str
) -> float:
    first, last = scene.clause(match.start)
    token = scene.tokens[match.start]
    before = [t.norm for t in scene.tokens[max(first, match.start - 2) : match.start]]
    if match.length > 1 and token.norm in lexicon.words("locative"):
        before.append(token.norm)
    locative = bool(before) and before[-1] in lexicon.words("locative")
    if before and before[-1] in _STREET_WORDS and match.sense.value in lexicon.towns:
        return 0.0  # Piazza Udine is in Milan.
    if asked != _FACT and _is_address(scene, match, token.norm):
        return 0.0  # "Via Novara 18, secondo piano" may be anybody's door.
    capital = token.raw[:1].isupper() and token.apart != STRONG
    score = 0.0
    if asked == _FACT:
        score += 2
    if match.sense.mode == RARE:
        alone = asked == _FACT and last - first <= 2
        if not token.raw[:1].isupper() or not (alone or (locative and match.start > first)):
            return 0.0
    if match.sense.mode != SURE:
        if not (locative or asked == _FACT or (capital and match.start > 0)):
            return 0.0
        score += 1 if locative and (capital or before[-1] in lexicon.words("locative_strong")) else 0.5
    else:
        score += 1.5 if locative else 1
    if match.sense.value == _CITY:
        score -= 0.6 if not locative else 0.4
    for mark in marks:
        if mark.sense.value == "work" and first <= mark.start < last:
            score += 0.5
        elif mark.sense.value == "work_near" and mark.end <= match.start and match.start - mark.end <= 2:
            score += 1
        elif mark.sense.value == "private" and first <= mark.start and mark.end <= match.start:
            score -= 3 if match.start - mark.end <= 3 else 1
    if status & Status.OTHERS:
        return score - 2 if asked == _FACT else 0.0
    return score
