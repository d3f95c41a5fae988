"""A storm: shopkeepers and angels exchange messages while topics go, the group migrates and the bot is killed.

Every message is at the other side exactly once and in order, or marked and announced; and each shopkeeper's
words are only ever in their own topic.
"""

from __future__ import annotations

import os
import random
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .stage import Hand, Stage, at_once, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(3000)]

PEOPLE = int(os.environ.get("DESK_STORM_PEOPLE", "4"))
EACH = int(os.environ.get("DESK_STORM_EACH", "8"))
SEED = int(os.environ.get("DESK_STORM_SEED", "7"))
KINDS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {},
    {"photo": "sample"},
    {"document": "sample"},
    {"voice": "sample"},
)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    found = Stage(tmp_path)
    found.start()
    yield found
    found.close()


def test_a_storm_loses_doubles_and_crosses_nothing(stage: Stage) -> None:
    dice = random.Random(SEED)
    anna = stage.angel(0)
    people = [stage.person(f"Negozio{n}") for n in range(PEOPLE)]
    for person in people:
        person.shares()
    threads = [stage.topic_of(f"Negozio{n}") for n in range(PEOPLE)]
    for number, thread in enumerate(threads):
        anna.tap("Me ne occupo io", thread)
        anna.send(f"inizio{number}.", thread)
        people[number].sees(f"inizio{number}.")
    gone = dice.randrange(PEOPLE)
    moments = {EACH // 4: "delete", EACH // 2: "kill", 3 * EACH // 4: "migrate"}
    for turn in range(EACH):
        match moments.get(turn):
            case "delete":
                stage.owner("delete_topic", thread_id=threads[gone])
            case "kill":
                stage.kill()
                stage.start()
            case "migrate":
                stage.group = int(stage.owner("migrate")["id"])
            case _:
                pass
        with at_once(PEOPLE) as pool:
            list(pool.map(lambda n, t=turn: _both_write(n, t, people, anna, threads, gone), range(PEOPLE)))
    _settled(stage)
    _check_topics(stage, anna)
    _check_private(people, gone)


def _both_write(
    number: int, turn: int, people: list[Hand], anna: Hand, threads: list[int], gone: int
) -> None:
    kind = KINDS[(number + turn) % len(KINDS)]
    _write(people[number], f"s{number}-{turn}.", kind)
    if number != gone:  # an angel cannot write into a topic that is not there
        _write(anna, f"a{number}-{turn}.", kind, threads[number])


def _write(hand: Hand, text: str, kind: dict[str, Any], thread: int = 0) -> None:
    hand.send("" if kind else text, thread, **({**kind, "caption": text} if kind else {}))


def _settled(stage: Stage) -> None:
    """Wait until nothing is on its way."""

    def quiet() -> bool:
        with sqlite3.connect(stage.database) as rows:
            inbox = rows.execute("SELECT count(*) FROM inbox WHERE state = 'waiting'").fetchone()[0]
            lanes = "state IN ('queued', 'sending') AND purpose IN ('relay', 'topic', 'card')"
            outbox = rows.execute(f"SELECT count(*) FROM outbox WHERE {lanes}").fetchone()[0]
        return not inbox and not outbox

    wait_for(lambda: quiet() and all(quiet() for _ in range(3)), "the end of the storm", 600)


def _uncertain(stage: Stage) -> int:
    with sqlite3.connect(stage.database) as rows:
        query = "SELECT count(*) FROM outbox WHERE state = 'uncertain' AND purpose = 'relay'"
        return int(rows.execute(query).fetchone()[0])


def _check_topics(stage: Stage, anna: Hand) -> None:
    spared = _uncertain(stage)
    missing = 0
    for topic in stage.topics():
        found = re.fullmatch(r"Negozio(\d+).*", topic["name"])
        if found is None:
            continue
        texts = anna.reads(topic["thread_id"])
        seen = re.findall(r"\bs(\d+)-(\d+)\.", texts)
        assert {n for n, _ in seen} <= {found[1]}, "somebody else's words"
        turns = [int(t) for _, t in seen]
        assert turns == sorted(set(turns)), turns
        if texts.count("ne ho aperto uno nuovo") == 0:
            missing += EACH - len(turns)
            announced = texts.count("potrebbe non essere arrivato")
            assert EACH - len(turns) <= announced, (topic["name"], turns)
    assert missing <= spared


def _check_private(people: list[Hand], gone: int) -> None:
    for number, person in enumerate(people):
        seen = re.findall(r"\ba(\d+)-(\d+)\.", person.reads())
        assert {int(n) for n, _ in seen} <= {number}
        turns = [int(t) for _, t in seen]
        assert turns == sorted(set(turns)), turns
        if number != gone:
            assert EACH - len(turns) <= 1, (number, turns)
