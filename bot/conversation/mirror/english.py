"""Turning an English clause from the first person to the second."""

from __future__ import annotations

import re

from bot.conversation.mirror import english_words as e
from bot.conversation.mirror.lexicon import english_words
from bot.conversation.mirror.refusals import refused
from bot.conversation.types import FactId

LONGEST, SHORTEST = 16, 3

_SENTENCE = re.compile(r"[^.!?…\n;:()\"“”]+[.!?…]*")
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|,|[^\s]")
_APOSTROPHES = str.maketrans({"’": "'", "`": "'", "´": "'"})


def mirrored_english(text: str, fact: FactId, count: int = 1) -> tuple[str, ...]:
    """The best clauses of a text, turned, the best first; none when no clause is certain (see `choosing.mirrored`)."""
    text = text[:4_000].translate(_APOSTROPHES)
    if fact is FactId.COSA_VORREBBE and (wished := _wished(text)):
        return (wished,)
    if people := _people(text):
        return (people,)
    found: list[tuple[float, str]] = []
    for order, sentence in enumerate(m.group().strip() for m in _SENTENCE.finditer(text)):
        if order >= _SENTENCES:
            break
        if sentence.endswith("?"):
            continue
        words = _WORD.findall(sentence.rstrip(".!…"))
        for start, end in _spans(words):
            turned = _turned(words[start:end], fact)
            if turned is not None:
                found.append((turned[0] - 0.1 * order, turned[1]))
    chosen: list[str] = []
    used: set[str] = set()
    for _, line in sorted(found, key=lambda item: -item[0]):
        content = {x for x in re.findall(r"\w{4,}", line.casefold()) if x not in e.GENERIC}
        if len(chosen) < count and not (chosen and content & used):
            chosen.append(line)
            used |= content
    return tuple(chosen)


_SENTENCES = 16
"""Sentences of a story that are read."""


_TOGETHER = re.compile(
    r"^\W*(?:just |it's |only )?(?:(?:me|myself),? (?:and|with|plus) (?P<with>[^.!?;:\n]{2,60})|my (?P<mine>[\w' -]{2,30}) and (?:i|me))\W*$",
    re.IGNORECASE,
)


def _people(text: str) -> str:
    """ "me and my sister" -> "you and your sister"; "" for anything else."""
    found = _TOGETHER.match(text)
    if found is None:
        return ""
    words = _WORD.findall(found["with"] or f"your {found['mine']}")
    low = [x.casefold() for x in words]
    if len(words) > 9 or e.SECOND & set(low) - {"your"} or e.SUBJECTS & set(low) or refused(text, "en"):
        return ""
    turned = [e.TURNED.get(key, word) for word, key in zip(words, low, strict=True)]
    return f"you and {' '.join(turned)}".replace(" ,", ",")


def _that(words: list[str], low: list[str], sentence: str) -> str:
    """ "That they ask for me" -> "what you would like is that they ask for you"."""
    if low[:1] != ["that"] or not SHORTEST < len(low) <= LONGEST or low[-1] in e.DANGLING:
        return ""
    if low[1] not in ("they", "people", "customers", "we", "i", "my", "the", "more"):
        return ""
    if e.SECOND & set(low) or refused(sentence, "en"):
        return ""
    if not all(_spelled(word, key, i) for i, (word, key) in enumerate(zip(words, low, strict=True))):
        return ""
    line = " ".join(e.TURNED.get(key, word) for word, key in zip(words, low, strict=True))
    return f"what you would like is {line[:1].lower()}{line[1:]}"


def _wished(text: str) -> str:
    """ "Thirty boxes every morning" -> "you would like thirty boxes every morning"; "" for what has a subject."""
    sentence = re.split(r"[.!?…,;:\n]", text.strip(), maxsplit=1)[0]
    words = _WORD.findall(sentence)
    low = [x.casefold() for x in words]
    if wished := _that(words, low, sentence):
        return wished
    if not SHORTEST < len(low) <= LONGEST or not (low[0] in e.THING or low[0].isdigit()):
        return ""
    if low[-1] in e.DANGLING or e.SECOND & set(low) or refused(sentence, "en") or e.SUBJECTS & set(low):
        return ""
    if not all(_spelled(word, key, i) for i, (word, key) in enumerate(zip(words, low, strict=True))):
        return ""
    turned = [e.TURNED.get(key, word) for word, key in zip(words, low, strict=True)]
    return f"you would like {turned[0][:1].lower()}{turned[0][1:]} {' '.join(turned[1:])}"


def _spans(words: list[str]) -> list[tuple[int, int]]:
    low = [x.casefold() for x in words]
    starts = [0]
    ends = [len(words)]
    for i, word in enumerate(low[:80]):
        subject = i + 1 < len(low) and low[i + 1] in e.SUBJECTS | e.OTHERS
        if word in (",", "and", "but", "so", "because") and subject:
            starts.append(i + 1)
            if word != "but":
                ends.append(i - 1 if low[i - 1] == "," else i)
        elif word == "," and (
            i + 2 < len(low)
            and low[i + 2] in e.SUBJECTS | e.OTHERS
            and low[i + 1] in ("and", "so", "because")
        ):
            starts.append(i + 2)
    first = 0
    while first < len(low) and (low[first] in e.FILLERS or low[first] == ","):
        first += 1
    starts[0] = first
    return [
        (s, e) for s in dict.fromkeys(starts) for e in dict.fromkeys(ends) if SHORTEST <= e - s <= LONGEST + 2
    ]


def _turned(words: list[str], fact: FactId) -> tuple[float, str] | None:
    low = [x.casefold() for x in words]
    text = " ".join(words).replace(" ,", ",")
    if len([x for x in low if x != ","]) > LONGEST or low[-1] in e.DANGLING or low[0] in e.SUBORDINATE:
        return None
    if low[-2:] in (["just", "me"], ["only", "me"], ["just", "us"]) and len(low) > 2:
        return None  # whoever comes after "and" was cut off
    if e.SECOND & set(low) or refused(text, "en") or e.BROKEN.search(text) or e.GUESSED.search(text):
        return None
    if not e.SUBJECTS & set(low[:4]) and not (low[0] in e.OTHERS and (e.MINE | e.POINT) & set(low)):
        return None
    out: list[str] = []
    for i, (word, key) in enumerate(zip(words, low, strict=True)):
        if not _spelled(word, key, i):
            return None
        if key in ("i'm", "am") and i + 1 < len(low) and words[i + 1][:1].isupper():  # a name
            return None
        if key in ("me", "us") and i + 1 < len(low) and low[i + 1] in ("and",):
            return None
        out.append(e.TURNED.get(key, word))
        if key == "was" and _subject_before(low, i):
            out[-1] = "were"
    content = [x for x in dict.fromkeys(low) if len(x) > 3 and x not in e.GENERIC and x not in e.TURNED]
    if not content or (len(content) < 2 and len(low) > 7):
        return None
    wish = (
        3
        if fact is FactId.COSA_VORREBBE and {"want", "wish", "hope", "like", "i'd", "love"} & set(low)
        else 0
    )
    line = " ".join(out).replace(" ,", ",")
    if re.search(r"\b(?:i|me|my|mine|we|us|our|am|i'm|i've)\b", line, re.IGNORECASE):
        return None
    return len(content) + wish - 0.15 * abs(len(low) - 9), line


def _subject_before(low: list[str], i: int) -> bool:
    j = i - 1
    while j >= 0 and low[j] in e.ADVERBS:
        j -= 1
    return j >= 0 and low[j] in ("i", "we")


def _spelled(word: str, key: str, i: int) -> bool:
    if key == "," or key.isdigit() or key in e.TURNED or key in english_words():
        return True
    bare = key.replace("'", "").replace("-", "")
    if not bare.isalpha():
        return False
    if "-" in key or key.endswith(("n't", "'s")):
        return all(x in english_words() for x in re.split(r"n't$|'s$|-", key) if x) or key in (
            "can't",
            "won't",
        )
    return i > 0 and word[0].isupper() and word[1:].islower()
