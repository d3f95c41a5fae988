"""The shop's trade: among all the trades a message names, the one that is the person's own."""

from __future__ import annotations

from bot.conversation.types import FactHeard, FactId
from bot.understanding.facts.hearing import heard
from bot.understanding.facts.phrases import Match
from bot.understanding.facts.scene import ABSENT, Scene, Status
from bot.understanding.facts.vocabulary import ASKED, SAID, WORD, Lexicon
from bot.understanding.facts.wording import NONE

_FACT = FactId.ATTIVITA
_HERE = {"siamo", "lavoriamo", "lavoro"}
""" "In cartoleria siamo in due"."""


def trade(scene: Scene, lexicon: Lexicon, asked: str) -> list[FactHeard]:
    """`attivita`, with the trade's own name as detail; at most one."""
    own = [m for m in scene.matches if m.sense.topic == "own" and m.sense.mode == WORD]
    best: tuple[float, Match, Status] | None = None
    for match in scene.of(_FACT):
        status = scene.status(match)
        score = _score(scene, match, status, own, asked)
        if score >= 1 and (best is None or score > best[0] or (scene.corrects(match) and score >= best[0])):
            best = (score, match, status)
    if best is None:
        return []
    _, match, status = best
    name = scene.text[scene.tokens[match.start].start : scene.tokens[match.end - 1].end]
    return [heard(scene, match, _FACT, match.sense.value, status=status, detail=name)]


def _stands_apart(scene: Scene, match: Match) -> bool:
    """ "Siamo in Brera, borse, da tre anni": goods with nothing around them, beside where the shop is."""
    ends = match.end < len(scene.tokens) and scene.tokens[match.end].apart != NONE
    where = any(
        m.sense.topic == FactId.ZONA and m.sense.value and m.end == match.start for m in scene.matches
    )
    return where and ends and scene.tokens[match.start].apart != NONE


def _score(scene: Scene, match: Match, status: Status, own: list[Match], asked: str) -> float:
    if (
        status & (Status.NEGATED | Status.PAST | Status.HYPOTHETICAL | Status.WISHED)
        and match.sense.mode != SAID
    ):
        return 0.0
    if match.sense.mode == ASKED:
        return 1.0 if asked == _FACT or _stands_apart(scene, match) else 0.0
    score = 2.0 if match.sense.mode == SAID else 0.0
    first, _ = scene.clause(match.start)
    mine = 0.0
    for mark in own:
        if mark.start < first or mark.start >= match.start:
            continue
        if mark.sense.value == "mine" and match.start - mark.end <= 3:
            mine = 2.0
        elif mark.sense.value == "elsewhere" and match.start - mark.end <= 2:
            score -= 3.0
    if (
        match.end < len(scene.tokens)
        and scene.tokens[match.end].norm in _HERE
        and scene.tokens[match.end].apart == NONE
    ):
        mine = 2.0
    if any(
        c.sense.value == "others before" and c.start <= match.start and match.end <= c.end for c in scene.cues
    ):
        return 0.0  # "Il meccanico di fronte"
    score += mine
    if asked == _FACT:
        score += 1.0
    if match.start - first <= 1 or scene.tokens[match.start].apart != NONE:
        score += 1.0
    if status & Status.OTHERS:
        score -= 3.0
    return score if not status & ABSENT & ~Status.OTHERS or match.sense.mode == SAID else 0.0
