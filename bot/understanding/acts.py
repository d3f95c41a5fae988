"""Which act a message is: Rasa's ranking, accepted only where it makes sense, and a plain table where Rasa is away."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ruamel.yaml import YAML

from bot.conversation.types import Act, FactId
from bot.understanding.normalise import folded, has_words, words
from bot.understanding.rasa.client import RankedAct, RasaParse
from bot.understanding.rasa.wordless import act_of_signs

MOST_CLAUSES = 4
"""Clauses of one message that Rasa is asked about one by one."""
_CLAUSE = re.compile(
    r"(?<=[.!?;…。！？؟])\s*|\n+|,\s+(?=(?:ma|pero|però|invece|comunque|anzi|e poi|e voi|e lei|but|though|pero)\b)|\s+-\s+",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\b(?:forse|dipende|vediamo|vedremo|non so|boh|non saprei|puo darsi|ci penso|maybe|perhaps|it depends|depends|not sure|dunno|quizas?|tal vez|depende|no se)\b"
)
_CONSENTS = ("consenso", "persona")
_SURE: Mapping[Act, float] = {
    # What would hurt if it were not meant: more certainty before it is believed.
    Act.CANCELLA_DATI: 0.55,
    Act.INSULTO: 0.5,
    Act.CONGEDO: 0.5,
    Act.FUORI_TEMA: 0.5,
    Act.COMPLIMENTO: 0.5,
}
_SURE_ENOUGH = 0.4
_MARGIN = 0.1
_BESIDE = 0.6
_BURIED = 0.75
_STORY_WORDS = 4
_ANSWERS = frozenset({Act.CONFERMA, Act.RIFIUTO, Act.NON_SO})
_BESIDE_NOTHING = frozenset({Act.RACCONTO, Act.FUORI_TEMA})


class Parser(Protocol):
    """What is needed of Rasa."""

    async def parse(self, text: str, asked: str = "") -> RasaParse:
        """Rank the acts of one message."""
        ...


@dataclass(frozen=True, slots=True)
class ActReading:
    """The main act, the others, and the calibrated probability of the main one."""

    act: Act
    also: tuple[Act, ...]
    confidence: float


class PlainActs:
    """The acts that a table knows: a whole message that is nothing but "sì", "boh", "salta", "una persona"."""

    def __init__(self, phrases: Mapping[str, Act], inside: tuple[tuple[re.Pattern[str], Act], ...]) -> None:
        self._phrases = phrases
        self._inside = inside

    def read(self, text: str, asked: str) -> ActReading:
        """The act of a message as far as it can be told without Rasa; else `racconto`."""
        if not has_words(text):
            signs, confidence = act_of_signs(text)
            return ActReading(signs, (), confidence)
        bare = " ".join(words(folded(text)))
        act = self._phrases.get(bare) or next((a for p, a in self._inside if p.search(bare)), None)
        if act is Act.CONFERMA and hedged(text, asked):
            act = Act.NON_SO
        return ActReading(act, (), 0.9) if act else ActReading(Act.RACCONTO, (), 0.5)

    def exact(self, text: str) -> Act | None:
        """The act of a message that is one of the phrases and nothing else."""
        return self._phrases.get(" ".join(words(folded(text))))


def load_plain_acts(file: Path) -> PlainActs:
    """Read `nlu/plain_acts.yml`.

    Raises:
        ValueError: It names an act that does not exist; the text says which, in Italian.
    """
    data = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    phrases: dict[str, Act] = {}
    inside: list[tuple[re.Pattern[str], Act]] = []
    for name, part in data.items():
        if name not in list(Act):
            raise ValueError(f"{file}:1: l'atto «{name}» non esiste")
        for phrase in part.get("exactly", []):
            phrases[" ".join(words(folded(str(phrase))))] = Act(name)
        for phrase in part.get("anywhere", []):
            bare = " ".join(words(folded(str(phrase))))
            inside.append(
                (re.compile(rf"\b{re.escape(bare)}\b" if bare.isascii() else re.escape(bare)), Act(name))
            )
    return PlainActs(phrases, tuple(inside))


def hedged(text: str, asked: str) -> bool:
    """True for "forse", "dipende" where an agreement was asked: that is never a yes."""
    return asked in _CONSENTS and _HEDGED.search(folded(text)) is not None


async def read_acts(rasa: Parser, plain: PlainActs, text: str, asked: str, has_facts: bool) -> ActReading:
    """The acts of one message.

    Args:
        rasa: Ranks acts.
        plain: What is read without words.
        text: Spoken form (`normalise.spoken`).
        asked: What the bot had just asked.
        has_facts: True when the message told facts.

    Raises:
        UnderstandingUnavailable: Rasa is away.
    """
    if not has_words(text):
        return plain.read(text, asked)
    parts = clauses(text)
    whole, *each = await asyncio.gather(
        rasa.parse(text, asked),
        *(rasa.parse(part, asked if n == 0 else "") for n, part in enumerate(parts) if len(parts) > 1),
    )
    main = accepted(whole.ranking)
    beside = [top for parse in each if (top := accepted(parse.ranking)).confidence >= _BESIDE]
    if main.act is Act.RACCONTO:
        buried = [b for b in beside if b.act not in _BESIDE_NOTHING and b.act is not Act.SFOGO]
        strongest = max(buried, key=lambda b: b.confidence, default=None)
        if strongest and strongest.confidence >= _BURIED and strongest.act not in _ANSWERS | {Act.SALUTO}:
            main = strongest
    if main.act is Act.CONFERMA and hedged(text, asked):
        main = RankedAct(Act.NON_SO, main.confidence)
    also: set[Act] = {b.act for b in beside if b.act is not main.act and b.act is not Act.RACCONTO}
    if main.act is not Act.RACCONTO and tells(parts, each, main.act, asked, has_facts):
        also.add(Act.RACCONTO)
    return ActReading(main.act, tuple(act for act in Act if act in also), round(main.confidence, 4))


def accepted(ranking: tuple[RankedAct, ...]) -> RankedAct:
    """The likeliest act where it is likely enough and clear of the second; otherwise the message is the story."""
    if not ranking:
        return RankedAct(Act.RACCONTO, 0.0)
    top = ranking[0]
    margin = top.confidence - (ranking[1].confidence if len(ranking) > 1 else 0.0)
    sure = top.confidence >= _SURE.get(top.act, _SURE_ENOUGH) or (
        top.confidence >= _SURE_ENOUGH / 2 and margin >= _MARGIN * 2
    )
    if top.act is Act.RACCONTO or (sure and margin >= _MARGIN):
        return top
    story = next((r.confidence for r in ranking if r.act is Act.RACCONTO), 0.0)
    return RankedAct(Act.RACCONTO, story)


def tells(parts: list[str], each: list[RasaParse], act: Act, asked: str, has_facts: bool) -> bool:
    """True when a message that does something else also tells something."""
    if any(
        accepted(parse.ranking).act is Act.RACCONTO and len(words(part)) >= _STORY_WORDS
        for part, parse in zip(parts, each, strict=False)
    ):
        return True
    # "sì" with a fact of its own is content; a bare time window beside "mi chiami" is not a story.
    own = act not in (Act.CHIEDI_RICHIAMATA, Act.SALTA, Act.CORREGGI, Act.NON_SO, Act.RIFIUTO)
    return has_facts and own and asked not in (FactId.CONTATTO, FactId.URGENZA)


def clauses(text: str) -> list[str]:
    """The sentences of a message, and the turns inside them ("..., ma lei è un robot?"), at most `MOST_CLAUSES`."""
    parts = [part.strip(" ,") for part in _CLAUSE.split(text) if part and has_words(part)]
    if len(parts) > MOST_CLAUSES:
        half = MOST_CLAUSES // 2
        parts = parts[:half] + parts[-half:]
    return parts or [text]
