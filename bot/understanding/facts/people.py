"""How many people work in the shop, the owner included: "io, mia moglie e due ragazze" is four."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.types import FactHeard, FactId, How
from bot.understanding.facts.hearing import heard
from bot.understanding.facts.phrases import Match, Sense
from bot.understanding.facts.scene import Scene, Status
from bot.understanding.facts.vocabulary import ASKED, MENTION, Lexicon
from bot.understanding.facts.wording import COMMA, NONE, STRONG, Token

_FACT = FactId.PERSONE
ALONE = "solo"
MOST = 500
_BANDS = ((1, ALONE), (5, "2-5"), (9, "6-9"), (MOST, "10+"))


@dataclass(frozen=True, slots=True)
class _Count:
    start: int
    end: int
    number: int
    sure: bool = True


def band(number: int) -> str:
    """The sheet's value for a number of people, the owner included."""
    return next((name for limit, name in _BANDS if number <= limit), "10+")


def people(scene: Scene, lexicon: Lexicon, asked: str) -> list[FactHeard]:
    """`persone`; at most one, the last that holds today."""
    told: list[tuple[int, float, FactHeard]] = []
    for match in scene.of(_FACT):
        status = scene.status(match)
        if match.sense.mode == ASKED and asked != _FACT:
            continue
        if match.sense.mode == MENTION and not (asked == _FACT or _about_work(scene, match)):
            continue
        if match.sense.mode == "word" or status & (Status.PAST | Status.OTHERS | Status.HYPOTHETICAL):
            continue
        told.append((match.start, match.length, heard(scene, match, _FACT, match.sense.value, status=status)))
    for count in _counts(scene, lexicon, asked):
        match = Match(count.start, count.end, Sense(_FACT, band(count.number), "said"))
        status = scene.status(match)
        if status & (Status.PAST | Status.OTHERS | Status.HYPOTHETICAL | Status.WISHED | Status.NEGATED):
            continue
        fact = heard(scene, match, _FACT, match.sense.value, status=status, how=How.SAID, detail=str(count.number))
        told.append((count.start, 2.0 if count.sure else 1.0, fact))
    if not told:
        return []
    corrected = [t for t in told if t[2].how is How.CORRECTED]
    if corrected:
        return [corrected[-1][2]]
    numbers = [t for t in told if t[2].detail]
    return [max(numbers or told, key=lambda t: t[1])[2]]


def _about_work(scene: Scene, match: Match) -> bool:
    """ "Da sola" says who works there when it stands apart or beside a trade; else it may be loneliness."""
    first, last = scene.clause(match.start)
    apart = scene.tokens[match.start].apart != NONE
    ends = match.end == len(scene.tokens) or scene.tokens[match.end].apart != NONE
    trade = any(m.sense.topic == FactId.ATTIVITA and first <= m.start < last for m in scene.matches)
    return (apart and ends) or trade or (match.start == first and match.end == last)


def _counts(scene: Scene, lexicon: Lexicon, asked: str) -> list[_Count]:
    tokens = scene.tokens
    found: list[_Count] = []
    at = 0
    while at < len(tokens):
        count = _group(tokens, at, lexicon) or _stated(scene, at, lexicon, asked)
        if count is not None:
            found.append(count)
            at = max(count.end, at + 1)
        else:
            at += 1
    return found


def _group(tokens: tuple[Token, ...], start: int, lexicon: Lexicon) -> _Count | None:
    """"io e mia moglie", "io con due ragazze", "mio marito ed io", "lavoro con mio fratello"."""
    joins = lexicon.words("people_joins")
    first = tokens[start].norm
    total, at, me = 0, start, False
    if first in lexicon.words("me") or (first in lexicon.words("work_with") and start + 1 < len(tokens) and tokens[start + 1].norm in joins):
        total, at, me = 1, start + 1, True
    elif (item := _person(tokens, start, lexicon)) is not None:
        total, at = item
    else:
        return None
    while at < len(tokens) and tokens[at].apart != STRONG:
        ahead = at
        joined = tokens[at].apart == COMMA or (me and total == 1)
        while ahead < len(tokens) and ahead - at < 3 and tokens[ahead].norm in joins and tokens[ahead].apart != STRONG:
            ahead, joined = ahead + 1, True
        if ahead >= len(tokens) or not joined or tokens[ahead].apart == STRONG:
            break
        if tokens[ahead].norm in lexicon.words("me") and not me:
            total, at, me = total + 1, ahead + 1, True
            continue
        item = _person(tokens, ahead, lexicon)
        if item is None:
            break
        total, at = total + item[0], item[1]
    if not me or total < 2:
        return None
    return _Count(start, at, total)


def _person(tokens: tuple[Token, ...], at: int, lexicon: Lexicon) -> tuple[int, int] | None:
    """A person or several ("mia moglie", "due ragazze", "un paio di commesse"): how many, and where they end."""
    number, i = 1, at
    skipped = 0
    while i < len(tokens) and skipped < 4 and (i == at or tokens[i].apart != STRONG):
        token = tokens[i]
        if token.norm in lexicon.words("people"):
            plural = number == 1 and token.norm in lexicon.words("people_many")
            return (2 if plural else number), i + 1
        if token.number is not None:
            number = token.number
        elif token.norm in lexicon.words("first_names") and i > at:
            return number, i + 1
        elif token.norm not in lexicon.words("people_articles"):
            return None
        if number > MOST or (i > at and token.apart != 0):
            return None
        i, skipped = i + 1, skipped + 1
    return None


def _stated(scene: Scene, at: int, lexicon: Lexicon, asked: str) -> _Count | None:
    """"siamo in tre", "ho due dipendenti" (three with the owner), "una decina", or a bare number when asked."""
    tokens = scene.tokens
    number = tokens[at].number
    if number is None or not 0 < number <= MOST:
        return None
    first, last = scene.clause(at)
    after = next((t.norm for t in tokens[at + 1 : min(last, at + 2)]), "")
    before = [t.norm for t in tokens[max(first, at - 4) : at]]
    units = lexicon.words("not_people")
    if after in units or (at + 2 < len(tokens) and tokens[at + 2].norm in units and after in lexicon.words("people_joins")):
        return None
    staff = [t.norm for t in tokens[at + 1 : min(last, at + 3)]]
    if any(w in lexicon.words("staff") for w in staff):
        extra = 0 if any(w in lexicon.words("all_in") for w in before) else 1
        if any(w in lexicon.words("have") for w in before) or any(w in lexicon.words("all_in") for w in before):
            return _Count(max(first, at - len(before)), at + 2, number + extra)
    if any(w in lexicon.words("we_are") for w in before[-3:]) and all(
        w in lexicon.words("we_are") or w in lexicon.words("we_are_fill") for w in before[-2:]
    ):
        return _Count(max(first, at - len(before)), at + 1, number)
    one = number == 1 and not tokens[at].raw[0].isdigit()
    if one and at + 1 < len(tokens) and tokens[at + 1].apart == NONE:
        return None
    if asked == _FACT and len(tokens) <= 8:
        return _Count(at, at + 1, number, sure=False)
    if scene.corrects(Match(at, at + 1, Sense(_FACT, "", ""))) and len(tokens) - at <= 3 and asked in (_FACT, "riassunto"):
        return _Count(at, at + 1, number)
    return None
