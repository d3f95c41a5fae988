"""Asks Rasa what a message does, over its HTTP API, and never waits long for one that is not there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.conversation.types import Act, FactId
from bot.understanding.rasa.wordless import act_of_signs, has_words, visible

NOTHING_ASKED = "nessuna"
ASKED_CONTEXTS = frozenset(fact.value for fact in FactId if fact is not FactId.TRUFFA_IN_CORSO) | {
    "consenso",
    "riassunto",
    "persona",
    "riprendere",
    "apertura",
}
WINDOW = 2_000
"""Characters that Rasa is given at once: 50,000 took it 14.7 s and 4.8 GB (measured)."""
MOST_WINDOWS = 8
"""Of a longer text (two Telegram messages are 5 windows) the beginning and the end are read."""


class UnderstandingUnavailable(Exception):
    """No Rasa answered in time, or its answer was not one. The message is to be understood again later."""


@dataclass(frozen=True, slots=True)
class RankedAct:
    """An act with its calibrated probability, 0 to 1."""

    act: Act
    confidence: float


@dataclass(frozen=True, slots=True)
class RasaParse:
    """What Rasa makes of one message.

    Attributes:
        ranking: Every act, the likeliest first; for a long text the mean over its windows.
        windows: The ranking of each window of at most `WINDOW` characters, in reading order.
    """

    ranking: tuple[RankedAct, ...]
    windows: tuple[tuple[RankedAct, ...], ...] = ()

    @property
    def act(self) -> Act:
        """The likeliest act."""
        return self.ranking[0].act

    @property
    def confidence(self) -> float:
        """Its probability."""
        return self.ranking[0].confidence

    @property
    def margin(self) -> float:
        """How much likelier it is than the second, 0 to 1."""
        return self.confidence - (self.ranking[1].confidence if len(self.ranking) > 1 else 0.0)

    def probability(self, act: Act) -> float:
        """The probability of one act."""
        return next((ranked.confidence for ranked in self.ranking if ranked.act is act), 0.0)


@dataclass(slots=True)
class _Breaker:
    """Remembers that a server failed, so that the next message does not wait for it.

    After `pause` seconds one quick probe is let through; each failed probe doubles the pause, up to 5 s.
    """

    pause: float = 0.0
    closed_again_at: float = 0.0
    probing: bool = False
    failures: int = field(default=0)

    def fail(self, now: float) -> None:
        self.failures += 1
        self.pause = min(max(self.pause * 2, 0.25), 5.0)
        self.closed_again_at = now + self.pause

    def heal(self) -> None:
        self.pause = self.closed_again_at = 0.0
        self.failures = 0


class RasaClient:
    """A client of one or several Rasa servers, safe for use by many tasks of one event loop."""

    def __init__(
        self,
        urls: Sequence[str] | Callable[[], Sequence[str]],
        *,
        timeout: float = 2.0,
        probe_timeout: float = 0.3,
        clock: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            urls: Base addresses, or what gives them (a supervised server may come back on another port).
            timeout: Seconds for one message, all its windows and all tries together.
            probe_timeout: Seconds for the question whether a server that failed is back.
            clock: Monotonic seconds.
            transport: Another way to the servers, for tests.
        """
        self._urls = urls if callable(urls) else lambda: urls
        self._timeout = timeout
        self._probe_timeout = probe_timeout
        self._clock = clock
        self._http = httpx.AsyncClient(
            transport=transport,
            timeout=timeout,
            trust_env=False,
            limits=httpx.Limits(max_connections=16, keepalive_expiry=60),
        )
        self._breakers: dict[str, _Breaker] = {}
        self._turn = 0

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def parse(self, text: str, asked: str = "") -> RasaParse:
        """Rank the acts of one message.

        Args:
            text: What was said, any length and any content.
            asked: What the bot had just asked (`Utterance.asked`); what is unknown counts as nothing.

        Raises:
            UnderstandingUnavailable: No server answered within the timeout.
        """
        text = visible(text)
        if not has_words(text):
            ranking = (RankedAct(*act_of_signs(text)),)
            return RasaParse(ranking, (ranking,))
        prefix = asked if asked in ASKED_CONTEXTS else NOTHING_ASKED
        pieces = windows(text)
        try:
            async with asyncio.timeout(self._timeout):
                read = [await self._ask(f"<{prefix}> {piece}") for piece in pieces]
        except TimeoutError as late:
            raise UnderstandingUnavailable("Rasa took too long") from late
        return RasaParse(_mean(read, [len(piece) for piece in pieces]), tuple(read))

    async def ready(self) -> bool:
        """True when at least one server answers; also closes the breakers of those that do."""
        answers = await asyncio.gather(*(self._probe(url) for url in self._urls()))
        return any(answers)

    async def _ask(self, text: str) -> tuple[RankedAct, ...]:
        for url in self._in_turn():
            breaker = self._breakers.setdefault(url, _Breaker())
            if breaker.pause and not await self._is_back(url, breaker):
                continue
            try:
                answer = await self._http.post(f"{url}/model/parse", json={"text": text})
            except asyncio.CancelledError:
                breaker.fail(self._clock())
                raise
            except httpx.HTTPError:
                breaker.fail(self._clock())
                continue
            breaker.heal()
            ranking = _ranking(answer)
            if ranking:
                return ranking
        raise UnderstandingUnavailable("no Rasa answers")

    def _in_turn(self) -> list[str]:
        urls = [url.rstrip("/") for url in self._urls()]
        self._turn += 1
        first = self._turn % len(urls) if urls else 0
        return urls[first:] + urls[:first]

    async def _is_back(self, url: str, breaker: _Breaker) -> bool:
        if breaker.probing or self._clock() < breaker.closed_again_at:
            return False
        breaker.probing = True
        try:
            return await self._probe(url)
        finally:
            breaker.probing = False

    async def _probe(self, url: str) -> bool:
        url = url.rstrip("/")
        breaker = self._breakers.setdefault(url, _Breaker())
        try:
            answer = await self._http.get(f"{url}/status", timeout=self._probe_timeout)
        except httpx.HTTPError:
            breaker.fail(self._clock())
            return False
        if answer.status_code != httpx.codes.OK:
            breaker.fail(self._clock())
            return False
        breaker.heal()
        return True


def windows(text: str) -> list[str]:
    """Cut a text into pieces of at most `WINDOW` characters, at the end of a sentence or a word if there is one.

    Of a text that would give more than `MOST_WINDOWS`, the middle is left out.
    """
    pieces = []
    while len(text) > WINDOW:
        head = text[:WINDOW]
        cut = max((head.rfind(mark, WINDOW * 3 // 4) + 1 for mark in (". ", "! ", "? ", "\n")), default=0)
        cut = cut or head.rfind(" ", WINDOW // 2) + 1 or WINDOW
        pieces.append(text[:cut].strip())
        text = text[cut:].strip()
    pieces.append(text)
    pieces = [piece for piece in pieces if has_words(piece)]
    half = MOST_WINDOWS // 2
    return pieces if len(pieces) <= MOST_WINDOWS else pieces[:half] + pieces[-half:]


def _ranking(answer: httpx.Response) -> tuple[RankedAct, ...]:
    """The ranking of an answer; empty when it is none (an error page, another model's acts)."""
    try:
        body: Any = answer.json() if answer.status_code == httpx.codes.OK else {}
        ranked = [RankedAct(Act(row["name"]), float(row["confidence"])) for row in body["intent_ranking"]]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return ()
    if not all(0.0 <= r.confidence <= 1.0 for r in ranked):
        return ()
    return tuple(sorted(ranked, key=lambda r: -r.confidence))


def _mean(read: list[tuple[RankedAct, ...]], lengths: list[int]) -> tuple[RankedAct, ...]:
    if len(read) == 1:
        return read[0]
    total: dict[Act, float] = {}
    for ranking, length in zip(read, lengths, strict=True):
        for ranked in ranking:
            total[ranked.act] = total.get(ranked.act, 0.0) + ranked.confidence * length / sum(lengths)
    return tuple(RankedAct(act, p) for act, p in sorted(total.items(), key=lambda pair: -pair[1]))
