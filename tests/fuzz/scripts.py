"""Script files as a tired editor, a bad merge or a joker could leave them: read, checked, and if they pass, spoken.

Whatever is new in what the checker says of a mutant makes that mutant a parent of later ones: so the mutations dig
where the code has more to say.
"""

from __future__ import annotations

import random
import re
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.bench.people import talk
from bot.conversation.loader import Checked, Shelf, check_library
from bot.conversation.mirror import ClauseMirror
from tests.fuzz.findings import Findings

HOSTILE = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{% for x in range(10**9) %}x{% endfor %}",
    "{{ 'x' * 10**9 }}",
    "{{ nome | attr('__class__') }}",
    "{{ self }}{{ config }}{{ cycler.__init__.__globals__ }}",
    "{% import 'os' as os %}",
    "{{ nome",
    "{% if %}",
    "&a [*a]",
    "*nobody",
    "!!python/object/apply:os.system ['true']",
    "!!binary 4pyT",
    "<<: *a",
    "---",
    "...",
    "%YAML 9.9",
    "\t",
    "[" * 300,
    "{a: " * 200,
    "? complex",
    "|2",
    ">-",
    "'",
    '"\\x',
    "1e999",
    ".inf",
    "0o777777777777777777777",
    "2026-99-99",
    "null",
    "true",
    "~",
    "-9999999999999999999999",
    "\ufeff",
    "\x00",
    "\u202e",
    "x" * 5000,
    "😀" * 2000,
    "b:" + "y" * 70,
    "when: {attivita: {bisogno: x}}",
    "next: next",
    "ask: [a, b]",
    "was: was",
)
SLOW_S = 20.0
"""A check that takes longer would keep an editor waiting; on a free machine one takes a tenth of a second."""

PARENTS = 200
"""Mutants kept of one file."""


class Mutator:
    """Changes a file a little.

    Args:
        chance: Chooses.
        files: All files, to take pieces from.
    """

    def __init__(self, chance: random.Random, files: list[str]) -> None:
        self.chance = chance
        self.pieces = [line for text in files for line in text.splitlines() if line.strip()]

    def __call__(self, text: str) -> bytes:
        """One to four changes."""
        lines = text.splitlines()
        for _ in range(self.chance.choice((1, 1, 1, 2, 2, 4))):
            self._change(lines)
        raw = "\n".join(lines).encode("utf-8", "surrogatepass") + b"\n"
        if self.chance.random() < 0.05:
            spoilt = bytearray(raw)
            for _ in range(self.chance.randint(1, 5)):
                spoilt[self.chance.randrange(len(spoilt))] = self.chance.randrange(256)
            raw = bytes(spoilt)
        return raw

    def _change(self, lines: list[str]) -> None:
        if not lines:
            lines.append(self.chance.choice(self.pieces))
        at = self.chance.randrange(len(lines))
        end = min(len(lines), at + self.chance.choice((1, 1, 2, 5, 30)))
        match self.chance.randrange(9):
            case 0:
                del lines[at:end]
            case 1:
                lines[at:at] = lines[at:end]
            case 2:
                other = self.chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = " " * self.chance.randint(0, 9) + lines[at].lstrip()
            case 4:
                lines.insert(at, self._indent(lines[at]) + self.chance.choice(self.pieces).lstrip())
            case 5:
                lines.insert(at, self._indent(lines[at]) + self.chance.choice(HOSTILE))
            case 6:
                key, colon, _ = lines[at].partition(":")
                lines[at] = f"{key}{colon} {self.chance.choice(HOSTILE)}"
            case 7:
                words = re.split(r"(\W+)", lines[at])
                words[self.chance.randrange(len(words))] = self.chance.choice(
                    (*HOSTILE, self.chance.choice(self.pieces).strip())
                )
                lines[at] = "".join(words)
            case _:
                cut = self.chance.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:cut]

    @staticmethod
    def _indent(line: str) -> str:
        return line[: len(line) - len(line.lstrip())]


def scripts(
    folder: Path,
    dialogues: Path,
    seed: int,
    count: int,
    told: Callable[[int], None] = lambda _: None,
) -> Findings:
    """Check `count` mutants, each in the place of the file it came from.

    Args:
        folder: For a copy of the dialogues.
        dialogues: The good ones.
        seed: Replays the same mutants.
        count: How many.
        told: Hears every thousandth.
    """
    copy = folder / "dialogues"
    shutil.copytree(dialogues, copy)
    paths = sorted(copy.rglob("*.yml"))
    parents = {path: [path.read_text(encoding="utf-8")] for path in paths}
    chance = random.Random(seed)
    mutate = Mutator(chance, [texts[0] for texts in parents.values()])
    shelf, mirror, known, found = Shelf(), ClauseMirror(), set[str](), Findings()
    weights = [len(parents[path][0]) ** 0.5 for path in paths]
    for number in range(1, count + 1):
        path = chance.choices(paths, weights)[0]
        raw = mutate(chance.choice(parents[path]))
        path.write_bytes(raw)
        begun = time.process_time()
        try:
            checked = check_library(copy, mirror=mirror, shelf=shelf)
            _look(checked, found, number)
            new = {_kind(problem.message) for problem in checked.problems} - known
            if new and len(raw) < 200_000:
                known |= new
                parents[path] = [parents[path][0], *parents[path][-PARENTS:], raw.decode("utf-8", "replace")]
        except Exception as error:
            found.add(error, number)
        if time.process_time() - begun > SLOW_S:
            found.note(f"slow: {path.name}", number)
        path.write_text(parents[path][0], encoding="utf-8")
        found.done += 1
        if number % 1000 == 0:
            told(number)
    return found


def _look(checked: Checked, found: Findings, number: int) -> None:
    """A library or at least one error; every problem has a place; what passed can be spoken."""
    if (checked.library is None) != bool(checked.errors):
        found.note("refused without an error, or passed with one", number)
    if any(problem.line < 1 or not problem.message for problem in checked.problems):
        found.note("a problem without a place or words", number)
    if checked.library is not None and number % 10 == 0:
        for _ in talk(checked.library, 2, datetime(2026, 3, 2, 9, tzinfo=UTC), number):
            pass


def _kind(message: str) -> str:
    """A problem without its particulars."""
    return re.sub(r"«[^»]*»|\d+", "…", message)[:80]
