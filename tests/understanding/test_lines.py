from __future__ import annotations

import io
import json

from bot.conversation.types import Act, Alarm, FactHeard, FactId, Understood
from bot.understanding.lines import understand_lines
from bot.understanding.port import Utterance


class Echo:
    """Understands every text the same way, and remembers what it was asked."""

    def __init__(self, understood: Understood) -> None:
        self.understood = understood
        self.heard: list[Utterance] = []

    async def understand(self, utterance: Utterance) -> Understood:
        self.heard.append(utterance)
        return self.understood

    async def ready(self) -> bool:
        return True


async def answers(understood: Understood, *lines: str) -> list[dict[str, object]]:
    sink = io.StringIO()
    await understand_lines(Echo(understood), lines, sink)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


async def test_a_line_answers_with_exactly_the_agreed_keys() -> None:
    (answer,) = await answers(
        Understood("ciao", act=Act.SALUTO, confidence=0.9), '{"text": "ciao", "asked": null}'
    )
    assert answer == {
        "text": "ciao",
        "language": "it",
        "act": "saluto",
        "also": [],
        "confidence": 0.9,
        "facts": {},
        "alarm": None,
        "doubt": None,
    }


async def test_facts_are_values_lists_channels_and_flags() -> None:
    facts = (
        FactHeard(FactId.BISOGNO, "sito", "un sito"),
        FactHeard(FactId.BISOGNO, "social", "instagram"),
        FactHeard(FactId.ZONA, "Isola", "Isola"),
        FactHeard(FactId.CONTATTO, "telefono", "333", detail="+393331234567"),
        FactHeard(FactId.TRUFFA_IN_CORSO, "sì", "pago ancora"),
    )
    (answer,) = await answers(Understood("x", facts=facts, alarm=Alarm.VIOLENZA), '{"text": "x"}')
    assert answer["facts"] == {
        "bisogno": ["sito", "social"],
        "zona": "Isola",
        "contatto": "telefono",
        "truffa_in_corso": True,
    }
    assert answer["alarm"] == "violenza"


async def test_bad_lines_answer_an_error_in_italian_and_the_rest_goes_on() -> None:
    told = await answers(
        Understood("x"),
        "{",
        "[1]",
        '{"asked": null}',
        '{"text": "x", "asked": "niente"}',
        '{"text": "x", "asked": ["zona"]}',
        "",
        '{"text": "x"}',
    )
    assert ["error" in answer for answer in told] == [True, True, True, True, True, False]
    assert "JSON" in str(told[0]["error"])


async def test_what_was_asked_is_passed_on() -> None:
    echo = Echo(Understood("x"))
    await understand_lines(echo, ['{"text": "333 1234567", "asked": "contatto"}'], io.StringIO())
    assert echo.heard == [Utterance("333 1234567", "contatto", own_number=True)]
