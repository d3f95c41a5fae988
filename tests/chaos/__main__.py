"""`make chaos`: a storm of a chosen size; the seed in its last line replays it."""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.postgres import server
from tests.chaos.storm import Plan, Storm


def main() -> int:
    """Run it, print the table; 1 when something was lost, doubled, disordered or crossed."""
    read = argparse.ArgumentParser(prog="make chaos")
    read.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    read.add_argument("--pairs", type=int, default=4)
    read.add_argument("--rounds", type=int, default=60)
    read.add_argument("--workers", type=int, default=1)
    read.add_argument("--postgres", action="store_true", help="with a database that is stopped and started")
    read.add_argument("--words", type=int, default=1, help="messages that everybody writes in a round")
    read.add_argument("--acts", type=int, default=1, help="things that break in a round")
    read.add_argument("--rasa", action="store_true", help="with a real Rasa that is killed and hung")
    given = read.parse_args()
    plan = Plan(given.seed, given.pairs, given.rounds, given.workers, given.words, given.acts, given.rasa)
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    with contextlib.ExitStack() as stack:
        url, away = stack.enter_context(server()) if given.postgres or given.workers > 1 else ("", None)
        storm = Storm(folder, plan, url, away)
        begun = time.monotonic()
        verdict = storm.run(
            lambda number: print(number, storm.happened, file=sys.stderr) if number % 20 == 0 else None
        )
    print(verdict.table())
    print("  ".join(f"{name}: {times}" for name, times in sorted(storm.happened.items())))
    print(f"{time.monotonic() - begun:.0f} s, log in {folder}, replay with {_order(given)}")
    for kind in ("lost", "doubled", "disordered", "crossed"):
        for word in getattr(verdict, kind)[:5]:
            print(f"{kind}: {word}", file=sys.stderr)
    return 0 if verdict.clean() else 1


def _order(given: argparse.Namespace) -> str:
    """The arguments that make the same storm again."""
    words = [f"--{name} {value}" for name, value in vars(given).items() if not isinstance(value, bool)]
    return " ".join([*words, *(f"--{name}" for name, value in vars(given).items() if value is True)])


if __name__ == "__main__":
    sys.exit(main())
