"""Corrections that no reader of facts can hear: a figure or a word of their own story, and a wish said anew.

"Non sono 3000 ma 3500 euro", told of the summary, changes the story as it was written down; "vorrei le consegne entro Natale"
takes the place of the wish that was there. What can be neither is added to the story, and the bot says which of the two it did.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.conversation.types import Fact, FactId, How, Sheet

STORIES = frozenset({FactId.COSA_SUCCEDE, FactId.COSA_VORREBBE, FactId.ESPERIENZE_PASSATE})
"""Facts that are shown in their own words."""

_WORD = r"[\w€.,’']*\w"
_AT = r"(?:a|ad|in|al|alla|di|da|at|from)"
"""A place stands with its preposition, which stays as it was."""
_NOT_THIS_BUT_THAT = (
    rf"\b(?:non|not|no)\s+(?:(?:sono|è|e'|era|erano|siamo|ho\s+detto|were|was|is|it's)\s+)?(?:{_AT}\s+)?(?P<old>{_WORD}(?:\s+{_WORD})?)"
    rf"\s*,?\s*(?:ma(?:\s+(?:sono|è|di))?|bensì|sono|è|invece|but|sino)\s+(?:{_AT}\s+)?(?P<new>{_WORD}(?:\s+{_WORD})?)",
    rf"\b(?P<new>{_WORD})\s*,?\s*(?:e\s+)?(?:non|not)\s+(?:{_AT}\s+)?(?P<old>{_WORD})\b",
)
_WISH = re.compile(
    r"(?:^|[,:;.]\s*)(?:no\W+|e\W+|and\W+|so\W+|correggo\W+|anzi\W+|ma\W+|io\W+|invece\W+|well\W+|but\W+)*"
    r"(?P<wish>(?:vorre(?:i|mmo)|(?:mi|ci)\s+(?:piacerebbe|basterebbe)|sogn(?:o|iamo)\s+(?:di|che)|sper(?:o|iamo)\s+(?:di|che)"
    r"|i(?:'d| would)\s+(?:like|love)|we(?:'d| would)\s+(?:like|love)|i\s+hope|quisiera|me\s+gustaría)\s+\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_NO_WISH = re.compile(
    r"^\S+(?:\s+piacerebbe)?\s+(?:sapere|chiedere|capire\s+(?:se|cosa|chi|quanto)|parlare|sentire|una\s+persona|to\s+(?:know|ask|talk|speak))\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"^\W*(?:(?:mi )?scus[iao]\b|guard[ia]\b|sent[ia]\b|ah\b|oh\b|se (?:mi|ci|vi|vuole|vuoi|lei|fossi)\b|fuori piove|qui (?:piove|sta|viene)|lui\b|aspett[ia]\b|sorry\b|look\b|if you\b|oh\b|by the way\b)",
    re.IGNORECASE,
)
SHORTEST_WISH = 4
"""Words of the shortest wish ("vorrei un sito" is a need, and understanding hears it)."""


def wish_in(text: str) -> str:
    """The sentence of a message that tells what they would like, in their words; "" when there is none.

    Args:
        text: The message, masked.
    """
    for sentence in re.split(r"(?<=[.!?;\n])\s+", text.strip()):
        found = _WISH.search(sentence)
        if found is None or sentence.endswith("?"):
            continue
        wish = found["wish"].strip()
        if len(wish.split()) >= SHORTEST_WISH and not _NO_WISH.match(wish):
            return wish
    return ""


def no_wish(text: str) -> bool:
    """True for what answers "what would you like?" with an excuse, a joke or something that comes to mind."""
    return _ASIDE.search(text) is not None and not wish_in(text)


def amended(sheet: Sheet, text: str) -> Sheet:
    """The sheet with "not this but that" done to the stories it quotes; the same one when nothing of it stands there.

    Args:
        sheet: What was told.
        text: The correction.
    """
    for pattern in _NOT_THIS_BUT_THAT:
        for found in re.finditer(pattern, text, re.IGNORECASE):
            old, new = found["old"].strip(" .,"), found["new"].strip(" .,")
            alike = len(old.split()) == len(new.split()) and _names(old)
            whole = _put(sheet, old, new) if alike else None
            changed = whole or (
                _put(sheet, old.split()[0], new.split()[0]) if _names(old.split()[0]) else None
            )
            if changed is not None:
                return changed
    return sheet


def _names(word: str) -> bool:
    """True for a figure or a word long enough to mean something by itself."""
    return len(word) >= 4 or any(c.isdigit() for c in word)


def _put(sheet: Sheet, old: str, new: str) -> Sheet | None:
    if not old or not new or old.casefold() == new.casefold():
        return None
    there = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)", re.IGNORECASE)
    facts: list[Fact] = []
    touched = False
    for fact in sheet.facts:
        if fact.fact in STORIES and (there.search(fact.value) or there.search(fact.words)):
            free = fact.fact is not FactId.ESPERIENZE_PASSATE
            value = there.sub(lambda _: new, fact.value) if free else fact.value
            fact = replace(fact, value=value, words=there.sub(lambda _: new, fact.words), how=How.CORRECTED)
            touched = True
        facts.append(fact)
    return Sheet(tuple(facts)) if touched else None
