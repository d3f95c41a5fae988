"""Which words of a clause are verbs, and of whom; declining where the place does not tell."""

from __future__ import annotations

from bot.conversation.mirror import words as w
from bot.conversation.mirror.circles import NUMBERS, PEOPLE, TIMES
from bot.conversation.mirror.clause import Clause, Uncertain
from bot.conversation.mirror.lexicon import IO, LORO, LUI, NOI


class Recognised(Clause):
    """Finds the verbs and their persons."""

    def _spelling(self) -> None:
        for i, (raw, low) in enumerate(zip(self.raw, self.low, strict=True)):
            if low in w.SECOND or (low == "sei" and not self._six(i)):
                raise Uncertain
            if (
                low in (",", "po'")
                or low.replace("·", "").replace("‚", "").isdigit()
                or low in w.ELIDED
                or low in w.PROPER
            ):
                continue
            if not raw.replace("-", "").isalpha():
                raise Uncertain
            if (
                self.lexicon.knows(low)
                or self._enclitic(low)
                or (i > 0 and raw[0].isupper() and raw[1:].islower())
            ):
                continue
            raise Uncertain

    def _six(self, i: int) -> bool:
        return self.at(i - 1) in ("in", "di", "da", "per", "circa", "a", "le", "i", "quasi", "alle", "dalle") or self.at(i + 1) in (
            "mesi", "anni", "persone", "tavoli", "giorni", "ore", "settimane", "dipendenti", "euro", "volte",
        )  # fmt: skip

    def _recognise(self, i: int) -> None:
        word = self.low[i]
        persons = self.lexicon.persons(word)
        if word == "sono":
            self.person[i], self.sure[i] = self._io_sono(i), True
        elif (word == "fa" and self.at(i - 1) in TIMES) or word in w.ADVERBS:  # "quattro anni fa" is no verb
            return
        elif word in w.NEVER_VERB:
            if self.at(i - 1) in ("io", "mi", "che", "se", "o", "quando", "non") and word not in w.ADVERBIAL:
                raise Uncertain
            joins = self.at(i - 1) in ("e", "ma", "però", "poi") and IO in persons and self.at(i + 1)
            if joins and word not in w.ADVERBIAL and self.at(i + 1) not in w.PREPOSITIONS:
                raise Uncertain  # "e riparo chitarre", "ma segno tutto": a verb that is elsewhere a noun
            return
        elif not persons or self._noun_by_place(i):
            return
        elif IO in persons and LORO in persons:  # "danno": of dare, hardly of dannare
            self.person[i], self.sure[i] = LORO, True
        elif IO in persons:
            if LUI in persons:  # subjunctive: the same for io and lui
                self.person[i], self.sure[i] = (IO if self.at(self.before(i)) == "io" else LUI), False
            elif self.lexicon.participle(word) and not word.endswith("o"):
                return
            elif word in w.CAN_BE_VERB:
                if self._verb_by_place(i):
                    self.person[i], self.sure[i] = IO, True
            elif i and self.person[i - 1] in (IO, NOI, LUI, LORO) and self.sure[i - 1]:
                raise Uncertain
            else:
                self.person[i], self.sure[i] = IO, True
        elif NOI in persons:
            self.person[i], self.sure[i] = NOI, True
        elif LUI in persons or LORO in persons:
            self.person[i] = LUI if LUI in persons else LORO
            tenses = {f.tense for f in self.lexicon.forms[word] if f.person in (LUI, LORO)}
            plural = word.endswith(("ono", "ano", "anno"))
            self.sure[i] = (
                word in w.SURE_THIRD or plural or bool(tenses & {"imperfect", "future", "conditional"})
            ) and word not in ("mano", "era" if self._noun_by_place(i) else "mano")
            if self.at(self.before(i)) in PEOPLE and self.person[i] == LUI:
                self.sure[i] = True
            if self.person[i] == LUI and self.at(i - 1) == "si" and "nessuno" in self.low[i:]:
                self.sure[i] = True  # "non si ferma più nessuno"
            if self.lexicon.participle(word) or (
                word == "basta" and (self.at(i - 1) == "e" or self.at(i + 1) in ("", ","))
            ):
                self.person[i], self.sure[i] = None, False
            if word == "sta" and not self._standing(self.at(i + 1)):
                raise Uncertain
            if word in w.SURE_THIRD and self.at(i - 1) in ("tutti", "tutte", "loro", "clienti", "noi"):
                raise Uncertain

    def _standing(self, after: str) -> bool:
        """ "Sta" is a verb before these; elsewhere it may be a short "questa"."""
        return (
            not after or after in w.PREPOSITIONS | w.ADVERBS | w.CONJUNCTIONS | {","} or after.endswith("ndo")
        )

    def _noun_by_place(self, i: int) -> bool:
        """After an article or a preposition no finite verb stands."""
        before = self.at(i - 1)
        if before in ("d'", "dell'", "all'", "nell'", "sull'", "dall'", "quell'", "quest'"):
            return True
        if before in ("la", "lo", "le", "gli", "li", "l'") or not before:
            return False
        return before in (w.PREPOSITIONS - {"dopo", "prima", "sotto", "sopra", "dietro", "davanti", "vicino", "fuori"}) or before in (
            "il", "i", "un", "uno", "una", "un'", "mio", "mia", "miei", "mie", "nostro", "nostra", "nostri", "nostre", "ogni",
        )  # fmt: skip

    def _verb_by_place(self, i: int) -> bool:
        """Whether a form that is also a noun is the verb here.

        Raises:
            Uncertain: The place does not tell.
        """
        before, after = self.at(i - 1), self.at(i + 1)
        if before in ("io", "non", "mi", "ci", "li", "ne", "la", "si"):
            return True
        if before in ("lo", "l'"):
            if before == "lo" and self.low[i][0] not in "szaeiou":
                return True
            raise Uncertain
        if before in w.NOUN_BEFORE:
            return False
        opens = (
            before in ("", ",")
            or before in w.CONJUNCTIONS
            or before in ("ormai", "oggi", "adesso", "ora", "sempre", "spesso", "già")
        )
        goes_on = (
            after in w.PREPOSITIONS | w.ARTICLES | w.ADVERBS - {"tutto", "tutta"}
            or after in w.OWNED
            or self.lexicon.infinitive(after)
        )
        if opens and goes_on and not self._finite_in_piece(i):
            return True
        raise Uncertain

    def _finite_in_piece(self, i: int) -> bool:
        """True when another verb stands between the same commas and conjunctions."""
        for step in (-1, 1):
            j = i + step
            while 0 <= j < len(self.low) and self.low[j] != "," and self.low[j] not in w.CONJUNCTIONS:
                verbal = self.low[j] in w.SURE_THIRD or bool(self.lexicon.persons(self.low[j]) & {IO, NOI})
                if verbal and self.low[j] not in w.NEVER_VERB | w.CAN_BE_VERB:
                    return True
                j += step
        return False

    def _io_sono(self, i: int) -> int:
        """Whether "sono" is "io sono" or "loro sono"."""
        before, nearest = self.at(i - 1), self.at(self.before(i))
        after = self.at(self.after(i))
        if after[:1] and self.raw[self.after(i)][:1].isupper():
            raise Uncertain
        ends_one, ends_many = self._number(after)
        if before in ("ci", "c'") and nearest != "io":
            if after in (
                "riuscito",
                "riuscita",
                "andato",
                "andata",
                "cascato",
                "cascata",
                "rimasto",
                "rimasta",
                "nato",
                "nata",
                "cresciuta",
                "cresciuto",
            ):
                return IO
            if self.lexicon.participle(after):
                raise Uncertain
            return LORO
        if before in ("mi", "me", "ne", "lo", "la", "li", "le") or nearest == "io":
            if before in ("lo", "la", "li", "le") and self.at(i - 2) == "me":
                return IO
            if nearest == "io" and not ends_many:
                return IO
            if ends_one and self.lexicon.participle(after):
                return IO
            if ends_many and self.lexicon.participle(after):
                return LORO
            raise Uncertain
        if after in ("un", "uno", "una", "un'", "il", "l'", "titolare", "da") or (
            after in ("la", "lo") and before in ("", "e", "che", ",", "non")
        ):
            if after == "da" and self.at(self.after(i) + 1) not in ("solo", "sola"):
                raise Uncertain
            if after == "la" and self.at(self.after(i) + 1).startswith("maggior"):
                return LORO
            return IO
        if ends_many or after in ("i", "gli", "le") or after.isdigit() or after in NUMBERS:
            return LORO
        if ends_one:
            return IO
        raise Uncertain

    def _number(self, word: str) -> tuple[bool, bool]:
        """Whether a word is surely singular, or surely plural, as what follows "sono"."""
        if not word or word in w.PREPOSITIONS or not word.isalpha() or word in w.CONJUNCTIONS:
            return False, False
        if self.lexicon.persons(word) & {IO} and word not in w.NEVER_VERB and word not in w.CAN_BE_VERB:
            return False, False
        if word.endswith(("o", "a")):
            return word not in (
                "tra",
                "fra",
                "una",
                "circa",
                "qua",
                "mila",
                "trenta",
                "quaranta",
                "cinquanta",
                "parecchio",
            ), False
        if word.endswith("i"):
            return False, word not in ("lunedi",)
        if word.endswith("e"):
            stem = word[:-2] if word.endswith(("che", "ghe")) else word[:-1]
            many = (stem + "o") in self.lexicon.words or bool(self.lexicon.participle(stem + "o"))
            agent = word.endswith(("ore", "iere", "ice", "ale", "ile", "ante", "ente"))
            return agent and not many, many and not agent
        return False, False
