"""One message in, the facts it tells out."""

from __future__ import annotations

from bot.conversation.types import NON_DETTO, Change, FactHeard, FactId
from bot.understanding.facts.contact import contact
from bot.understanding.facts.judge import Candidate, Judge, candidates
from bot.understanding.facts.names import name
from bot.understanding.facts.opinion import Second
from bot.understanding.facts.people import people
from bot.understanding.facts.places import place
from bot.understanding.facts.scene import Scene, scene_of
from bot.understanding.facts.states import several, single
from bot.understanding.facts.things import presence_and_needs
from bot.understanding.facts.trade import trade
from bot.understanding.facts.vocabulary import Lexicon, Vocabulary
from bot.understanding.facts.wording import clean, tokens_of

_FACTS = frozenset(f.value for f in FactId)


class FactReader:
    """Reads facts from free text: deterministic, pure, no network.

    Args:
        vocabulary: See `load_vocabulary`.
        second: Has an opinion on every message; None = rules alone.
        judge: Weighs what both say; needed with `second`.
    """

    def __init__(
        self, vocabulary: Vocabulary, second: Second | None = None, judge: Judge | None = None
    ) -> None:
        self._vocabulary = vocabulary
        self._second = second
        self.judge = judge

    def read(self, text: str, asked: str, language: str) -> tuple[FactHeard, ...]:
        """The facts that one message tells.

        Args:
            text: The message, masked; any length (the first 20,000 characters are read).
            asked: What the bot had just asked (a fact id, `riassunto`, ...), or "".
            language: ISO 639-1 code; a language without a vocabulary is read with the Italian one.

        Returns:
            Facts in the order of the sheet; list facts as several `FactHeard`. What is negated, past, wished,
            someone else's or hypothetical is not a fact.
        """
        facts, found = self._read(text, asked, language)
        if self.judge is None or any(fact.value == NON_DETTO for fact in facts):
            return tuple(facts)
        taken_back = [fact for fact in facts if fact.change is Change.REMOVE]
        return (*taken_back, *self.judge.facts(found))

    def candidates(self, text: str, asked: str, language: str) -> list[Candidate]:
        """What the judge would weigh in a message; see `read`."""
        return self._read(text, asked, language)[1]

    def _read(self, text: str, asked: str, language: str) -> tuple[list[FactHeard], list[Candidate]]:
        """What the rules hear, and with the second opinion all that may be told."""
        lexicon = self._vocabulary.lexicon(language)
        cleaned = clean(text)
        tokens = tokens_of(cleaned, lexicon.speller.spell, lexicon.numbers)
        if not tokens:
            return [], []
        scene = scene_of(cleaned, tokens, lexicon.tree.find(tokens), lexicon)
        facts = _facts(scene, lexicon, asked)
        if self._second is None:
            return facts, []
        there = [fact for fact in facts if fact.change is not Change.REMOVE and fact.value != NON_DETTO]
        return facts, candidates(scene, lexicon, there, self._second.opinions(text, asked), asked)


def _facts(scene: Scene, lexicon: Lexicon, asked: str) -> list[FactHeard]:
    if (
        asked in _FACTS
        and any(m.sense.topic == "declines" for m in scene.matches)
        and len(scene.tokens) <= 12
    ):
        return [FactHeard(FactId(asked), NON_DETTO, scene.text.strip())]
    return [
        *name(scene, lexicon, asked),
        *several(scene, FactId.LINGUA, asked, lexicon),
        *single(scene, FactId.COME_STA, asked, lexicon),
        *single(scene, FactId.ESPERIENZE_PASSATE, asked, lexicon),
        *presence_and_needs(scene, lexicon, asked),
        *trade(scene, lexicon, asked),
        *place(scene, lexicon, asked),
        *people(scene, lexicon, asked),
        *several(scene, FactId.OSTACOLI, asked, lexicon),
        *single(scene, FactId.URGENZA, asked, lexicon),
        *contact(scene, lexicon, asked),
        *single(scene, FactId.TRUFFA_IN_CORSO, asked, lexicon),
    ]
