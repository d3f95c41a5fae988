"""The rules of `nlu/alarms/<language>.yml`: phrases that are an alarm, and what takes the alarm out of them.

A rule that finds its phrase is `SURE` or a `HINT`. It is `DENIED` where the same sentence makes a figure of speech of
it (`except`), negates it (`negations` right before it), or tells it as over, or of a film (`elsewhere`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.conversation.types import Alarm
from bot.understanding.alarms.phrases import PhraseError, Spelling


class AlarmDataError(ValueError):
    """Faults in the alarm files; `problems` holds all of them, in Italian, as `file:riga: messaggio`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Level(IntEnum):
    """What a rule says of its alarm, weakest first."""

    DENIED = 0
    HINT = 1
    SURE = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that found its phrase.

    Attributes:
        alarm: Which alarm.
        level: How sure.
        rule: `<language>/<name>`; it never holds the words.
        unless: Alarms that, surely found in the same message, explain this one away (a threat for money).
    """

    alarm: Alarm
    level: Level
    rule: str
    unless: frozenset[Alarm] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a file."""

    alarm: Alarm
    name: str
    level: Level
    phrases: re.Pattern[str]
    exceptions: re.Pattern[str] | None
    deniable: bool
    unless: frozenset[Alarm] = frozenset()


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules of one language.

    Attributes:
        language: The file's name.
        spelling: How texts are brought to the form of its phrases.
        rules: In the order of the file.
        negations: What, right before a phrase, denies it.
        afterwards: What, right after a phrase, denies it ("mai visto", "no").
        elsewhere: What, in the same sentence, says that it is over, or a film, or the news.
        figures: Figures of speech of each alarm, which are none.
    """

    language: str
    spelling: Spelling
    rules: tuple[Rule, ...]
    negations: re.Pattern[str] | None
    afterwards: re.Pattern[str] | None
    elsewhere: re.Pattern[str] | None
    figures: Mapping[Alarm, re.Pattern[str]]

    def find(self, sentence: str) -> list[Finding]:
        """What the rules find in one sentence (spoken form, of any length)."""
        text = self.spelling.read(sentence)
        found = []
        figures = {alarm: [m.span() for m in p.finditer(text)] for alarm, p in self.figures.items()}
        for rule in self.rules:
            for match in rule.phrases.finditer(text):
                figure = any(a < match.end() and match.start() < b for a, b in figures.get(rule.alarm, ()))
                level = Level.DENIED if figure or self._denied(rule, text, match) else rule.level
                found.append(Finding(rule.alarm, level, f"{self.language}/{rule.name}", rule.unless))
        found += [
            Finding(alarm, Level.DENIED, f"{self.language}/modi_di_dire")
            for alarm, spans in figures.items()
            if spans
        ]
        return found

    def _denied(self, rule: Rule, text: str, match: re.Match[str]) -> bool:
        around = text[max(0, match.start() - 60) : match.end() + 60]
        if rule.exceptions and rule.exceptions.search(around):
            return True
        if not rule.deniable:
            return False
        before = text[max(0, match.start() - 45) : match.start()]
        if self.negations and any(close_before(before, m.end()) for m in self.negations.finditer(before)):
            return True
        after = text[match.end() : match.end() + 45]
        if self.afterwards and any(
            close_before(after[: m.start()], 0) for m in self.afterwards.finditer(after)
        ):
            return True
        return bool(
            self.elsewhere and self.elsewhere.search(text[max(0, match.start() - 160) : match.end() + 100])
        )


ANSWERS = "answers.yml"
SAFETY = "safety.yml"
"""The files of `bot.understanding.alarms.answers`, which lie beside the rules."""

_STOP = re.compile(r"[,;:.!?\n]|\b(?:ma|pero|but|pero|sino)\b")


def close_before(before: str, end: int) -> bool:
    """True where a negation that ends there denies what follows: within the clause, at most two words before."""
    between = before[end:]
    return not _STOP.search(between) and len(between.split()) <= 2


def load_rules(folder: Path) -> tuple[RuleBook, ...]:
    """Read every `<language>.yml` of `nlu/alarms`.

    Raises:
        AlarmDataError: With all the problems found.
    """
    books, problems = [], []
    for file in sorted(folder.glob("*.yml")):
        if file.name in (ANSWERS, SAFETY):
            continue
        try:
            data = YAML(typ="rt").load(file.read_text(encoding="utf-8"))
        except YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
            problems.append(f"{file}:{line}: il file non è YAML valido")
            continue
        book = _Reader(file, data, problems).book()
        if book:
            books.append(book)
    if problems:
        raise AlarmDataError(problems)
    return tuple(books)


class _Reader:
    def __init__(self, file: Path, data: Any, problems: list[str]) -> None:
        self.file, self.data, self.problems = file, data, problems
        self.groups: dict[str, list[str]] = {}
        self.spelling = Spelling()

    def fault(self, node: Any, text: str) -> None:
        line = getattr(getattr(node, "lc", None), "line", 0) + 1
        self.problems.append(f"{self.file}:{line}: {text}")

    def book(self) -> RuleBook | None:
        if not isinstance(self.data, dict) or not isinstance(self.data.get("alarms"), dict):
            self.fault(self.data, "qui servono le regole, sotto la voce «alarms»")
            return None
        short = {str(k): str(v) for k, v in (self.data.get("abbreviations") or {}).items()}
        self.spelling = Spelling(
            bool(self.data.get("sloppy")), bool(self.data.get("spaced", True)), short or None
        )
        self.groups = {str(k): [str(p) for p in v] for k, v in (self.data.get("groups") or {}).items()}
        rules: list[Rule] = []
        figures: dict[Alarm, re.Pattern[str]] = {}
        for name, part in self.data["alarms"].items():
            if name not in list(Alarm):
                self.fault(self.data["alarms"], f"l'allarme «{name}» non esiste: {', '.join(Alarm)}")
                continue
            rules += [r for node in part.get("rules") or [] if (r := self._rule(Alarm(name), node))]
            if pattern := self._pattern(part, "figures"):
                figures[Alarm(name)] = pattern
        return RuleBook(
            self.file.stem,
            self.spelling,
            tuple(rules),
            self._pattern(self.data, "negations"),
            self._pattern(self.data, "afterwards"),
            self._pattern(self.data, "elsewhere"),
            figures,
        )

    def _rule(self, alarm: Alarm, node: Any) -> Rule | None:
        if not isinstance(node, dict) or not node.get("name") or not node.get("when"):
            self.fault(node, "una regola ha «name» e «when»")
            return None
        phrases = self._pattern(node, "when")
        if phrases is None:
            return None
        others = [str(other) for other in node.get("unless") or []]
        if unknown := [other for other in others if other not in list(Alarm)]:
            self.fault(node, f"l'allarme «{unknown[0]}» non esiste: {', '.join(Alarm)}")
            return None
        level = Level.HINT if node.get("level") == "hint" else Level.SURE
        return Rule(
            alarm,
            str(node["name"]),
            level,
            phrases,
            self._pattern(node, "except"),
            bool(node.get("deniable", True)),
            frozenset(map(Alarm, others)),
        )

    def _pattern(self, node: Any, key: str) -> re.Pattern[str] | None:
        phrases = [str(p) for p in node.get(key) or []]
        if not phrases:
            return None
        try:
            return self.spelling.compile(phrases, self.groups)
        except PhraseError as error:
            self.fault(node[key], str(error))
            return None
