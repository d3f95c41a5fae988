"""`make chaos`: storms of a chosen size, several houses at once; the seed in the last line replays them.

    python -m tests.chaos --messages 20000 --kills 500 --faults 2000

One process on SQLite that fetches, one behind a webhook, two and four workers on a PostgreSQL that is stopped and
started; and a small part with a real Rasa beside it, which is killed and hung.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tests.chaos.ledger import WRONG, Verdict, table
from tests.chaos.postgres import server
from tests.chaos.storm import Plan, Storm

KINDS = {
    "sqlite": (15, Plan(pairs=6)),
    "sqlite b": (15, Plan(pairs=6)),
    "sqlite c": (15, Plan(pairs=6)),
    "webhook": (11, Plan(pairs=6, webhook=True)),
    "webhook b": (11, Plan(pairs=6, webhook=True)),
    "postgres x2": (11, Plan(pairs=6, workers=2)),
    "postgres x4": (18, Plan(pairs=6, workers=4)),
    "rasa": (4, Plan(pairs=3, rasa=True)),
}
"""The part of everything that falls on each, in percent, and how it is."""


def main() -> int:
    """Run them, print the table; 1 when something was lost, doubled, disordered or crossed."""
    read = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    read.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    read.add_argument("--messages", type=int, default=1200)
    read.add_argument("--kills", type=int, default=40)
    read.add_argument("--faults", type=int, default=120)
    read.add_argument("--only", choices=KINDS, help="all of it in a house of this kind")
    read.add_argument("--at-once", type=int, default=2, help="houses that run at the same time")
    read.add_argument("--seconds", type=float, default=0, help="end each storm after so long, and judge it")
    given = read.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    begun = time.monotonic()
    plans = {name: part for name, part in _parts(given).items() if part.messages}
    with ThreadPoolExecutor(given.at_once) as pool:
        running = {name: pool.submit(_house, folder / name, plan) for name, plan in plans.items()}
        columns = {name: future.result() for name, future in running.items()}
    total = Verdict()
    for verdict in columns.values():
        total.add(verdict)
    print(table({**columns, "all": total}))
    print("  ".join(f"{name}: {times}" for name, times in sorted(total.happened.items())))
    sizes = f"--messages {given.messages} --kills {given.kills} --faults {given.faults}"
    only = f" --only '{given.only}'" if given.only else ""
    print(
        f"{time.monotonic() - begun:.0f} s, logs in {folder}, replay with --seed {given.seed} {sizes}{only}"
    )
    for name, verdict in columns.items():
        for kind in WRONG:
            for word in getattr(verdict, kind)[:5]:
                print(f"{name}, {kind}: {word}", file=sys.stderr)
    return 0 if all(verdict.clean() for verdict in columns.values()) else 1


def _parts(given: argparse.Namespace) -> dict[str, Plan]:
    shares = {given.only: (100, KINDS[given.only][1])} if given.only else KINDS
    return {
        name: replace(
            plan,
            seed=given.seed + index,
            messages=given.messages * share // 100,
            kills=given.kills * share // 100,
            faults=given.faults * share // 100,
            seconds=given.seconds,
        )
        for index, (name, (share, plan)) in enumerate(shares.items())
    }


def _house(folder: Path, plan: Plan) -> Verdict:
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        url, away = stack.enter_context(server()) if plan.workers > 1 else ("", None)
        storm = Storm(folder, plan, url, away)
        try:
            verdict = storm.run(lambda line: print(folder.name, line, file=sys.stderr))
        except Exception as error:  # the other houses' storms are worth their table
            traceback.print_exc()
            verdict = storm.verdict
            verdict.alarming.append(f"broken off: {error!r}")
    print(table({folder.name: verdict}), file=sys.stderr)
    return verdict


if __name__ == "__main__":
    sys.exit(main())
