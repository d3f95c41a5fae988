"""What is kept of one conversation between two events, and how it is written down.

Bounded whatever the length of the conversation: facts, sentences said and steps visited all have a ceiling,
so that turn 10,000 costs what turn 10 costs.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from bot.conversation.sheet import folded
from bot.conversation.types import Alarm, Fact, FactId, Heard, Safety, Sheet

STATE_VERSION = 1
"""Raised when a field changes its meaning; `load` then translates older texts."""

WATCHED = frozenset({Alarm.VIOLENZA, Alarm.USURA_ESTORSIONE})
"""Alarms where somebody else may hold the telephone: only the flag is kept, never the words."""

SENTENCES_KEPT = 320
STEPS_KEPT = 32


class Phase(StrEnum):
    """Where the conversation stands."""

    OPENING = "opening"
    """Nothing agreed yet."""
    DECLINED = "declined"
    """The person did not agree to be listened to."""
    LISTENING = "listening"
    """The interview."""
    SUMMARY = "summary"
    """The summary has been read back and waits for a yes or a correction."""
    SHARE = "share"
    """The second consent has been asked."""
    CONTACT = "contact"
    """How to be reached is being asked."""
    WAITING = "waiting"
    """A person has been asked for; the bot goes on listening if they want."""
    WITH_ANGEL = "with_angel"
    """An angel has claimed the case: the bot is silent."""
    RESTING = "resting"
    """The summary is approved and nothing was shared; the door stays open."""
    CLOSED = "closed"
    """The case was closed."""
    PAUSED = "paused"
    """The person asked to go on later."""
    DISTRESS = "distress"
    """An alarm was heard: the interview is suspended."""
    ERASED = "erased"
    """Everything about this person was asked to go."""


class Pending(StrEnum):
    """Which yes, no or short answer the last message waits for, beside a step's question."""

    NOTHING = ""
    LISTEN = "listen"
    SUMMARY = "summary"
    CORRECTION = "correction"
    SHARE = "share"
    CONTACT = "contact"
    NUMBER = "number"
    POINTER = "pointer"
    PERSON = "person"
    REMINDER = "reminder"
    RESUME = "resume"
    ERASE = "erase"
    DOUBT = "doubt"
    DIRECT = "direct"
    SAFE = "safe"
    TRACES = "traces"
    CLASH = "clash"
    RATING = "rating"
    RATING_WORDS = "rating_words"
    NEW_NEED = "new_need"
    CALLBACK = "callback"
    LANGUAGE = "language"
    HELP = "help"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class State:
    """One conversation between two events.

    Attributes:
        notes: Facts as they came, each with its own message; read them through `sheet`.
        language: ISO 639-1 code of the language the bot speaks to this person.
        address: `lei` or `tu`.
        gender: `f`, `m` or "" while unknown (then every sentence stays neutral).
        simple: Plain short Italian is wanted.
        weak: Signs, so far, of an Italian that is being learned.
        drift: The other language of the last message, when one message was not enough to follow it.
        offered: Simple words and the other languages were offered.
        emoji: The person uses emoji.
        phase: Where the conversation stands.
        step: The script's step whose question is open, or "".
        script: The script that is being followed.
        asked: What was last asked, for understanding: a fact id, `consenso`, `riassunto`, `persona`,
            `riprendere`, `apertura`, `dubbio`, `sicuro` or "".
        pending: Which short answer is awaited beside the step's question.
        listening: First consent: facts may be kept.
        sharing: Second consent: angels may see.
        alarm: The most dangerous alarm heard so far; a flag, never the words.
        doubt: The alarm that is being asked about.
        doubted: Alarms that were gently asked about; none is asked about twice.
        alarm_at: When it was last raised.
        distress_turns: Replies given since the alarm.
        safety: Whether writing here is safe, as they said it.
        cleared: They had the traces in the chat deleted.
        before: The phase to come back to after a pause or an alarm.
        questions: Questions of the interview asked so far.
        rung: How often in a row the person was not understood.
        insults: How often they insulted.
        reluctance: How often something came instead of the consent.
        visited: Steps asked, oldest first.
        skipped: Steps the person did not want.
        said: Fingerprints of the sentences said in this conversation.
        opener: First words of the last turn.
        touched: Facts that their words spoke of, with or without a value (see `already`).
        clash: The fact two versions of which were heard and that is being asked about.
        clashed: Facts whose contradiction was already asked about.
        approved: The summary was approved.
        reminded: A reminder was offered (never twice).
        pointed: A pointer was offered.
        number_asked: The telephone number was asked.
        last_at: Time of the person's last word.
        needs: How many needs were already closed.
        returned: The message with which they came back after a closing, and told something; 0 = none.
        rated: The final question was asked.
        room: A turn that only reflected was already given.
        called: The name was already used.
        spoken: Transcripts that were read back and wait for a yes (`pending` is VOICE), oldest first.
        spoken_pending: What was awaited before that question.
        spoken_asked: What had been asked before it.
    """

    notes: Sheet = field(default_factory=Sheet)
    language: str = "it"
    touched: tuple[FactId, ...] = ()
    address: str = "lei"
    gender: str = ""
    simple: bool = False
    weak: int = 0
    drift: str = ""
    offered: bool = False
    emoji: bool = False
    phase: Phase = Phase.OPENING
    step: str = ""
    script: str = ""
    asked: str = ""
    pending: Pending = Pending.NOTHING
    listening: bool = False
    sharing: bool = False
    alarm: Alarm | None = None
    doubt: Alarm | None = None
    doubted: tuple[Alarm, ...] = ()
    alarm_at: datetime | None = None
    distress_turns: int = 0
    safety: Safety = Safety.UNKNOWN
    cleared: bool = False
    before: Phase = Phase.OPENING
    questions: int = 0
    rung: int = 0
    insults: int = 0
    reluctance: int = 0
    visited: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    said: tuple[int, ...] = ()
    opener: str = ""
    clash: FactId | None = None
    clashed: tuple[FactId, ...] = ()
    approved: bool = False
    reminded: bool = False
    pointed: bool = False
    number_asked: bool = False
    last_at: datetime | None = None
    needs: int = 0
    returned: int = 0
    rated: bool = False
    room: bool = False
    called: bool = False
    spoken: tuple[Heard, ...] = ()
    spoken_pending: Pending = Pending.NOTHING
    spoken_asked: str = ""

    @property
    def watched(self) -> bool:
        """True where somebody else may hold the telephone."""
        return self.alarm in WATCHED

    @property
    def may_write_first(self) -> bool:
        """True when something may be written that is no answer to their own message: a notification tells tales."""
        return not self.watched or (self.safety is Safety.SAFE and not self.cleared)

    @property
    def sheet(self) -> Sheet:
        """The situation sheet as it is shown and stored: a story told in several messages is one entry."""
        return folded(self.notes)


@cache
def _field_adapters() -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(State)
    return {f.name: TypeAdapter(hints[f.name]) for f in dataclasses.fields(State)}


@cache
def _state_adapter() -> TypeAdapter[State]:
    return TypeAdapter(State)


@cache
def _fact_adapter() -> TypeAdapter[Fact]:
    return TypeAdapter(Fact)


def new_state(language: str = "it") -> State:
    """A conversation that has not begun.

    Args:
        language: ISO 639-1 code in which to begin.
    """
    return State(language=language)


def dump(state: State) -> str:
    """Write a state down as JSON; its size does not grow with the length of the conversation."""
    content = _state_adapter().dump_python(state, mode="json", exclude_defaults=True)
    return json.dumps({"version": STATE_VERSION, **content}, ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> State:
    """Read a state written by this or an older version.

    What this version does not know is ignored; what it cannot read (a phase that no longer exists) takes its
    default, one field at a time, so that a conversation under way survives an upgrade.

    Raises:
        ValueError: The text is not a JSON object.
    """
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("a state is written as a JSON object")
    read: dict[str, Any] = {}
    for name, adapter in _field_adapters().items():
        if name not in content:
            continue
        try:
            read[name] = (
                adapter.validate_python(content[name])
                if name == "notes"
                else adapter.validate_json(json.dumps(content[name]))
            )
        except ValidationError:
            if name == "notes":
                read[name] = _readable_notes(content[name])
    return State(**read)


def _readable_notes(content: object) -> Sheet:
    """The facts that can still be read, when one of them cannot."""
    entries = content.get("facts", ()) if isinstance(content, dict) else ()
    kept: list[Fact] = []
    for entry in entries if isinstance(entries, (list, tuple)) else ():
        try:
            kept.append(_fact_adapter().validate_json(json.dumps(entry)))
        except ValidationError:
            continue
    return Sheet(tuple(kept))
