"""The words that change with the person: verbs, pronouns, possessives, what hangs on an infinitive."""

from __future__ import annotations

from bot.conversation.mirror import words as w
from bot.conversation.mirror.circles import CAUSED, FEAR, OBJECTS, OURS, POSSESSIVES
from bot.conversation.mirror.clause import Uncertain
from bot.conversation.mirror.lexicon import IO, LORO, LUI, NOI, TU, VOI
from bot.conversation.mirror.refusing import Refusing


class Turning(Refusing):
    """Turns one word at a time."""

    def _turn_word(self, i: int, wish: bool) -> None:
        word = self.low[i]
        if word in POSSESSIVES:
            self._put(i, POSSESSIVES[word][0 if self.polite else 1])
        elif word in OURS:
            self._put(i, OURS[word])
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
        while self.at(j) in OBJECTS | {"si"}:
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
        if own & {"fare"} and following in CAUSED:
            return frozenset({"vedere"})
        if own & {"fare"}:
            return frozenset({"servire"}) if following in FEAR else frozenset({"?"})
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
        if after in OBJECTS:
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
        if self.at(i + 1) in OBJECTS:  # "ce l'ho", "ce la faccio"
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
