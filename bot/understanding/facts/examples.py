"""The examples that staff write under `nlu/facts/`: ways to tell a fact, and whole stories with what they tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.conversation.types import FactId

Label = tuple[str, str]
_CONTEXT = re.compile(r"^<(\w+)>\s*")


class ExampleError(ValueError):
    """The examples cannot be used; `problems` holds every fault as `file:riga: messaggio`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Example:
    """One line to learn from: the text, what had been asked ("" = nothing), and what it tells.

    Attributes:
        language: ISO 639-1, for the rules.
        judged: A whole story that the judge is fitted on.
    """

    text: str
    asked: str
    told: frozenset[Label]
    language: str = "it"
    judged: bool = False


def read_examples(files: Sequence[Path]) -> list[Example]:
    """Every example of the files; a text that stands in several tells all that they say.

    Raises:
        ExampleError: With all the problems found.
    """
    found: dict[tuple[str, str], Example] = {}
    problems: list[str] = []
    for file in files:
        try:
            data: Any = YAML(typ="safe", pure=False).load(file.read_text(encoding="utf-8"))
        except YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
            problems.append(f"{file}:{line}: il file non è YAML valido")
            continue
        for example in _examples(data or {}, file, problems):
            known = found.get((example.text, example.asked), example)
            found[example.text, example.asked] = replace(
                example, told=example.told | known.told, judged=example.judged or known.judged
            )
    if problems:
        raise ExampleError(problems)
    return list(found.values())


def _examples(data: Any, file: Path, problems: list[str]) -> Iterator[Example]:
    judged = data.get("judge") is True
    for story in data.get("stories") or []:
        told = {
            (str(fact), str(value).lower() if isinstance(value, bool) else str(value))
            for fact, values in (story.get("facts") or {}).items()
            for value in (values if isinstance(values, list) else [values])
        }
        if unknown := [fact for fact, _ in told if fact not in set(FactId)]:
            problems.append(f"{file}:1: «{unknown[0]}» non è una voce della scheda di ascolto")
            continue
        text, asked, language = (str(story.get(key) or "") for key in ("text", "asked", "language"))
        yield Example(text, asked, frozenset(told), language or "it", judged)
    if "values" not in data and "none" not in data:
        return
    fact = str(data.get("fact") or "")
    if fact not in set(FactId):
        problems.append(f"{file}:1: «{fact}» non è una voce della scheda di ascolto")
        return
    for value, listed in [*(data.get("values") or {}).items(), ("", data.get("none"))]:
        for line in str(listed or "").splitlines():
            if text := line.strip():
                context = _CONTEXT.match(text)
                told = {(fact, value)} if value else set()
                yield Example(_CONTEXT.sub("", text), context[1] if context else "", frozenset(told))
