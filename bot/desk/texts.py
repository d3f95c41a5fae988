"""The desk's own texts, edited by staff under `dialogues/desk/`: read when they change, the last good ones kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import structlog
from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.conversation.library import HOME
from bot.conversation.types import Alarm

log = structlog.get_logger()

FOLDER = Path(__file__).resolve().parents[2] / "dialogues" / "desk"

ANSWER_LIMIT = 200
"""Characters of a tap's answer (https://core.telegram.org/bots/api#answercallbackquery)."""

MINUTES_SAID = 90
"""Longer than this nobody says in minutes."""


class Icons(BaseModel):
    """Custom emoji ids (getForumTopicIconStickers), by what the topic shows."""

    model_config = ConfigDict(extra="forbid")

    listening: str
    waiting: str
    alarm: str
    claimed: str
    callback: str
    closed: str


class Ladder(BaseModel):
    """Minutes of every rung."""

    model_config = ConfigDict(extra="forbid")

    silence_alarm: float
    silence: float
    unclaimed_group: float
    unclaimed_coordinator: float
    unclaimed_truth: float
    owner_reminder: float
    owner_coordinator: float
    owner_requeue: float
    alarm_again: float
    alarm_truth: float
    alarm_repeat: float


class Manner(BaseModel):
    """A sentence to the person, for *lei* and *tu*."""

    model_config = ConfigDict(extra="forbid")

    lei: str
    tu: str = ""


class Protocol(BaseModel):
    """What to do and what not to do in one kind of alarm."""

    model_config = ConfigDict(extra="forbid")

    do: list[str]
    dont: list[str]


class Protocols(BaseModel):
    """`protocols.yml` as it is written."""

    model_config = ConfigDict(extra="forbid")

    approvato_da: str | None
    data: date | None = None
    protocols: dict[Alarm, Protocol]


class Words(BaseModel):
    """`texts.yml` as it is written."""

    model_config = ConfigDict(extra="forbid")

    icons: Icons
    states: dict[str, str]
    alarms: dict[str, str]
    reasons: dict[str, str]
    languages: dict[str, str]
    safety: dict[str, str]
    signals: dict[str, str]
    uncertain: dict[str, str]
    fates: dict[str, str]
    spans: dict[str, str]
    ladder: Ladder
    title: str
    title_minimal: str
    buttons: dict[str, str]
    notices: dict[str, str]
    answers: dict[str, str]
    kinds: dict[str, str]
    audit: dict[str, str]


@dataclass(frozen=True)
class DeskTexts:
    """A whole, good set of the desk's texts.

    Attributes:
        words: Everything in `texts.yml`.
        card_source: `card.html.j2`.
        protocols: What to do in an alarm.
        people: `people.yml`: sentences to the person, by name and language.
    """

    words: Words
    card_source: str
    protocols: Protocols
    people: dict[str, dict[str, Manner]]

    @cached_property
    def _html(self) -> dict[str, Template]:
        words = self.words.notices
        return {name: _compiled(_HTML, text) for name, text in words.items()}

    @cached_property
    def _plain(self) -> dict[tuple[str, str], Template]:
        groups = {"buttons": self.words.buttons, "answers": self.words.answers, "spans": self.words.spans}
        found = {
            (group, name): _compiled(_PLAIN, text)
            for group, texts in groups.items()
            for name, text in texts.items()
        }
        found["", "title"] = _compiled(_PLAIN, self.words.title)
        found["", "title_minimal"] = _compiled(_PLAIN, self.words.title_minimal)
        return found

    @cached_property
    def _people(self) -> dict[tuple[str, str, str], Template]:
        return {
            (name, language, address): _compiled(_PLAIN, text)
            for name, by_language in self.people.items()
            for language, manner in by_language.items()
            for address, text in (("lei", manner.lei), ("tu", manner.tu or manner.lei))
        }

    @cached_property
    def _card(self) -> Template:
        return _compiled(_CARD, self.card_source)

    def notice(self, name: str, /, **values: Any) -> str:
        """A notice as Telegram HTML; every value is escaped."""
        return self._html[name].render(values)

    def span(self, time: timedelta) -> str:
        """How long something lasts, as one says it."""
        minutes = max(1, round(time.total_seconds() / 60))
        if minutes == 1:
            return self._plain["spans", "minute"].render()
        if minutes <= MINUTES_SAID:
            return self._plain["spans", "minutes"].render(n=minutes)
        if minutes < 48 * 60:
            return self._plain["spans", "hours"].render(n=round(minutes / 60))
        return self._plain["spans", "days"].render(n=round(minutes / (24 * 60)))

    def button(self, name: str, /, **values: Any) -> str:
        """What a button says."""
        return self._plain["buttons", name].render(values)

    def answer(self, name: str, /, **values: Any) -> str:
        """What somebody who tapped reads."""
        return self._plain["answers", name].render(values)[:ANSWER_LIMIT]

    def to_person(self, name: str, language: str, address: str, /, **values: Any) -> str:
        """A plain sentence to the person, in their language (or Italian), in *lei* or *tu*."""
        spoken = language if language in self.people[name] else HOME
        return self._people[name, spoken, "tu" if address == "tu" else "lei"].render(values)

    def title(self, **values: Any) -> str:
        """A topic's name."""
        return self._plain["", "title"].render(values)

    def title_minimal(self, **values: Any) -> str:
        """A topic's name that gives nobody away."""
        return self._plain["", "title_minimal"].render(values)

    def card(self, values: Mapping[str, Any]) -> str:
        """The card as Telegram HTML; every value is escaped."""
        return self._card.render(values).strip()


def _environment(*, escape: bool, trim: bool = False) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=escape, trim_blocks=trim, lstrip_blocks=trim
    )


_HTML = _environment(escape=True)
_CARD = _environment(escape=True, trim=True)
_PLAIN = _environment(escape=False)
_PEOPLE = TypeAdapter(dict[str, dict[str, Manner]])


@lru_cache(maxsize=2048)
def _compiled(environment: ImmutableSandboxedEnvironment, text: str) -> Template:
    """A template, compiled once a text: reading the desk's files again compiles only what has changed."""
    return environment.from_string(text)


class TextsError(Exception):
    """The desk's texts cannot be used; says why, in Italian."""


def load_texts(folder: Path) -> DeskTexts:
    """Read the desk's texts.

    Args:
        folder: `dialogues/desk`.

    Raises:
        TextsError: A file is missing, is not readable or lacks something.
    """
    try:
        words = Words.model_validate(read_yaml(folder / "texts.yml"))
        protocols = Protocols.model_validate(read_yaml(folder / "protocols.yml"))
        people = _PEOPLE.validate_python(read_yaml(folder / "people.yml"))
        texts = DeskTexts(words, (folder / "card.html.j2").read_text("utf-8"), protocols, people)
        _all_languages(people)
        # Compiling finds what is badly written before anybody needs it.
        _ = texts._html, texts._plain, texts._card, texts._people
    except OSError as error:
        raise TextsError(f"{folder}: un file dei testi del banco non si legge ({error.strerror})") from None
    except YAMLError as error:
        raise TextsError(f"{folder}: {error}") from None
    except ValidationError as error:
        places = "; ".join(".".join(str(p) for p in e["loc"]) for e in error.errors())
        raise TextsError(f"{folder}: da completare o correggere: {places}") from None
    except TemplateError as error:
        raise TextsError(f"{folder}: un testo è scritto male: {error}") from None
    return texts


def _all_languages(people: Mapping[str, Mapping[str, Manner]]) -> None:
    """Refuse a sentence that some people could not read.

    Raises:
        TextsError: Says which, and in which language.
    """
    wanted = {language for texts in people.values() for language in texts} | {HOME}
    for name, texts in people.items():
        if missing := wanted - texts.keys():
            raise TextsError(f"people.yml: a {name} manca la lingua: {', '.join(sorted(missing))}")


def read_yaml(path: Path) -> Any:
    """A staff file as plain data."""
    return YAML(typ="safe").load(path.read_text("utf-8"))


FILES = ("texts.yml", "card.html.j2", "protocols.yml", "people.yml")


class TextShelf:
    """The newest good texts.

    Args:
        folder: `dialogues/desk`.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._seen = self._stamp()
        self._texts = _loaded(folder, self._seen)

    def _stamp(self) -> tuple[float, ...]:
        files = (self._folder / name for name in FILES)
        return tuple(file.stat().st_mtime if file.exists() else 0.0 for file in files)

    @property
    def present(self) -> DeskTexts:
        """The texts as they were when they were last looked at."""
        return self._texts

    def newest(self) -> DeskTexts:
        """The texts, read again when a file changed; a broken file leaves the last good ones."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            try:
                self._texts = _complete(_loaded(self._folder, stamp), self._texts)
            except TextsError as error:
                log.error("desk.texts", error=str(error))
        return self._texts


@lru_cache(maxsize=4)
def _loaded(folder: Path, stamp: tuple[float, ...]) -> DeskTexts:
    """The texts as they were at `stamp`: read once, whoever asks."""
    return load_texts(folder)


def _complete(new: DeskTexts, old: DeskTexts) -> DeskTexts:
    """Refuse a set in which a text that is in use has disappeared.

    Raises:
        TextsError: Says which.
    """
    for group in (
        "notices",
        "buttons",
        "answers",
        "kinds",
        "states",
        "alarms",
        "audit",
        "safety",
        "signals",
        "uncertain",
        "fates",
    ):
        gone = getattr(old.words, group).keys() - getattr(new.words, group).keys()
        if gone:
            raise TextsError(f"in {group} manca: {', '.join(sorted(gone))}")
    if gone := old.people.keys() - new.people.keys():
        raise TextsError(f"in people.yml manca: {', '.join(sorted(gone))}")
    return new
