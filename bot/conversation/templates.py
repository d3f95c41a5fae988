"""Turning a written line into what is read: Jinja2 in a sandbox, with nothing but values and filters.

A line may hold `{{ fact }}` and `{{ fact | filter }}`, and no statement, call, attribute or arithmetic: what cannot be
written cannot hang, leak or surprise. A fact that is not known makes its line not eligible, never a blank.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.conversation.script import FactBook, FactDefinition
from bot.conversation.types import NON_DETTO, Fact, FactId, Sheet


class NotEligible(Exception):
    """This line cannot be said now: a fact it uses is unknown, or a filter declines."""


class Misspelt(Exception):
    """A text that cannot be used, with the reason in Italian."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How to speak to this person.

    Attributes:
        language: ISO 639-1.
        address: `lei` or `tu`.
        gender: `f`, `m` or "".
        simple: Plain short words are wanted.
    """

    language: str = "it"
    address: str = "lei"
    gender: str = ""
    simple: bool = False


class Mirror(Protocol):
    """Turns a person's own clause to the second person ("ho un bar in Isola" -> "ha un bar in Isola")."""

    def reflect(self, words: str, fact: FactId, manner: Manner) -> str | None:
        """The clause turned, without capital and full stop, or None when it is not certain of it.

        Args:
            words: What the person wrote, masked.
            fact: What it tells about.
            manner: Language, lei or tu, gender.
        """
        ...

    def clauses(self, words: str, fact: FactId, manner: Manner, count: int) -> tuple[str, ...]:
        """Up to `count` clauses turned (see `reflect`), the one that says most first."""
        ...

    def quotable(self, words: str, manner: Manner) -> bool:
        """True when words may be read back as they are, between quotation marks."""
        ...


class NoMirror:
    """The default: declines always, so that a plain reflection of the fact is said instead."""

    def reflect(self, words: str, fact: FactId, manner: Manner) -> str | None:
        """Decline."""
        return None

    def clauses(self, words: str, fact: FactId, manner: Manner, count: int) -> tuple[str, ...]:
        """Decline."""
        return ()

    def quotable(self, words: str, manner: Manner) -> bool:
        """Anything may be."""
        return True


class Told(str):
    """A fact inside a text: reads as its words, and filters find the rest.

    Attributes:
        entries: The sheet's entries, oldest first.
        definition: What the fact is.
        manner: How to speak.
        mirror: Who turns clauses.
    """

    entries: tuple[Fact, ...]
    definition: FactDefinition
    manner: Manner
    mirror: Mirror

    @classmethod
    def of(
        cls, entries: tuple[Fact, ...], definition: FactDefinition, manner: Manner, mirror: Mirror
    ) -> Told:
        """Dress a fact's entries for use in a text."""
        told = cls(listed([_spoken(f, definition, manner.language) for f in entries], manner.language))
        told.entries, told.definition, told.manner, told.mirror = entries, definition, manner, mirror
        return told


VARIABLES: Mapping[str, str] = {
    "titolare": "Confcommercio Milano",
    "sportello": "SPIN",
    "telefono_spin": "02 7750 1234",
    "indirizzo_spin": "corso Venezia 47, Milano",
    "presenza": "Adesso c'è una persona, fino alle 18.",
    "saluto": "Buongiorno",
    "attesa": "venti minuti",
    "riapertura": "domani alle 9",
    "quando": "domani alle 9",
    "domanda": "Che cosa la porta qui?",
    "dubbio": "lavora da solo",
    "quanto": "ottocento euro",
    "racconto": "i clienti storici vengono sempre meno",
    "esperienza": "ha provato un'app per le prenotazioni",
    "quanti": "tre",
    "argomenti": "i clienti e il telefono",
    "voce": "Instagram",
    "prima": "Isola",
    "adesso": "Lambrate",
    "linee": "Telefono Amico, 02 2327 2327 (oggi fino alle 24)",
    "nascosto": "un numero di carta",
    "angelo": "Anna",
    "lingue": "italiano, inglese",
    "dove_eravamo": "il bar in Isola",
    "trascritto": "Ho un bar in Isola",
}
"""What the engine can put into shared lines, with an example of each for the checker."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A text ready to be said.

    Attributes:
        render: Renders it with a context.
        facts: The facts it uses.
        variables: The engine's variables it uses.
        plain: It has no braces at all and reads as it is written.
    """

    render: Callable[[Mapping[str, Any]], str]
    facts: frozenset[FactId]
    variables: frozenset[str]
    plain: bool = False


class Templates:
    """Compiles texts once and keeps them."""

    def __init__(self) -> None:
        self._environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
        self._environment.globals = {}
        self._environment.tests = {}
        self._environment.filters = dict(FILTERS)
        self._compiled: dict[str, Compiled] = {}

    def compile(self, source: str) -> Compiled:
        """Compile a text.

        Raises:
            Misspelt: It is not written as texts may be; the message says why, in Italian.
        """
        found = self._compiled.get(source)
        if found is None:
            found = self._compiled[source] = self._compile(source)
        return found

    def _compile(self, source: str) -> Compiled:
        if "{" not in source:
            return Compiled(lambda _context: source, frozenset(), frozenset(), plain=True)
        try:
            tree = self._environment.parse(source)
        except TemplateError as error:
            raise Misspelt(_syntax(str(error))) from None
        names = _names(tree)
        unknown = names - set(VARIABLES) - {f.value for f in FactId}
        if unknown:
            raise Misspelt(
                f"«{min(unknown)}» non è un fatto della scheda né una parola che il programma conosce"
            )
        template = self._environment.from_string(tree)
        return Compiled(
            lambda context: template.render(context),
            frozenset(FactId(n) for n in names if n in FactId._value2member_map_),
            frozenset(n for n in names if n in VARIABLES),
        )


def _syntax(message: str) -> str:
    filter_name = re.search(r"No filter named '([^']*)'", message)
    if filter_name:
        return f"il filtro «{filter_name[1]}» non esiste; ci sono: {', '.join(sorted(FILTERS))}"
    return "le parentesi {{ }} non tornano: aprirle e chiuderle doppie, con dentro il nome di un fatto"


def _names(tree: nodes.Template) -> set[str]:
    """The names used, after refusing everything but text, values and filters with plain arguments."""
    names: set[str] = set()
    for child in tree.body:
        if not isinstance(child, nodes.Output):
            raise Misspelt("nei testi non ci sono comandi {% %}: le condizioni si scrivono in `when:`")
        for part in child.nodes:
            _value_names(part, names)
    return names


def _value_names(part: nodes.Node, names: set[str]) -> None:
    if isinstance(part, nodes.TemplateData):
        return
    if isinstance(part, nodes.Name):
        names.add(part.name)
        return
    if isinstance(part, nodes.Filter) and part.node is not None and not part.kwargs and not part.args:
        if part.name not in FILTERS:
            raise Misspelt(f"il filtro «{part.name}» non esiste; ci sono: {', '.join(sorted(FILTERS))}")
        _value_names(part.node, names)
        return
    raise Misspelt("tra {{ }} ci va solo il nome di un fatto, con i suoi filtri: niente calcoli né chiamate")


def context(
    sheet: Sheet, book: FactBook, manner: Manner, mirror: Mirror, wanted: frozenset[FactId]
) -> dict[str, Any]:
    """What a text may use: those of the wanted facts that are known, dressed in the person's language."""
    values: dict[str, Any] = {}
    for fact in wanted & book.facts.keys():
        definition = book.facts[fact]
        entries = tuple(f for f in sheet.of(fact) if f.value != NON_DETTO)
        if entries:
            values[fact.value] = Told.of(entries, definition, manner, mirror)
    return values


def listed(items: list[str], language: str) -> str:
    """Join words as a sentence does: "sito, Instagram e WhatsApp"."""
    joiner = {"it": " e ", "en": " and ", "es": " y ", "ar": " و", "zh": "、"}.get(language, ", ")
    comma = "、" if language == "zh" else "، " if language == "ar" else ", "
    if len(items) < 2:
        return "".join(items)
    return comma.join(items[:-1]) + joiner + items[-1]


RIGHT_TO_LEFT = frozenset({"ar"})
"""Languages written from right to left."""


def left_to_right(text: str, language: str) -> str:
    """A telephone number or an address inside a right-to-left text, kept in its own order.

    Without the isolates (U+2066, U+2069) "02 2327 2327" reads "2327 2327 02" there
    (https://www.unicode.org/reports/tr9/, rule N1).
    """
    return f"\u2066{text}\u2069" if text and language in RIGHT_TO_LEFT else text


def in_language(words: Mapping[str, str], language: str) -> str:
    """A label in a language, or in Italian where that language has none yet."""
    return words.get(language) or words.get("it", "")


def _spoken(fact: Fact, definition: FactDefinition, language: str) -> str:
    value = definition.values.get(fact.value)
    if value is None:
        return fact.value
    return in_language(value.spoken, language) or in_language(value.label, language)


def _heard_in(word: str, heard: str, language: str) -> bool:
    """True when a word was said; Chinese has no spaces and Arabic joins its article, so there a part is enough."""
    if language in ("ar", "zh"):
        return word in heard
    return re.search(rf"\b{re.escape(word)}\b", heard) is not None


def bottega(told: Any) -> str:
    """A shop as it is said: "un bar", "una panetteria"; from the person's word where it is known."""
    if not isinstance(told, Told):
        return str(told)
    fact = told.entries[-1]
    value = told.definition.values.get(fact.value)
    if value is None:
        raise NotEligible
    language = told.manner.language
    names = value.words if language == "it" else value.heard.get(language, {})
    heard = f" {fact.detail} {fact.words} ".casefold()
    matches = [w for w in names if _heard_in(w, heard, language)]
    if matches:
        return names[max(matches, key=len)]
    return in_language(value.spoken, told.manner.language) or in_language(value.label, told.manner.language)


def dove(told: Any) -> str:
    """A place with its own preposition: "in Isola", "al Giambellino", "a Sesto San Giovanni"."""
    name = str(told)
    if not isinstance(told, Told) or told.manner.language != "it":
        return name
    if name in told.definition.places:
        return told.definition.places[name]
    if name.startswith("Municipio"):
        return f"nel {name}"
    if name.startswith(("Porta ", "Città ", "Zona ", "Corso ", "Via ", "Piazza ")):
        return f"in {name[0].lower() + name[1:] if name.startswith(('Corso', 'Via', 'Piazza', 'Zona')) else name}"
    return f"{'ad' if name[:1] in 'Aa' else 'a'} {name}"


def elenco(told: Any) -> str:
    """Several values as a sentence lists them."""
    return str(told)


def rispecchia(told: Any) -> str:
    """The person's own clause turned to the second person; the line is not said when the mirror declines."""
    if not isinstance(told, Told):
        raise NotEligible
    fact = told.entries[-1]
    turned = told.mirror.reflect(fact.words, fact.fact, told.manner) if fact.words else None
    if not turned:
        raise NotEligible
    return turned


_COUNTED_FIRST = re.compile(
    r"^\W*(?:ci )?(?:siamo|lavoriamo)\b(?: solo| soltanto| in \w+\W*)* (?=io\b)", re.IGNORECASE
)
"""What stands before the people themselves: "siamo io e mia sorella"."""


def chi_lavora(told: Any) -> str:
    """Who works there, as it was said ("io e mia figlia" -> "lei e sua figlia"); not said when it was not said so."""
    if not isinstance(told, Told):
        raise NotEligible
    words = _COUNTED_FIRST.sub("", told.entries[-1].words)
    turned = next(iter(told.mirror.clauses(words, FactId.PERSONE, told.manner, 1)), "")
    if not re.match(r"(?:lei|tu)(?:,| e) \w", turned) or re.search(
        r"\b(?:ha|hai|avete|è|siete|gestite)\b", turned
    ):
        raise NotEligible
    return turned


_ASKED_BACK = re.compile(r"^[^?.!]{1,30}\?\s+")
"""The question given back before the answer: "Fra sei mesi? Che mia figlia..."."""

QUOTES: Mapping[str, tuple[str, str]] = {"it": ("«", "»"), "en": ("“", "”"), "zh": ("“", "”")}
"""Quotation marks by language; where none are given, those of Italian."""


def parole(told: Any) -> str:
    """The person's own words, between quotation marks; not said when they are long, or there are none."""
    if not isinstance(told, Told):
        raise NotEligible
    words = _ASKED_BACK.sub("", told.entries[-1].words).strip(" .,;:!?\n")
    if not words or len(words.split()) > 14 or "\n" in words or "http" in words or "?" in words:
        raise NotEligible
    if not told.mirror.quotable(words, told.manner):
        raise NotEligible
    opening, closing = QUOTES.get(told.manner.language, QUOTES["it"])
    return f"{opening}{words}{closing}"


def dettaglio(told: Any) -> str:
    """What was said beside the value (a deadline, a time window); not said when there is nothing."""
    if not isinstance(told, Told) or not told.entries[-1].detail:
        raise NotEligible
    return told.entries[-1].detail


def maiuscola(text: Any) -> str:
    """With a capital first letter."""
    words = str(text)
    return words[:1].upper() + words[1:]


FILTERS: dict[str, Callable[[Any], str]] = {
    "bottega": bottega,
    "dove": dove,
    "zona": dove,
    "elenco": elenco,
    "rispecchia": rispecchia,
    "chi_lavora": chi_lavora,
    "parole": parole,
    "dettaglio": dettaglio,
    "maiuscola": maiuscola,
}
"""The filters that texts may use."""
