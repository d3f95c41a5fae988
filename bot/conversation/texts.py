"""Checks on the words themselves: what may be said, in which form, and whether it can be rendered at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.conversation.library import HOME, phrases, variants
from bot.conversation.messages import suggestion
from bot.conversation.reading import Problem, Severity, Source, Trail
from bot.conversation.script import Conditions, FactBook, Gendered, Phrase, Text, Variant
from bot.conversation.sheet import HEDGE
from bot.conversation.templates import VARIABLES, Manner, Misspelt, NoMirror, NotEligible, Templates, context
from bot.conversation.types import Fact, FactId, How, Sheet
from bot.conversation.voice import CIRCUMSTANCES, FACT_WORDS, opener

MAX_CHARACTERS = 4096
MAX_LABEL_BYTES = 64

_ADVICE = re.compile(
    r"\b((?:le|ti) (?:consiglio|suggerisco|conviene|converrebbe)|dovrebbe (?:fare|aprire|avere|usare|provare)|"
    r"dovresti|(?:provi|prova) a|le serve un|ti serve un|bisogna che|la cosa migliore è|i (?:recommend|suggest)|"
    r"you should)\b",
    re.IGNORECASE,
)
_EMPTY = re.compile(r"^\s*(?:capisco|comprendo|certo|i understand|i see)\s*[.,!…]?\s*$", re.IGNORECASE)
_FEELING = re.compile(
    r"\b(mi dispiace|sono (?:felice|contento|contenta|commosso)|mi commuove|soffro con)\b", re.I
)
_JARGON = re.compile(
    r"\b(SEO|SEM|funnel|lead generation|engagement|brand awareness|CMS|conversion rate|target|customer journey|"
    r"landing page|storytelling|digital transformation)\b",
    re.IGNORECASE,
)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_ADDRESSING = re.compile(
    r"\b(tu|ti|te|tuo|tua|tuoi|tue|suo|sua|suoi|sue|la sua|le va|la chiami)\b", re.IGNORECASE
)
_QUESTION = re.compile(r"[?？؟]")


@dataclass(frozen=True, slots=True)
class Spot:
    """A text of a file, where it stands and what it is.

    Attributes:
        source: Its file.
        trail: Its place.
        text: The text.
        kind: `ask`, `say`, `reflect`, `affirm`, `summary`, `pointer`, `shared` or `alarm`.
        language: Of its file.
        questions: How many questions it may hold.
    """

    source: Source
    trail: Trail
    text: Text
    kind: str
    language: str
    questions: int = 0


def sample_sheet(book: FactBook) -> Sheet:
    """A sheet that knows every fact, to try texts on."""
    facts: list[Fact] = []
    for fact, definition in book.facts.items():
        value = next(iter(definition.values), "prova")
        facts.append(Fact(fact, value, "parole di prova", 1, How.SAID, max(HEDGE, 1.0), "dettaglio"))
    return Sheet(tuple(facts))


class Words:
    """Checks every text of a draft."""

    def __init__(self, book: FactBook, templates: Templates) -> None:
        self.book, self.templates = book, templates
        self.sample = sample_sheet(book)

    def problems(self, spot: Spot) -> Iterator[Problem]:
        """Everything wrong with one text."""
        for trail, variant in _placed(spot):
            yield from self.condition_problems(spot.source, (*trail, "when"), variant.when)
            if spot.language == HOME and variant.lei is not None and variant.tu is None:
                yield spot.source.problem(trail, "c'è la forma per il lei ma manca quella per il `tu`")
            for keys, words in phrases(variant):
                where = (*trail, *keys)
                yield from self._wording(spot, where, words)
            yield from _form_problems(spot, trail, variant)
        yield from _opener_problems(spot)

    def condition_problems(self, source: Source, trail: Trail, conditions: Conditions) -> Iterator[Problem]:
        """Conditions on facts, values or circumstances that do not exist."""
        for key, wanted in conditions.items():
            options = [wanted] if isinstance(wanted, str) else wanted
            if key in CIRCUMSTANCES:
                known: tuple[str, ...] = CIRCUMSTANCES[key]
            elif key in FactId._value2member_map_ and FactId(key) in self.book.facts:
                known = (*FACT_WORDS, *self.book.facts[FactId(key)].values)
            else:
                names = [*self.book.facts, *CIRCUMSTANCES]
                yield source.problem(
                    (*trail, key), f"«{key}» non è un fatto della scheda{suggestion(key, names)}", key=True
                )
                continue
            for option in options:
                if option not in known:
                    yield source.problem(
                        (*trail, key), f"«{option}» non è un valore di `{key}`{suggestion(option, known)}"
                    )

    def _wording(self, spot: Spot, where: Trail, words: str) -> Iterator[Problem]:
        problem = spot.source.problem
        try:
            compiled = self.templates.compile(words)
        except Misspelt as wrong:
            yield problem(where, str(wrong))
            return
        known = context(self.sample, self.book, Manner(spot.language), NoMirror(), compiled.facts)
        known.update({name: VARIABLES[name] for name in compiled.variables})
        try:
            rendered = compiled.render(known)
        except NotEligible:
            rendered = words
        except Exception:
            yield problem(
                where, "questo testo non si riesce a comporre: controllare i filtri usati tra {{ }}"
            )
            return
        if len(rendered) > MAX_CHARACTERS:
            yield problem(where, f"il testo supera {MAX_CHARACTERS} caratteri")
        if len(_QUESTION.findall(words)) > spot.questions:
            yield problem(
                where,
                "c'è più di una domanda: una sola per passo"
                if spot.questions
                else "qui non ci va una domanda: un passo ne fa una sola, in `ask`",
            )
        if spot.kind not in ("pointer", "shared", "alarm") and _ADVICE.search(words):
            yield problem(
                where, "è un consiglio, e i consigli si danno solo dopo il riassunto, in `pointers`"
            )
        if spot.kind in ("reflect", "affirm", "say") and _EMPTY.match(words):
            yield problem(
                where, "«capisco» da solo non dice niente: la riflessione porta qualcosa della persona"
            )
        if _FEELING.search(words):
            yield problem(where, "il programma non prova sentimenti: dire il peso del fatto, non il proprio")
        if _JARGON.search(words):
            yield problem(
                where, "è una parola da addetti ai lavori: dirla semplice", severity=Severity.WARNING
            )
        if _EMOJI.search(words):
            yield problem(where, "niente faccine nei testi", severity=Severity.WARNING)
        if spot.kind == "alarm" and "!" in words:
            yield problem(where, "niente punti esclamativi qui", severity=Severity.WARNING)


def _placed(spot: Spot) -> Iterator[tuple[Trail, Variant]]:
    if isinstance(spot.text, list):
        for index, variant in enumerate(variants(spot.text)):
            yield (*spot.trail, index), variant
    else:
        yield spot.trail, variants(spot.text)[0]


def _form_problems(spot: Spot, trail: Trail, variant: Variant) -> Iterator[Problem]:
    """One wording for lei and tu must address nobody."""
    if spot.language != HOME or variant.text is None or spot.kind in ("shared", "alarm"):
        return
    words = variant.text.neutro if isinstance(variant.text, Gendered) else variant.text
    found = _ADDRESSING.search(words)
    if found:
        yield spot.source.problem(
            trail,
            f"«{found[0]}» dà del lei o del tu: scrivere le due forme, `lei:` e `tu:`",
            severity=Severity.WARNING,
        )


def _opener_problems(spot: Spot) -> Iterator[Problem]:
    """Two variants of one text that begin with the same words sound alike."""
    if spot.kind not in ("ask", "reflect", "affirm") or not isinstance(spot.text, list):
        return
    seen: dict[tuple[str, str], int] = {}
    for index, variant in enumerate(variants(spot.text)):
        first = next(iter(phrases(variant)), ((), ""))[1]
        key = (str(sorted(variant.when.items())), opener(first))
        if key[1] and key in seen and "{{" not in first[:12]:
            yield spot.source.problem(
                (*spot.trail, index),
                f"comincia come un'altra versione («{key[1]} ...»): cambiare l'attacco",
                severity=Severity.WARNING,
            )
        seen[key] = index


def label_problems(source: Source, trail: Trail, phrase: Phrase | Variant) -> Iterator[Problem]:
    """A button's label: one line, short enough to be read on a phone."""
    variant = phrase if isinstance(phrase, Variant) else Variant(text=phrase)
    for _keys, words in phrases(variant):
        if len(words.encode()) > MAX_LABEL_BYTES:
            yield source.problem(
                trail, f"la scritta del pulsante è troppo lunga: al massimo {MAX_LABEL_BYTES} byte"
            )
        if "\n" in words:
            yield source.problem(trail, "la scritta di un pulsante sta su una riga sola")
