"""Who, when and whether: the clauses of a message and the status of what is named in them.

In the line of ConText (Harkema et al., 2009: triggers, their direction and the terminators of their scope),
for Italian and English on a phone. Triggers are data: `contesto.yml` of each language.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Flag, auto

from bot.conversation.types import FactId
from bot.understanding.facts.phrases import Match, longest
from bot.understanding.facts.vocabulary import ASKED, SAID, WORD, Lexicon
from bot.understanding.facts.wording import COMMA, NONE, STRONG, Token

REACH = 14
"""Words that a trigger reaches within its clause."""


class Status(Flag):
    """How something named in a message is meant."""

    PLAIN = 0
    NEGATED = auto()
    PAST = auto()
    WISHED = auto()
    OTHERS = auto()
    HYPOTHETICAL = auto()
    HEDGED = auto()
    HAD = auto()
    """Somebody says that they have, use or run it."""
    DROPPED = auto()
    """They say that they do not need or want it."""
    DENIED = auto()
    """ "Non è vero che": whatever follows."""
    DEFINITE = auto()
    """ "Il sito", not "un sito": it is there."""
    INDEFINITE = auto()
    """ "Un sito": any."""


ABSENT = Status.NEGATED | Status.PAST | Status.OTHERS | Status.HYPOTHETICAL
"""What is so named is not a fact about this shop today."""

_CUES = {
    "negated": Status.NEGATED,
    "past": Status.PAST,
    "ago": Status.PAST,
    "wished": Status.WISHED,
    "others": Status.OTHERS,
    "hypothetical": Status.HYPOTHETICAL,
    "hedged": Status.HEDGED,
    "had": Status.HAD,
    "dropped": Status.DROPPED,
    "denied": Status.DENIED,
    "had_weak": Status.HAD,
}
_WEAK = "had_weak"
"""Says that a thing is there only where nothing in the clause wishes for it: "solo il pos", "vorrei solo il pos"."""
_CLOSE = {
    "negated_close": (Status.NEGATED, 3),
    "correction_not": (Status.NEGATED, 2),
    "definite_close": (Status.DEFINITE, 2),
    "indefinite_close": (Status.INDEFINITE, 2),
}
"""Triggers that reach only the next words."""


_WISHABLE = {FactId.PRESENZA_OGGI, FactId.BISOGNO}
"""What "... ma lo vorrei" may be said of."""
_NEXT_ONLY = {"negated", "past", "ago", "dropped", "others"}
"""Triggers that, said after a thing, do not reach back over a comma: "Facebook sì, Instagram no"."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A message cut into clauses, with its triggers.

    Attributes:
        text: The cleaned message.
        tokens: Its words.
        matches: Every phrase found.
        bounds: Index of each clause's first token, then the number of tokens.
        cues: Triggers, in order.
        corrected_from: Index of the first token after a correction ("no, non Isola: Lambrate"), or -1.
        third_person: Verbs that speak of somebody else when no subject is named.
        joins: "E", "ma": words that may stand before such a verb.
        light: Words that may stand before what a clause says.
        gone: Indexes at which somebody or something vanishes.
    """

    text: str
    tokens: tuple[Token, ...]
    matches: tuple[Match, ...]
    bounds: tuple[int, ...]
    cues: tuple[Match, ...]
    corrected_from: int
    third_person: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    light: frozenset[str] = frozenset()
    gone: frozenset[int] = frozenset()

    def clause(self, at: int) -> tuple[int, int]:
        """First and past-the-last token of the clause that holds token `at`."""
        i = bisect_right(self.bounds, at) - 1
        return self.bounds[i], self.bounds[i + 1]

    def of(self, topic: str) -> list[Match]:
        """The phrases of one fact, look-alikes and what overlaps a longer phrase taken out."""
        told = [m for m in self.matches if m.sense.topic == topic and m.sense.mode != WORD]
        told.sort(key=lambda m: m.sense.mode == ASKED)
        # "Non sono arrabbiata, sono stanca": what lies within one clause goes before what reaches over two.
        within = longest([m for m in told if m.end <= self.clause(m.start)[1]])
        taken = {i for m in within for i in range(m.start, m.end)}
        beyond = longest([m for m in told if m.end > self.clause(m.start)[1]])
        kept = within + [m for m in beyond if not taken.intersection(range(m.start, m.end))]
        return sorted((m for m in kept if m.sense.value), key=lambda m: m.start)

    def words(self, match: Match) -> str:
        """The smallest clause that carries a match, in the person's own words."""
        first, last = self.clause(match.start)
        if last - first > 16:
            first, last = max(first, match.start - 6), min(last, match.end + 6)
        return self.text[self.tokens[first].start : self.tokens[max(last, match.end) - 1].end]

    def status(self, match: Match) -> Status:
        """How the thing at `match` is meant, by the triggers whose scope holds it."""
        first, last = self.clause(match.start)
        found = Status.PLAIN
        weak = False
        nearest: dict[Status, int] = {}
        for cue in self._near(first, last):
            name, _, side = cue.sense.value.partition(" ")
            if cue.start < match.end and cue.end > match.start and name not in ("past", "had"):
                continue
            before = cue.end <= match.start + (1 if name in ("past", "had") else 0)
            after = cue.start >= match.end
            if name in _CLOSE:
                flag, reach = _CLOSE[name]
                if before and match.start - cue.end < reach and not self._comma(cue.end, match.start):
                    found |= flag
            elif name in _CUES:
                wanted_before = side in ("", "before")
                wanted_after = side in ("", "after")
                near = match.start - cue.end if before else cue.start - match.end
                if after and name in _NEXT_ONLY and self._comma(match.end, cue.start):
                    continue
                if before and name == "denied" and self._comma(cue.end, match.start):
                    continue  # "Non è che mi crolla il mondo, va bene l'anno prossimo"
                if near <= REACH and ((before and wanted_before) or (after and wanted_after)):
                    if name == _WEAK:
                        weak = True
                        continue
                    found |= _CUES[name]
                    nearest[_CUES[name]] = min(near, nearest.get(_CUES[name], REACH))
        if Status.HAD in found and Status.WISHED in found:
            found &= ~(Status.WISHED if nearest[Status.HAD] < nearest[Status.WISHED] else Status.HAD)
        if weak and Status.WISHED not in found:
            found |= Status.HAD
        then = self._afterthought(match, last)
        if match.sense.topic not in _WISHABLE:
            then &= ~Status.WISHED
        if Status.WISHED in then:
            found &= ~(Status.NEGATED | Status.DROPPED)  # "Instagram non ce l'ho ma lo vorrei"
        if Status.WISHED in found:
            then &= ~Status.NEGATED  # "Vorrei il sito ma non ce l'ho"
        return found | then | self._same_subject(first)

    def _comma(self, first: int, last: int) -> bool:
        """True when a comma stands between two tokens, the later one's own included."""
        return any(t.apart == COMMA for t in self.tokens[first : last + 1])

    def _near(self, first: int, last: int) -> Iterable[Match]:
        """The cues of a clause."""
        lo = bisect_right(self.cues, first - 1, key=lambda c: c.start)
        while lo < len(self.cues) and self.cues[lo].start < last:
            yield self.cues[lo]
            lo += 1

    def _same_subject(self, first: int) -> Status:
        """Whose it is when the verb has no subject of its own: "il bar di fronte è pieno, ha Instagram"."""
        if first == 0 or not self._is_third_person(first):
            return Status.PLAIN
        before, _ = self.clause(first - 1)
        told = any(c.sense.value == "others before" for c in self._near(before, first))
        return Status.OTHERS if told else self._same_subject(before)

    def _is_third_person(self, first: int) -> bool:
        at = first + 1 if self.tokens[first].norm in self.joins and first + 1 < len(self.tokens) else first
        return self.tokens[first].apart != STRONG and self.tokens[at].norm in self.third_person

    def _afterthought(self, match: Match, last: int) -> Status:
        """What the next clause says of it: "avevo Facebook, ma l'ho chiuso"."""
        if last >= len(self.tokens) or self._comma(match.end, last - 1):
            return Status.PLAIN  # "Cartoleria in Isola, avevo Facebook, ma l'ho chiuso": Facebook.
        first, end = self.clause(last)
        found = Status.PLAIN
        for cue in self._near(first, min(end, first + 6)):
            name, _, side = cue.sense.value.partition(" ")
            if side == "then" and name in _CUES:
                found |= _CUES[name]
        if match.sense.topic in _WISHABLE and self.gone.intersection(
            range(first, self._verb(first, end) + 1)
        ):
            found |= Status.PAST  # "Ci ha fatto il sito e poi non s'è più visto"
        return found

    def _verb(self, first: int, end: int) -> int:
        """Where a clause begins to say something, the small words in front apart."""
        at = first
        while at < end and self.tokens[at].norm in self.light:
            at += 1
        return at

    def denied(self, match: Match, negators: frozenset[str]) -> bool:
        """True when a whole expression is denied right in front ("non sono arrabbiata")."""
        return (
            match.start > 0
            and self.tokens[match.start].apart == NONE
            and self.tokens[match.start - 1].norm in negators
        ) or Status.DENIED in self.status(match)

    def corrects(self, match: Match) -> bool:
        """True when the match stands where a correction put it."""
        return self.corrected_from >= 0 and match.start >= self.corrected_from


def scene_of(text: str, tokens: tuple[Token, ...], matches: Sequence[Match], lexicon: Lexicon) -> Scene:
    """Find the clauses and triggers of a message."""
    stated = {i for m in matches if m.sense.mode == SAID for i in range(m.start, m.end)}
    cues = _triggers(matches)
    breaks = {m.start for m in cues if m.sense.value == "terminator"}
    breaks |= {m.start for m in cues if m.sense.value == "opener"}
    bounds = _bounds(tokens, breaks, lexicon)
    live = [
        c
        for c in cues
        if c.sense.value not in ("terminator", "opener", "pseudo", "correction")
        and not (
            c.sense.value.startswith(("negated", "past", "dropped"))
            and not c.sense.value.endswith("then")  # "Il sito è sparito" is a delusion, and no site any more.
            and c.start in stated
        )
        and not (c.sense.value.startswith("ago") and _has_begun(c, tokens, bounds, lexicon))
    ]
    corrections = [c.end for c in cues if c.sense.value in ("correction", "correction_not")]
    return Scene(
        text,
        tokens,
        tuple(matches),
        bounds,
        tuple(live),
        min(corrections, default=-1),
        lexicon.words("third_person"),
        lexicon.words("conjunctions"),
        lexicon.words("small_words") | lexicon.words("conjunctions") | lexicon.words("then_words"),
        frozenset(m.start for m in matches if m.sense.topic == "lost" and m.sense.value == "gone"),
    )


def _has_begun(ago: Match, tokens: Sequence[Token], bounds: tuple[int, ...], lexicon: Lexicon) -> bool:
    """ "Ho aperto il bar due anni fa": since then it is there."""
    i = bisect_right(bounds, ago.start)
    return any(token.norm in lexicon.words("begun") for token in tokens[bounds[i - 1] : bounds[i]])


def _triggers(matches: Sequence[Match]) -> list[Match]:
    """The longest triggers; one phrase may be several ("mi serve" reaches both forward and back)."""
    cues = [m for m in matches if m.sense.topic == "cue"]
    spans = {(m.start, m.end) for m in longest(cues)}
    return sorted((m for m in cues if (m.start, m.end) in spans), key=lambda m: (m.start, m.end))


def _bounds(tokens: Sequence[Token], breaks: set[int], lexicon: Lexicon) -> tuple[int, ...]:
    verbs, small, joins = (
        lexicon.words("finite_verbs"),
        lexicon.words("small_words"),
        lexicon.words("conjunctions"),
    )
    found = [0]
    for i in range(1, len(tokens)):
        token = tokens[i]
        new = token.apart == STRONG or i in breaks
        if not new and token.apart == COMMA:
            new = token.norm in lexicon.words("subjects") or _opens_clause(tokens, i, verbs, small | joins)
        if not new and token.apart == NONE and token.norm in joins and token.raw.casefold() in joins:
            new = _opens_clause(tokens, i + 1, verbs, small) or _new_subject(tokens, i + 1, lexicon)
        if new and not (found[-1] == i - 1 and token.apart == NONE and tokens[i - 1].norm in joins):
            found.append(i)  # "... e poi è sparito": "e" is no clause of its own.
    return (*found, len(tokens))


def _new_subject(tokens: Sequence[Token], at: int, lexicon: Lexicon) -> bool:
    """True when "i banchi sono", "mia figlia ha" stands at `at`: article, noun, finite verb."""
    article, noun, verb = (tokens[i] if i < len(tokens) else None for i in (at, at + 1, at + 2))
    if article is None or noun is None or verb is None or noun.apart or verb.apart:
        return False
    return article.norm in lexicon.words("subject_articles") and verb.norm in lexicon.words("finite_verbs")


def _opens_clause(tokens: Sequence[Token], at: int, verbs: frozenset[str], small: frozenset[str]) -> bool:
    """True when a finite verb stands at `at`, small words (pronouns, "non", "anche") apart."""
    for i in range(at, min(at + 4, len(tokens))):
        if i > at and tokens[i].apart != NONE:
            return False
        if tokens[i].norm in verbs:
            return True
        if tokens[i].norm not in small:
            return False
    return False
