"""The smaller borders: what Rasa answers, what the environment says, what `bot understand` is given."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable
from typing import Any

import httpx
from pydantic import ValidationError

from bot.settings import Settings
from bot.understanding.lines import understand_lines
from bot.understanding.listener import Listener
from bot.understanding.rasa.client import RasaClient, UnderstandingUnavailable
from tests.fuzz.findings import Findings
from tests.fuzz.hostile import WORDS

Told = Callable[[int], None]

ATOMS: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 0.5, 1.0, 1e308, 10**400, float("nan"), float("inf"), -0.0),
    *("", "racconto", "saluto", "x" * 3000, "\ud800", "\x00", "0.9", "nan", [], {}),
)
KEYS = ("intent", "intent_ranking", "name", "confidence", "text", "entities", "", "asked", "\x00")


class Jumble:
    """JSON of any shape.

    Args:
        seed: Draws the same again.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def value(self, depth: int = 0) -> Any:
        """Something, with others inside."""
        pick = self.chance.random()
        if depth > 4 or pick < 0.5:
            return self.chance.choice(ATOMS)
        if pick < 0.75:
            return [self.value(depth + 1) for _ in range(self.chance.randint(0, 4))]
        return {self.chance.choice(KEYS): self.value(depth + 1) for _ in range(self.chance.randint(0, 4))}

    def answer(self) -> bytes:
        """What a broken Rasa, or something else on its port, could say to `/model/parse`."""
        good: dict[str, Any] = {
            "intent": {"name": "racconto", "confidence": 0.9},
            "intent_ranking": [
                {"name": "racconto", "confidence": 0.9},
                {"name": "saluto", "confidence": 0.1},
            ],
        }
        pick = self.chance.random()
        if pick < 0.5:
            rows = good["intent_ranking"]
            self.chance.choice(rows)[self.chance.choice(KEYS)] = self.value()
            if pick < 0.2:
                rows.insert(0, self.value())
            if pick < 0.05:
                good["intent_ranking"] = self.value()
            body: Any = good
        else:
            body = self.value()
        text = json.dumps(body)
        if self.chance.random() < 0.2:
            at = self.chance.randrange(len(text) + 1)
            text = (
                text[:at] + self.chance.choice(("", "[" * 100_000, "\x00", "9" * 5000, "}", '"')) + text[at:]
            )
        raw = text.encode("utf-8", "surrogatepass")
        return raw[: self.chance.randrange(len(raw) + 1)] if self.chance.random() < 0.1 else raw

    def word(self) -> str:
        """Something to write."""
        pick = self.chance.random()
        if pick < 0.5:
            return self.chance.choice(WORDS)
        return "".join(self.chance.choices(string.printable + "àè😀\ud800\x00", k=self.chance.randint(0, 40)))


async def answers(seed: int, count: int, told: Told = lambda _: None) -> Findings:
    """A ranking of known acts, or `UnderstandingUnavailable`: nothing else may come of what Rasa says."""
    draw, found = Jumble(seed), Findings()

    def hostile(request: httpx.Request) -> httpx.Response:
        status = draw.chance.choice((200,) * 8 + (204, 302, 404, 500))
        headers = draw.chance.choice(
            ({}, {}, {"content-type": "text/html; charset=utf-99"}, {"content-encoding": "gzip"})
        )
        return httpx.Response(status, headers=headers, content=draw.answer())

    client = RasaClient(
        ["http://rasa"], transport=httpx.MockTransport(hostile), clock=lambda: 1e9 * found.done
    )
    for number in range(1, count + 1):
        try:
            parsed = await client.parse("ho un bar in Isola", draw.word())
            if not all(0.0 <= ranked.confidence <= 1.0 for ranked in parsed.ranking):
                found.note("a probability that is none", number)
        except UnderstandingUnavailable:
            pass
        except Exception as error:
            found.add(error, number)
        found.done += 1
        if number % 10_000 == 0:
            told(number)
    await client.close()
    return found


def settings(seed: int, count: int, told: Told = lambda _: None) -> Findings:
    """Settings, or a `ValidationError` that says which one is wrong."""
    draw, found = Jumble(seed), Findings()
    names = list(Settings.model_fields)
    odd = (
        "0",
        "-1",
        "true",
        "1e400",
        "nan",
        "http://",
        "https://[",
        "1,2,,3",
        "\x00",
        "/",
        "x" * 9000,
        "sqlite://",
    )
    for number in range(1, count + 1):
        chosen = draw.chance.sample(names, draw.chance.randint(1, 5))
        given = {
            name: draw.chance.choice(odd) if draw.chance.random() < 0.6 else draw.word() for name in chosen
        }
        try:
            made = Settings(_env_file=None, **given)  # type: ignore[call-arg,arg-type]
            assert made.nlu_urls is not None
            assert made.local_telegram in (True, False)
        except ValidationError as error:
            if not all(problem["msg"] for problem in error.errors()):
                found.note("a refusal without words", number)
        except Exception as error:
            found.add(error, number)
        found.done += 1
        if number % 10_000 == 0:
            told(number)
    return found


class _Sink:
    """Standard output, which takes what can be written as UTF-8."""

    def __init__(self) -> None:
        self.lines = 0

    def write(self, line: str) -> None:
        json.loads(line.encode())
        self.lines += line.count("\n")


async def lines(listener: Listener, seed: int, count: int, told: Told = lambda _: None) -> Findings:
    """One JSON object a line for every line that is not empty, in order, whatever is in it."""
    draw, found = Jumble(seed), Findings()
    for number in range(1, count + 1):
        given: Any = {"text": draw.word(), "asked": draw.chance.choice((None, "zona", "consenso", ""))}
        if draw.chance.random() < 0.4:
            given[draw.chance.choice(("text", "asked"))] = draw.value()
        if draw.chance.random() < 0.2:
            given = draw.value()
        line = json.dumps(given)
        if draw.chance.random() < 0.1:
            line = draw.word().replace("\n", " ")
        sink = _Sink()
        try:
            await understand_lines(listener, [line], sink)
            if sink.lines != bool(line.strip()):
                found.note(f"{sink.lines} answers to a line", number)
        except Exception as error:
            found.add(error, number)
        found.done += 1
        if number % 1000 == 0:
            told(number)
    return found
