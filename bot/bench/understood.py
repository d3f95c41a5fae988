"""How long a message takes to be understood, whole: everything that is heard in it, and Rasa's HTTP answer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.bench.measures import Spread
from bot.bench.stage import RASA_S, processor_seconds
from bot.understanding.listener import build_listener
from bot.understanding.meaning import warm
from bot.understanding.port import Utterance
from bot.understanding.rasa.client import RasaClient
from bot.understanding.rasa.supervisor import RasaServer
from bot.understanding.rasa.training import model_path

KINDS = ("acts", "facts", "alarms")
"""Sets of `tests/understanding/dev`: what is said to the bot, short stories, and what sounds like danger."""


async def understood(root: Path, each: int) -> dict[str, Any]:
    """The bot's own listener with the bot's own Rasa, one message after the other.

    Args:
        root: The project's folder.
        each: How many messages of each kind; of all of them alike, not the first ones.

    Raises:
        RuntimeError: Rasa does not answer (`bot train` first).
    """
    server = RasaServer(root, model_path(root))
    server.start()
    client = RasaClient(lambda: [server.url])
    try:
        if not await server.wait_ready(RASA_S):
            raise RuntimeError("Rasa non risponde: prima `bot train`")
        listener = build_listener(root, client)
        warm()
        await listener.understand(Utterance("buongiorno"))
        taken: dict[str, list[float]] = {}
        worked, begun = processor_seconds(server.pid or 0) or 0.0, time.process_time()
        for kind in KINDS:
            taken[kind] = []
            for utterance in _utterances(root, kind, each):
                at = time.perf_counter()
                await listener.understand(utterance)
                taken[kind].append(time.perf_counter() - at)
        every = [seconds for kind in KINDS for seconds in taken[kind]]
        rasa = (processor_seconds(server.pid or 0) or 0.0) - worked
        return {
            "all": {
                **asdict(Spread.of(every)),
                "processor": round(1000 * (time.process_time() - begun) / len(every), 2),
                "processor_rasa": round(1000 * rasa / len(every), 2),
            },
            **{kind: asdict(Spread.of(taken[kind])) for kind in KINDS},
        }
    finally:
        await client.close()
        await server.stop()


def _utterances(root: Path, kind: str, each: int) -> Iterator[Utterance]:
    folder = root / "tests" / "understanding" / "dev"
    lines = [
        json.loads(line)
        for path in sorted(folder.glob(f"{kind}*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    for line in lines[:: max(1, len(lines) // each)][:each]:
        yield Utterance(line["text"], line.get("asked") or "", line.get("lang") or "")
