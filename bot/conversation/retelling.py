"""What the summary says in the person's own words: their story, what they tried, who works there; nothing twice."""

from __future__ import annotations

import re

from bot.conversation.exchange import Exchange
from bot.conversation.types import FactId, Sheet

CLAUSES = 3
"""Clauses of the story that are looked at; two of them are told."""

ENGLISH_OPENERS = frozenset(
    [
        "a",
        "an",
        "the",
        "my",
        "our",
        "your",
        "you",
        "people",
        "customers",
        "tourists",
        "locals",
        "nobody",
        "somebody",
        "everybody",
        "most",
        "some",
        "business",
        "sales",
        "regulars",
        "clients",
        "two",
        "three",
        "half",
        "it",
        "there",
    ]
)
"""First words that are no name: small inside a sentence."""
_WORDS = re.compile(r"\w{4,}")
_ALREADY = ("{{ attivita | bottega }}", "{{ zona }}", "{{ persone | chi_lavora }}")
"""What the summary has already said when it comes to the story."""
_JOINED = {"it": ", e che ", "en": ", and that "}
_HOW_MANY = {
    "it": re.compile(
        r"\b(?:in|siamo|siamo in|lavoriamo in) (due|tre|quattro|cinque|sei|sette|otto|nove|dieci|dodici|quindici|venti|\d{1,3})\b(?! (?:ann|mes|giorn|via|zon|tavol|vetrin))",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:we are|we're|there are|us) (two|three|four|five|six|seven|eight|nine|ten|twelve|\d{1,3})(?: of us)?\b|\b(two|three|four|five|six|seven|eight|nine|ten|\d{1,3}) of us\b",
        re.IGNORECASE,
    ),
}


def retold(x: Exchange, sheet: Sheet) -> dict[str, str]:
    """The summary's own variables, each only where something certain can be said.

    Returns:
        `racconto`: their story, as what was told ("ha ..., e che i clienti ..."); `esperienza`: what they tried before;
        `quanti`: how many work there, when they gave the number.
    """
    found: dict[str, str] = {}
    known = (x.voice.render(text, x.state, sheet, {}) for text in _ALREADY)
    said = {w for text in known if text for w in _content(text)}
    story = [c for c in _clauses(x, sheet, FactId.COSA_SUCCEDE, CLAUSES) if _is_new(c, said)][:2]
    if story:
        found["racconto"] = _JOINED.get(x.state.language, ", ").join(story)
        said |= {w for clause in story for w in _content(clause)}
    tried = [c for c in _clauses(x, sheet, FactId.ESPERIENZE_PASSATE, 1) if _is_new(c, said)]
    if tried:
        found["esperienza"] = tried[0]
    counted = _HOW_MANY.get(x.state.language)
    for entry in sheet.of(FactId.PERSONE) if counted else ():
        number = counted.search(entry.words) if counted else None
        if number:
            found["quanti"] = next(g for g in number.groups() if g).lower()
    return found


def _is_new(clause: str, said: set[str]) -> bool:
    """True when most of a clause was not said yet."""
    content = _content(clause)
    return len(content - said) > 1 and len(content & said) * 2 <= len(content)


def _content(text: str) -> set[str]:
    return set(_WORDS.findall(text.casefold()))


def _clauses(x: Exchange, sheet: Sheet, fact: FactId, count: int) -> tuple[str, ...]:
    words = ". ".join(entry.words for entry in sheet.of(fact) if entry.words)
    found = x.library.mirror.clauses(words, fact, x.voice.manner(x.state), count) if words else ()
    return tuple(_inside(clause) for clause in found)


def _inside(clause: str) -> str:
    """A clause as it stands after "that": "people love the coffee", but "Silvia takes the orders"."""
    first = clause.split(maxsplit=1)[0] if clause else ""
    common = first.casefold() in ENGLISH_OPENERS
    return clause[:1].lower() + clause[1:] if common else clause
