"""Mirroring: a person's own clause turned to the second person, in Italian (lei and tu) and English.

May import: `bot.conversation.templates` and `types`.
Must never know: scripts, state, or why a clause is said; and it never says what it is not certain of.
"""

import re

from bot.conversation.mirror.choosing import mirrored
from bot.conversation.mirror.english import mirrored_english
from bot.conversation.mirror.learners import learners_signs
from bot.conversation.mirror.refusals import refused
from bot.conversation.templates import Manner
from bot.conversation.types import FactId

__all__ = ["ClauseMirror", "learners_signs"]


class ClauseMirror:
    """The `Mirror` of the templates; keeps nothing between calls."""

    def reflect(self, words: str, fact: FactId, manner: Manner) -> str | None:
        """The most specific clause of what was said, turned; None when no clause is certain.

        Args:
            words: What the person wrote, masked, of any length.
            fact: What it tells about.
            manner: Language, lei or tu. Of somebody who is learning Italian only what has no sign of it is given back.
        """
        return next(iter(self.clauses(words, fact, manner, 1)), None)

    def clauses(self, words: str, fact: FactId, manner: Manner, count: int) -> tuple[str, ...]:
        """Up to `count` clauses of what was said, turned, the one that says most first (see `reflect`)."""
        if not words.strip():
            return ()
        if manner.language == "it":
            if learners_signs(words):
                return ()
            words = _with_its_h(words)
            found = mirrored(words, fact, polite=manner.address != "tu", count=count)
            return tuple(c for c in found if not manner.simple or _of_them(c, words))
        if manner.language == "en":
            return mirrored_english(words, fact, count)
        return ()

    def quotable(self, words: str, manner: Manner) -> bool:
        """False for words that are not read back even between quotation marks: what wounds, and learners' Italian."""
        if manner.language == "it" and (manner.simple or learners_signs(words)):
            return False
        return not refused(words, manner.language if manner.language in ("it", "en") else "it")


def _with_its_h(words: str) -> str:
    """ "O la merceria", "io o un forno": the verb that lost its h on the phone, and no choice between two things."""
    if len(re.findall(r"\bo\b", words, re.IGNORECASE)) > 1:
        return words
    return re.sub(
        r"^(\W*(?:(?:allora|io|ciao|salve)\W+)*)o(?=\s+(?:un|una|uno|il|la|lo|le|gli|i)\b)",
        r"\1ho",
        words,
        flags=re.IGNORECASE,
    )


def _of_them(clause: str, words: str) -> bool:
    """Of an Italian being learned, only a clause that begins with a verb of their own, turned: the rest may miss its grammar."""
    return clause.split(maxsplit=1)[0].casefold() not in words.casefold().split()
