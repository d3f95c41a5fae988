"""How many people work in the shop, the owner included: "io, mia moglie e due ragazze" is four."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.types import FactHeard, FactId, How
from bot.understanding.facts.hearing import heard
from bot.understanding.facts.phrases import Match, Sense
from bot.understanding.facts.scene import Scene, Status
from bot.understanding.facts.vocabulary import ASKED, IGNORE, MENTION, Lexicon
from bot.understanding.facts.wording import COMMA, NONE, STRONG, Token

_FACT = FactId.PERSONE
ALONE = "solo"
MOST = 500
ANSWER = 2
"""Words that may stand beside one that counts only as an answer."""
TOO_MANY = 20
"""From which number on "io e ..." is not about people."""
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
    stated = False
    for match in scene.of(_FACT):
        status = scene.status(match)
        if match.sense.mode == ASKED and (asked != _FACT or not _short(scene, match)):
            continue
        if match.sense.mode == MENTION and not (asked == _FACT or _about_work(scene, match)):
            continue
        if match.sense.mode == "word" or status & (Status.PAST | Status.OTHERS | Status.HYPOTHETICAL):
            continue
        stated = stated or match.sense.mode != ASKED
        told.append((match.start, match.length, heard(scene, match, _FACT, match.sense.value, status=status)))
    for count in _counts(scene, lexicon, asked):
        match = Match(count.start, count.end, Sense(_FACT, band(count.number), "said"))
        status = scene.status(match)
        if status & (Status.PAST | Status.OTHERS | Status.HYPOTHETICAL | Status.WISHED | Status.NEGATED):
            continue
        fact = heard(
            scene, match, _FACT, match.sense.value, status=status, how=How.SAID, detail=str(count.number)
        )
        told.append((count.start, 2.0 if count.sure else 1.0, fact))
    if not told:
        everyone = _everyone(scene, lexicon) if asked == _FACT else None
        return [everyone] if everyone else []
    corrected = [t for t in told if t[2].how is How.CORRECTED]
    if corrected:
        return [corrected[-1][2]]
    numbers = [t for t in told if t[2].detail]
    if asked == _FACT and not (numbers or stated) and (all_named := _everyone(scene, lexicon)):
        return [all_named]
    return [max(numbers or told, key=lambda t: t[1])[2]]


def _short(scene: Scene, match: Match) -> bool:
    """True in an answer of few words: "io", not "what do you know about me"."""
    first, last = scene.clause(match.start)
    return last - first - match.length <= ANSWER


def _about_work(scene: Scene, match: Match) -> bool:
    """ "Da sola" says who works there when it stands apart or beside a trade; else it may be loneliness."""
    first, last = scene.clause(match.start)
    apart = scene.tokens[match.start].apart != NONE
    ends = match.end == len(scene.tokens) or scene.tokens[match.end].apart != NONE
    trade = any(_names_trade(m) and first <= m.start < last for m in scene.matches)
    return (apart and ends) or trade or (match.start == first and match.end == last)


def _names_trade(match: Match) -> bool:
    """True for a trade, not for a thing that some trade sells."""
    return match.sense.topic == FactId.ATTIVITA and match.sense.mode not in (ASKED, IGNORE)


def _everyone(scene: Scene, lexicon: Lexicon) -> FactHeard | None:
    """Who is named in an answer, with the owner: "mia mamma alla cassa, io al banco"."""
    away = Status.PAST | Status.HYPOTHETICAL | Status.WISHED | Status.NEGATED
    tokens, at, total, span = scene.tokens, 0, 1, None
    while at < len(tokens):
        item = _person(tokens, at, lexicon)
        if item is None:
            at += 1
            continue
        match = Match(at, item[1], Sense(_FACT, "", "said"))
        if not scene.status(match) & away and not _elsewhere(scene, item[1], lexicon):
            total, span = total + item[0], match
        at = item[1]
    if span is None:
        return None
    match = Match(span.start, span.end, Sense(_FACT, band(total), "said"))
    return heard(scene, match, _FACT, band(total), status=scene.status(match), detail=str(total))


def _elsewhere(scene: Scene, after: int, lexicon: Lexicon) -> bool:
    """ "Mio marito lavora in cantiere": a job of their own, not in the shop."""
    if after >= len(scene.tokens) or scene.tokens[after].norm not in lexicon.words("has_a_job"):
        return False
    _, last = scene.clause(after)
    said = {token.norm for token in scene.tokens[after + 1 : last]}
    return bool(said) and not said & lexicon.words("in_the_shop")


def _counts(scene: Scene, lexicon: Lexicon, asked: str) -> list[_Count]:
    tokens = scene.tokens
    found: list[_Count] = []
    at = 0
    while at < len(tokens):
        count = (
            _group(tokens, at, lexicon)
            or _beside(scene, at, lexicon)
            or _helped(tokens, at, lexicon, asked)
            or _stated(scene, at, lexicon, asked)
        )
        if count is not None:
            found.append(count)
            at = max(count.end, at + 1)
        else:
            at += 1
    return found


def _group(tokens: tuple[Token, ...], start: int, lexicon: Lexicon) -> _Count | None:
    """ "io e mia moglie", "io con due ragazze", "mio marito ed io", "lavoro con mio fratello"."""
    joins = lexicon.words("people_joins")
    first = tokens[start].norm
    total, at, me = 0, start, False
    beside = joins - lexicon.words("conjunctions")
    if first in lexicon.words("me") or (
        first in lexicon.words("work_with") and start + 1 < len(tokens) and tokens[start + 1].norm in beside
    ):
        total, at, me = 1, start + 1, True
    elif (item := _person(tokens, start, lexicon)) is not None:
        total, at = item
    else:
        return None
    while at < len(tokens) and tokens[at].apart != STRONG:
        ahead = at
        joined = tokens[at].apart == COMMA or me
        while (
            ahead < len(tokens)
            and ahead - at < 3
            and tokens[ahead].norm in joins
            and tokens[ahead].apart != STRONG
        ):
            ahead, joined = ahead + 1, True
        if ahead >= len(tokens) or not joined or tokens[ahead].apart == STRONG:
            break
        if (
            tokens[ahead].norm in lexicon.words("people_articles")
            and ahead + 1 < len(tokens)
            and tokens[ahead + 1].norm in lexicon.words("me")
        ):
            ahead += 1  # "Mia moglie e il sottoscritto"
        if tokens[ahead].norm in lexicon.words("me") and not me:
            if ahead == at and _goes_on(tokens, ahead + 1, lexicon):
                break
            total, at, me = total + 1, ahead + 1, True
            continue
        item = _person(tokens, ahead, lexicon) or _nameless(tokens, ahead, me=me)
        if item is None:
            break
        total, at = total + item[0], item[1]
    if not me or total < 2:
        return None
    return _Count(start, at, total)


def _nameless(tokens: tuple[Token, ...], at: int, *, me: bool) -> tuple[int, int] | None:
    """ "Io + 1", "me plus two": a number that nothing follows."""
    number = tokens[at].number
    ends = at + 1 == len(tokens) or tokens[at + 1].apart != NONE
    return (number, at + 1) if me and ends and number is not None and 0 < number < TOO_MANY else None


def _stands_alone(scene: Scene, at: int, lexicon: Lexicon) -> bool:
    """ "Panetteria in centro, tre commesse.": a note about the shop, with no verb of its own."""
    if not any(_names_trade(m) for m in scene.matches):
        return False
    return not any(
        t.norm in lexicon.words("finite_verbs") or t.norm == "che" for t in scene.tokens[at + 2 : at + 4]
    )


def _goes_on(tokens: tuple[Token, ...], at: int, lexicon: Lexicon) -> bool:
    """True when a sentence follows: "la sa solo mia figlia, io non so come si entra"."""
    return at < len(tokens) and (
        tokens[at].norm in lexicon.words("finite_verbs") or tokens[at].norm in lexicon.words("negators")
    )


def _beside(scene: Scene, at: int, lexicon: Lexicon) -> _Count | None:
    """ "Con mia figlia gestisco", "frutta e verdura con mio marito": those, and the owner."""
    tokens = scene.tokens
    if tokens[at].norm not in lexicon.words("beside") or at + 1 >= len(tokens):
        return None
    item = _person(tokens, at + 1, lexicon)
    if item is None or tokens[item[1] - 1].norm in lexicon.words("not_beside"):
        return None
    first, last = scene.clause(at)
    clause = range(first, min(last, len(tokens)))
    together = any(tokens[i].norm in lexicon.words("together") for i in clause)
    trade = any(_names_trade(m) and first <= m.start < at for m in scene.matches)
    counted = any(t.number for t in tokens[first:at]) and any(
        t.norm in lexicon.words("we_are") for t in tokens[first:at]
    )
    if counted or not (together or (trade and at - first <= 8)):
        return None
    return _Count(at, item[1], item[0] + 1)


def _helped(tokens: tuple[Token, ...], at: int, lexicon: Lexicon, asked: str) -> _Count | None:
    """ "Mi aiuta mia figlia il sabato": she works there; "mi aiuta mia figlia con Instagram": perhaps not."""
    if tokens[at].norm not in lexicon.words("helps") or at + 1 >= len(tokens):
        return None
    only = at + 2 < len(tokens) and tokens[at + 1].norm in lexicon.words("total_only")
    item = _person(tokens, at + (2 if only else 1), lexicon)
    if item is None:
        return None
    ends = item[1] >= len(tokens) or tokens[item[1]].apart != NONE
    if asked == _FACT or ends or tokens[item[1]].norm in lexicon.words("helps_where"):
        return _Count(at, item[1], item[0] + 1)
    return None


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
    """ "siamo in tre", "ho due dipendenti" (three with the owner), "una decina", or a bare number when asked."""
    tokens = scene.tokens
    number = tokens[at].number
    if number is None or not 0 < number <= MOST or (at > 0 and tokens[at - 1].norm in lexicon.words("half")):
        return None
    first, last = scene.clause(at)
    after = next((t.norm for t in tokens[at + 1 : min(last, at + 2)]), "")
    before = [t.norm for t in tokens[max(first, at - 4) : at]]
    units = lexicon.words("not_people")
    if after in units or (
        at + 2 < len(tokens) and tokens[at + 2].norm in units and after in lexicon.words("people_joins")
    ):
        return None
    staff = [t.norm for t in tokens[at + 1 : min(last, at + 3)]]
    if any(w in lexicon.words("staff") for w in staff):
        extra = 0 if any(w in lexicon.words("all_in") for w in before) else 1
        if any(w in lexicon.words("have") for w in before) or any(
            w in lexicon.words("all_in") for w in before
        ):
            return _Count(at, at + 2, number + extra)
    if (
        staff
        and staff[0] in lexicon.words("staff")
        and tokens[at].apart != NONE
        and _stands_alone(scene, at, lexicon)
    ):
        return _Count(at, at + 2, number + (0 if staff[0] in lexicon.words("heads") else 1))
    one = number == 1 and not tokens[at].raw[0].isdigit()
    if one and at + 1 < len(tokens) and tokens[at + 1].apart == NONE:
        return None
    if any(w in lexicon.words("we_are") for w in before[-3:]) and all(
        w in lexicon.words("we_are") or w in lexicon.words("we_are_fill") for w in before[-2:]
    ):
        not_so = any(w in lexicon.words("negators") - {"no"} for w in before)  # "No, siamo in 4" is four.
        return _Count(at if not_so else max(first, at - len(before)), at + 1, number)
    summed = (
        bool(before)
        and before[-1] in lexicon.words("total")
        and (at + 1 == len(tokens) or tokens[at + 1].apart)
    )
    if asked == _FACT and summed:
        return _Count(at, at + 1, number)
    if asked == _FACT and len(tokens) <= 8:
        return _Count(at, at + 1, number, sure=False)
    if (
        scene.corrects(Match(at, at + 1, Sense(_FACT, "", "")))
        and len(tokens) - at <= 3
        and asked in (_FACT, "riassunto")
    ):
        return _Count(at, at + 1, number)
    return None
