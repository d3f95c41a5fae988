"""How much a clause says, and whether it says it by itself: the more specific one is given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.mirror import words as w
from bot.conversation.mirror.italian import Turned
from bot.conversation.mirror.lexicon import italian
from bot.conversation.types import FactId

LONGEST, SHORTEST = 14, 2
"""Words of a mirrored clause."""
_WISHES = frozenset(["volere", "desiderare", "sognare", "sperare", "piacere", "cercare", "servire"])
_HAS = frozenset({"ho", "abbiamo", "gestisco", "gestiamo", "tengo", "sono", "siamo", "faccio"})
_POINT = frozenset(
    [
        "non",
        "più",
        "meno",
        "nessuno",
        "niente",
        "mai",
        "manca",
        "mancano",
        "perdo",
        "perdiamo",
        "perdono",
        "vuoto",
        "vuota",
        "vuoti",
        "vuote",
        "vorrei",
        "vorremmo",
        "servirebbe",
        "piacerebbe",
        "resto",
        "restiamo",
        "troppo",
        "sempre",
        "invece",
    ]
)
"""Words by which somebody says what is the matter, and not only where they are."""
_SAYING = frozenset({"dire", "chiedere", "rispondere", "pensare", "scrivere"})


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause in the second person and how much it says.

    Attributes:
        text: Ready to be said, without capital and full stop.
        score: The higher, the more specific.
    """

    text: str
    score: float


def points_outside(low: Sequence[str]) -> bool:
    """True when what it speaks of stands elsewhere: "il condominio l'ha fatta togliere", "...e mi dicesse: ..."."""
    if {f.verb for f in italian().forms.get(low[-1], ())} & _SAYING and not italian().infinitive(low[-1]):
        return True
    for i, word in enumerate(low[:-2]):
        done = italian().participle(low[i + 2]) and low[i + 1] in ("ha", "hanno", "ho", "abbiamo", "aveva", "avevano", "avevo", "avevamo")  # fmt: skip
        if word == "l'" and done and low[0] not in ("me", "ce"):
            thing = next((x for x in low[:i] if x in ("il", "lo", "un", "la", "una", "mio", "mia")), "")
            return not thing or (thing in ("la", "una", "mia")) != low[i + 2].endswith("a")
    return False


def verbal(word: str) -> bool:
    """True for a word that is surely the verb of somebody or something."""
    if word in w.SURE_THIRD or word == "sono":
        return True
    if word in w.NEVER_VERB or word in w.CAN_BE_VERB:
        return word == "lavoro"
    persons = italian().persons(word)
    return bool(persons & {0, 3, 5}) and 2 not in persons


def score_of(low: Sequence[str], turned: Turned, fact: FactId) -> float:
    """How specific a clause is; 0 or less when it would fit anybody."""
    content = [x for x in dict.fromkeys(low) if tells(x)]
    special = [
        x for x in low if x in w.SHOPS or (x in w.PROPER and x not in ("internet", "italia")) or x.isdigit()
    ]
    point = bool(_POINT & set(low)) and not {"so", "sappiamo"} & set(low[:3])
    of_customers = (
        point and turned.changes and len(low) >= 4 and {"clienti", "gente", "ragazzi"} & set(low[:3])
    )
    if len(content) < (1 if point and turned.changes else 2) and not special and not of_customers:
        return 0
    if turned.changes == 0 and len(content) < (2 if point and len(low) > 3 else 3):
        return 0
    score = min(len(content), 6) + 1.5 * min(len(special), 3) + (2 if turned.changes else 0)
    if low[0] in _HAS and w.SHOPS & set(low[:5]):
        # What the shop is can be said from the sheet: the point is what happens there.
        score = max(0.5, score - 4 - 1.5 * min(len(special), 3))
    if point:
        score += 2.5
    if fact is FactId.ESPERIENZE_PASSATE and low[0] in ("ho", "abbiamo", "mi", "ci") and turned.changes:
        score += 1
    if fact is FactId.COSA_VORREBBE and any(
        f.verb in _WISHES for x in low for f in italian().forms.get(x, ())
    ):
        score += 3
    return max(0.2, score - 0.15 * abs(len(low) - 9))


def tells(word: str) -> bool:
    """True for a word that says something: neither grammar nor what fits anybody."""
    if (
        len(word) < 4
        or word in w.GENERIC
        or word in w.ADVERBS
        or word in w.PREPOSITIONS
        or word in w.CONJUNCTIONS
    ):
        return word in w.SHOPS
    verbs = {f.verb for f in italian().forms.get(word, ())}
    return not verbs & {
        "avere",
        "essere",
        "fare",
        "stare",
        "volere",
        "potere",
        "dovere",
        "sapere",
        "andare",
        "dire",
    }
