"""`bot understand`: JSON lines in, JSON lines out, as DESIGN section 6 writes them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from typing import Any, Protocol

from bot.conversation.types import LIST_FACTS, Change, FactId, Understood
from bot.understanding.port import DOUBT, SAFE, Understanding, Utterance

ASKED = frozenset(fact.value for fact in FactId) | {
    "consenso",
    "riassunto",
    "persona",
    "riprendere",
    "apertura",
}


class Sink(Protocol):
    """Where the answers go: standard output, a file, a list's writer."""

    def write(self, line: str, /) -> Any:
        """Take one line, its end included."""
        ...


class LineError(ValueError):
    """A line that is no request; the text, in Italian, says why."""


async def understand_lines(
    listener: Understanding, source: Iterable[str] | AsyncIterator[str], sink: Sink
) -> None:
    """Answer every line of `source` with one line in `sink`, in order; empty lines are skipped.

    Args:
        listener: Understands.
        source: Lines, each a JSON object `{"text": ..., "asked": ...}`.
        sink: Takes one JSON object a line; a line that cannot be read answers `{"error": ...}`.
    """
    if isinstance(source, AsyncIterator):
        async for line in source:
            await _answer(listener, line, sink)
    else:
        for line in source:
            await _answer(listener, line, sink)


async def _answer(listener: Understanding, line: str, sink: Sink) -> None:
    if not line.strip():
        return
    try:
        answer = as_json(await listener.understand(request(line)))
    except LineError as error:
        answer = {"error": str(error)}
    sink.write(json.dumps(answer, ensure_ascii=False) + "\n")
    flush = getattr(sink, "flush", None)
    if flush is not None:
        flush()


def request(line: str) -> Utterance:
    """One line as an utterance.

    Raises:
        LineError: It is no JSON object with a `text`, or `asked` is not one of the things that can be asked.
    """
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        raise LineError("la riga non è JSON valido") from None
    if not isinstance(data, dict):
        raise LineError('la riga deve essere un oggetto JSON, per esempio {"text": "ciao", "asked": null}')
    text, asked = data.get("text"), data.get("asked")
    if not isinstance(text, str):
        raise LineError("manca «text», che deve essere una stringa")
    if asked is not None and (not isinstance(asked, str) or asked not in ASKED | {"", DOUBT, SAFE}):
        raise LineError(f"«asked» deve essere null oppure uno tra: {', '.join(sorted(ASKED))}")
    return Utterance(text, asked or "", own_number=asked == FactId.CONTATTO)


def as_json(understood: Understood) -> dict[str, Any]:
    """What was understood, as the outside reads it."""
    return {
        "text": understood.text,
        "language": understood.language,
        "act": understood.act.value,
        "also": [act.value for act in understood.also],
        "confidence": understood.confidence,
        "facts": facts_as_json(understood),
        "alarm": understood.alarm.value if understood.alarm else None,
        "doubt": understood.doubt.value if understood.doubt else None,
    }


def facts_as_json(understood: Understood) -> dict[str, Any]:
    """`{fact: value}`, `[values]` for the facts that hold several, true for the flag; what was taken away is left out."""
    facts: dict[str, Any] = {}
    for heard in understood.facts:
        if heard.change is Change.REMOVE:
            continue
        if heard.fact is FactId.TRUFFA_IN_CORSO:
            facts[heard.fact.value] = True
        elif heard.fact in LIST_FACTS and heard.fact is not FactId.LINGUA:
            values = facts.setdefault(heard.fact.value, [])
            if heard.value not in values:
                values.append(heard.value)
        elif heard.fact is FactId.LINGUA:
            known = facts.get(heard.fact.value)
            facts[heard.fact.value] = (
                heard.value if known in (None, heard.value) else _both(known, heard.value)
            )
        else:
            facts[heard.fact.value] = heard.value
    return facts


def _both(known: Any, value: str) -> list[str]:
    values = known if isinstance(known, list) else [known]
    return values if value in values else [*values, value]
