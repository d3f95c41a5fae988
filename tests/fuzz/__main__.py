"""`make fuzz N=...`: hostile input of every kind; exit 1 when some of it made the house fail.

python -m tests.fuzz                      the whole house in this process, hostile updates
python -m tests.fuzz edge                 the edge alone, which is many times faster
python -m tests.fuzz doors --count 10000  the running bot's webhook and health routes, over HTTP
python -m tests.fuzz scripts              mutated script files, read and checked
python -m tests.fuzz answers              what Rasa could answer to /model/parse
python -m tests.fuzz settings             the environment
python -m tests.fuzz lines                what `bot understand` could be given
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from pathlib import Path

import structlog

from bot.conversation import load_library
from bot.conversation.mirror import ClauseMirror
from bot.understanding.listener import build_listener
from tests.e2e.house import ROOT
from tests.fuzz import borders
from tests.fuzz.doors import doors
from tests.fuzz.findings import Findings
from tests.fuzz.letterbox import edge, fuzz
from tests.fuzz.scripts import scripts

KINDS = ("house", "edge", "doors", "scripts", "answers", "settings", "lines")


def main() -> int:
    """Run it and print what was found."""
    read = argparse.ArgumentParser(
        prog="make fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    read.add_argument("what", nargs="?", choices=KINDS, default="house")
    read.add_argument("--count", type=int, default=100_000)
    read.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    given = read.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        found = _run(given.what, Path(folder), given.seed, given.count)
    for name, numbers in found.errors.items():
        print(f"{len(numbers):6} x {name} (first: number {numbers[0]})")
    errors = sum(map(len, found.errors.values()))
    print(
        f"{given.what}: {found.done} in {time.monotonic() - begun:.0f} s, {errors} errors, seed {given.seed}"
    )
    return 1 if found.errors else 0


def _run(what: str, folder: Path, seed: int, count: int) -> Findings:
    match what:
        case "edge":
            return edge(seed, count, _told)
        case "doors":
            return asyncio.run(doors(folder, seed, count, _told))
        case "scripts":
            return scripts(folder, ROOT / "dialogues", seed, count, _told)
        case "answers":
            return asyncio.run(borders.answers(seed, count, _told))
        case "settings":
            return borders.settings(seed, count, _told)
        case "lines":
            return asyncio.run(borders.lines(build_listener(ROOT, None), seed, count, _told))
        case _:
            library = load_library(ROOT / "dialogues", mirror=ClauseMirror())
            return asyncio.run(fuzz(folder, library, seed, count, _told))


def _told(number: int) -> None:
    print(number, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
