"""What the shop has online today, what it needs: one mention, read in its context, is either or neither."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.types import Change, FactHeard, FactId, How
from bot.understanding.facts.hearing import heard
from bot.understanding.facts.phrases import Match
from bot.understanding.facts.scene import ABSENT, Scene, Status
from bot.understanding.facts.vocabulary import ASKED, MENTION, SAID, WANTED, Lexicon

NOTHING = "nessuna"
MOST_NEEDS = 3
LISTED = 2
"""Different things in one clause that make a list."""
_NO_LIST = ABSENT | Status.WISHED | Status.DROPPED
_WISH_QUESTIONS = {FactId.BISOGNO.value, FactId.COSA_VORREBBE.value}


def presence_and_needs(scene: Scene, lexicon: Lexicon, asked: str) -> list[FactHeard]:
    """`presenza_oggi` and `bisogno`, each value once."""
    has: list[FactHeard] = []
    needs: list[tuple[int, FactHeard]] = []
    # What is told as something else: an obstacle, when those were asked, or a thing that is there already.
    spans = [m for m in scene.of(FactId.OSTACOLI) if asked == FactId.OSTACOLI and m.sense.mode == SAID]
    named = scene.of(FactId.PRESENZA_OGGI)
    listed = _listed(scene, named)
    for match in named:
        status = scene.status(match)
        if match.start in listed and asked not in _WISH_QUESTIONS and not status & _NO_LIST:
            status |= Status.HAD
        if _is_had(match, status, asked) and not scene.denied(match, lexicon.words("negators")):
            spans.append(match)
            has.append(heard(scene, match, FactId.PRESENZA_OGGI, match.sense.value, status=status))
            if {Status.HAD, Status.WISHED} <= set(status) and (need := lexicon.needs.get(match.sense.value)):
                # "Il sito ce l'ho ma ne vorrei uno nuovo"
                fact = heard(scene, match, FactId.BISOGNO, need, status=status, how=How.INFERRED)
                needs.append((match.start, fact))
        elif _is_missed(match, status, asked) and (need := lexicon.needs.get(match.sense.value)):
            fact = heard(scene, match, FactId.BISOGNO, need, status=status, how=How.INFERRED)
            needs.append((match.start, fact))
        elif Status.NEGATED in status and scene.corrects(match):
            gone = heard(scene, match, FactId.PRESENZA_OGGI, match.sense.value)
            has.append(FactHeard(gone.fact, gone.value, gone.words, change=Change.REMOVE, how=How.CORRECTED))
    wished = scene.of(FactId.BISOGNO)
    told = {scene.clause(m.start) for m in wished if m.sense.mode != ASKED}
    for match in wished:
        status = scene.status(match)
        if match.sense.mode == ASKED and scene.clause(match.start) in told:
            continue  # "Far prendere gli appuntamenti ai clienti" is about appointments.
        elsewhere = any(m.start < match.end and match.start < m.end for m in spans)
        if elsewhere and (match.sense.mode != SAID or asked == FactId.OSTACOLI):
            continue
        if _is_need(match, status, asked):
            needs.append((match.start, heard(scene, match, FactId.BISOGNO, match.sense.value, status=status)))
    ordered = [fact for _, fact in sorted(needs, key=lambda n: n[0])]
    return _without_nothing(_once(has)) + _sure_needs(_once(ordered))[:MOST_NEEDS]


def _listed(scene: Scene, named: Sequence[Match]) -> set[int]:
    """Where things are counted up with no verb that says otherwise: "sito, tiktok dei panini e tutte le app"."""
    clauses: dict[tuple[int, int], set[str]] = {}
    for match in named:
        if match.sense.mode == MENTION:
            clauses.setdefault(scene.clause(match.start), set()).add(match.sense.value)
    return {m.start for m in named if len(clauses.get(scene.clause(m.start), ())) >= LISTED}


def _is_had(match: Match, status: Status, asked: str) -> bool:
    open_question = asked == FactId.PRESENZA_OGGI
    if match.sense.value == NOTHING and asked == FactId.ESPERIENZE_PASSATE:
        return False  # "Mai fatto niente su internet" answers what was asked.
    if match.sense.mode == SAID:
        return not status & (Status.OTHERS | Status.HYPOTHETICAL | Status.PAST | Status.DENIED)
    if status & (ABSENT | Status.DROPPED):
        return False
    if match.sense.mode == ASKED:
        return open_question
    if Status.INDEFINITE in status and asked in _WISH_QUESTIONS:
        return False
    if Status.WISHED in status and Status.HAD not in status:
        return False
    return match.sense.mode == MENTION and (open_question or bool(status & (Status.HAD | Status.DEFINITE)))


def _is_missed(match: Match, status: Status, asked: str) -> bool:
    if match.sense.mode != MENTION or status & (ABSENT | Status.DROPPED):
        return False
    return Status.WISHED in status or (asked in _WISH_QUESTIONS and Status.HAD not in status)


def _is_need(match: Match, status: Status, asked: str) -> bool:
    if match.sense.mode == SAID:
        return not status & (
            Status.OTHERS | Status.HYPOTHETICAL | Status.PAST | Status.DROPPED | Status.DENIED
        )
    if status & (ABSENT | Status.DROPPED):
        return False
    if match.sense.mode == ASKED:
        return asked in _WISH_QUESTIONS
    return match.sense.mode in (WANTED, MENTION) and (Status.WISHED in status or asked in _WISH_QUESTIONS)


def _once(facts: list[FactHeard]) -> list[FactHeard]:
    """Each value once, the most certain telling of it."""
    best: dict[str, FactHeard] = {}
    for fact in facts:
        if fact.value not in best or fact.certainty > best[fact.value].certainty:
            best[fact.value] = fact
    return list(best.values())


def _without_nothing(facts: list[FactHeard]) -> list[FactHeard]:
    """ "Niente, solo WhatsApp" is WhatsApp."""
    something = [f for f in facts if f.value != NOTHING]
    return something or facts


def _sure_needs(facts: list[FactHeard]) -> list[FactHeard]:
    """ "Non so, forse un sito" is the site."""
    something = [f for f in facts if f.value != "non_so"]
    return something or facts
