"""How they want to be reached, and when."""

from __future__ import annotations

from bot.conversation.types import FactHeard, FactId
from bot.understanding.facts.hearing import heard
from bot.understanding.facts.names import named_after
from bot.understanding.facts.phrases import longest
from bot.understanding.facts.scene import Scene, Status
from bot.understanding.facts.vocabulary import ASKED, WORD, Lexicon

_FACT = FactId.CONTATTO


def contact(scene: Scene, lexicon: Lexicon, asked: str) -> list[FactHeard]:
    """`contatto`: a channel, with the time window as detail; at most one."""
    away = Status.NEGATED | Status.OTHERS | Status.PAST | Status.HYPOTHETICAL
    told = []
    introductions = [
        m for m in scene.matches if m.sense.topic == FactId.NOME and named_after(scene, m, lexicon)
    ]
    for match in scene.of(_FACT):
        if match.sense.mode == WORD or (match.sense.mode == ASKED and asked != _FACT):
            continue
        if any(m.start < match.end and match.start < m.end for m in introductions):
            continue
        status = scene.status(match)
        if not status & away:
            told.append((scene.corrects(match), match.sense.mode != ASKED, -match.start, match, status))
    if not told:
        return []
    *_, match, status = max(told, key=lambda t: t[:3])
    return [heard(scene, match, _FACT, match.sense.value, status=status, detail=when(scene))]


def when(scene: Scene) -> str:
    """The time window in the person's words ("dopo le 15", "giovedì mattina"), or ""."""
    spans = longest([m for m in scene.matches if m.sense.topic == "when"])
    if not spans:
        return ""
    first = last = spans[0]
    for span in spans[1:]:
        if span.start - last.end > 2:
            break
        last = span
    return scene.text[scene.tokens[first.start].start : scene.tokens[last.end - 1].end]
