"""Choosing what to mirror: from a whole story, the most specific clause that can stand alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.conversation.mirror import words as w
from bot.conversation.mirror.italian import Turned, Uncertain, turn
from bot.conversation.mirror.lexicon import italian
from bot.conversation.mirror.refusals import refused
from bot.conversation.types import FactId

LONGEST, SHORTEST = 14, 2
"""Words of a mirrored clause."""

_SENTENCES, _CUTS, _READ = 16, 12, 4_000
_SENTENCE = re.compile(r"[^.!?…\n;:()«»\"“”]+[.!?…]*")
_WORD = re.compile(r"\d[\d·‚]*|[^\W_]+(?:-[^\W_]+)*'?|,|[^\s]")
_LAUGHTER = re.compile(r"\W*\b(?:(?:ah|eh|ih){2,}a?|a?haha+h?|lol)\b", re.IGNORECASE)
_APOSTROPHES = str.maketrans({"’": "'", "`": "'", "´": "'", "‘": "'"})
_CLOCK, _DECIMAL = re.compile(r"(?<=\d)[.:](?=\d)"), re.compile(r"(?<=\d),(?=\d)")
_ACCENT_AFTER = re.compile(r"\b([^\W\d_]+)'(?=[\s,.;:!?)]|$)")
_ACCENTED = str.maketrans("aeiou", "àèìòù")
_WISHES = frozenset(["volere", "desiderare", "sognare", "sperare", "piacere", "cercare", "servire"])
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


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause in the second person and how much it says.

    Attributes:
        text: Ready to be said, without capital and full stop.
        score: The higher, the more specific.
    """

    text: str
    score: float


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
        for clause in (*_phrases(words, fact, polite=polite), *_clauses(words, fact, polite=polite)):
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


# --- answers without a verb of their own --------------------------------------------------------------------------

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
_ALONE = frozenset({"io", "solo", "soltanto"})


def _phrases(words: Sequence[str], fact: FactId, *, polite: bool) -> Iterator[Clause]:
    """What is answered in half a sentence: "che i clienti tornassero", "un sistema semplice", "io e mia figlia"."""
    low = [x.casefold() for x in words]
    if not low:
        return
    try:
        if fact is FactId.COSA_VORREBBE:
            yield from _wished(words, low, polite=polite)
        elif fact is FactId.PERSONE and low[:2] == ["siamo", "in"] and len(low) in (3, 4):
            yield Clause(turn(words, polite=polite).text, 6)
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
            and not any(_verbal(x) for x in low[: _relative(low, end)])
        ):
            before, turned = would, turn(words[:end], polite=polite, bare=True)
        else:
            continue
        if (
            low[end - 1] in w.DANGLING
            or _points_outside(low[:end])
            or len([x for x in low[:end] if _tells(x)]) < 2
        ):
            continue
        text = turned.text
        tail = next(
            (i for i, x in enumerate(low[:end]) if x == "," and any(_verbal(y) for y in low[i:end])), end
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
    if len(low) > 9 or any(_verbal(x) for x in low if x not in w.SUBORDINATORS):
        return
    turned = turn([*words], polite=polite, bare=True)
    if turned.changes:
        yield Clause(turned.text, 6)


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
    if not span or not _stands_alone(words, low, start, end) or _points_outside(low):
        return None
    try:
        turned = turn(span, polite=polite, wish=fact is FactId.COSA_VORREBBE and start == 0)
    except Uncertain:
        return None
    score = _score(low, turned, fact)
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


_SAYING = frozenset({"dire", "chiedere", "rispondere", "pensare", "scrivere"})


def _points_outside(low: Sequence[str]) -> bool:
    """True when what it speaks of stands elsewhere: "il condominio l'ha fatta togliere", "...e mi dicesse: ..."."""
    if {f.verb for f in italian().forms.get(low[-1], ())} & _SAYING and not italian().infinitive(low[-1]):
        return True
    for i, word in enumerate(low[:-2]):
        done = italian().participle(low[i + 2]) and low[i + 1] in ("ha", "hanno", "ho", "abbiamo", "aveva", "avevano", "avevo", "avevamo")  # fmt: skip
        if word == "l'" and done and low[0] not in ("me", "ce"):
            thing = next((x for x in low[:i] if x in ("il", "lo", "un", "la", "una", "mio", "mia")), "")
            return not thing or (thing in ("la", "una", "mia")) != low[i + 2].endswith("a")
    return False


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
        if _verbal(word):
            return True
    return False


def _verb_follows(words: Sequence[str], end: int) -> bool:
    for word in words[end + 1 :]:
        if word == "," or word.casefold() in w.CONJUNCTIONS:
            return False
        if _verbal(word.casefold()):
            return True
    return False


def _verbal(word: str) -> bool:
    if word in w.SURE_THIRD or word == "sono":
        return True
    if word in w.NEVER_VERB or word in w.CAN_BE_VERB:
        return word == "lavoro"
    persons = italian().persons(word)
    return bool(persons & {0, 3, 5}) and 2 not in persons


def _score(low: Sequence[str], turned: Turned, fact: FactId) -> float:
    """How specific a clause is; 0 or less when it would fit anybody."""
    content = [x for x in dict.fromkeys(low) if _tells(x)]
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


def _tells(word: str) -> bool:
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
