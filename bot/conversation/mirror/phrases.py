"""Answers without a verb of their own: "che i clienti tornassero", "un sistema semplice", "io e mia figlia"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.conversation.mirror import words as w
from bot.conversation.mirror.italian import Uncertain, turn
from bot.conversation.mirror.lexicon import italian
from bot.conversation.mirror.weighing import LONGEST, SHORTEST, Clause, points_outside, tells, verbal
from bot.conversation.types import FactId

_MANY = frozenset(
    [
        "due",
        "tre",
        "quattro",
        "cinque",
        "sette",
        "otto",
        "nove",
        "dieci",
        "venti",
        "trenta",
        "quaranta",
        "cinquanta",
        "cento",
        "mille",
        "metà",
        "più",
        "meno",
        "qualche",
        "tanti",
        "tante",
    ]
)
_THING = w.ARTICLES | _MANY
_FEELS = re.compile(
    r"(?:stanc|preoccupat|curios|seren|content|tranquill|delus|arrabbiat|agitat|nervos|stuf|caric|fiducios|entusiast|pensieros|perpless|divis|combattut)[oaie]"
)


def phrases(words: Sequence[str], fact: FactId, *, polite: bool) -> Iterator[Clause]:
    """What is answered in half a sentence: "che i clienti tornassero", "un sistema semplice", "io e mia figlia"."""
    low = [x.casefold() for x in words]
    if not low:
        return
    try:
        if fact is FactId.COSA_VORREBBE:
            yield from _wished(words, low, polite=polite)
        elif fact is FactId.PERSONE and low[:2] == ["siamo", "in"] and len(low) in (3, 4):
            yield Clause(turn(words, polite=polite).text, 6)
        elif fact is FactId.COME_STA and 3 < len(low) <= LONGEST and _FEELS.fullmatch(low[0]):
            yield Clause(turn(words, polite=polite, bare=True).text, 5)
        elif fact is FactId.PERSONE and low[0] == "io" and low[1:2] in (["e"], [","], ["con"]):
            yield from _people(words, low, polite=polite)
    except Uncertain:
        return


def _wished(words: Sequence[str], low: Sequence[str], *, polite: bool) -> Iterator[Clause]:
    would = "vorrebbe" if polite else "vorresti"
    for end in sorted({len(words), *_cut_at_commas(low)}, reverse=True):
        if not SHORTEST < end <= LONGEST:
            continue
        if low[0] == "che" and (mood := _mood(low[1:end])):
            before = f"{would} che" if mood == "past_subjunctive" else "l'importante è che"
            turned = turn(words[1:end], polite=polite, bare=True)
        elif (
            low[0] in _THING
            and not low[1][:1].isdigit()
            and not any(verbal(x) for x in low[: _relative(low, end)])
        ):
            before, turned = would, turn(words[:end], polite=polite, bare=True)
        else:
            continue
        if (
            low[end - 1] in w.DANGLING
            or points_outside(low[:end])
            or len([x for x in low[:end] if tells(x)]) < 2
        ):
            continue
        text = turned.text
        tail = next(
            (i for i, x in enumerate(low[:end]) if x == "," and any(verbal(y) for y in low[i:end])), end
        )
        yield Clause(
            f"{before} {text[:1].lower() + text[1:] if low[0] in w.ARTICLES | _MANY else text}",
            9 + end / 10 - (2 if tail < end else 0),
        )


def _cut_at_commas(low: Sequence[str]) -> list[int]:
    return [i for i, x in enumerate(low) if x == ","]


def _relative(low: Sequence[str], end: int) -> int:
    return low.index("che") if "che" in low[:end] else end


def _mood(low: Sequence[str]) -> str:
    """The subjunctive of the first verb of a wish; "" when it is none, or cannot be told."""
    for word in low:
        if (
            word in ("non", "si", ",")
            or word in w.NEVER_VERB
            or word in w.CLITICS | w.ARTICLES | w.PREPOSITIONS
        ):
            continue
        tenses = {f.tense for f in italian().forms.get(word, ()) if f.person in (2, 5)}
        if "past_subjunctive" in tenses:
            return "past_subjunctive"
        if tenses == {"subjunctive"} and word.endswith(("ano", "ia")):
            return "subjunctive"
        if tenses & {"present", "imperfect", "future"} and word in w.SURE_THIRD:
            return ""
    return ""


def _people(words: Sequence[str], low: Sequence[str], *, polite: bool) -> Iterator[Clause]:
    if len(low) > 9 or any(verbal(x) for x in low if x not in w.SUBORDINATORS):
        return
    turned = turn([*words], polite=polite, bare=True)
    if turned.changes:
        yield Clause(turned.text, 6)
