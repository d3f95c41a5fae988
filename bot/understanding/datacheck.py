"""`bot check` for Rasa's room: examples, vocabularies and alarm rules, all problems at once, in Italian."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from bot.conversation.types import Act, FactId
from bot.understanding.alarms.answers import load_answers
from bot.understanding.alarms.examples import example_files, read_examples
from bot.understanding.alarms.rules import AlarmDataError, load_rules
from bot.understanding.facts import VocabularyError, load_vocabulary
from bot.understanding.facts.examples import ExampleError
from bot.understanding.facts.examples import read_examples as read_fact_examples

ASKED = frozenset(FactId) | {"consenso", "riassunto", "persona", "riprendere", "apertura", "nessuna"}
_PREFIX = re.compile(r"^<([^<>\s]*)>\s*")


def nlu_problems(root: Path) -> list[str]:
    """Everything that is wrong with the data under `nlu/`.

    Args:
        root: The project's folder.

    Returns:
        One line a problem, `file:riga: messaggio` where a line can be told.
    """
    problems = list(_examples(root))
    try:
        read_fact_examples(sorted((root / "nlu" / "facts").rglob("*.yml")))
    except ExampleError as error:
        problems += error.problems
    try:
        load_vocabulary(root / "nlu" / "vocabulary")
    except VocabularyError as error:
        problems += str(error).splitlines()
    try:
        load_answers(root / "nlu" / "alarms", load_rules(root / "nlu" / "alarms"))
        read_examples(example_files(root / "nlu" / "alarms" / "examples"))
    except AlarmDataError as error:
        problems += str(error).splitlines()
    return problems


def _examples(root: Path) -> Iterator[str]:
    seen: dict[str, tuple[str, str]] = {}
    for path in sorted((root / "nlu" / "examples").rglob("*.yml")):
        name = path.relative_to(root).as_posix()
        try:
            data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            yield f"{name}:{line}: non è YAML leggibile ({error.problem})"
            continue
        for block in (data or {}).get("nlu", []):
            yield from _intent(name, block, seen)


def _intent(name: str, block: dict[str, str], seen: dict[str, tuple[str, str]]) -> Iterator[str]:
    intent = block.get("intent", "")
    if intent not in set(Act):
        yield f"{name}:1: «{intent}» non è uno dei {len(Act)} atti"
        return
    for example in (block.get("examples") or "").splitlines():
        text = example.removeprefix("-").strip()
        if not text:
            continue
        prefix = _PREFIX.match(text)
        if prefix and prefix[1] not in ASKED:
            yield f"{name}:1: «<{prefix[1]}>» non è una domanda che il bot fa (in «{text[:40]}»)"
        key = text.casefold()
        if key in seen and seen[key][1] != intent:
            yield f"{name}:1: «{text[:40]}» è anche in {seen[key][0]}, con un altro atto"
        seen.setdefault(key, (name, intent))
