"""Listening, measured: people who were written down talk with the real engine and the real understanding.

What is counted is the text that a person reads, coded by `bot.conversation.coding`, which does not know the script's own
tags; the tags are compared with that coding afterwards. `await evaluate_listening(library, understanding, people)`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.conversation.coding import Told, Utterance, code_text
from bot.conversation.engine import advance
from bot.conversation.library import Library
from bot.conversation.state import Pending, Phase, State, new_state
from bot.conversation.templates import in_language
from bot.conversation.types import (
    Effect,
    Event,
    FactId,
    Heard,
    Moment,
    Pressed,
    Said,
    Say,
    Sheet,
    Started,
    Understood,
)
from bot.listening_report import Report, report
from bot.understanding.port import Understanding
from bot.understanding.port import Utterance as Message

MOST_TURNS = 34
_START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
_ENDED = frozenset({Phase.WAITING, Phase.RESTING, Phase.CLOSED, Phase.DISTRESS, Phase.ERASED, Phase.DECLINED})
_PLAIN = {"it": {"yes": "sì, va bene", "right": "sì, è così", "dunno": "non saprei", "here": "qui in chat va bene"},
          "en": {"yes": "yes, that's fine", "right": "yes, that is right", "dunno": "I don't know", "here": "here in the chat"}}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """Something a person says, and the facts it tells by their id ("*" for free text)."""

    text: str
    tells: Mapping[str, frozenset[str]] = field(default_factory=dict)
    effort: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody written down: what they answer to each question, and what they say aside.

    Attributes:
        name: Their id in the file.
        kind: terse, verbose, angry, off_topic, over_answering, correcting, foreign, ...
        language: ISO 639-1.
        answers: By the fact that is asked.
        asides: Said instead of an answer, by the number of the turn.
        correction: Said once to the summary.
        whole: All that is true of them, where the file says it apart from what each answer tells.
    """

    name: str
    kind: str
    language: str
    answers: Mapping[str, Line]
    asides: Mapping[int, Line]
    correction: Line | None = None
    whole: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def terse(self) -> bool:
        """Few words by nature: left out of the measures that ask for a story."""
        return self.kind == "terse"


@dataclass(slots=True)
class Turn:
    """What the person did, and what came back.

    Attributes:
        said: Their words, "" for a button.
        line: What of their script it was.
        says: The messages that came.
        phase: Where the conversation stood before.
        coded: The utterances of the messages.
        told: What they had told by then, fact by fact.
    """

    said: str
    line: Line | None
    says: tuple[Say, ...]
    phase: Phase
    after: Phase
    coded: tuple[Utterance, ...]
    told: dict[str, frozenset[str]]
    approved: bool
    asked_known: str = ""


@dataclass(slots=True)
class Talk:
    """A whole conversation."""

    person: Person
    turns: list[Turn] = field(default_factory=list)
    state: State = field(default_factory=new_state)
    summary_sheet: Sheet = field(default_factory=Sheet)
    early: bool = False

    @property
    def told(self) -> dict[str, frozenset[str]]:
        """Everything they told."""
        return self.turns[-1].told if self.turns else {}

    def text(self) -> str:
        """The conversation as it is read on the two telephones."""
        lines = [f"--- {self.person.name} ({self.person.kind}, {self.person.language})"]
        for turn in self.turns:
            lines.append(f"  > {turn.said}")
            lines += [f"  < {say.text}" for say in turn.says]
        return "\n".join(lines)


def load_people(path: Path) -> list[Person]:
    """People from a file with one JSON object a line."""
    return [
        _person(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def _person(data: dict[str, Any]) -> Person:
    """Somebody in either of the two shapes that writers use.

    `answers` as objects say what each of them tells; as plain texts they come with one list of `facts` for the whole
    person, each told by the answer to its own question, `efforts` are quotations, and `asides` come every third turn.
    """
    efforts = [str(effort).casefold() for effort in data.get("efforts", ())]
    plain = {
        key: {
            "text": text,
            "tells": {key: data["facts"][key]} if key in data.get("facts", {}) else {},
            "effort": key in efforts or any(e in text.casefold() for e in efforts),
        }
        for key, text in data["answers"].items()
        if isinstance(text, str)
    }
    asides = data.get("asides") or {}
    if isinstance(asides, list):
        asides = {4 + 3 * number: text for number, text in enumerate(asides)}
    return Person(
        data.get("id") or data["who"],
        data["kind"],
        data.get("lang") or data.get("language") or "it",
        {key: _line(plain.get(key, value)) for key, value in data["answers"].items()},
        {int(key): _line(value) for key, value in asides.items()},
        _line(data["correction"]) if "correction" in data else None,
        _tells(data.get("facts", {})),
    )


def _line(data: dict[str, Any] | str) -> Line:
    if isinstance(data, str):
        return Line(data)
    return Line(data["text"], _tells(data.get("tells", {})), bool(data.get("effort")))


def _tells(facts: dict[str, Any]) -> dict[str, frozenset[str]]:
    return {
        fact: frozenset(
            "true" if v is True else str(v) for v in (values if isinstance(values, list) else [values])
        )
        for fact, values in facts.items()
    }


async def evaluate_listening(
    library: Library, understanding: Understanding, people: Iterable[Person], *, seed: int = 1
) -> Report:
    """Let every person talk, code what they read, and count.

    Args:
        library: The dialogue.
        understanding: The real one, or one that was recorded.
        people: See `load_people`.
        seed: Of the choice of variants.
    """
    return report([await _Conversation(library, understanding, person, seed).run() for person in people])


class _Conversation:
    """One person on the telephone."""

    def __init__(self, library: Library, understanding: Understanding, person: Person, seed: int) -> None:
        self.library, self.understanding, self.person, self.seed = library, understanding, person, seed
        self.talk = Talk(person)
        self.words = Told()
        self.told: dict[str, frozenset[str]] = {}
        self.used: set[str] = set()
        self.ref, self.now, self.approved, self.corrected = 0, _START, False, False
        self.says: tuple[Say, ...] = ()

    async def run(self) -> Talk:
        """From /start to the handover, or until nothing more happens."""
        self._happen(Started("", self.person.language), "/start", None)
        for _ in range(MOST_TURNS):
            phase = self.talk.state.phase
            if phase in _ENDED and self.approved:
                break
            await self._answer()
        return self.talk

    # --- the person ----------------------------------------------------------------------------------------

    async def _answer(self) -> None:
        asks = next((say.asks for say in reversed(self.says) if say.asks), "")
        state, plain = self.talk.state, _PLAIN.get(self.person.language, _PLAIN["en"])
        aside = self.person.asides.get(len(self.talk.turns))
        if aside and state.phase is Phase.LISTENING and aside.text not in self.used:
            self.used.add(aside.text)
            await self._say(aside)
        elif asks == "riassunto":
            await self._about_summary(plain)
        elif state.pending is Pending.PERSON:
            self._press("persona:no", "persona")
        elif asks == "consenso" and state.pending is Pending.LISTEN and self._offers("ascolto:si"):
            self._press("ascolto:si")  # the words did not do: the button does
        elif asks in ("apertura", "consenso", "riprendere") or state.pending in (
            Pending.LISTEN,
            Pending.SHARE,
        ):
            await self._say(Line(plain["yes"]))
        elif asks == "contatto" and "contatto" not in self.used:
            self.used.add("contatto")
            await self._say(
                self.person.answers.get("contatto", Line(plain["here"], {"contatto": frozenset({"qui"})}))
            )
        elif state.pending is Pending.CLASH and self.told.get(asks):
            await self._say(Line(" ".join(sorted(self.told[asks]))))
        elif not asks and self._offers("avanti"):
            self._press("avanti")
        else:
            await self._say(self._reply(asks, plain))

    def _reply(self, asks: str, plain: Mapping[str, str]) -> Line:
        """What was asked; else what belongs to the same question and was not told yet; else not knowing."""
        for key in (asks, *_NEIGHBOURS.get(asks, ())):
            line = self.person.answers.get(key)
            if line is not None and key not in self.used:
                self.used.add(key)
                return line
        return Line(plain["dunno"])

    async def _about_summary(self, plain: Mapping[str, str]) -> None:
        if self.person.correction is not None and not self.corrected:
            self.corrected = True
            await self._say(self.person.correction)
            return
        self.talk.summary_sheet = self.talk.state.notes
        self.approved = True
        await self._say(Line(plain["right"]))

    def _offers(self, choice: str) -> bool:
        return any(b.choice == choice for say in self.says for row in say.buttons for b in row)

    def _press(self, *choices: str) -> None:
        choice = next((c for c in choices if self._offers(c)), choices[0])
        self._happen(Pressed(choice), f"[{choice}]", None)

    async def _say(self, line: Line) -> None:
        asks = next((say.asks for say in reversed(self.says) if say.asks), "")
        understood: Understood = await self.understanding.understand(
            Message(line.text, asks, self.person.language, own_number=asks == "contatto")
        )
        for fact, values in line.tells.items():
            several = fact in ("bisogno", "presenza_oggi", "ostacoli", "lingua")
            self.told[fact] = self.told.get(fact, frozenset()) | values if several else values
        self.words.say(line.text, self._labels(line))
        self.ref += 1
        self._happen(Said((Heard(self.ref, understood),)), line.text, line)

    def _labels(self, line: Line) -> list[str]:
        found = []
        for fact, values in line.tells.items():
            definition = self.library.book.facts[FactId(fact)]
            for value in values:
                words = definition.values.get(value)
                if words is None:
                    found.append(value)
                    continue
                for texts in (words.label, words.spoken):
                    found.append(in_language(texts, self.person.language))
        return [f for f in found if f]

    # --- the other side --------------------------------------------------------------------------------------

    def _happen(self, event: Event, said: str, line: Line | None) -> None:
        self.now += timedelta(minutes=1)
        before, known = self.talk.state.phase, dict(self.told)
        at = Moment(self.now, self.seed * 7919 + len(self.talk.turns), desk_open=True, on_call=True)
        effects: tuple[Effect, ...]
        self.talk.state, effects = advance(self.library, self.talk.state, event, at)
        if not self.talk.state.listening and self.talk.state.sheet.facts:
            self.talk.early = True
        self.says = tuple(e for e in effects if isinstance(e, Say))
        coded: list[Utterance] = []
        for say in self.says:
            coded += code_text(say.text, self.words)
        again = ""
        if before is Phase.LISTENING and self.talk.state.pending not in (Pending.CLASH, Pending.DOUBT):
            again = next(
                (s.asks for s in self.says if s.asks in known and s.asks in FactId._value2member_map_), ""
            )
        self.talk.turns.append(
            Turn(
                said,
                line,
                self.says,
                before,
                self.talk.state.phase,
                tuple(coded),
                known,
                self.approved,
                again,
            )
        )


_NEIGHBOURS: Mapping[str, tuple[str, ...]] = {
    "attivita": ("zona", "persone"),
    "zona": ("persone", "attivita"),
    "persone": ("zona",),
    "esperienze_passate": ("presenza_oggi",),
    "presenza_oggi": ("esperienze_passate",),
    "cosa_vorrebbe": ("bisogno",),
    "cosa_succede": ("bisogno",),
    "ostacoli": ("presenza_oggi",),
}
"""What somebody who has answered a question already goes on with when it is put again."""
