"""A storm: shopkeepers and angels write everything Telegram carries, while everything around them breaks.

    python -m tests.desk.storm --people 50 --angels 5 --messages 5000
    python -m tests.desk.storm --people 8 --angels 3 --messages 160 --limits

In the middle topics are deleted and closed by hand, the group migrates, requests are lost before and after they did
their work, Telegram says 429 and 500, and the bot is killed. Afterwards Telegram's own log is held against what was
written: every message at the other side exactly once and in order, or marked and announced; and nobody's words in
another person's topic or chat.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from .calm import Calm, calm_of
from .ledger import Ledger, Verdict
from .stage import Hand, Stage, at_once, wait_for

CAPTIONED = ("photo", "video", "voice", "audio", "animation", "document")
BARE = ("sticker", "video_note", "location")
KINDS = ("text",) * 6 + ("bold", "long", "album", *CAPTIONED, *BARE)
CLAIM, LOST_HERE, LOST_THERE = (
    "Me ne occupo io",
    "potrebbe non essere arrivato",
    "Non è certo che sia arrivato",
)


@dataclass(frozen=True)
class Plan:
    """How big a storm.

    Attributes:
        people: Shopkeepers, each with a case of their own.
        angels: Who share the cases.
        messages: In all, both sides together.
        limits: Telegram's flood limits hold.
        seed: Replays the same orders.
    """

    people: int = 4
    angels: int = 2
    messages: int = 64
    limits: bool = False
    seed: int = 7

    @property
    def rounds(self) -> int:
        """Times that everybody writes once."""
        return max(8, self.messages // (2 * self.people))


@dataclass
class Pair:
    """A shopkeeper and the angel who has the case; what each has written, in order."""

    number: int
    shopkeeper: Hand
    angel: Hand
    thread: int
    said: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    """What is left to say afterwards."""

    verdict: Verdict
    seconds: float
    broke: dict[str, int]
    calm: Calm | None

    @property
    def clean(self) -> bool:
        """Nothing lost, doubled, crossed or out of order; with limits on, alarms and private chats went first."""
        return self.verdict.clean and (self.calm is None or self.calm.clean)

    def __str__(self) -> str:
        """The figures, one a line."""
        lines = [f"{self.verdict}", f"in {self.seconds:.0f} s; broke: {self.broke}"]
        lines += [str(self.calm)] if self.calm else []
        return "\n".join([*lines, "clean" if self.clean else "NOT CLEAN"])


class Storm:
    """Runs one plan on a stage whose bot is up."""

    def __init__(self, stage: Stage, plan: Plan) -> None:
        self.stage, self.plan = stage, plan
        self.dice = random.Random(plan.seed)
        self.broke: dict[str, int] = {}
        self.pairs: list[Pair] = []

    def run(self) -> Outcome:
        """Everybody comes, writes, and is looked after."""
        begun = time.monotonic()
        self._gather()
        if self.plan.limits:
            self.stage.post("/limits", enabled=True)
        moments = self._moments()
        with at_once(min(10, self.plan.people)) as pool:
            for turn in range(self.plan.rounds):
                for what in moments.get(turn, ()):
                    self._break(what)
                list(pool.map(lambda pair, t=turn: self._both_write(pair, t), self.pairs))
        self.stage.http.delete("/faults")
        self._settled()
        ledger = Ledger(self.stage.log(), LOST_HERE, LOST_THERE)
        verdict = Verdict()
        for pair in self.pairs:
            ledger.judge(verdict, pair.number, pair.shopkeeper.id, pair.said, pair.answered)
        calm = calm_of(self.stage.database) if self.plan.limits else None
        return Outcome(verdict, time.monotonic() - begun, self.broke, calm)

    # --- before ------------------------------------------------------------------------------------------------------

    def _gather(self) -> None:
        angels = [self.stage.angel(n) for n in range(min(3, self.plan.angels))]
        while len(angels) < self.plan.angels:
            more = self.stage.person(f"Angelo{len(angels)}")
            self.stage.post(f"/phone/users/{more.id}/join", chat_id=self.stage.group)
            angels.append(more)
        if self.plan.limits:
            for angel in angels[
                :2
            ]:  # alarms call the rota in private, where the group's budget holds nobody up
                angel.send("/start")
                angel.send("/reperibili io")
                angel.sees("Sei fra i reperibili")
        with at_once(8) as pool:
            people = list(pool.map(self._come, range(self.plan.people)))
        for number, person in enumerate(people):
            thread = self.stage.topic_of(f"Negozio{number:03}")
            angel = angels[number % len(angels)]
            angel.tap(CLAIM, thread)
            self.pairs.append(Pair(number, person, angel, thread))

    def _come(self, number: int) -> Hand:
        person = self.stage.person(f"Negozio{number:03}")
        person.shares()
        return person

    def _moments(self) -> dict[int, list[str]]:
        """What breaks before which round."""
        rounds = self.plan.rounds
        planned = ["migrate", "close", *["delete"] * max(1, self.plan.people // 8)]
        planned += ["fault"] * max(4, self.plan.rounds // 2)
        # Where waits are measured, nobody should wait for a bot that is being started.
        planned += ["alarm"] * 3 if self.plan.limits else ["kill"] * 2
        found: dict[int, list[str]] = {}
        for what in planned:
            found.setdefault(self.dice.randrange(1, rounds), []).append(what)
        return found

    # --- what breaks -------------------------------------------------------------------------------------------------

    def _break(self, what: str) -> None:
        stage, dice = self.stage, self.dice
        pair = dice.choice(self.pairs)
        match what:
            case "delete":
                stage.owner("delete_topic", thread_id=self._thread(pair))
            case "close":
                stage.owner("close_topic", thread_id=self._thread(pair))
            case "migrate":
                stage.group = int(stage.owner("migrate")["id"])
            case "kill":
                stage.kill()
                stage.start()
            case "alarm":
                somebody = stage.person(f"Allarme{dice.randrange(1000)}")
                somebody.send("/start")
                somebody.send("non ce la faccio più a vivere, voglio morire")
            case _:
                kind = dice.choice(("429", "500", "timeout_after", "timeout_before", "disconnect", "slow"))
                where = dice.choice((stage.group, pair.shopkeeper.id))
                what = f"{kind}"
                stage.post("/faults", kind=kind, chat_id=where, count=dice.choice((1, 1, 2)), seconds=1)
        self.broke[what] = self.broke.get(what, 0) + 1

    def _thread(self, pair: Pair) -> int:
        pair.thread = self.stage.topic_of(f"Negozio{pair.number:03}")
        return pair.thread

    # --- what is written ---------------------------------------------------------------------------------------------

    def _both_write(self, pair: Pair, turn: int) -> None:
        dice = random.Random(f"{self.plan.seed}:{pair.number}:{turn}")
        kind = dice.choice(KINDS)
        body, mark = composed(kind, f"s{pair.number}-{turn}.")
        pair.shopkeeper.send(**body)
        pair.said.append(mark)
        kind = dice.choice(KINDS)
        body, mark = composed(kind, f"a{pair.number}-{turn}.")
        self._into_topic(pair, body)
        pair.answered.append(mark)

    def _into_topic(self, pair: Pair, body: dict[str, Any]) -> None:
        """An angel whose topic is gone writes into the new one, as soon as it is there."""

        def written() -> bool:
            try:
                pair.angel.send(thread=pair.thread, **body)
            except AssertionError as error:
                if not any(why in str(error) for why in ("no topic", "topic is closed")):
                    raise
                pair.thread = self.stage.topic_of(f"Negozio{pair.number:03}")
                return False
            return True

        wait_for(written, f"the topic of {pair.number}", 600)

    def _settled(self) -> None:
        """Wait until nothing is on its way."""
        patience = 3600 if self.plan.limits else 900
        wait_for(lambda: all(self._quiet() for _ in range(3)), "the end of the storm", patience)

    def _quiet(self) -> bool:
        waiting, on_their_way = self.stage.rows(
            "SELECT (SELECT count(*) FROM inbox WHERE state = 'waiting'), (SELECT count(*) FROM outbox"
            " WHERE state IN ('queued', 'sending') AND (purpose IN ('relay', 'topic', 'card', 'alert')"
            " OR lane LIKE 'notice:%' OR lane LIKE 'case:%'))"
        )[0]
        time.sleep(0.2)
        return not waiting and not on_their_way


def composed(kind: str, mark: str) -> tuple[dict[str, Any], str]:
    """A message of one kind: what the telephone sends, and how it is recognised on the other side."""
    match kind:
        case "text":
            return {"text": mark}, mark
        case "bold":
            return {
                "text": f"{mark} <b>grassetto",
                "entities": [{"type": "bold", "offset": 0, "length": 2}],
            }, mark
        case "long":
            return {"text": mark + " parola" * 575}, mark
        case "album":
            return {
                "album": [{"photo": "sample"}, {"photo": "sample"}, {"video": "sample"}],
                "caption": mark,
            }, mark
        case "location":
            return {"location": {"latitude": 45.48, "longitude": 9.19}}, "location"
        case _ if kind in CAPTIONED:
            return {kind: "sample", "caption": mark}, mark
        case _:
            return {kind: "sample"}, kind


def run(folder: Path, plan: Plan) -> Outcome:
    """A storm from beginning to end."""
    paced = {"GROUP_PER_MINUTE": "20", "PRIVATE_PER_SECOND": "1", "OVERALL_PER_SECOND": "30"}
    stage = Stage(folder, **(paced if plan.limits else {}))
    try:
        stage.http.timeout = httpx.Timeout(120)
        stage.start()
        return Storm(stage, plan).run()
    finally:
        stage.close()


def main() -> int:
    """Run from the command line."""
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--people", type=int, default=50)
    reader.add_argument("--angels", type=int, default=5)
    reader.add_argument("--messages", type=int, default=5000)
    reader.add_argument("--limits", action="store_true", help="with Telegram's flood limits")
    reader.add_argument("--seed", type=int, default=7)
    reader.add_argument("--keep", action="store_true", help="leave the store and the log where they are")
    given = reader.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="storm-"))
    plan = Plan(given.people, given.angels, given.messages, given.limits, given.seed)
    try:
        outcome = run(folder, plan)
    finally:
        if given.keep:
            print(f"left in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(outcome)
    return 0 if outcome.clean else 1


if __name__ == "__main__":
    sys.exit(main())
