"""The cascade: rules, then the classifier, then alarm, doubt or neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from bot.conversation.types import Alarm, Safety
from bot.understanding.alarms.answers import Answer, AnswerBook, SafetyBook, load_answers, load_safety
from bot.understanding.alarms.chances import between
from bot.understanding.alarms.rules import Finding, Level, RuleBook, load_rules
from bot.understanding.meaning import LONGEST
from bot.understanding.normalise import has_words, readable, sentences, spoken, windows

MOST_READ = 24
"""Pieces of one message that the classifier reads; rules read all of it."""
_LONG = 300
_WORTH_LOOKING_AROUND = 0.15
"""Chance of the worst piece from which on what stands around it can matter."""
_AROUND = 0.4
"""Weight of what stands around the worst piece of a message: calm, past or resolved, it makes the piece less worrying."""


class Classifier(Protocol):
    """Gives each piece of text a probability for each alarm."""

    def probabilities(self, pieces: Sequence[str], suspect: bool = False) -> list[dict[Alarm, float]]:
        """One dictionary a piece; the highest of each is the chance that it is an alarm at all.

        Args:
            pieces: See `pieces`.
            suspect: The rules found something: look closely at all of it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was heard.

    Attributes:
        alarm: The most dangerous alarm that is sure enough.
        doubt: The most dangerous one that is only possible; None when there is an alarm.
        reason: Rule names and classifier figures; never words of the message.
    """

    alarm: Alarm | None = None
    doubt: Alarm | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability the classifier is believed, by what the rules found; measured by `nlu/alarms/README.md`.

    Attributes:
        alarm: Alarm, where the rules found nothing.
        doubt: One gentle question, where the rules found nothing.
        hint_alarm: Alarm, where a rule hints at it.
        hint_doubt: Question, where a rule hints at it.
        denied_alarm: Alarm, though a rule calls it a figure of speech, negated or over; above 1 = never.
        denied_doubt: Question, the same.
        sure_alarm: Alarm, where a sure rule found its phrase.
        sure_doubt: Question, the same; below, the phrase meant something else.
        story: Where the rules found nothing in a message of n pieces, n to this power times the odds are needed: of many
            harmless pieces one will always look odd, and an ordinary long story is not to add up to an alarm.
    """

    alarm: float = 0.95
    doubt: float = 0.45
    hint_alarm: float = 0.8
    hint_doubt: float = 0.35
    denied_alarm: float = 1.01
    denied_doubt: float = 0.8
    sure_alarm: float = 0.75
    sure_doubt: float = 0.2
    story: float = 0.3

    def of_story(self, threshold: float, several: int) -> float:
        """What `threshold`, meant for one piece, becomes for a message of `several`."""
        odds: float = threshold / (1 - threshold) * max(several, 1) ** self.story
        return odds / (1 + odds)


class AlarmEar:
    """Hears the four alarms in a text of any length and any of the languages that have a rule file."""

    def __init__(
        self,
        books: Sequence[RuleBook],
        classifier: Classifier | None = None,
        thresholds: Thresholds | None = None,
        answers: Mapping[str, AnswerBook] | None = None,
        safety: Mapping[str, SafetyBook] | None = None,
    ) -> None:
        """Args:
        books: The rules, one book a language.
        classifier: Its second opinion; None = rules alone.
        thresholds: See `Thresholds`.
        answers: How the gentle question is answered, by language.
        safety: How it is said whether writing here is safe, by language.
        """
        self._safety = dict(safety or {})
        self._answers = dict(answers or {})
        self._books = tuple(books)
        self._classifier = classifier
        self._thresholds = thresholds or Thresholds()

    def hear(self, text: str, language: str = "") -> Verdict:
        """What a message says of danger; the worst of all its sentences.

        Args:
            text: Of any length.
            language: Its language; its rules are asked. Where it is unknown, or has no rules, all are asked.
        """
        text = spoken(readable(text))
        if not has_words(text):
            return Verdict()
        books = [book for book in self._books if book.language == language] or self._books
        findings = [f for window in windows(text) for book in books for f in book.find(window)]
        read = pieces(text)
        chances = self._chances(read, text, suspect=any(f.level > Level.DENIED for f in findings))
        levels, names = _strongest(findings, self._leading(chances))
        several = len(read) - (len(read) > 1 and read[-1] == text)
        judged = [(alarm, *self._judge(alarm, levels, chances, several)) for alarm in Alarm]
        reasons = {
            alarm: " ".join(
                part for part in (names.get(alarm, ""), f"p={chances.get(alarm, 0.0):.2f}") if part
            )
            for alarm in Alarm
        }
        for alarm, sounded, _ in judged:
            if sounded:
                return Verdict(alarm=alarm, reason=f"{alarm}: {reasons[alarm]}")
        for alarm, _, doubted in judged:
            if doubted:
                return Verdict(doubt=alarm, reason=f"{alarm}: {reasons[alarm]}")
        return Verdict()

    def answer(self, text: str, language: str = "") -> Answer | None:
        """What a message says in answer to the gentle question; None where it says something else.

        Args:
            text: The answer.
            language: Its language; where it is unknown, all are tried and the most worrying reading counts.
        """
        books = [self._answers[language]] if language in self._answers else list(self._answers.values())
        read = [book.read(text) for book in books]
        return next((answer for answer in Answer if answer in read), None)

    def safety(self, text: str, language: str = "", *, asked: bool) -> Safety:
        """What a message says of who else may read it.

        Args:
            text: The message.
            language: Its language; where it is unknown, all are tried and the most careful reading counts.
            asked: Whether writing here is safe had been asked.
        """
        books = [self._safety[language]] if language in self._safety else list(self._safety.values())
        read = {book.read(text, asked=asked) for book in books}
        return next((s for s in (Safety.UNSAFE, Safety.UNSURE, Safety.SAFE) if s in read), Safety.UNKNOWN)

    def _leading(self, chances: Mapping[Alarm, float]) -> frozenset[Alarm]:
        """The alarm that the classifier alone would sound, if any."""
        if not chances:
            return frozenset()
        likeliest = max(chances, key=lambda alarm: chances[alarm])
        return frozenset({likeliest} if chances[likeliest] >= self._thresholds.alarm else ())

    def _chances(self, read: Sequence[str], text: str, suspect: bool) -> dict[Alarm, float]:
        """The chance of each alarm: of the worst piece, weighed with what stands around it."""
        if self._classifier is None:
            return {}
        each = self._classifier.probabilities(read, suspect)
        worst: dict[Alarm, float] = {}
        for chances in each:
            for alarm, chance in chances.items():
                worst[alarm] = max(worst.get(alarm, 0.0), chance)
        highest = [max(chances.values(), default=0.0) for chances in each]
        if len(read) == 1 or max(highest) < _WORTH_LOOKING_AROUND:
            return worst
        if read[-1] == text:
            around = each[-1]
        else:
            around = self._classifier.probabilities([_around(read, highest.index(max(highest)))], True)[0]
        alarms = list(worst)
        weighed = between(
            np.array([worst[alarm] for alarm in alarms], dtype=np.float32),
            np.array([around.get(alarm, 0.0) for alarm in alarms], dtype=np.float32),
            _AROUND,
        )
        return dict(zip(alarms, map(float, weighed), strict=True))

    def _judge(
        self, alarm: Alarm, levels: Mapping[Alarm, Level], chances: Mapping[Alarm, float], several: int = 1
    ) -> tuple[bool, bool]:
        """Is it an alarm; is it at least a doubt."""
        t, chance = self._thresholds, chances.get(alarm, 0.0)
        match levels.get(alarm):
            case Level.SURE:
                # Which alarm it is the rule knows; the classifier only says whether there is danger.
                danger = max(chances.values(), default=1.0)
                return danger >= t.sure_alarm, danger >= t.sure_doubt
            case Level.HINT:
                return chance >= t.hint_alarm, chance >= t.hint_doubt or self._classifier is None
            case None if several > 1 or not levels or max(levels.values()) > Level.DENIED:
                return chance >= t.of_story(t.alarm, several), chance >= t.of_story(t.doubt, several)
            case _:
                return chance >= t.denied_alarm, chance >= t.denied_doubt


def _around(read: Sequence[str], worst: int) -> str:
    """A piece of a long message with its neighbours, as many as the encoders are given at once."""
    first, end = worst, worst + 1
    length = len(read[worst])
    while True:
        before = len(read[first - 1]) + 1 if first > 0 else LONGEST
        after = len(read[end]) + 1 if end < len(read) else LONGEST
        if length + min(before, after) > LONGEST:
            return " ".join(read[first:end])
        if after <= before:
            end += 1
        else:
            first -= 1
        length += min(before, after)


def _strongest(
    findings: Sequence[Finding], leading: frozenset[Alarm] = frozenset()
) -> tuple[dict[Alarm, Level], dict[Alarm, str]]:
    """The highest level of each alarm and the rule that gave it.

    Args:
        findings: Of all rules.
        leading: What the classifier is sure of: it explains a rule away (`Finding.unless`) as a sure rule does.
    """
    sure = {finding.alarm for finding in findings if finding.level is Level.SURE} | leading
    levels: dict[Alarm, Level] = {}
    names: dict[Alarm, str] = {}
    for finding in findings:
        if not finding.unless & sure and finding.level >= levels.get(finding.alarm, Level.DENIED):
            levels[finding.alarm], names[finding.alarm] = finding.level, finding.rule
    return levels, names


def pieces(text: str) -> list[str]:
    """What the classifier reads: the whole of a short text, and each sentence of a longer one.

    Of a text with more pieces than `MOST_READ` the beginning and the end are read.
    """
    parts = sentences(text) or [text]
    joined: list[str] = []
    for part in parts[: MOST_READ * 4] + parts[-MOST_READ * 4 :] if len(parts) > MOST_READ * 8 else parts:
        for piece in windows(part, _LONG):
            if joined and len(joined[-1]) < 40 and len(piece) < 120:
                joined[-1] = f"{joined[-1]} {piece}"
            else:
                joined.append(piece)
    if len(joined) > MOST_READ:
        joined = joined[: MOST_READ // 2] + joined[-MOST_READ // 2 :]
    if len(joined) > 1 and len(text) <= _LONG:
        joined.append(text)
    return joined


def train_alarms(root: Path, progress: Callable[[str], None] | None = None) -> None:
    """Train the classifier where its examples have changed (part of `bot train`).

    Raises:
        AlarmDataError: Faults in the examples.
    """
    from bot.understanding.alarms.classifier import train_classifier

    train_classifier(root / "nlu" / "alarms" / "examples", root / "nlu" / "models", progress)


def load_alarms(root: Path, progress: Callable[[str], None] | None = None) -> AlarmEar:
    """Rules from `nlu/alarms/*.yml`, the classifier learnt from `nlu/alarms/examples/*.yml` (kept under `nlu/models`).

    Args:
        root: The project's folder.
        progress: Told in Italian where the classifier has still to be trained.

    Raises:
        AlarmDataError: With every fault of the files.
    """
    from bot.understanding.alarms.classifier import load_classifier

    folder = root / "nlu" / "alarms"
    books = load_rules(folder)
    return AlarmEar(
        books,
        load_classifier(folder / "examples", root / "nlu" / "models", progress),
        answers=load_answers(folder, books),
        safety=load_safety(folder, books),
    )
