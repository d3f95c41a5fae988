"""`make fuzz N=...`: hostile updates in this process; exit 1 when one of them made it fail."""

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
from tests.e2e.house import ROOT
from tests.fuzz.letterbox import edge, fuzz


def main() -> int:
    """Run it and print what was found."""
    read = argparse.ArgumentParser(prog="make fuzz")
    read.add_argument("--count", type=int, default=100_000)
    read.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    read.add_argument("--edge", action="store_true", help="the edge alone, which is many times faster")
    given = read.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    begun = time.monotonic()

    def told(number: int) -> None:
        print(number, file=sys.stderr)

    if given.edge:
        found = edge(given.seed, given.count, told)
    else:
        with tempfile.TemporaryDirectory() as folder:
            library = load_library(ROOT / "dialogues", mirror=ClauseMirror())
            found = asyncio.run(fuzz(Path(folder), library, given.seed, given.count, told))
    for name, numbers in found.errors.items():
        print(f"{len(numbers):6} x {name} (first: update {numbers[0]})")
    seconds = time.monotonic() - begun
    print(
        f"{found.done} updates in {seconds:.0f} s, {sum(map(len, found.errors.values()))} errors, seed {given.seed}"
    )
    return 1 if found.errors else 0


if __name__ == "__main__":
    sys.exit(main())
