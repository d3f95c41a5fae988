"""`python -m tests.backlog`: so many updates after an outage; exit 1 when something was not as it should be."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bot.bench.stage import Ear
from tests.backlog.outage import Outage, Plan


def main() -> int:
    """Run it and print the figures."""
    read = argparse.ArgumentParser(prog="python -m tests.backlog")
    read.add_argument("--count", type=int, default=100_000)
    read.add_argument("--people", type=int, default=0, help="0 = one for every 50 updates")
    read.add_argument("--dangers", type=int, default=20)
    read.add_argument("--ear", type=Ear, default=Ear.OFF, choices=list(Ear))
    read.add_argument("--seed", type=int, default=1)
    given = read.parse_args()
    plan = Plan(given.count, given.people or max(2, given.count // 50), given.dangers, given.ear, given.seed)
    with tempfile.TemporaryDirectory(prefix="backlog-") as folder:
        figures = asyncio.run(Outage(Path(folder), plan, lambda line: print(line, file=sys.stderr)).run())
    print(figures)
    return 1 if figures.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
