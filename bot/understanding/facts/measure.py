"""How well facts are read: precision, recall and F1 per fact on labelled messages, with Wilson intervals."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.conversation.types import Change, FactHeard, FactId
from bot.understanding.facts.wording import normal

FREE_TEXT = frozenset({FactId.COSA_SUCCEDE.value, FactId.COSA_VORREBBE.value})
"""Facts that are the person's whole answer; there is nothing to be right or wrong about."""


class Reads(Protocol):
    """Whatever reads facts from a message."""

    def read(self, text: str, asked: str, language: str) -> tuple[FactHeard, ...]:
        """See `FactReader.read`."""
        ...


@dataclass(frozen=True, slots=True)
class Interval:
    """A proportion with its 95 % Wilson score interval (Wilson, 1927)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Score:
    """Counts for one fact, or for all together.

    Attributes:
        right: Values read that were said.
        invented: Values read that were not said.
        missed: Values said that were not read.
    """

    right: int
    invented: int
    missed: int

    @property
    def precision(self) -> Interval:
        """Of what was read, the share that was said."""
        return wilson(self.right, self.right + self.invented)

    @property
    def recall(self) -> Interval:
        """Of what was said, the share that was read."""
        return wilson(self.right, self.right + self.missed)

    @property
    def f1(self) -> Interval:
        """Harmonic mean; its interval treats it as the share of agreement it is: 2 right of 2 right + errors."""
        return wilson(2 * self.right, 2 * self.right + self.invented + self.missed)


@dataclass(frozen=True, slots=True)
class Miss:
    """A message that was not read as labelled."""

    text: str
    asked: str
    language: str
    expected: tuple[tuple[str, str], ...]
    read: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Scores by fact id, over all facts, and the messages that went wrong."""

    by_fact: Mapping[str, Score]
    overall: Score
    misses: tuple[Miss, ...]
    messages: int


def wilson(successes: int, trials: int, z: float = 1.96) -> Interval:
    """The Wilson score interval of a proportion; (0, 0, 1) when there are no trials."""
    if trials == 0:
        return Interval(0.0, 0.0, 1.0)
    share = successes / trials
    middle = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return Interval(share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


def as_values(facts: Iterable[FactHeard]) -> set[tuple[str, str]]:
    """Facts as comparable (fact id, value) pairs; what is taken back is left out."""
    return {(f.fact.value, _comparable(f.value)) for f in facts if f.change is not Change.REMOVE}


def score(reader: Reads, path: Path | str) -> Report:
    """Measure a reader on a file of labelled messages.

    Args:
        reader: What to measure.
        path: JSON lines `{"text", "asked", "facts": {fact id: value or [values]}, "lang"}`.
    """
    counts: dict[str, list[int]] = {}
    misses: list[Miss] = []
    lines = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]
    for item in lines:
        expected = _labelled(item.get("facts") or {})
        asked, language = item.get("asked") or "", item.get("lang") or "it"
        read = {p for p in as_values(reader.read(item["text"], asked, language)) if p[0] not in FREE_TEXT}
        for kind, pairs in enumerate((expected & read, read - expected, expected - read)):
            for fact, _ in pairs:
                counts.setdefault(fact, [0, 0, 0])[kind] += 1
        if expected != read:
            misses.append(Miss(item["text"], asked, language, tuple(sorted(expected)), tuple(sorted(read))))
    by_fact = {fact: Score(*triple) for fact, triple in sorted(counts.items())}
    total = Score(*(sum(c[i] for c in counts.values()) for i in range(3)))
    return Report(by_fact, total, tuple(misses), len(lines))


def _labelled(facts: Mapping[str, Any]) -> set[tuple[str, str]]:
    pairs = set()
    for fact, value in facts.items():
        for one in value if isinstance(value, list) else [value]:
            if fact not in FREE_TEXT and one not in (None, False, ""):
                pairs.add((fact, _comparable(one)))
    return pairs


def _comparable(value: object) -> str:
    return "true" if value is True else normal(str(value)).replace("'", " ").strip()
