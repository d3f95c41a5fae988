"""The examples that the classifier learns from, as staff write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.conversation.types import Alarm
from bot.understanding.alarms.rules import AlarmDataError

_ORDINARY_ACTS = (
    "racconto",
    "sfogo",
    "fuori_tema",
    "insulto",
    "pausa",
    "chiedi_umano",
    "non_so",
    "complimento",
)
_ORDINARY_LANGUAGES = ("it", "en")
_CONTEXT = re.compile(r"^<\w+>\s*")


@dataclass(frozen=True, slots=True)
class Example:
    """One line to learn from; `alarms` is empty for what is none."""

    text: str
    alarms: frozenset[Alarm]


def example_files(folder: Path) -> list[Path]:
    """The files of `nlu/alarms/examples`, and what Rasa learns ordinary messages from: none of those is an alarm."""
    ordinary = [
        folder.parents[1] / "examples" / language / f"{act}.yml"
        for language in _ORDINARY_LANGUAGES
        for act in _ORDINARY_ACTS
    ]
    return sorted(folder.glob("*.yml")) + [file for file in ordinary if file.exists()]


def read_examples(files: Sequence[Path]) -> list[Example]:
    """Every example of the files, each text once; the first file that has it says what it is.

    Raises:
        AlarmDataError: With all the problems found.
    """
    found: dict[str, Example] = {}
    problems: list[str] = []
    for file in files:
        try:
            data: Any = YAML(typ="safe").load(file.read_text(encoding="utf-8")) or {}
        except YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
            problems.append(f"{file}:{line}: il file non è YAML valido")
            continue
        for group in data.get("nlu") or data.get("examples") or []:
            alarms = [str(name) for name in group.get("alarms") or []]
            if unknown := [name for name in alarms if name not in list(Alarm)]:
                problems.append(f"{file}:1: l'allarme «{unknown[0]}» non esiste: {', '.join(Alarm)}")
                continue
            for line in str(group.get("examples") or "").splitlines():
                text = _CONTEXT.sub("", line.strip().removeprefix("- ").strip())
                if text:
                    found.setdefault(text.casefold(), Example(text, frozenset(map(Alarm, alarms))))
    if problems:
        raise AlarmDataError(problems)
    return list(found.values())
