"""Obstacles, urgency, mood, past experience, a fraud under way, languages: facts told in whole expressions."""

from __future__ import annotations

from bot.conversation.types import LIST_FACTS, FactHeard, FactId
from bot.understanding.facts.hearing import heard
from bot.understanding.facts.phrases import Match, Sense
from bot.understanding.facts.scene import Scene, Status
from bot.understanding.facts.vocabulary import ASKED, MENTION, WORD, Lexicon
from bot.understanding.facts.wording import NONE

FAR = 20
"""Words between the money and the vanishing that still belong to one story."""
_OTHER_QUESTIONS = {FactId.PRESENZA_OGGI, FactId.OSTACOLI, FactId.BISOGNO, FactId.PERSONE}
"""Asked one of these, "mai usato" answers it and tells nothing of the past."""
_NOT_MOOD = {FactId.ESPERIENZE_PASSATE, FactId.CONTATTO, FactId.URGENZA}
_AWAY = Status.OTHERS | Status.HYPOTHETICAL
_STRONGEST = {
    FactId.COME_STA: (
        "in_crisi",
        "arrabbiato",
        "deluso",
        "preoccupato",
        "stanco",
        "entusiasta",
        "curioso",
        "sereno",
    ),
    FactId.ESPERIENZE_PASSATE: ("truffa", "delusione", "buona", "nessuna"),
    FactId.URGENZA: ("adesso", "settimane", "con_calma"),
}
"""Of several values of a fact that holds one, the first of these that was said is kept."""


def _told(scene: Scene, fact: FactId, asked: str, lexicon: Lexicon) -> list[tuple[Match, Status]]:
    found: list[tuple[Match, Status]] = []
    for match in scene.of(fact):
        status = scene.status(match)
        mode = match.sense.mode
        listed = fact in LIST_FACTS and found and match.start - found[-1][0].end <= 2
        if mode == WORD or (mode == ASKED and asked != fact and not listed):
            continue
        if scene.denied(match, lexicon.words("negators")):
            continue
        if status & _AWAY or (mode == MENTION and status & (Status.NEGATED | Status.PAST | Status.WISHED)):
            continue
        if mode == ASKED and Status.NEGATED in status:
            continue
        if match.sense.value == "nessuna" and (asked in _OTHER_QUESTIONS or _goes_on(scene, match)):
            continue
        if match.sense.value == "sereno" and asked in _NOT_MOOD:
            continue  # Content with what was done, or free to talk, that is.
        if match.sense.value == "deluso" and asked == FactId.ESPERIENZE_PASSATE:
            continue  # "Ci siamo rimaste male" tells how it went.
        found.append((match, status))
    return found


def _goes_on(scene: Scene, match: Match) -> bool:
    """ "Mai" answers; "mai più visto" tells something else."""
    last = match.end == len(scene.tokens) or scene.tokens[match.end].apart != NONE
    return match.sense.mode == ASKED and match.length == 1 and not last


def several(scene: Scene, fact: FactId, asked: str, lexicon: Lexicon) -> list[FactHeard]:
    """A list fact: each value once."""
    seen: dict[str, FactHeard] = {}
    for match, status in _told(scene, fact, asked, lexicon):
        if match.sense.value not in seen:
            seen[match.sense.value] = heard(scene, match, fact, match.sense.value, status=status)
    return list(seen.values())


def _vanished(scene: Scene) -> Match | None:
    """Money given, and whoever took it gone, told some words apart: that is a fraud."""
    away = Status.OTHERS | Status.HYPOTHETICAL | Status.DENIED
    marks = [m for m in scene.matches if m.sense.topic == "lost" and not scene.status(m) & away]
    for paid in (m for m in marks if m.sense.value == "paid"):
        for gone in (m for m in marks if m.sense.value == "gone"):
            if abs(gone.start - paid.start) <= FAR:
                first, last = min(paid.start, gone.start), max(paid.end, gone.end)
                return Match(first, last, Sense(FactId.ESPERIENZE_PASSATE, "truffa", "said"))
    return None


def single(scene: Scene, fact: FactId, asked: str, lexicon: Lexicon) -> list[FactHeard]:
    """A fact that holds one value: the corrected one, or else the strongest."""
    told = _told(scene, fact, asked, lexicon)
    if fact == FactId.ESPERIENZE_PASSATE and (gone := _vanished(scene)):
        told.append((gone, Status.PLAIN))
    if not told:
        return []
    corrected = [t for t in told if scene.corrects(t[0])]
    order = _STRONGEST.get(fact, ())

    def strength(item: tuple[Match, Status]) -> tuple[bool, int]:
        value, mode = item[0].sense.value, item[0].sense.mode
        # "Nessuna fretta, dopo l'estate": what says it in full goes before what may only be an answer.
        return (
            fact == FactId.URGENZA and mode == ASKED,
            order.index(value) if value in order else len(order),
        )

    match, status = min(corrected or told, key=strength)
    return [heard(scene, match, fact, match.sense.value, status=status, detail=_detail(scene, match))]


def _detail(scene: Scene, match: Match) -> str:
    """The deadline that belongs to an urgency, in the person's words."""
    if match.sense.topic != FactId.URGENZA:
        return ""
    for other in scene.matches:
        if other.sense.topic == FactId.URGENZA and other.sense.value == "deadline":
            return scene.text[scene.tokens[other.start].start : scene.tokens[other.end - 1].end]
    return ""
