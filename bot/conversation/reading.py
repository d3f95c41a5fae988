"""Reading a YAML file of `dialogues/`: plain data, the place of every value, and every problem in Italian.

YAML's own constructors are not used: we walk its events, so that aliases (the YAML bombs), tags, doubled keys,
depth and size are refused before anything is built, and each value knows its line and column.

The events come from ruamel's parser in C, ten times as fast as its twin in Python; a file with anything wrong is read
again by the latter, whose complaints are more exact.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

try:
    from _ruamel_yaml import CParser
except ImportError:  # a machine for which ruamel.yaml.clib has no wheel
    CParser = None

MAX_BYTES = 512 * 1024
MAX_DEPTH = 16
MAX_NODES = 40_000

Step: TypeAlias = str | int
Trail: TypeAlias = tuple[Step, ...]
"""Where a value stands in a file: keys and list positions from the top."""


class Severity(StrEnum):
    """An error keeps a file from being used, a warning does not."""

    ERROR = "errore"
    WARNING = "avviso"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a file that staff edit.

    Attributes:
        file: Path as staff see it, relative to `dialogues/`'s parent.
        line: 1-based.
        column: 1-based.
        message: Italian, says what to do.
        severity: Error or warning.
    """

    file: str
    line: int
    column: int
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """`file:riga:colonna: messaggio`, as editors follow it."""
        mark = "" if self.severity is Severity.ERROR else "avviso: "
        return f"{self.file}:{self.line}:{self.column}: {mark}{self.message}"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read.

    Attributes:
        file: Its name as shown in problems.
        data: Plain dicts, lists, strings, numbers, booleans and None.
        values: Line and column of each value, 1-based.
        keys: Line and column of each key, 1-based.
    """

    file: str
    data: Any
    values: dict[Trail, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Trail, tuple[int, int]] = field(default_factory=dict)

    def place(self, trail: Trail, *, key: bool = False) -> tuple[int, int]:
        """Line and column of a value (or its key); of the nearest enclosing one when it has none."""
        for length in range(len(trail), -1, -1):
            where = trail[:length]
            if (key or length < len(trail)) and where in self.keys:
                return self.keys[where]
            if where in self.values:
                return self.values[where]
        return (1, 1)

    def problem(
        self, trail: Trail, message: str, *, key: bool = False, severity: Severity = Severity.ERROR
    ) -> Problem:
        """A problem at a place in this file."""
        line, column = self.place(trail, key=key)
        return Problem(self.file, line, column, message, severity)


class Refused(Exception):
    """The file cannot be read at all; carries the problem to show."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_file(path: Path, shown_as: str) -> tuple[Source | None, tuple[Problem, ...]]:
    """Read one YAML file.

    Args:
        path: The file.
        shown_as: Its name in problems.

    Returns:
        What was read, or None when it cannot be used, and the problems met.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            return None, (
                Problem(
                    shown_as,
                    1,
                    1,
                    f"il file è troppo grande ({size // 1024} kB): il massimo è "
                    f"{MAX_BYTES // 1024} kB. Va diviso in più file",
                ),
            )
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return None, (Problem(shown_as, line, 1, "il file non è in UTF-8: va salvato di nuovo come UTF-8"),)
    except OSError:
        return None, (Problem(shown_as, 1, 1, "il file non si può leggere"),)
    return read_text(text, shown_as)


def read_text(text: str, shown_as: str) -> tuple[Source | None, tuple[Problem, ...]]:
    """Read YAML from a string (see `read_file`)."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return None, (
            Problem(shown_as, 1, 1, f"il file è troppo grande: il massimo è {MAX_BYTES // 1024} kB"),
        )
    if (good := _quickly(text, shown_as)) is not None:
        return good, ()
    builder = _Builder(shown_as)
    try:
        for event in YAML(typ="safe", pure=True).parse(io.StringIO(text)):
            builder.take(event)
    except Refused as refused:
        return None, (*builder.problems, refused.problem)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        opened = _open_quotes(text, line)
        if opened is not None:
            message = "le virgolette aperte qui non vengono mai chiuse"
            return None, (*builder.problems, Problem(shown_as, *opened, message))
        return None, (*builder.problems, Problem(shown_as, line, column, _syntax_message(error)))
    except (YAMLError, ValueError, RecursionError) as error:
        where = getattr(error, "position", None)
        line = text[:where].count("\n") + 1 if isinstance(where, int) else 1
        return None, (
            *builder.problems,
            Problem(
                shown_as,
                line,
                1,
                "qui c'è un carattere che YAML non ammette: cancellarlo e riscrivere la riga",
            ),
        )
    if builder.data is None and not builder.values:
        return None, (Problem(shown_as, 1, 1, "il file è vuoto"),)
    return Source(shown_as, builder.data, builder.values, builder.keys), tuple(builder.problems)


def _quickly(text: str, shown_as: str) -> Source | None:
    """The file as the parser in C reads it; None when there is anything to say about it."""
    # Tabulations and emoji are a matter for the exact one, which complains of more of them.
    if CParser is None or "\t" in text or max(text, default="") > "\uffff":
        return None
    builder = _Builder(shown_as)
    try:
        parser = CParser(text)
        while parser.check_event():
            event = parser.get_event()
            if getattr(event, "value", None) == "" and event.style in (None, ""):
                return None  # a value that was left empty: the two put it at different columns
            builder.take(event)
    except (Refused, YAMLError, ValueError, RecursionError):
        return None
    # A file that is one bare block of text the two read differently ("|" before a "#"); none of ours is.
    if builder.problems or not isinstance(builder.data, (dict, list)):
        return None
    return Source(shown_as, builder.data, builder.values, builder.keys)


def _open_quotes(text: str, line: int) -> tuple[int, int] | None:
    """Where quotation marks were opened that swallow the lines before an error, if that is what happened."""
    lines = text.split("\n")
    for number in range(min(line, len(lines)) - 1, max(0, line - 40), -1):
        above = lines[number - 1]
        if above.count('"') % 2 == 1:
            return number, above.index('"') + 1
        if above.strip().endswith('"'):
            return None
    return None


def _syntax_message(error: MarkedYAMLError) -> str:
    text = f"{error.context or ''} {error.problem or ''}"
    if "\\t" in text or "\t" in text:
        return "c'è un carattere di tabulazione: i rientri si fanno con gli spazi"
    if "mapping values are not allowed" in text:
        return "qui i due punti non sono ammessi: se fanno parte della frase, mettere la frase tra virgolette"
    if "found unexpected end of stream" in text or "quoted scalar" in text:
        return "le virgolette aperte qui non vengono mai chiuse"
    if "expected <block end>" in text or "block mapping" in text or "block collection" in text:
        return "il rientro di questa riga non torna con quelle sopra: allinearla alle sue sorelle"
    if "could not find expected ':'" in text or "simple key" in text:
        return "manca il due punti dopo il nome"
    if "cannot start any token" in text:
        return "questo carattere non può aprire una frase: mettere la frase tra virgolette"
    if "flow" in text:
        return "una parentesi { o [ aperta qui non viene chiusa: se fa parte della frase, usare le virgolette"
    return "qui la scrittura YAML non torna: controllare rientri, due punti e virgolette"


_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+$")


def _plain(value: str) -> object:
    """YAML 1.2's core scalars; everything else is text (so `no` and `sì` stay words)."""
    if value in ("", "~", "null"):
        return None
    if value in ("true", "false"):
        return value == "true"
    if len(value) < 16 and _INT.match(value):
        return int(value)
    if len(value) < 16 and _FLOAT.match(value):
        return float(value)
    return value


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being filled."""

    content: dict[Any, Any] | list[Any]
    trail: Trail
    key: Step | None = None


class _Builder:
    """Builds data and places from YAML's events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.data: Any = None
        self.values: dict[Trail, tuple[int, int]] = {}
        self.keys: dict[Trail, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self._stack: list[_Open] = []
        self._documents = 0
        self._nodes = 0

    def take(self, event: Any) -> None:
        """Use one event of the parser."""
        kind = type(event).__name__
        place = (event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else (1, 1)
        if kind == "AliasEvent" or getattr(event, "anchor", None):
            raise self._refused(
                place,
                "i rimandi YAML (& e *) non sono ammessi: scrivere il testo per intero, "
                "oppure metterlo fra le frasi condivise",
            )
        tag = getattr(event, "tag", None) or getattr(event, "ctag", None)
        if (
            tag is not None
            and str(tag) not in ("None", "!")
            and "Event" in kind
            and kind != "DocumentStartEvent"
        ):
            raise self._refused(place, "le etichette YAML (!) non sono ammesse: scrivere solo testo")
        if kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise self._refused(place, "un file tiene un solo documento: togliere la riga ---")
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._count(place)
            content: dict[Any, Any] | list[Any] = {} if kind == "MappingStartEvent" else []
            trail = self._put(content, place)
            self._stack.append(_Open(content, trail))
            if len(self._stack) > MAX_DEPTH:
                raise self._refused(place, "troppi livelli di rientro uno dentro l'altro")
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._stack.pop()
            if self._stack and isinstance(self._stack[-1].content, dict):
                self._stack[-1].key = None
        elif kind == "ScalarEvent":
            self._count(place)
            plain = event.style in (None, "")
            self._scalar(_plain(event.value) if plain else event.value, event.value, place)

    def _scalar(self, value: object, raw: str, place: tuple[int, int]) -> None:
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.content, dict) and top.key is None:
            if raw in top.content:
                self.problems.append(
                    Problem(self.file, *place, f"«{raw[:40]}» c'è già più sopra: un nome solo per voce")
                )
            top.key = raw
            self.keys[(*top.trail, raw)] = place
            return
        self._put(value, place)
        if top is not None and isinstance(top.content, dict):
            top.key = None

    def _put(self, value: object, place: tuple[int, int]) -> Trail:
        if not self._stack:
            self.data = value
            self.values[()] = place
            return ()
        top = self._stack[-1]
        if isinstance(top.content, list):
            trail: Trail = (*top.trail, len(top.content))
            top.content.append(value)
        else:
            if top.key is None:
                raise self._refused(place, "qui ci vuole un nome semplice, non un elenco")
            trail = (*top.trail, top.key)
            top.content[top.key] = value
        self.values[trail] = place
        return trail

    def _count(self, place: tuple[int, int]) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._refused(place, "il file ha troppe voci: dividerlo in più file")

    def _refused(self, place: tuple[int, int], message: str) -> Refused:
        return Refused(Problem(self.file, *place, message))
