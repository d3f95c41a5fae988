"""Italian that is not given back: broken, learners', or that could be read of somebody else."""

from __future__ import annotations

from bot.conversation.mirror import words as w
from bot.conversation.mirror.circles import (
    AFTER_WORK,
    BEFORE_PLACE,
    FOLKS,
    KIN,
    NEEDS_A,
    NUMBERS,
    PEOPLE,
    POSSESSIVES,
    STREETS,
)
from bot.conversation.mirror.clause import Uncertain
from bot.conversation.mirror.lexicon import IO, LORO, LUI, NOI, VOI
from bot.conversation.mirror.recognising import Recognised


class Refusing(Recognised):
    """Refuses what a native would not write, and what could be misread."""

    def _broken(self, wish: bool) -> None:
        """Refuse Italian that a native would not write: it must not be given back."""
        for i, word in enumerate(self.low):
            after = self.at(i + 1)
            if word == "io":
                j = i + 1
                while self.at(j) in w.CLITICS | w.ADVERBS:
                    j += 1
                if self.lexicon.infinitive(self.at(j)) or (
                    j < len(self.low) and self.person[j] in (LUI, LORO) and self.at(j) in w.SURE_THIRD
                ):
                    raise Uncertain
            noun = self.person[i] is None and word.endswith("o") and word not in w.ADVERBS | w.CONJUNCTIONS
            if noun and after == "io" and word not in ("solo", "proprio"):
                raise Uncertain  # "impasto io": a verb that was taken for a noun
            if self.person[i] in (IO, NOI) and after in w.COUNTABLE:
                raise Uncertain
            if self.lexicon.verbs_of(word, IO) & {"avere"} and self.lexicon.infinitive(after):
                raise Uncertain
            masculine = word in (
                "un",
                "il",
                "del",
                "al",
                "nel",
                "dal",
                "sul",
                "mio",
                "questo",
                "nostro",
                "quel",
            )
            in_a = after.endswith("a") and after not in w.MASCULINE_A and len(after) > 2
            if masculine and in_a and not self._is_proper(i + 1):
                raise Uncertain
            if (word == "il" and after[:1] in tuple("aeiou")) or (
                word == "la" and after[:1] in tuple("aeiou") and len(after) > 3 and self.person[i + 1] is None
            ):
                raise Uncertain
            feminine = word in ("una", "della", "alla", "nella", "mia", "questa", "nostra", "dalla", "sulla")
            if feminine and after.endswith("o") and after not in w.FEMININE_O and not self._is_proper(i + 1):
                raise Uncertain
            if word == after and word != ",":
                raise Uncertain
        if wish and (self.at(1) == "" or self.low[0] in ("dire", "sapere")):
            raise Uncertain

    def _learners_grammar(self) -> None:
        """Refuse a subject without its article, a place without its preposition, a plural with a singular verb."""
        if self.at(0) in FOLKS and any(p in (LUI, LORO) for p in self.person[1:4]):
            raise Uncertain
        many = (
            self.at(0) in NUMBERS
            or self.at(0).endswith(("anta", "enta", "cento"))
            or (self.at(0).isdigit() and self.at(0) != "1")
        )
        first = next((i for i, p in enumerate(self.person) if p is not None), -1)
        if (
            many
            and first > 0
            and self.person[first] == LUI
            and "che" not in self.low[:first]
            and not self._of_no_one(first)
        ):
            raise Uncertain
        if self.at(0) in ("sola", "solo") and self.at(1) == "io" and not self._speaks_on(2):
            raise Uncertain
        for i, word in enumerate(self.low):
            after = self.at(i + 1)
            if word in NEEDS_A and self.lexicon.infinitive(after):
                raise Uncertain
            if self.lexicon.infinitive(word) and after == "no":
                raise Uncertain
            works = word in ("lavoro", "lavora") and self.person[i] is not None
            if works and after and after not in w.PREPOSITIONS | w.ADVERBS | w.CONJUNCTIONS | AFTER_WORK:
                raise Uncertain

    def _foreign_grammar(self) -> None:
        """Refuse what learners leave out: articles, prepositions, the conjugated verb."""
        self._learners_grammar()
        for i, word in enumerate(self.low):
            before, after = self.at(i - 1), self.at(i + 1)
            if self.lexicon.infinitive(word) and i > 0 and not self._governed(i):
                raise Uncertain
            bare = before in ("", ",", "e", "perché", "però", "ma", "adesso")
            if (
                (word in PEOPLE | w.COUNTABLE or after in ("pakistano", "cinese"))
                and bare
                and self.lexicon.persons(after)
            ):
                raise Uncertain
            if word == "io" and after and not self._follows_io(after, i + 1):
                raise Uncertain
            if (
                word in STREETS
                and self._is_proper(i + 1)
                and before not in w.PREPOSITIONS | w.ARTICLES | {"", ","}
            ):
                raise Uncertain
            if (
                word in ("mercato", "negozio")
                and before not in BEFORE_PLACE | w.PREPOSITIONS | w.ARTICLES
                and not before.isdigit()
            ):
                raise Uncertain
            if word == "no" and self.lexicon.persons(after):
                raise Uncertain
            if (
                self.person[i] == NOI
                and self.at(i - 1) in PEOPLE
                and not {"io", "noi", "con"} & set(self.low[:i])
            ):
                raise Uncertain
            if self.person[i] in (IO, NOI) and self.at(self.before(i)) in (
                "detto",
                "scritto",
                "risposto",
                "dice",
                "dicono",
            ):
                raise Uncertain
            if (
                word in POSSESSIVES
                and after not in KIN
                and (bare or before in ("adesso", "ora", "qui") or self.person[i - 1] in (IO, NOI))
            ):
                raise Uncertain
            if self.lexicon.participle(word) & {"venire", "andare", "arrivare"} and self._is_proper(i + 1):
                raise Uncertain

    def _follows_io(self, after: str, i: int) -> bool:
        """What may stand after "io": its verb, or what binds it to another person or place."""
        return (
            self.person[i] is not None
            or after in w.CLITICS | w.ADVERBS | w.PREPOSITIONS | w.CONJUNCTIONS | {",", "solo", "sola", "stesso", "stessa", "le"}
        )  # fmt: skip

    def _governed(self, i: int) -> bool:
        """Whether an infinitive hangs on something."""
        j = i - 1
        while j >= 0 and (
            self.low[j] in w.CLITICS - {"la", "lo", "le", "gli", "l'"}
            or (self.low[j] in w.ADVERBS and self.low[j] != "dopo")
        ):
            j -= 1
        low = self.at(j)
        return (
            not low or low in w.PREPOSITIONS | w.CONJUNCTIONS | w.ARTICLES | {"cui", "cosa", "senza", "prima", "oltre", "ad", "ed"}
            or bool(self.lexicon.persons(low)) or self.lexicon.infinitive(low) or bool(self.lexicon.participle(low))
            or low.endswith("ndo") or bool(self._enclitic(low))
        )  # fmt: skip

    def _missing_subject(self) -> None:
        """Refuse an imperative, and a verb whose subject was cut off."""
        if VOI in self.lexicon.persons(self.at(0)):
            raise Uncertain
        self._cut_subject()

    def _cut_subject(self) -> None:
        """ "Mi ripeteva che ...": of whom it was said is not in the clause."""
        j = 0
        while self.at(j) in w.CLITICS | {"non"} - {"la", "lo", "le", "gli", "l'"}:
            j += 1
        bare = j < len(self.low) and self.person[j] == LUI and j > 0 and not self._of_no_one(j)
        if bare and self.at(j + 1) not in {*POSSESSIVES, "il", "la", "un", "una", "solo", "l'"}:
            raise Uncertain
        if (
            j < len(self.low)
            and self.person[j] == LUI
            and j > 0
            and self.at(0) == "mi"
            and self.low[j] in ("dice", "diceva", "ripeteva", "ha")
        ):
            raise Uncertain

    def _third_parties(self) -> None:
        """With *lei*, "ha" may be read of somebody else: refuse where somebody else was just spoken of."""
        firsts = [i for i, p in enumerate(self.person) if p == IO]
        for i in firsts:
            for j in range(i):
                acts = self.person[j] == LUI and (self.sure[j] or self.low[j] in w.SURE_THIRD)
                if acts and not self._of_no_one(j) and "io" not in self.low[j:i]:
                    raise Uncertain
        owned = [i for i, x in enumerate(self.low) if x in POSSESSIVES]
        if owned and any(x in ("suo", "sua", "suoi", "sue", "loro", "lui", "lei") for x in self.low):
            raise Uncertain
        if firsts and any(
            x in ("lui", "gli", "egli", "ella") and any(self.sure[i + 1 : i + 2])
            for i, x in enumerate(self.low)
        ):
            raise Uncertain
        if any(x == "le" and i + 1 < len(self.low) and self.sure[i + 1] for i, x in enumerate(self.low)):
            raise Uncertain
        for i in owned:
            if any(
                self.person[j] == LUI and self.sure[j] and any(x in PEOPLE for x in self.low[:j])
                for j in range(i)
            ):
                raise Uncertain
