"""Turning an Italian clause from the first person to the second, lei or tu; declining at the first doubt."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.mirror import words as w
from bot.conversation.mirror.circles import ATTACHED, OURS, POSSESSIVES
from bot.conversation.mirror.clause import Turned, Uncertain, written
from bot.conversation.mirror.lexicon import IO, LORO, LUI, NOI
from bot.conversation.mirror.turning import Turning

__all__ = ["Turned", "Uncertain", "turn", "written"]


def turn(words: Sequence[str], *, polite: bool, wish: bool = False, bare: bool = False) -> Turned:
    """Turn one clause.

    Args:
        words: Its words as written, elided articles apart ("l'" "ho"), commas as words of their own.
        polite: *lei* when true, *tu* otherwise.
        wish: It answers "what would you like?": an infinitive alone becomes "vorrebbe ...".
        bare: It has no verb of its own, or hangs on one that is put before it.

    Raises:
        Uncertain: Something in it is not certain.
    """
    return _Turner(words, polite=polite, wish=wish, bare=bare).run()


class _Turner(Turning):
    """The whole clause, word by word, and a last look at what came out."""

    def run(self) -> Turned:
        self._spelling()
        prefix = ""
        if (
            self.wish
            and self.low
            and (self.lexicon.infinitive(self.low[0]) or self._enclitic(self.low[0]) not in ("", "?"))
        ):
            prefix = "vorrebbe " if self.polite else "vorresti "
        for i in range(len(self.low)):
            self._recognise(i)
        finite = next((i for i, p in enumerate(self.person) if p is not None and self.sure[i]), -1)
        if not self.bare and bool(prefix) == self._main_verb():
            raise Uncertain
        self._broken(prefix != "")
        self._foreign_grammar()
        self._missing_subject()
        if self.polite:
            self._third_parties()
        for i in range(len(self.low)):
            self._turn_word(i, bool(prefix))
        self._names()
        others = any(p in (LUI, LORO) for p in self.person)
        if self.low[:1] == ["io"] and not others and self._speaks_on(1):
            self.out[0] = ""  # "io vendo": the verb alone says who
        text = prefix + written([x for x in self.out if x])
        text = (
            text.replace("·", ".").replace("‚", ",").replace(" e è ", " ed è ").replace(" e era ", " ed era ")
        )
        self._check(text)
        return Turned(text, self.changes + bool(prefix), max(finite, 0))

    def _main_verb(self) -> bool:
        """True when a verb stands that is not the verb of a subordinate."""
        main = True
        for i, word in enumerate(self.low):
            if word in (",", "e", "ed", "ma", "però"):
                main = True
            elif word in w.SUBORDINATORS:
                main = False
            elif main and self.person[i] is not None and self.sure[i]:
                return True
        return False

    def _names(self) -> None:
        """Capitals where they are sure, none on the first word otherwise."""
        for i, low in enumerate(self.low):
            if low in w.AMBIGUOUS_PROPER:
                sure = self.at(i - 1) in ("in", "a", "di") and low in (
                    "isola",
                    "loreto",
                    "lodi",
                    "sesto",
                    "brera",
                    "greco",
                    "venezia",
                    "padova",
                    "genova",
                )
                station = self.at(i - 1) in (
                    "porta",
                    "via",
                    "corso",
                    "piazza",
                    "piazzale",
                    "viale",
                    "città",
                    "zona",
                )
                if (sure or station) and self.out[i].casefold() == low:
                    self.out[i] = w.PROPER.get(low, low)
            if i == 0 and low not in w.PROPER and self.out[0]:
                self.out[0] = self.out[0][:1].lower() + self.out[0][1:]

    def _check(self, text: str) -> None:
        """No first person may be left."""
        for i, word in enumerate(self.out):
            low = word.casefold()
            if low in POSSESSIVES or low in OURS or low in ("io", "mi", "me", "noi", "m'", "meco"):
                raise Uncertain
            unturned = (
                low == self.low[i] and self.lexicon.persons(low) and self.lexicon.persons(low) <= {IO, NOI}
            )
            if (
                unturned
                and low not in w.NEVER_VERB
                and low not in w.CAN_BE_VERB
                and low != "sono"
                and not self.lexicon.participle(low)
            ):
                raise Uncertain
            if low.endswith("iamo") or ATTACHED.search(low):
                raise Uncertain
