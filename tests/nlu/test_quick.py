"""What is quicker in the room while people wait reads every message as the trained components do, to the last digit."""

import json
import subprocess
from pathlib import Path

import pytest

from bot.understanding.rasa.training import room_environment, room_python, train

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
TEXTS = (
    "<consenso> sì, va bene",
    "<nessuna> ho un bar in Isola, siamo io e mia sorella; mi avevano fatto un sito, ma poi non l'ho mai visto",
    "<nome> Carla",
    "<nessuna> ho un negozio di fiori ma lei è un robot?",
    "<zona> qwzx vbnm 🌷",
    "<nessuna> quanto costa??? QUANTO COSTA",
    "<riassunto> no, non Isola: Lambrate",
    "<nessuna> 我想和一个人说话",
    "<nessuna> هل يمكنني التحدث مع شخص؟",
    "<nessuna> " + "la mattina lavoro bene, il pomeriggio è vuoto. " * 20,
)
PROGRAM = """
import asyncio, json, sys
import rasa.core.agent
from quick import quicken
async def read(texts):
    agent = await rasa.core.agent.load_agent(model_path=sys.argv[1])
    return [(await agent.parse_message(text))["intent_ranking"] for text in texts]
texts = json.load(sys.stdin)
plain = asyncio.run(read(texts))
quicken()
print("\\n" + json.dumps([plain, asyncio.run(read(texts))]))
"""


def test_one_message_at_a_time_is_read_as_all_examples_were() -> None:
    model = train(ROOT, lambda _: None)
    done = subprocess.run(
        [str(room_python(ROOT)), "-c", PROGRAM, str(model)],
        env=room_environment(ROOT),
        input=json.dumps(TEXTS),
        capture_output=True,
        text=True,
        check=True,
    )
    plain, quick = json.loads(done.stdout.splitlines()[-1])
    for text, one, other in zip(TEXTS, plain, quick, strict=True):
        assert [act["name"] for act in one] == [act["name"] for act in other], text
        assert [act["confidence"] for act in other] == pytest.approx(
            [act["confidence"] for act in one], abs=1e-5
        )
    assert len({ranking[0]["name"] for ranking in plain}) > 3
