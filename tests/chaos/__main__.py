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
    given = read.parse_args()
    plan = Plan(given.seed, given.pairs, given.rounds, given.workers)
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    with contextlib.ExitStack() as stack:
        url, away = stack.enter_context(server()) if given.postgres or given.workers > 1 else ("", None)
        storm = Storm(folder, plan, url, away)
        begun = time.monotonic()
        verdict = storm.run()
    print(verdict.table())
    print("  ".join(f"{name}: {times}" for name, times in sorted(storm.happened.items())))
    print(f"{time.monotonic() - begun:.0f} s, log in {folder}, replay with --seed {plan.seed}")
    for kind in ("lost", "doubled", "disordered", "crossed"):
        for word in getattr(verdict, kind)[:5]:
            print(f"{kind}: {word}", file=sys.stderr)
    return 0 if verdict.clean() else 1


if __name__ == "__main__":
    sys.exit(main())
