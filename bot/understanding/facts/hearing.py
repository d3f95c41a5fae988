"""From a match in its scene to a `FactHeard`."""

from __future__ import annotations

from bot.conversation.types import LIST_FACTS, Change, FactHeard, FactId, How
from bot.understanding.facts.phrases import Match
from bot.understanding.facts.scene import Scene, Status

HEDGE = 0.4
"""Certainty of what was said with "forse", "mi sembra", "tipo"."""


def heard(
    scene: Scene,
    match: Match,
    fact: FactId,
    value: str,
    *,
    status: Status = Status.PLAIN,
    detail: str = "",
    how: How = How.SAID,
) -> FactHeard:
    """One fact with the person's own words; a hedge lowers its certainty, a correction replaces."""
    corrected = scene.corrects(match)
    return FactHeard(
        fact=fact,
        value=value,
        words=scene.words(match),
        certainty=HEDGE if Status.HEDGED in status else 1.0,
        change=Change.REPLACE if corrected and fact not in LIST_FACTS else Change.ADD,
        how=How.CORRECTED if corrected else how,
        detail=detail,
    )
