"""Races for a case: two angels tap claim at once, and a claim meets the bot's reply in flight.

    python -m tests.desk.races --count 1000

Each race: the shopkeeper writes (so that the bot is about to speak), two angels tap claim at a random moment around
the reply, some replies are slow on their way, and whoever won gives the case back. What is checked is told apart
from what the bot says of itself: the taps' answers, Telegram's own log, and the store's times.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .stage import Hand, Stage, at_once

WON, BACK = "Ora è tuo", "Ridato al bot."


@dataclass(frozen=True)
class Place:
    """Where races for one case are run."""

    person: Hand
    thread: int
    card: int
    case: int


@dataclass
class Tally:
    """What came of the races.

    Attributes:
        races: How many were run.
        winners: How often each number of winners was answered; a telephone waits only ten seconds for an answer.
        claims: Claims in the store.
        twice: Cases claimed while somebody had them.
        words: The bot's words that left and came back, or never left because a claim was first.
        begun_after: Words of the bot that began while an angel had the case, by the store's times.
        seen_after: The same by Telegram's log.
        seconds: How long it all took.
    """

    races: int = 0
    winners: Counter[int] = field(default_factory=Counter)
    claims: int = 0
    twice: list[int] = field(default_factory=list)
    words: dict[str, int] = field(default_factory=dict)
    begun_after: list[tuple[int, str]] = field(default_factory=list)
    seen_after: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """One owner each time, and a silent bot."""
        one = set(self.winners) <= {0, 1} and self.winners[0] <= max(1, self.races // 50)
        return one and self.claims == self.races and not (self.twice or self.begun_after or self.seen_after)

    def __str__(self) -> str:
        """The figures, one a line."""
        return "\n".join(
            [
                f"races {self.races} in {self.seconds:.0f} s; claims booked {self.claims}",
                f"answers «{WON}» per race: {dict(self.winners)}",
                f"cases with two owners: {self.twice}",
                f"the bot's words: {self.words}",
                f"words begun after a claim, by the store: {self.begun_after}; by Telegram: {self.seen_after}",
                "clean" if self.clean else "NOT CLEAN",
            ]
        )


def run(stage: Stage, count: int, *, places: int = 6, seed: int = 1) -> Tally:
    """Run races, several cases at a time."""
    begun = time.monotonic()
    grounds = [_place(stage, number) for number in range(min(places, count))]
    tally = Tally(races=count)
    with at_once(len(grounds)) as pool, at_once(4 * len(grounds)) as hands:
        shares = [len(range(n, count, len(grounds))) for n in range(len(grounds))]
        for winners in pool.map(
            lambda n: [
                _race(stage, grounds[n], random.Random(f"{seed}:{n}:{i}"), hands) for i in range(shares[n])
            ],
            range(len(grounds)),
        ):
            tally.winners.update(winners)
    tally.claims, tally.twice = _claims(stage.database)
    tally.words, tally.begun_after = _words(stage.database)
    tally.seen_after = _seen(stage.log(), {p.case: p.person.id for p in grounds})
    tally.seconds = time.monotonic() - begun
    return tally


def _place(stage: Stage, number: int) -> Place:
    person = stage.person(f"Persona{number}")
    person.shares()
    thread = stage.topic_of(f"Persona{number}")
    card, data = stage.angel(0).button("Me ne occupo io", thread)
    return Place(person, thread, card, int(data.split(":")[2]))


def _race(stage: Stage, place: Place, dice: random.Random, hands: ThreadPoolExecutor) -> int:
    """One race; returns how many were told that they won."""
    anna, bruno = stage.angel(0), stage.angel(1)
    if dice.random() < 0.4:
        stage.post(
            "/faults", method="sendMessage", chat_id=place.person.id, kind="slow", count=1, seconds=0.15
        )
    spoken = hands.submit(place.person.send, f"racconto {dice.randrange(10**6)}, il sito non va")
    wait = dice.choice((0.0, 0.0, dice.uniform(0, 0.25)))

    def claim(angel: Hand) -> str:
        # Somewhere around the reply; where exactly is what the races are about.
        time.sleep(wait + dice.uniform(0, 0.01))
        return angel.press(place.card, f"d:claim:{place.case}", place.thread)

    taps = [hands.submit(claim, angel) for angel in (anna, bruno)]
    spoken.result()
    answers = [tap.result() for tap in taps]
    for _ in range(60):
        if BACK in [a.press(place.card, f"d:back:{place.case}", place.thread) for a in (anna, bruno)]:
            return sum(a.startswith(WON) for a in answers)
    raise AssertionError(f"nobody can give the case back: {answers}")


def _claims(database: Path) -> tuple[int, list[int]]:
    """How many claims there were, and the cases that were claimed while somebody had them."""
    held: set[int] = set()
    wrong, count = [], 0
    with sqlite3.connect(database) as rows:
        query = "SELECT case_id, action FROM audit WHERE action IN ('claimed', 'given_back') ORDER BY id"
        for case, action in rows.execute(query):
            count += action == "claimed"
            if action == "claimed" and case in held:
                wrong.append(case)
            (held.add if action == "claimed" else held.discard)(case)
    return count, wrong


def _words(database: Path) -> tuple[dict[str, int], list[tuple[int, str]]]:
    """The bot's words by what became of them, and those that began while an angel had the case."""
    with sqlite3.connect(database) as rows:
        spans: dict[int, list[tuple[str, str]]] = {}
        person_of = dict(rows.execute("SELECT id, person_id FROM cases"))
        query = "SELECT case_id, action, at FROM audit WHERE action IN ('claimed', 'given_back') ORDER BY id"
        for case, action, at in rows.execute(query):
            found = spans.setdefault(person_of[case], [])
            if action == "claimed":
                found.append((at, "9"))
            else:
                found[-1] = (found[-1][0], at)
        states = dict(rows.execute("SELECT state, count(*) FROM outbox WHERE speech GROUP BY state"))
        speech = rows.execute("SELECT person_id, begun_at FROM outbox WHERE speech AND begun_at IS NOT NULL")
        late = [
            (person, begun)
            for person, begun in speech
            if any(first < begun < last for first, last in spans.get(person, []))
        ]
    return states, late


def _seen(log: list[dict[str, Any]], person_of: dict[int, int]) -> list[str]:
    """Messages to a person between the answer to a claim and the tap that gives the case back, as Telegram saw them.

    Angels write nothing in these races: whatever goes to the person in between is the bot's.
    """
    answers = {
        str(e["params"].get("callback_query_id")): str(e["params"].get("text", ""))
        for e in log
        if e["method"] == "answerCallbackQuery"
    }
    case_of: dict[str, int] = {}
    taken: dict[int, bool] = {}
    late = []
    for entry in log:
        params = entry.get("params") or {}
        match entry["method"]:
            case "getUpdates":
                for query in (
                    u["callback_query"] for u in entry.get("result") or () if "callback_query" in u
                ):
                    if not query["data"].startswith("d:"):
                        continue
                    case_of[query["id"]] = int(query["data"].split(":")[2])
                    if answers.get(query["id"]) == BACK:
                        taken[person_of[case_of[query["id"]]]] = False
            case "answerCallbackQuery" if str(params.get("text", "")).startswith(WON):
                taken[person_of[case_of[str(params["callback_query_id"])]]] = True
            case "sendMessage" if taken.get(int(params.get("chat_id") or 0)):
                late.append(json.dumps(params.get("text"), ensure_ascii=False)[:60])
            case _:
                pass
    return late


def main() -> int:
    """Run from the command line."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--count", type=int, default=1000)
    reader.add_argument("--places", type=int, default=6, help="cases raced for at the same time")
    reader.add_argument("--seed", type=int, default=1)
    given = reader.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        try:
            stage.start()
            tally = run(stage, given.count, places=given.places, seed=given.seed)
        finally:
            stage.close()
    print(tally)
    return 0 if tally.clean else 1


if __name__ == "__main__":
    sys.exit(main())
