"""What the answer to a question of an alarm says, read with what was asked: "a volte" is a yes there, nothing elsewhere.

Two questions: the gentle one between a figure of speech and an alarm, and whether writing here is safe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.conversation.types import Safety
from bot.understanding.alarms.phrases import PhraseError, Spelling
from bot.understanding.alarms.rules import ANSWERS, SAFETY, AlarmDataError, RuleBook, close_before
from bot.understanding.normalise import readable, spoken

B = TypeVar("B", bound="_Phrases")

_ENDS = r"(?=\s*(?:[,.;:!?،。，！]|$))"


class Answer(StrEnum):
    """Which of the two readings of the gentle question the person meant."""

    DANGER = "danger"
    CALM = "calm"
    UNTOLD = "untold"
    UNSURE = "unsure"


_KEYS = (*Answer, "yes", "no")
_SAFETY_KEYS = ("unsure", "unsafe", "safe", "no", "yes")


@dataclass(frozen=True, slots=True)
class _Phrases:
    """The phrases of one question in one language."""

    spelling: Spelling
    negations: re.Pattern[str] | None
    patterns: Mapping[str, re.Pattern[str]]

    def _spelt(self, text: str) -> str:
        return self.spelling.read(spoken(readable(text)))

    def _stands(self, key: str, text: str) -> bool:
        """One of the phrases is there, and nothing right before denies it."""
        return any(not self._denied(text, m.start()) for m in self.patterns[key].finditer(text))

    def _denied(self, text: str, start: int) -> bool:
        before = text[max(0, start - 45) : start]
        return self.negations is not None and any(
            close_before(before, m.end()) for m in self.negations.finditer(before)
        )


class AnswerBook(_Phrases):
    """The answers to the gentle question."""

    def read(self, text: str) -> Answer | None:
        """The answer, or None where the message is none that is known."""
        text = self._spelt(text)
        if self._stands(Answer.DANGER, text):
            return Answer.DANGER
        for answer in (Answer.CALM, Answer.UNTOLD, Answer.UNSURE):
            if self.patterns[answer].search(text):
                return answer
        if self.patterns["no"].match(text):
            return Answer.CALM
        return Answer.DANGER if self.patterns["yes"].match(text) else None


class SafetyBook(_Phrases):
    """The answers to whether writing here is safe."""

    def read(self, text: str, *, asked: bool) -> Safety:
        """What a message says of who else reads; unasked only that somebody may is believed."""
        text = self._spelt(text)
        if self.patterns["unsure"].search(text) and asked:
            return Safety.UNSURE
        if self._stands("unsafe", text):
            return Safety.UNSAFE
        if not asked:
            return Safety.UNKNOWN
        if self._stands("safe", text):
            return Safety.SAFE
        if self.patterns["no"].match(text):
            return Safety.UNSAFE
        return Safety.SAFE if self.patterns["yes"].match(text) else Safety.UNKNOWN


def load_answers(folder: Path, books: tuple[RuleBook, ...]) -> dict[str, AnswerBook]:
    """Read `nlu/alarms/answers.yml`, each language in the spelling of its rules.

    Raises:
        AlarmDataError: With all the problems found.
    """
    return _load(folder / ANSWERS, books, _KEYS, AnswerBook)


def load_safety(folder: Path, books: tuple[RuleBook, ...]) -> dict[str, SafetyBook]:
    """Read `nlu/alarms/safety.yml`, each language in the spelling of its rules.

    Raises:
        AlarmDataError: With all the problems found.
    """
    return _load(folder / SAFETY, books, _SAFETY_KEYS, SafetyBook)


def _load(file: Path, books: tuple[RuleBook, ...], keys: tuple[str, ...], kind: type[B]) -> dict[str, B]:
    rules = {book.language: book for book in books}
    found: dict[str, B] = {}
    problems: list[str] = []
    try:
        data: Any = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except (OSError, YAMLError) as error:
        raise AlarmDataError([f"{file}:1: il file non è leggibile ({type(error).__name__})"]) from None
    for language, part in data.items():
        if language not in rules:
            problems.append(f"{file}:1: la lingua «{language}» non ha un file di regole")
            continue
        if missing := [key for key in keys if not part.get(key)]:
            problems.append(f"{file}:1: a «{language}» manca «{missing[0]}»")
            continue
        spelling = rules[language].spelling
        try:
            patterns = {key: spelling.compile([str(p) for p in part[key]], {}) for key in keys}
        except PhraseError as error:
            problems.append(f"{file}:1: «{language}»: {error}")
            continue
        for key in ("yes", "no"):
            patterns[key] = re.compile(rf"\W*{patterns[key].pattern}{_ENDS}")
        found[language] = kind(spelling, rules[language].negations, patterns)
    if problems:
        raise AlarmDataError(problems)
    return found
