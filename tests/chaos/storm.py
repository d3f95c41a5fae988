"""A storm: pairs of a shopkeeper and an angel write to each other while everything around them breaks."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.store.crash import PLACES
from tests.chaos.bots import Bots
from tests.chaos.ledger import BARRED_SIGN, BLOCKED, MARK, NOTICES, Verdict, alarming, compare, mark, welcomed
from tests.chaos.weather import HIDING, SHOWING, Rasa, Weather, free_port
from tests.e2e.house import House, Phone, bot_texts, until

NAMES = (
    *("Adalgisa", "Bonifacio", "Cunegonda", "Desiderio", "Ermenegilda", "Filiberto"),
    *("Genoveffa", "Ildebrando", "Leonilde", "Melchiorre", "Norberta", "Ottavio"),
)
PATIENCE_S = 300.0
"""Longest wait for work to be done while everything breaks."""

LOOK_S = 0.5
"""How often it is looked how far the bot is."""


@dataclass(frozen=True)
class Plan:
    """How big a storm, and which.

    Attributes:
        seed: Replays the same orders in the same sequence.
        pairs: Shopkeepers, each with an angel, at most as many as there are names.
        messages: What they write to each other, in all.
        kills: Processes that die.
        faults: Calls that go wrong.
        workers: Processes of the bot.
        rasa: With a real Rasa, which is killed and hung too.
        webhook: Updates are posted to the bot instead of fetched by it.
        seconds: The storm ends after so long, whatever it has come to; 0 = when it has come to all of it.
    """

    seed: int = 1
    pairs: int = 3
    messages: int = 48
    kills: int = 4
    faults: int = 8
    workers: int = 1
    rasa: bool = False
    webhook: bool = False
    seconds: float = 0


@dataclass
class Pair:
    """Two people with the bot between them."""

    number: int
    shopkeeper: Phone
    angel: Phone
    sent: dict[str, list[str]] = field(default_factory=lambda: {"n": [], "s": []})


class Traffic:
    """What Telegram has recorded since it was last asked."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._last = 0
        self.calls = 0
        self.faults = 0
        self.hit = 0
        """Sends of which a fault hid the outcome."""
        self.arrived: set[str] = set()

    def read(self) -> Traffic:
        """Go on from where it was."""
        for line in self._house.http.get("/log", params={"after": self._last}).text.splitlines():
            entry: dict[str, Any] = json.loads(line)
            self._last = entry["seq"]
            self.calls += entry["via"] == "call"
            if fault := entry.get("fault"):
                self.faults += 1
                self.hit += fault in HIDING and entry["method"] in SHOWING
            if entry["method"] in SHOWING and entry.get("ok"):
                self.arrived |= {found.group() for found in MARK.finditer(str(entry["params"].get("text")))}
        return self


class Storm:
    """Runs one plan.

    Args:
        folder: For databases and logs.
        plan: What is to happen.
        database_url: "" = SQLite in the folder.
        database_away: Stops the database at once and starts it again; None where that cannot be.
    """

    def __init__(
        self,
        folder: Path,
        plan: Plan,
        database_url: str = "",
        database_away: Callable[[], None] | None = None,
    ) -> None:
        self.plan = plan
        self.chance = random.Random(plan.seed)
        url = database_url or f"sqlite:///{folder / 'bot.sqlite'}"
        self.house = House(folder, settings={"DATABASE_URL": url})
        self.away = database_away
        self.pairs: list[Pair] = []
        self.guests: list[tuple[str, Phone]] = []
        self.written = 0
        self.verdict = Verdict()

    def run(self, told: Callable[[str], None] = lambda _: None) -> Verdict:
        """Set up, storm, let it settle, and hold the ledger against what was seen."""
        rasa: Rasa | None = None
        bots: Bots | None = None
        try:
            self.house.open()
            if self.plan.rasa:
                rasa = Rasa()
                self.house.settings |= {"NLU_OFF": "false", "NLU_URL": rasa.url}
            if self.plan.webhook:
                port = free_port()
                self.house.settings |= {"HTTP_PORT": str(port), "WEBHOOK_URL": f"http://127.0.0.1:{port}"}
            self.bots = bots = Bots(self.house, self.plan.workers, self.chance, deaf=not self.plan.rasa)
            self.traffic = Traffic(self.house)
            self.weather = Weather(self.house, bots, self.chance, self.away, rasa)
            calm = self._calm_guest()
            self.pairs = [self._meet(number) for number in range(self.plan.pairs)]
            self._blow(told)
            self.house.http.delete("/faults")
            self._settle()
            return self._judge(calm)
        finally:
            if bots is not None:
                bots.close()
            if rasa is not None:
                rasa.close()
            self.house.close()

    # --- people --------------------------------------------------------------------------------------------------

    def _calm_guest(self) -> int:
        """What a newcomer reads when nothing breaks."""
        phone = self.house.newcomer("Zenobia")
        phone.say("/start")
        until(lambda: not self.bots.count("outbox", "queued", "sending"), "the welcome")
        return len(bot_texts(phone.messages()))

    def _meet(self, number: int) -> Pair:
        name = NAMES[number]
        phone = self.house.newcomer(name)
        phone.say("/start")
        phone.tap("Sì, va bene")
        until(lambda: len(phone.messages()) >= 4, "the first question")
        phone.say("ho un panificio a Lambrate, vorrei farmi trovare su google")
        phone.say("/persona")
        angel = self.house.topic_of(name, number % 2)
        angel.tap("Me ne occupo")
        angel.sees("Se ne occupa")
        return Pair(number, phone, angel)

    def _talk(self, how_many: int) -> None:
        """Somebody writes, and then somebody else."""
        for _ in range(how_many):
            pair, side = self.chance.choice(self.pairs), self.chance.choice("ns")
            word = mark(side, pair.number, len(pair.sent[side]))
            pair.sent[side].append(word)
            (pair.shopkeeper if side == "n" else pair.angel).send(word)
            self.written += 1

    def _arrive(self) -> None:
        """Somebody new presses start."""
        name = f"Nuova{len(self.guests)}"
        self.guests.append((name, self.house.newcomer(name)))
        self.guests[-1][1].send("/start")

    # --- the storm -----------------------------------------------------------------------------------------------

    def _blow(self, told: Callable[[str], None]) -> None:
        """Round after round: calls go wrong, people write, something breaks, and a process dies."""
        plan, begun = self.plan, time.monotonic()
        told(f"{plan.pairs} pairs have met")
        armed, number = 0, 0
        while self.written < plan.messages or self.bots.deaths < plan.kills:
            if plan.seconds and time.monotonic() - begun > plan.seconds:
                return
            left = max(1, plan.kills - self.bots.deaths)
            faults = max(0, plan.faults - self.traffic.read().faults)
            self.weather.order_faults(-(-faults // left), [pair.shopkeeper.user for pair in self.pairs])
            calls = self.traffic.calls
            self._talk(-(-(plan.messages - self.written) // left))
            self._arrive()
            if self.chance.random() < 0.4:
                self.weather.break_something()
            self._work_on(calls + self.chance.randint(1, 60))
            if self.bots.deaths < plan.kills:
                self.bots.kill()
            # Every second process dies by itself, at one named place after the other.
            number += 1
            armed += number % 2
            place = f"{PLACES[armed % len(PLACES)]}:{self.chance.randint(1, 3)}" if number % 2 else ""
            self.bots.revive(place)
            if number % 10 == 0:
                told(
                    f"seed {plan.seed}: {self.written} written, {len(self.traffic.arrived)} arrived,"
                    f" {self.bots.deaths} kills, {self.traffic.faults} faults, {time.monotonic() - begun:.0f} s"
                )

    def _work_on(self, calls: int) -> None:
        """Until so many more calls came, or a process died by itself, or nothing is left to do."""

        def enough() -> bool:
            traffic = self.traffic.read()
            behind = self.written - len(traffic.arrived) - self.bots.unsure("relay").total()
            if (
                behind > 4 * self.plan.pairs
            ):  # a storm that only kills would never see the work that it is to break
                self.bots.revive()
                return False
            return traffic.calls >= calls or self.bots.one() is None or behind <= 0

        until(enough, "messages that move", PATIENCE_S, every=LOOK_S)

    def _settle(self) -> None:
        """Until nothing waits: whoever dies now at an armed place is started again too."""

        def quiet() -> bool:
            self.bots.revive()
            waiting = self.bots.count("inbox", "waiting") + self.bots.count("outbox", "queued", "sending")
            return not waiting and not self._untold()

        last = self.house.newcomer("Zoroastro")
        last.send("/start")

        def fetched() -> bool:
            self.bots.revive()
            return bool(bot_texts(last.messages()))

        # Who wrote last is answered, so whatever Telegram still held before that has been fetched.
        until(fetched, "an answer to who wrote last", PATIENCE_S, every=LOOK_S)
        until(quiet, "inbox and outbox worked off", PATIENCE_S, every=LOOK_S)

    def _untold(self) -> int:
        """Updates of which the bot has not heard: a webhook that was dead is tried again after a while, chat by chat."""
        info = self.house.http.get(f"/bot{self.house.info['token']}/getWebhookInfo").json()
        return int(info["result"]["pending_update_count"]) if self.plan.webhook else 0

    # --- the ledger ----------------------------------------------------------------------------------------------

    def _judge(self, calm: int) -> Verdict:
        verdict, relayed = self.verdict, self.bots.unsure("relay")
        for pair in self.pairs:
            topic = (int(pair.angel.chat or 0), pair.angel.thread)
            chat = (int(pair.shopkeeper.user), None)
            there, here = pair.angel.messages(), pair.shopkeeper.messages()
            missing = compare(pair.sent["n"], _marks(there, "n"), relayed[topic], verdict)
            missing += compare(pair.sent["s"], _marks(here, "s"), relayed[chat], verdict)
            told = sum(any(words in text for words in NOTICES) for text in bot_texts(there))
            # A block is said once in words; each message that did not arrive for it wears a sign (bot/desk/README.md).
            signs = sum(BARRED_SIGN in str(message.get("reactions")) for message in there)
            told += max(0, signs - sum(BLOCKED in text for text in bot_texts(there)))
            verdict.untold += [f"pair {pair.number}: {missing} missing, {told} told"] * (missing > told)
        spoken = self.bots.unsure("reply")
        for name, phone in self.guests:
            seen = bot_texts(phone.messages())
            welcomed(name, seen, calm, spoken[phone.user, None], verdict)
        traffic = self.traffic.read()
        verdict.uncertain = self.bots.count("outbox", "uncertain")
        verdict.explained = traffic.hit + self.bots.in_flight
        verdict.kills, verdict.faults = self.bots.deaths, traffic.faults
        verdict.alarming += [*alarming(self.bots.lines()), *self.bots.endings]
        verdict.happened = self.weather.happened
        return verdict


def _marks(messages: list[dict[str, Any]], side: str) -> list[str]:
    """The marks of one direction on a screen, written by the bot."""
    found = [m.group() for text in bot_texts(messages) for m in MARK.finditer(text)]
    return [word for word in found if word.startswith(f"uovo-{side}")]
