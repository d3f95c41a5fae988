"""How much of a sentence is the person's own: content words, by crude stems."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_WORD = re.compile(r"[^\W\d_]+|\d+")
_EMPTY = frozenset(
    ["della", "delle", "dello", "degli", "dalla", "dalle", "nella", "nelle", "sulla", "sulle", "alla", "alle", "agli", "allo", "questo", "questa", "questi", "queste", "quello", "quella", "quelli", "quelle", "essere", "stato", "stata", "sono", "siamo", "siete", "hanno", "avete", "abbiamo", "aveva", "avere", "fatto", "fare", "anche", "ancora", "sempre", "mai", "molto", "poco", "tutto", "tutta", "tutti", "tutte", "quando", "come", "dove", "perché", "però", "quindi", "allora", "dopo", "prima", "adesso", "oggi", "qualcosa", "qualcuno", "niente", "nulla", "cosa", "cose", "bene", "male", "così", "ogni", "altro", "altra", "altri", "altre", "volta", "volte", "dire", "detto", "proprio", "solo", "senza", "sulle", "dentro", "fuori", "suo", "sua", "suoi", "sue", "tuo", "tua", "tuoi", "tue", "mio", "mia", "miei", "mie", "nostro", "vostro", "vostra", "lei", "noi", "voi", "loro", "che", "chi", "cui", "con", "per", "tra", "fra", "una", "uno", "gli", "del", "dei", "dal", "dai", "nel", "nei", "sul", "sui", "non", "più", "già", "qui", "qua", "lì", "là", "poi", "pure", "vuole", "vorrebbe", "vorrei", "deve", "può", "potrebbe", "viene", "va", "vanno", "fa", "fanno", "sta", "stanno", "ecco", "insomma", "this", "that", "these", "those", "with", "from", "have", "has", "had", "been", "were", "was", "will", "would", "could", "should", "what", "when", "where", "which", "who", "your", "you", "yours", "they", "them", "their", "there", "here", "just", "also", "very", "much", "more", "some", "then", "than", "about", "into", "over", "only", "well", "want", "wants", "like", "make", "makes", "made", "need", "needs", "thing", "things", "something", "everything", "nothing", "our", "ours", "my", "mine", "we", "not", "and", "the", "for", "are", "but", "all", "any", "out", "how", "now", "get", "got", "don"]
)


def stems(text: str) -> frozenset[str]:
    """The content words of a text, cut to a stem that survives person, number and gender."""
    return frozenset(stem(w) for w in _WORD.findall(text.casefold()) if w.isdigit() or (len(w) > 2 and w not in _EMPTY))


def stem(word: str) -> str:
    """A word without its endings: "vendo", "vende", "vendere" -> "vend"."""
    if len(word) <= 4:
        return word[:3] if len(word) == 4 and word[-1] in "aeiou" else word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


_ENDINGS = ["eranno", "erebbe", "avamo", "evamo", "ivamo", "ando", "endo", "iamo", "arsi", "ersi", "irsi", "arti", "erti", "irti", "arla", "erla", "irla", "arle", "erle", "irle", "armi", "ermi", "irmi", "iscono", "isco", "isce", "avano", "evano", "ivano", "ate", "ete", "ite", "ano", "ono", "ato", "ata", "ati", "ate", "uto", "uta", "uti", "ute", "ito", "ita", "iti", "ite", "are", "ere", "ire", "ava", "eva", "iva", "avo", "evo", "ivo", "hi", "he", "ings", "ing", "ies", "ed", "es", "io", "ia", "ie", "s", "i", "e", "o", "a"]


@dataclass(slots=True)
class Told:
    """What a person has said so far.

    Attributes:
        messages: Their messages, oldest first.
        labels: Words that say the values of the facts they told (from the sheet's labels).
    """

    messages: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)

    def say(self, message: str, labels: Iterable[str] = ()) -> None:
        """One more message, and the words for what it tells."""
        self.messages.append(message)
        for label in labels:
            self.labels |= stems(label)

    @property
    def own(self) -> frozenset[str]:
        """Stems of everything they wrote."""
        return frozenset().union(*(stems(m) for m in self.messages)) if self.messages else frozenset()

    def shared(self, sentence: str) -> frozenset[str]:
        """The stems of a sentence that are theirs: written by them, or the plain name of what they told."""
        return stems(sentence) & (self.own | self.labels)
