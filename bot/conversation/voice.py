"""Choosing what to say: the right form, never the same sentence twice, never the same opening twice in a row."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversation.clock import part_of_day
from bot.conversation.effort import KINDS as EFFORTS
from bot.conversation.feeling import KINDS as FEELINGS
from bot.conversation.library import Library, variants
from bot.conversation.script import Condition, Conditions, Gendered, Phrase, Text, Variant
from bot.conversation.state import State
from bot.conversation.templates import Manner, NotEligible, context, left_to_right
from bot.conversation.types import NON_DETTO, FactId, Moment, Sheet

CIRCUMSTANCES: Mapping[str, tuple[str, ...]] = {
    "hour": ("morning", "afternoon", "evening", "night"),
    "desk": ("open", "closed"),
    "on_call": ("yes", "no"),
    "sharing": ("yes", "no"),
    "returning": ("yes", "no"),
    "effort": ("yes", "no", *EFFORTS),
    "feeling": ("none", *FEELINGS),
    "asking": tuple(fact.value for fact in FactId),
}
"""What `when:` may ask beside the facts, and its values."""

FACT_WORDS = ("known", "unknown", "declined")

_SENTENCE = re.compile(r"(?<=[.!?…؟])[\s»”\"]+|(?<=[。？！])[\s»”]*|\n+")
# Chinese writes no spaces: two of its characters count as a word, which is about what a dictionary would say.
_WORD = re.compile(r"[\u3400-\u9fff]{1,2}|[^\W\u3400-\u9fff]+", re.UNICODE)
_QUOTED = re.compile(r"«[^»]*»|“[^”]*”")


def words_in(text: str) -> int:
    """How many words a text has, as a reader counts them."""
    return len(_WORD.findall(text))


def sentences(text: str) -> list[str]:
    """The sentences of a text, without empty ones."""
    return [s.strip() for s in _SENTENCE.split(text) if s.strip()]


_QUESTION = re.compile(r"[^.!?…\n]*\?")


def without_questions(text: str) -> str:
    """What a message tells, without what it asks."""
    return _QUESTION.sub(" ", text).strip()


def says_again(text: str, before: str) -> bool:
    """True when most of what a text says was just said in other words of the same turn."""
    content = {w for w in _WORD.findall(text.casefold()) if len(w) > 3} - {
        "quindi",
        "allora",
        "dunque",
        "then",
    }
    return len(content & set(_WORD.findall(before.casefold()))) * 3 >= max(len(content), 1) * 2


def fingerprint(sentence: str) -> int:
    """A sentence as one number: the same words give the same number, however they are punctuated."""
    return zlib.crc32(" ".join(_WORD.findall(_QUOTED.sub("", sentence).casefold())).encode())


def opener(text: str) -> str:
    """The first two words of a text: what makes two turns sound alike."""
    return " ".join(_WORD.findall(text.casefold())[:2])


def circumstances(state: State, moment: Moment) -> dict[str, str]:
    """The values of the conditions that are not facts."""
    return {
        "hour": part_of_day(moment.at),
        "desk": "open" if moment.desk_open else "closed",
        "on_call": "yes" if moment.on_call else "no",
        "sharing": "yes" if state.sharing else "no",
        "returning": "yes" if state.needs else "no",
    }


def holds(conditions: Conditions, sheet: Sheet, around: Mapping[str, str]) -> bool:
    """True when every condition of a `when:` holds."""
    return all(_holds(key, wanted, sheet, around) for key, wanted in conditions.items())


def _holds(key: str, wanted: Condition, sheet: Sheet, around: Mapping[str, str]) -> bool:
    options = [wanted] if isinstance(wanted, str) else wanted
    if key in around:
        return not set(around[key].split()).isdisjoint(options)
    entries = sheet.of(FactId(key)) if key in FactId._value2member_map_ else ()
    told = [f.value for f in entries if f.value != NON_DETTO]
    return any(
        (option == "known" and bool(told))
        or (option == "unknown" and not entries)
        or (option == "declined" and bool(entries) and not told)
        or option in told
        for option in options
    )


def form(phrase: Phrase, gender: str) -> str:
    """The form of a phrase for this gender; the neutral one while it is unknown."""
    if isinstance(phrase, Gendered):
        return {"f": phrase.f, "m": phrase.m}.get(gender) or phrase.neutro
    return phrase


def wording(variant: Variant, manner: Manner) -> str:
    """The words of a variant for this person: simple, tu or lei, gender."""
    if manner.simple and variant.simple is not None:
        return form(variant.simple, manner.gender)
    if manner.address == "tu" and variant.tu is not None:
        return form(variant.tu, manner.gender)
    chosen = variant.lei if variant.lei is not None else variant.text
    assert chosen is not None  # held by Variant's validator
    return form(chosen, manner.gender)


def pick(seed: int, where: str, count: int) -> int:
    """A number below `count` that depends on nothing but the seed and the place."""
    return zlib.crc32(f"{seed}:{where}".encode()) % count if count > 1 else 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence that can be said.

    Attributes:
        text: Rendered.
        line: Where it is written, for measuring.
        facts: The facts it uses or depends on.
    """

    text: str
    line: str
    facts: frozenset[FactId]


class Voice:
    """Chooses and renders lines for one turn."""

    def __init__(self, library: Library, state: State, moment: Moment) -> None:
        self.library, self.moment = library, moment
        self.around = circumstances(state, moment)
        self.last_opener = state.opener
        self.said = set(state.said)

    def manner(self, state: State) -> Manner:
        """How to speak to this person now."""
        return Manner(state.language, state.address, state.gender, state.simple)

    def render(self, source: str, state: State, sheet: Sheet, extra: Mapping[str, str]) -> str | None:
        """A text with its facts filled in, or None when it cannot be said now."""
        compiled = self.library.templates.compile(source)
        if compiled.plain:
            return source.strip() or None
        values = context(sheet, self.library.book, self.manner(state), self.library.mirror, compiled.facts)
        values.update(extra)
        if "telefono_spin" in values:
            values["telefono_spin"] = left_to_right(values["telefono_spin"], state.language)
        if any(name not in values for name in (*compiled.facts, *compiled.variables)):
            return None
        try:
            return " ".join(compiled.render(values).split(" ")).strip() or None
        except NotEligible:
            return None

    def choose(
        self,
        text: Text,
        where: str,
        state: State,
        *,
        sheet: Sheet | None = None,
        extra: Mapping[str, str] | None = None,
        opening: bool = False,
        exempt: bool = False,
        language: str = "",
    ) -> Chosen | None:
        """One variant of a text: most fitting first, then by the seed; None when every one was said or does not fit.

        Args:
            text: What the file offers.
            where: Its place, for the seed and for measuring.
            state: The conversation.
            sheet: The facts to speak from; the state's own notes by default.
            extra: The engine's variables.
            opening: It would open the turn: the opener of the last turn is avoided if possible.
            exempt: It may return (notices, consents, help lines, `ripeti`).
            language: The language of the file it is from, when that is not the state's.
        """
        sheet = sheet or state.notes
        found: list[tuple[int, int, int, int, int, Chosen]] = []
        plainly = self.manner(state).simple
        options = variants(text)
        turn = pick(self.moment.seed, where, len(options))
        for index, variant in enumerate(options):
            if not holds(variant.when, sheet, self.around):
                continue
            source = wording(variant, self.manner(state))
            rendered = self.render(source, state, sheet, extra or {})
            if rendered is None or (not exempt and self.repeats(rendered)):
                continue
            stale = int(opening and opener(rendered) == self.last_opener)
            hard = int(plainly and variant.simple is None)
            used = frozenset(FactId(k) for k in variant.when if k in FactId._value2member_map_)
            chosen = Chosen(rendered, f"{where}/{index}", used | self.library.templates.compile(source).facts)
            own = int(
                self.library.templates.compile(source).plain
            )  # what carries something of theirs comes first
            found.append((hard, stale, -len(variant.when), own, (index - turn) % len(options), chosen))
        return min(found, key=lambda item: item[:5])[5] if found else None

    def repeats(self, text: str) -> bool:
        """True when a sentence of this text was already said in this conversation."""
        return any(fingerprint(s) in self.said for s in sentences(text))
