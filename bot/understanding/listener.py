"""The facade of this room: mask -> normalise -> alarms -> facts -> act, and never an exception."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

import structlog

from bot.conversation.types import Act, FactHeard, FactId, Safety, Understood
from bot.understanding.acts import ActReading, PlainActs, Ranked, judge_acts, load_plain_acts, rank_acts
from bot.understanding.alarms import AlarmEar, Answer, Verdict, load_alarms
from bot.understanding.facts import load_facts
from bot.understanding.language import LanguageTeller, load_languages
from bot.understanding.masking import Masked, mask, own_numbers
from bot.understanding.normalise import has_words, readable, spoken, words
from bot.understanding.port import DOUBT, SAFE, Utterance
from bot.understanding.rasa.client import RasaParse, UnderstandingUnavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")

LONG = 1_000
"""Characters from which a message is heard on a thread of its own, and does not keep the others waiting."""

AT_ONCE = 2
"""So many shorter ones are heard at the same time, beside the loop that receives and sends."""
_ANSWERS = {
    Answer.DANGER: Act.CONFERMA,
    Answer.CALM: Act.RIFIUTO,
    Answer.UNTOLD: Act.SALTA,
    Answer.UNSURE: Act.NON_SO,
}
_ON_SAFETY = {Safety.SAFE: Act.CONFERMA, Safety.UNSAFE: Act.RIFIUTO, Safety.UNSURE: Act.NON_SO}
_OTHERS = ("it", "en", "es")
"""Languages whose vocabulary is tried, in this order, where the language of a message cannot be told."""
_NOTHING_SHORT = 8
_DENIABLE = (FactId.PRESENZA_OGGI, FactId.ESPERIENZE_PASSATE)


class Reader(Protocol):
    """What the facade needs of the reader of facts (`FactReader`)."""

    def read(self, text: str, asked: str, language: str) -> tuple[FactHeard, ...]:
        """The facts that a message tells."""
        ...


class Parser(Protocol):
    """What the facade needs of Rasa (`RasaClient`)."""

    async def parse(self, text: str, asked: str = "") -> RasaParse:
        """Rank the acts of one message; `UnderstandingUnavailable` when Rasa is away."""
        ...

    async def ready(self) -> bool:
        """True when Rasa answers."""
        ...


class Listener:
    """Understands one message at a time; implements `bot.understanding.port.Understanding`."""

    def __init__(
        self,
        facts: Reader,
        alarms: AlarmEar,
        languages: LanguageTeller,
        plain: PlainActs,
        rasa: Parser | None = None,
    ) -> None:
        """Nothing is opened.

        Args:
            facts: Reads facts.
            alarms: Hears danger.
            languages: Tells the language.
            plain: The acts that are understood without Rasa.
            rasa: Ranks acts; None = always away.
        """
        self._facts = facts
        self._alarms = alarms
        self._languages = languages
        self._plain = plain
        self._rasa = rasa
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="listening")

    async def ready(self) -> bool:
        """True when Rasa answers."""
        try:
            return self._rasa is not None and await self._rasa.ready()
        except Exception as error:
            _note("ready", error)
            return False

    async def understand(self, utterance: Utterance) -> Understood:
        """See `Understanding.understand`: an answer for any text, however Rasa is."""
        if utterance.asked == DOUBT:
            return await self._answer_to_doubt(utterance)
        if utterance.asked == SAFE:
            return await self._answer_on_safety(utterance)
        masked = _or(lambda: _masked(utterance.text), Masked("", ()), "masking")
        text = masked.text
        said = _or(lambda: spoken(text), "", "acts")
        # Rasa reads on its own processor what is heard here meanwhile.
        (ranked, complete), heard = await asyncio.gather(
            self._rank(said, utterance.asked), self._hear_aside(text, utterance)
        )
        story = ActReading(Act.RACCONTO, (), 0.0)
        acts = _or(lambda: self._judge(ranked, said, utterance.asked, heard), story, "acts")
        facts = _or(lambda: _answered_no(heard.facts, acts, text, utterance.asked), heard.facts, "facts")
        return replace(
            heard,
            act=acts.act,
            also=acts.also,
            confidence=acts.confidence,
            facts=facts,
            masked=masked.kinds,
            complete=complete,
        )

    async def _answer_to_doubt(self, utterance: Utterance) -> Understood:
        """The gentle question was asked: its answer is read by its own few phrases before any other meaning."""
        heard = await self.understand(replace(utterance, asked=FactId.COME_STA.value))
        answer = _or(lambda: self._alarms.answer(heard.text, heard.language), None, "answer")
        if answer is None or heard.act is _ANSWERS[answer]:
            return heard
        return _means(heard, _ANSWERS[answer])

    async def _answer_on_safety(self, utterance: Utterance) -> Understood:
        """Whether writing here is safe was asked: the same, and nothing that likeness alone would make of it."""
        heard = await self.understand(replace(utterance, asked=FactId.COME_STA.value))
        none = Safety.UNKNOWN
        safety = _or(lambda: self._alarms.safety(heard.text, heard.language, asked=True), none, "safety")
        if safety is none:
            return heard
        return _means(replace(heard, safety=safety), _ON_SAFETY[safety])

    async def _hear_aside(self, text: str, utterance: Utterance) -> Understood:
        """Everything but the act, on another thread."""
        pool = None if len(text) > LONG else self._threads
        return await asyncio.get_running_loop().run_in_executor(pool, self._hear, text, utterance)

    def _hear(self, text: str, utterance: Utterance) -> Understood:
        language = _or(lambda: self._languages.tell(text, utterance.language), "", "language")
        verdict = _or(lambda: self._alarms.hear(text, language), Verdict(), "alarms")
        read_in = language or utterance.language or "it"
        none: tuple[FactHeard, ...] = ()
        facts = _or(lambda: self._facts.read(text, utterance.asked, read_in), none, "facts")
        if not facts and not language:
            # "No rush", "just me": too short to tell the language, not to be understood.
            facts = _or(lambda: self._read_in_another(text, utterance.asked, read_in), none, "facts")
        facts = _or(lambda: _with_own_number(facts, text), facts, "contact")
        safety = _or(lambda: self._alarms.safety(text, language, asked=False), Safety.UNKNOWN, "safety")
        return Understood(
            text=text,
            language=language,
            facts=facts,
            alarm=verdict.alarm,
            doubt=verdict.doubt,
            reason=verdict.reason,
            safety=safety,
        )

    def _read_in_another(self, text: str, asked: str, read_in: str) -> tuple[FactHeard, ...]:
        """The facts of a text whose language is not known, in the first other language that hears any."""
        tries = (self._facts.read(text, asked, code) for code in _OTHERS if code != read_in)
        return next((facts for facts in tries if facts), ())

    async def _rank(self, said: str, asked: str) -> tuple[Ranked | None, bool]:
        """What Rasa makes of a message, and whether it could be asked."""
        if self._rasa is None:
            return None, False
        try:
            return await rank_acts(self._rasa, said, asked), True
        except UnderstandingUnavailable:
            return None, False
        except Exception as error:
            _note("acts", error)
            return None, False

    def _judge(self, ranked: Ranked | None, said: str, asked: str, heard: Understood) -> ActReading:
        if ranked is None:
            return self._plain.read(said, asked)
        return judge_acts(ranked, self._plain, said, asked, frozenset(fact.fact for fact in heard.facts))


def _means(heard: Understood, act: Act) -> Understood:
    """What was asked decides what the message does; the other answers are no longer read in it."""
    beside = (Act.CONFERMA, Act.RIFIUTO, Act.PRIVACY, act)
    return replace(heard, act=act, also=tuple(a for a in heard.also if a not in beside), confidence=1.0)


def build_listener(root: Path, client: Parser | None = None) -> Listener:
    """A listener on all the data files of the project.

    Args:
        root: The project's folder; `nlu/` is in it.
        client: A `RasaClient`; None = without Rasa.

    Raises:
        VocabularyError, AlarmDataError, ValueError: Faults in the files, in Italian.
    """
    return Listener(
        load_facts(root, _untaught),
        load_alarms(root, _untaught),
        load_languages(root / "nlu" / "languages"),
        load_plain_acts(root / "nlu" / "plain_acts.yml"),
        client,
    )


def _masked(text: str) -> Masked:
    return mask(readable(text))


def _with_own_number(facts: tuple[FactHeard, ...], text: str) -> tuple[FactHeard, ...]:
    """The person's own number, whenever volunteered, is how to reach them."""
    numbers = own_numbers(text)
    if not numbers:
        return facts
    told = next((fact for fact in facts if fact.fact is FactId.CONTATTO), None)
    if told is None:
        return (*facts, FactHeard(FactId.CONTATTO, "telefono", numbers[0], detail=numbers[0]))
    detail = ", ".join(part for part in (numbers[0], told.detail) if part)
    return tuple(replace(fact, detail=detail) if fact is told else fact for fact in facts)


def _answered_no(
    facts: tuple[FactHeard, ...], acts: ActReading, text: str, asked: str
) -> tuple[FactHeard, ...]:
    """A plain "no" to "what do you have online" or "have you tried before" is a fact: nothing."""
    fact = next((fact for fact in _DENIABLE if fact == asked), None)
    if fact is None or acts.act is not Act.RIFIUTO or any(heard.fact is fact for heard in facts):
        return facts
    if len(words(text)) > _NOTHING_SHORT or not has_words(text):
        return facts
    return (*facts, FactHeard(fact, "nessuna", text.strip()))


def _or(work: Callable[[], T], otherwise: T, part: str) -> T:
    """One part that fails must not take the message with it; its text stays out of the log."""
    try:
        return work()
    except Exception as error:
        _note(part, error)
        return otherwise


def _untaught(told: str) -> None:
    """What has still to learn is said and gone on without: nobody's message waits for it."""
    log.error("understanding not trained", told=told)


def _note(part: str, error: Exception) -> None:
    log.error("understanding failed", part=part, error=type(error).__name__)
