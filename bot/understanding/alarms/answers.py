"""What the answer to the gentle question says, read with what was asked: "a volte" is a yes there, and nothing elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.understanding.alarms.phrases import PhraseError, Spelling
from bot.understanding.alarms.rules import ANSWERS, AlarmDataError, RuleBook, close_before
from bot.understanding.normalise import readable, spoken

_ENDS = r"(?=\s*(?:[,.;:!?،。，！]|$))"


class Answer(StrEnum):
    """Which of the two readings of the gentle question the person meant."""

    DANGER = "danger"
    CALM = "calm"
    UNTOLD = "untold"
    UNSURE = "unsure"


_KEYS = (*Answer, "yes", "no")


@dataclass(frozen=True, slots=True)
class AnswerBook:
    """The answers of one language."""

    spelling: Spelling
    negations: re.Pattern[str] | None
    patterns: Mapping[str, re.Pattern[str]]

    def read(self, text: str) -> Answer | None:
        """The answer, or None where the message is none that is known."""
        text = self.spelling.read(spoken(readable(text)))
        if any(not self._denied(text, m.start()) for m in self.patterns[Answer.DANGER].finditer(text)):
            return Answer.DANGER
        for answer in (Answer.CALM, Answer.UNTOLD, Answer.UNSURE):
            if self.patterns[answer].search(text):
                return answer
        if self.patterns["no"].match(text):
            return Answer.CALM
        return Answer.DANGER if self.patterns["yes"].match(text) else None

    def _denied(self, text: str, start: int) -> bool:
        before = text[max(0, start - 45) : start]
        return self.negations is not None and any(
            close_before(before, m.end()) for m in self.negations.finditer(before)
        )


def load_answers(folder: Path, books: tuple[RuleBook, ...]) -> dict[str, AnswerBook]:
    """Read `nlu/alarms/answers.yml`, each language in the spelling of its rules.

    Raises:
        AlarmDataError: With all the problems found.
    """
    file = folder / ANSWERS
    rules = {book.language: book for book in books}
    found: dict[str, AnswerBook] = {}
    problems: list[str] = []
    try:
        data: Any = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except (OSError, YAMLError) as error:
        raise AlarmDataError([f"{file}:1: il file non è leggibile ({type(error).__name__})"]) from None
    for language, part in data.items():
        if language not in rules:
            problems.append(f"{file}:1: la lingua «{language}» non ha un file di regole")
            continue
        if missing := [key for key in _KEYS if not part.get(key)]:
            problems.append(f"{file}:1: a «{language}» manca «{missing[0]}»")
            continue
        spelling = rules[language].spelling
        try:
            patterns = {key: spelling.compile([str(p) for p in part[key]], {}) for key in _KEYS}
        except PhraseError as error:
            problems.append(f"{file}:1: «{language}»: {error}")
            continue
        for key in ("yes", "no"):
            patterns[key] = re.compile(rf"\W*{patterns[key].pattern}{_ENDS}")
        found[language] = AnswerBook(spelling, rules[language].negations, patterns)
    if problems:
        raise AlarmDataError(problems)
    return found
