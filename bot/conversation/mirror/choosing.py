"""Choosing what to mirror: from a whole story, the most specific clause that can stand alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.conversation.mirror import words as w
from bot.conversation.mirror.italian import Uncertain, turn
from bot.conversation.mirror.lexicon import italian
from bot.conversation.mirror.phrases import phrases
from bot.conversation.mirror.refusals import refused
from bot.conversation.mirror.weighing import LONGEST, SHORTEST, Clause, points_outside, score_of, verbal
from bot.conversation.types import FactId

_SENTENCES, _CUTS, _READ = 16, 12, 4_000
_SENTENCE = re.compile(r"[^.!?…\n;:()«»\"“”]+[.!?…]*")
_WORD = re.compile(r"\d[\d·‚]*|[^\W_]+(?:-[^\W_]+)*'?|,|[^\s]")
_LAUGHTER = re.compile(r"\W*\b(?:(?:ah|eh|ih){2,}a?|a?haha+h?|lol)\b", re.IGNORECASE)
_APOSTROPHES = str.maketrans({"’": "'", "`": "'", "´": "'", "‘": "'"})
_CLOCK, _DECIMAL = re.compile(r"(?<=\d)[.:](?=\d)"), re.compile(r"(?<=\d),(?=\d)")
_ACCENT_AFTER = re.compile(r"\b([^\W\d_]+)'(?=[\s,.;:!?)]|$)")
_ACCENTED = str.maketrans("aeiou", "àèìòù")
_ADVERSATIVE = frozenset(
    [
        "ma",
        "però",
        "che",
        "se",
        "tranne",
        "invece",
        "anzi",
        "cioè",
        "mentre",
        "anche",
        "solo",
        "quando",
        "perché",
        "dove",
    ]
)
_BACK = frozenset(
    [
        "lo",
        "la",
        "li",
        "le",
        "l'",
        "ne",
        "ce",
        "gli",
        "ci",
        "questo",
        "questa",
        "quello",
        "quella",
        "così",
        "invece",
        "neanche",
        "nemmeno",
    ]
)


def mirrored(text: str, fact: FactId, *, polite: bool, count: int = 1) -> tuple[str, ...]:
    """The best clauses of a text, turned, the best first; none when no clause is certain.

    Args:
        text: What the person wrote, masked.
        fact: What it tells about.
        polite: *lei* when true.
        count: How many at most; they share no word that says something.
    """
    found: list[Clause] = []
    for order, words in enumerate(_sentences(text[:_READ])):
        for clause in (*phrases(words, fact, polite=polite), *_clauses(words, fact, polite=polite)):
            found.append(Clause(clause.text, clause.score - 0.1 * order))
    found.sort(key=lambda c: -c.score)
    chosen: list[str] = []
    used: set[str] = set()
    for clause in found:
        content = {x for x in re.findall(r"\w{4,}", clause.text.casefold()) if x not in w.GENERIC}
        if chosen and content & used:
            continue
        chosen.append(clause.text)
        used |= content
        if len(chosen) == count:
            break
    return tuple(chosen)


def _clauses(words: Sequence[str], fact: FactId, *, polite: bool) -> Iterator[Clause]:
    for start, end in _spans(words):
        clause = _clause(words, start, end, fact, polite=polite)
        if clause is not None:
            yield clause


def _sentences(text: str) -> Iterator[list[str]]:
    text = text.translate(_APOSTROPHES)
    if sum(c.isupper() for c in text) > sum(c.islower() for c in text):
        text = text.lower()
    text = _ACCENT_AFTER.sub(_accented, text)
    text = _DECIMAL.sub("‚", _CLOCK.sub("·", text))
    for count, found in enumerate(_SENTENCE.finditer(text)):
        if count >= _SENTENCES:
            return
        sentence = found.group()
        if sentence.rstrip().endswith("?") or w.DIALECT & set(sentence.casefold().split()):
            continue
        if refused(sentence, "it"):  # a harmless half of such a sentence, given back, would sound deaf
            continue
        words = [_repaired(x) for x in _WORD.findall(_LAUGHTER.sub("", sentence).rstrip(" .!…"))]
        yield _split([piece for word in words for piece in word.split(" ")])


def _accented(found: re.Match[str]) -> str:
    """ "perche'" and "e'" as they are typed without accents."""
    word = found[1]
    if word.casefold() in ("po", "mo", "be", "va", "fa", "sta", "da", "di", "ca", "to", "te"):
        return found[0]
    accented = word[:-1] + word[-1:].translate(_ACCENTED)
    acute = word[:-1] + "é"
    if word.casefold().endswith("che") and acute.casefold() in italian().words:
        return acute
    return accented if word.casefold() == "e" or italian().knows(accented.casefold()) else found[0]


def _repaired(word: str) -> str:
    return w.REPAIRED.get(word.casefold(), word)


def _split(words: list[str]) -> list[str]:
    """Fillers and conjunctions off the front; "po" "'" stays one word."""
    joined: list[str] = []
    for word in words:
        if word == "'" and joined and joined[-1].casefold() == "po":
            joined[-1] += "'"
        else:
            joined.append(word)
    return joined[_after_fillers([x.casefold() for x in joined], 0) :]


def _after_fillers(low: Sequence[str], start: int) -> int:
    """The first word that says something."""
    while start < len(low):
        comma = start + 1 < len(low) and low[start + 1] == ","
        if low[start] in w.FILLERS or low[start] in ",-–" or (comma and low[start] in w.FILLERS_BEFORE_COMMA):
            start += 1
        else:
            break
    return start


def _spans(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where a clause may begin and end, the whole sentence first."""
    low = [x.casefold() for x in words]
    starts, ends = [0], [len(words)]
    for i, word in enumerate(low):
        if len(starts) > _CUTS:
            break
        if i == 0:
            continue
        if word in (",", "e", "ed", "ma", "però", "quindi", "poi", "-", "–"):
            begin = _after_fillers(low, i + 1)
            starts.append(begin)
            after = low[begin] if begin < len(low) else ""
            between = low[i:begin]
            if after not in _ADVERSATIVE and not {"ma", "però"} & set(between):
                ends.append(i)
        elif word in ("perché", "quando", "mentre", "siccome", "poiché"):
            ends.append(i)
    for start in dict.fromkeys(starts):
        for end in reversed(dict.fromkeys(ends)):
            count = sum(1 for x in words[start:end] if x not in (",",))
            if SHORTEST <= count <= LONGEST:
                yield start, end


def _clause(words: Sequence[str], start: int, end: int, fact: FactId, *, polite: bool) -> Clause | None:
    span = [x for x in words[start:end]]
    while span and span[-1] == ",":
        span.pop()
    low = [x.casefold() for x in span]
    if not span or not _stands_alone(words, low, start, end) or points_outside(low):
        return None
    try:
        turned = turn(span, polite=polite, wish=fact is FactId.COSA_VORREBBE and start == 0)
    except Uncertain:
        return None
    score = score_of(low, turned, fact)
    return Clause(turned.text, score) if score > 0 else None


def _stands_alone(words: Sequence[str], low: Sequence[str], start: int, end: int) -> bool:
    if low[0] in w.SUBORDINATORS or low[-1] in w.DANGLING:
        return False
    if low[0] in w.OPENERS_REFUSED or (start > 0 and low[0] in w.SURE_THIRD):
        return False
    if "," in low and low[0] in w.ARTICLES and not _verb_in_first_piece(low):
        return False
    first = next((x for x in low if x not in ("non", "io", "noi")), "")
    follows = low[low.index(first) + 1] if first and low.index(first) + 1 < len(low) else ""
    verb_next = bool(italian().persons(follows)) and follows not in w.NEVER_VERB
    if first in _BACK and (first in ("ne", "ce", "così", "invece", "ci") or verb_next):
        there = first == "ci" and (follows in w.THERE_IS | w.TO_US or 3 in italian().persons(follows))
        if not there:
            return False
    if (start > 0 or _opens_with_a_thing(low)) and not _verb_in_first_piece(low):
        return False
    if (
        start > 1
        and words[start - 1].casefold() in ("e", "ed")
        and words[start - 2].casefold() in ("io", "noi")
    ):
        return False
    if end < len(words) and words[end].casefold() in ("e", "ed") and not _verb_follows(words, end):
        return False
    return not any(x in ("tra", "fra", "sia", "né") for x in low[-3:])


def _opens_with_a_thing(low: Sequence[str]) -> bool:
    """True when a clause with an "e" begins with what is neither a person nor a place or time."""
    owned = (
        "mio",
        "mia",
        "miei",
        "mie",
        "nostro",
        "nostra",
        "nostri",
        "nostre",
        "io",
        "noi",
        "anche",
        "solo",
    )
    return "e" in low and low[0] not in w.PREPOSITIONS | w.ADVERBS | w.ARTICLES and low[0] not in owned


def _verb_in_first_piece(low: Sequence[str]) -> bool:
    for word in low:
        if word == "," or word in w.CONJUNCTIONS:
            return False
        if verbal(word):
            return True
    return False


def _verb_follows(words: Sequence[str], end: int) -> bool:
    for word in words[end + 1 :]:
        if word == "," or word.casefold() in w.CONJUNCTIONS:
            return False
        if verbal(word.casefold()):
            return True
    return False
