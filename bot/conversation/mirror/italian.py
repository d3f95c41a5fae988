"""Turning an Italian clause from the first person to the second, lei or tu; declining at the first doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.mirror import words as w
from bot.conversation.mirror.lexicon import IO, LORO, LUI, NOI, TU, VOI, Lexicon, italian


class Uncertain(Exception):
    """The clause cannot be turned with certainty."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A clause in the second person.

    Attributes:
        text: The clause, without capital and full stop.
        changes: How many words were turned; 0 for a clause that speaks of others.
        finite: Index of the first finite verb.
    """

    text: str
    changes: int
    finite: int


_POSSESSIVES = {"mio": ("suo", "tuo"), "mia": ("sua", "tua"), "miei": ("suoi", "tuoi"), "mie": ("sue", "tue")}
_OURS = {"nostro": "vostro", "nostra": "vostra", "nostri": "vostri", "nostre": "vostre"}
_OBJECTS = frozenset(["lo", "la", "li", "le", "ne", "l'", "n'"])
_PEOPLE = frozenset(
    [
        "moglie",
        "marito",
        "figlio",
        "figlia",
        "padre",
        "madre",
        "papà",
        "mamma",
        "fratello",
        "sorella",
        "nipote",
        "cugino",
        "cugina",
        "zio",
        "zia",
        "nonno",
        "nonna",
        "suocera",
        "suocero",
        "genero",
        "nuora",
        "socio",
        "socia",
        "collega",
        "commesso",
        "commessa",
        "cameriere",
        "cameriera",
        "ragazzo",
        "ragazza",
        "amico",
        "amica",
        "vicino",
        "vicina",
        "commercialista",
        "dipendente",
        "cliente",
        "signora",
        "signore",
        "proprietario",
        "proprietaria",
        "padrone",
        "compagno",
        "compagna",
    ]
)
_KIN = frozenset(
    [
        "moglie",
        "marito",
        "figlio",
        "figlia",
        "figli",
        "figlie",
        "padre",
        "madre",
        "fratello",
        "sorella",
        "fratelli",
        "sorelle",
        "nipote",
        "nipoti",
        "cugino",
        "cugina",
        "cugini",
        "zio",
        "zia",
        "nonno",
        "nonna",
        "nonni",
        "suocera",
        "suocero",
        "suoceri",
        "genero",
        "nuora",
        "cognato",
        "cognata",
        "mamma",
        "papà",
        "conto",
        "parere",
        "avviso",
        "modo",
        "carico",
        "nome",
        "volta",
    ]
)
_FEAR = frozenset(
    [
        "paura",
        "male",
        "bene",
        "piacere",
        "comodo",
        "fatica",
        "gola",
        "schifo",
        "voglia",
        "effetto",
        "impressione",
        "specie",
        "rabbia",
    ]
)


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


def written(words: Sequence[str]) -> str:
    """Words as a line of text: no space after an elision or before a comma."""
    text = ""
    for word in words:
        glue = not text or (text.endswith("'") and not text.endswith("po'")) or word == ","
        text += word if glue else f" {word}"
    return text


class _Turner:
    def __init__(self, words: Sequence[str], *, polite: bool, wish: bool, bare: bool) -> None:
        self.lexicon: Lexicon = italian()
        self.polite, self.wish, self.bare = polite, wish, bare
        self.raw = [
            w.PROPER.get(x.casefold(), x) if x.casefold() not in w.AMBIGUOUS_PROPER else x for x in words
        ]
        self.low = [x.casefold() for x in words]
        self.out = list(self.raw)
        self.person: list[int | None] = [None] * len(words)
        self.sure: list[bool] = [False] * len(words)
        self.changes = 0

    # --- the whole ----------------------------------------------------------------------------------------

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

    def at(self, i: int) -> str:
        """The word at a place, "" outside."""
        return self.low[i] if 0 <= i < len(self.low) else ""

    def before(self, i: int) -> int:
        """The nearest word before that is neither a clitic nor "non" (nor an adverb of degree)."""
        j = i - 1
        while j >= 0 and (self.low[j] in w.CLITICS - {"la", "lo", "le", "gli", "l'"} or self.low[j] == "non"):
            j -= 1
        return j

    def after(self, i: int) -> int:
        """The nearest word after that is not an adverb."""
        j = i + 1
        while j < len(self.low) and (self.low[j] in w.ADVERBS or self.low[j].endswith("mente")):
            j += 1
        return j

    # --- recognising --------------------------------------------------------------------------------------

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
        elif (word == "fa" and self.at(i - 1) in _TIMES) or word in w.ADVERBS:  # "quattro anni fa" is no verb
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
            if self.at(self.before(i)) in _PEOPLE and self.person[i] == LUI:
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
        if ends_many or after in ("i", "gli", "le") or after.isdigit() or after in _NUMBERS:
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

    # --- what is broken or could be misread ------------------------------------------------------------------

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
        if self.at(0) in _FOLKS and any(p in (LUI, LORO) for p in self.person[1:4]):
            raise Uncertain
        many = (
            self.at(0) in _NUMBERS
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
            if word in _NEEDS_A and self.lexicon.infinitive(after):
                raise Uncertain
            if self.lexicon.infinitive(word) and after == "no":
                raise Uncertain
            works = word in ("lavoro", "lavora") and self.person[i] is not None
            if works and after and after not in w.PREPOSITIONS | w.ADVERBS | w.CONJUNCTIONS | _AFTER_WORK:
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
                (word in _PEOPLE | w.COUNTABLE or after in ("pakistano", "cinese"))
                and bare
                and self.lexicon.persons(after)
            ):
                raise Uncertain
            if word == "io" and after and not self._follows_io(after, i + 1):
                raise Uncertain
            if (
                word in _STREETS
                and self._is_proper(i + 1)
                and before not in w.PREPOSITIONS | w.ARTICLES | {"", ","}
            ):
                raise Uncertain
            if (
                word in ("mercato", "negozio")
                and before not in _BEFORE_PLACE | w.PREPOSITIONS | w.ARTICLES
                and not before.isdigit()
            ):
                raise Uncertain
            if word == "no" and self.lexicon.persons(after):
                raise Uncertain
            if (
                self.person[i] == NOI
                and self.at(i - 1) in _PEOPLE
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
                word in _POSSESSIVES
                and after not in _KIN
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
        if bare and self.at(j + 1) not in {*_POSSESSIVES, "il", "la", "un", "una", "solo", "l'"}:
            raise Uncertain
        if (
            j < len(self.low)
            and self.person[j] == LUI
            and j > 0
            and self.at(0) == "mi"
            and self.low[j] in ("dice", "diceva", "ripeteva", "ha")
        ):
            raise Uncertain

    def _is_proper(self, i: int) -> bool:
        return 0 <= i < len(self.low) and (self.low[i] in w.PROPER or (i > 0 and self.raw[i][:1].isupper()))

    def _third_parties(self) -> None:
        """With *lei*, "ha" may be read of somebody else: refuse where somebody else was just spoken of."""
        firsts = [i for i, p in enumerate(self.person) if p == IO]
        for i in firsts:
            for j in range(i):
                acts = self.person[j] == LUI and (self.sure[j] or self.low[j] in w.SURE_THIRD)
                if acts and not self._of_no_one(j) and "io" not in self.low[j:i]:
                    raise Uncertain
        owned = [i for i, x in enumerate(self.low) if x in _POSSESSIVES]
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
                self.person[j] == LUI and self.sure[j] and any(x in _PEOPLE for x in self.low[:j])
                for j in range(i)
            ):
                raise Uncertain

    def _of_no_one(self, j: int) -> bool:
        """A third person that nobody can be: "c'è", "mi piace", "serve"."""
        return self.at(j - 1) in ("c'", "ci", "mi", "si") or self.low[j] in (
            "serve",
            "manca",
            "basta",
            "pare",
            "sembra",
            "piace",
            "piacerebbe",
        )

    # --- turning --------------------------------------------------------------------------------------------

    def _turn_word(self, i: int, wish: bool) -> None:
        word = self.low[i]
        if word in _POSSESSIVES:
            self._put(i, _POSSESSIVES[word][0 if self.polite else 1])
        elif word in _OURS:
            self._put(i, _OURS[word])
        elif word == "io":
            if self.at(i - 1) == "anch'":
                self.out[i - 1] = "anche"
            if self.at(i - 1) == "ed":
                self.out[i - 1] = "e"
            self._put(i, "lei" if self.polite else "tu")
        elif word == "noi":
            self._put(i, "voi")
        elif word in ("mi", "m'"):
            self._mi(i)
        elif word == "me":
            self._me(i)
        elif word in ("ci", "ce"):
            self._ci(i)
        elif self.person[i] in (IO, NOI):
            self._verb(i)
        elif self._enclitic(word):
            self._attached(i, wish)

    def _put(self, i: int, word: str) -> None:
        self.out[i] = word
        self.changes += 1

    def _verb(self, i: int) -> None:
        word = self.low[i]
        if word == "sono":
            self._put(i, "è" if self.polite else "sei")
            return
        if self.person[i] == NOI:
            if self._doubtful_mood(i) and not (word == "siamo" and self.at(i - 1) == "ci"):
                raise Uncertain
            found = self.lexicon.turned(word, NOI, VOI)
            subjunctive = {f.tense for f in self.lexicon.forms[word] if f.person == NOI}
            if found is None and "present" in subjunctive:
                found = self._indicative(word)
        else:
            found = self.lexicon.turned(word, IO, LUI if self.polite else TU)
        if found is None:
            raise Uncertain
        if self.at(i - 1) == "c'" and self.lexicon.verbs_of(word, IO) & {"avere"}:
            self.out[i - 1] = ""
        self._put(i, found)

    def _indicative(self, word: str) -> str | None:
        found = {
            self.lexicon.table[f.verb, f.tense][VOI]
            for f in self.lexicon.forms[word]
            if f.person == NOI and f.tense == "present"
        }
        return found.pop() if len(found) == 1 else None

    def _doubtful_mood(self, i: int) -> bool:
        """After "che" the first person plural may be a subjunctive."""
        return "che" in self.low[:i] and any(
            self.lexicon.verbs_of(x, p) & {"volere", "sperare", "pensare", "credere", "bisognare", "sembrare", "parere"}
            for x in self.low[:i] for p in range(6)
        )  # fmt: skip

    def _next_verb(self, i: int) -> int:
        """The verb that a clitic belongs to.

        Raises:
            Uncertain: It is followed by something else.
        """
        j = i + 1
        while self.at(j) in _OBJECTS | {"si"}:
            j += 1
        if j >= len(self.low) or (self.person[j] is None and self.low[j] not in w.SURE_THIRD):
            raise Uncertain
        return j

    def _lexical(self, j: int) -> frozenset[str]:
        """The verbs that carry the meaning: the participle's after an auxiliary, the infinitive after a modal."""
        own = frozenset(f.verb for f in self.lexicon.forms.get(self.low[j], ()) if f.person in (LUI, LORO))
        k = self.after(j)
        following = self.at(k)
        if own & {"avere", "essere"}:
            return self.lexicon.participle(following) or frozenset({"?"})
        if own & set(w.MODALS) and self.lexicon.infinitive(following):
            return frozenset({following})
        if own & {"stare"} and following.endswith("ndo"):
            return frozenset({"?"})
        if own & {"fare"} and following in _CAUSED:
            return frozenset({"vedere"})
        if own & {"fare"}:
            return frozenset({"servire"}) if following in _FEAR else frozenset({"?"})
        return own

    def _compound(self, j: int) -> bool:
        return any(f.verb == "avere" for f in self.lexicon.forms.get(self.low[j], ())) and bool(
            self.lexicon.participle(self.at(self.after(j)))
        )

    def _mi(self, i: int) -> None:
        j = self._next_verb(i)
        if self.person[j] == IO:
            self._put(i, "si" if self.polite else "ti")
        elif self.person[j] == NOI:
            raise Uncertain
        elif not self.polite:
            self._put(i, "ti")
        else:
            verbs, after = self._lexical(j), self.at(j + 1)
            participle = self.after(j) if self._compound(j) else -1
            given = (
                participle > 0 and self.at(participle + 1) in w.ARTICLES and self.at(participle).endswith("o")
            )
            if given and not self.lexicon.participle(self.at(participle)) & w.ACCUSATIVE:
                self._put(i, "le")  # "mi hanno messo la ciclabile davanti"
            elif verbs and verbs <= w.DATIVE and after not in ("a", "ai", "alle", "agli", "al", "alla"):
                self._put(i, "le")
            elif after in w.ARTICLES | {
                "ste",
                "sti",
                "sta",
                "queste",
                "questi",
                "quelle",
                "quei",
                "tutte",
                "tutti",
            }:  # "mi segue le pagine": the object is another
                raise Uncertain
            elif verbs and verbs <= w.ACCUSATIVE and not self._compound(j) and self.at(i + 1) != "si":
                self._put(i, "la")
            else:
                raise Uncertain

    def _me(self, i: int) -> None:
        after = self.at(i + 1)
        if after in _OBJECTS:
            j = self._next_verb(i)
            if self.person[j] == IO:
                self._put(i, "se" if self.polite else "te")
            elif self.person[j] == NOI:
                raise Uncertain
            elif not self.polite:
                self._put(i, "te")
            else:
                self._put(i, "glie" + after)
                self.out[i + 1] = ""
            return
        before = self.at(i - 1)
        if before in w.PREPOSITIONS or before in ("come", "secondo", "anche", "tranne", "e"):
            self._put(i, "lei" if self.polite else "te")
            return
        raise Uncertain

    def _ci(self, i: int) -> None:
        if self.at(i + 1) in _OBJECTS:  # "ce l'ho", "ce la faccio"
            j = self._next_verb(i)
            verbs = frozenset(f.verb for f in self.lexicon.forms.get(self.low[j], ()))
            if self.person[j] == IO or (
                verbs & {"avere"} and not self.lexicon.participle(self.at(self.after(j)))
            ):
                return
            raise Uncertain
        j = self._next_verb(i)
        verb = self.low[j]
        if self.person[j] == IO:
            return
        if self.person[j] == NOI:
            verbs = self.lexicon.verbs_of(verb, NOI)
            participle = self.lexicon.participle(self.at(self.after(j)))
            if ("essere" in verbs and participle) or (verbs and verbs <= w.OUR_REFLEXIVES):
                self._put(i, "vi")
            elif not verbs <= w.LOCATIVE_CI:
                raise Uncertain
            return
        if verb in w.THERE_IS and not self.lexicon.participle(self.at(self.after(j))):
            return
        if verb in w.TO_US or (
            verb in ("hanno", "ha", "avevano", "aveva") and self.lexicon.participle(self.at(self.after(j)))
        ):
            self._put(i, "vi")
            return
        raise Uncertain

    # --- pronouns attached to an infinitive or a gerund ---------------------------------------------------------

    def _enclitic(self, word: str) -> str:
        """The infinitive of "aiutarmi", "iscriverci", "arrangiandomi"; "" for any other word."""
        if len(word) < 5 or word[-2:] not in ("mi", "ci", "lo", "la", "li", "le", "ne", "si"):
            return ""
        stem = word[:-2]
        if stem.endswith("r"):
            for end in ("e", "re"):
                if self.lexicon.infinitive(stem + end):
                    return stem + end
        if stem.endswith("ndo") and len(stem) > 5:
            return "?"
        if (
            stem.endswith(("me", "ce", "se"))
            and stem[:-2].endswith("r")
            and self.lexicon.infinitive(stem[:-2] + "e")
        ):
            return "" if stem.endswith("me") else stem[:-2] + "e"
        return ""

    def _attached(self, i: int, wish: bool) -> None:
        word = self.low[i]
        ending, infinitive = word[-2:], self._enclitic(word)
        if ending not in ("mi", "ci"):
            return
        governor = self._governor(i, wish)
        if ending == "mi":
            if governor == IO:
                self._put(i, word[:-2] + ("si" if self.polite else "ti"))
            elif not self.polite:
                self._put(i, word[:-2] + "ti")
            elif infinitive in w.ACCUSATIVE:
                self._put(i, word[:-2] + "la")
            elif infinitive in w.DATIVE:
                self._put(i, word[:-2] + "le")
            else:
                raise Uncertain
            return
        if infinitive in w.LOCATIVE_CI:
            return
        if governor == NOI or infinitive in (w.ACCUSATIVE | w.DATIVE):
            self._put(i, word[:-2] + "vi")
            return
        raise Uncertain

    def _governor(self, i: int, wish: bool) -> int | None:
        """Whose action an infinitive is: the person of the verb just before it, or None."""
        j = i - 1
        while j >= 0:
            if self.person[j] is not None:
                return self.person[j]
            low = self.low[j]
            if not (
                low in w.BETWEEN
                or self.lexicon.infinitive(low)
                or low.endswith("ndo")
                or self.lexicon.participle(low)
            ):
                return IO if {p for p in self.person if p is not None} == {IO} else None
            j -= 1
        return IO if wish else None

    # --- the end --------------------------------------------------------------------------------------------

    def _speaks_on(self, i: int) -> bool:
        """True when the verb of "io" follows at once, or after "non" and clitics."""
        while self.at(i) in w.CLITICS | {"non"}:
            i += 1
        return i < len(self.low) and self.person[i] == IO

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
            if low in _POSSESSIVES or low in _OURS or low in ("io", "mi", "me", "noi", "m'", "meco"):
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
            if low.endswith("iamo") or _ATTACHED.search(low):
                raise Uncertain


_TIMES = frozenset({"anni", "anno", "mesi", "mese", "settimane", "settimana", "giorni", "tempo", "ore"})

_CAUSED = frozenset(
    {
        "litigare",
        "lavorare",
        "dormire",
        "impazzire",
        "correre",
        "sorridere",
        "ridere",
        "uscire",
        "tornare",
        "vivere",
        "campare",
    }
)
"""What somebody is made to do: the person is the object ("mi fa litigare", "la fa litigare")."""

_NEEDS_A = frozenset(
    {"insegnare", "imparare", "cominciare", "iniziare", "provare", "riuscire", "aiutare", "continuare"}
)
"""Verbs that take "a" before an infinitive."""

_FOLKS = frozenset(
    {
        "uomo",
        "donna",
        "gente",
        "persona",
        "persone",
        "ragazzi",
        "signora",
        "signore",
        "cliente",
        "clienti",
        "giovani",
        "turisti",
        "amico",
    }
)
_AFTER_WORK = frozenset(
    {
        ",",
        "solo",
        "sola",
        "soli",
        "sole",
        "insieme",
        "tanto",
        "molto",
        "poco",
        "troppo",
        "tutti",
        "tutte",
        "ogni",
        "tutto",
        "tutta",
        "senza",
        "part",
        "mezza",
        "mia",
        "mio",
    }
)

_ATTACHED = re.compile(r"(?:r|ndo)(?:mi|me(?:ne|l[oaie]))$")
_STREETS = frozenset({"via", "viale", "corso", "piazza", "piazzale", "zona"})
_BEFORE_PLACE = frozenset(
    {
        "",
        ",",
        "e",
        "o",
        "mio",
        "nostro",
        "nuovo",
        "piccolo",
        "vecchio",
        "stesso",
        "primo",
        "secondo",
        "bel",
        "grande",
        "altro",
        "questo",
    }
    | {"quel", "ogni", "mezzo", "loro", "terzo", "che", "suo", "nessun", "qualche", "solo"}
)
_NUMBERS = frozenset(
    [
        "due",
        "tre",
        "quattro",
        "cinque",
        "sei",
        "sette",
        "otto",
        "nove",
        "dieci",
        "tanti",
        "tante",
        "pochi",
        "poche",
        "molti",
        "molte",
        "tutti",
        "tutte",
        "vent'anni",
    ]
)
