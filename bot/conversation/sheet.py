"""How what was heard changes the situation sheet.

The rules, each held by a test: an addition adds, a correction replaces, a hedge stays uncertain until the summary
confirms it, two different answers to the same thing are noted as a clash (asked about once, gently), an edited
message takes back what it had given. What each fact is (one value, several, a story) is data: `dialogues/facts.yml`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.conversation.types import LIST_FACTS, NON_DETTO, Change, Fact, FactHeard, FactId, How, Sheet

WORDS_KEPT = 400
"""Characters of a person's own words kept with one fact: enough for a story, bounded for the state."""

STORY_PARTS = 5
LIST_ENTRIES = 16
HEDGE = 0.5
"""Below this certainty a fact is a hedge, confirmed in the summary (see `FactHeard.certainty`)."""


class Second(StrEnum):
    """What a second, different value does to a fact that holds one."""

    ASK = "ask"
    NEWEST = "newest"
    STORY = "story"
    WORST = "worst"


@dataclass(frozen=True, slots=True)
class Rule:
    """How one fact behaves (from `dialogues/facts.yml`).

    Attributes:
        second: What a second, different value does.
        values: Allowed values, mildest first; empty for free text.
        exclusive: Values of a list that exclude the others (`nessuna`, `non_so`).
        at_most: Most values of a list.
    """

    second: Second = Second.NEWEST
    values: tuple[str, ...] = ()
    exclusive: frozenset[str] = frozenset()
    at_most: int = LIST_ENTRIES


Rules = Mapping[FactId, Rule]

STORIES = frozenset({FactId.COSA_SUCCEDE, FactId.COSA_VORREBBE})


@dataclass(frozen=True, slots=True)
class Hearing:
    """What became of the facts heard in one message.

    Attributes:
        sheet: The sheet afterwards.
        fresh: Facts that are new or changed, in the order heard.
        clash: A fact for which another value was already sure.
        corrected: Facts whose value was put right.
    """

    sheet: Sheet
    fresh: tuple[FactId, ...] = ()
    clash: FactId | None = None
    corrected: tuple[FactId, ...] = ()


def hear(
    sheet: Sheet, heard: Iterable[FactHeard], ref: int, rules: Rules, *, correcting: bool = False
) -> Hearing:
    """Apply the facts heard in one message.

    Args:
        sheet: The sheet so far.
        heard: What the message gave, in its order.
        ref: The message's number, 0 for a button or an angel.
        rules: How each fact behaves.
        correcting: The person is putting something right: a different value replaces, whatever was marked.
    """
    before = sheet
    fresh: list[FactId] = []
    corrected: list[FactId] = []
    clash: FactId | None = None
    replaced: set[FactId] = set()
    for item in heard:
        rule = rules.get(item.fact, Rule())
        if not _acceptable(item, rule):
            continue
        entry = _entry(item, ref)
        held = sheet.of(item.fact)
        replaces = item.change is Change.REPLACE or (
            correcting
            and item.change is Change.ADD
            and item.fact not in LIST_FACTS
            and item.fact not in STORIES
        )
        if replaces:
            wrong = bool(before.of(item.fact)) and not before_has(before, item)
            entry = replace(entry, how=How.CORRECTED if wrong else entry.how)
            # Several REPLACE of one message are one new list, not each other's replacement.
            rest = sheet if item.fact in replaced and item.fact in LIST_FACTS else _without(sheet, item.fact)
            replaced.add(item.fact)
            sheet = _added(rest, entry, rule)
            if wrong and item.fact not in corrected:
                corrected.append(item.fact)
        elif item.change is Change.REMOVE:
            left = tuple(f for f in held if item.value and f.value != item.value)
            sheet = Sheet(tuple(f for f in sheet.facts if f.fact is not item.fact or f in left))
        elif _clashes(held, entry, rule):
            clash = clash or item.fact
        else:
            sheet = _added(sheet, entry, rule)
        if sheet.of(item.fact) != held and item.fact not in fresh:
            fresh.append(item.fact)
    return Hearing(sheet, tuple(fresh), clash, tuple(corrected))


def before_has(sheet: Sheet, item: FactHeard) -> bool:
    """True when the sheet already holds exactly this value."""
    return any(f.value == item.value for f in sheet.of(item.fact))


def rewrite(sheet: Sheet, heard: Iterable[FactHeard], ref: int, rules: Rules) -> Hearing:
    """Apply an edited message: what its first form had given goes, what it says now comes."""
    items = tuple(heard)
    told = {item.fact for item in items}
    cleared = Sheet(tuple(f for f in sheet.facts if f.ref != ref or ref == 0))
    gone = {f.fact for f in sheet.facts if f.ref == ref and ref != 0}
    result = hear(cleared, items, ref, rules)
    changed = tuple(fact for fact in FactId if result.sheet.of(fact) != sheet.of(fact))
    corrected = tuple(fact for fact in changed if fact in gone & told and result.sheet.knows(fact))
    return Hearing(result.sheet, changed, result.clash, corrected)


def said_aloud(sheet: Sheet, refs: Collection[int]) -> Sheet:
    """The sheet with the facts of these messages marked as heard in a voice message."""
    return Sheet(tuple(replace(f, voice=True) if f.ref in refs and f.ref else f for f in sheet.facts))


def choose(sheet: Sheet, fact: FactId, value: str, words: str, rules: Rules) -> Sheet:
    """A button was pressed: the value is `chosen` and takes the place of what was there."""
    entry = Fact(fact, value, words[:WORDS_KEPT], 0, How.CHOSEN)
    rest = _without(sheet, fact) if fact not in LIST_FACTS else sheet
    return _added(rest, entry, rules.get(fact, Rule()))


def decline(sheet: Sheet, fact: FactId, ref: int = 0) -> Sheet:
    """The person would rather not say: an answer, never asked again. What they had already said stays."""
    if sheet.knows(fact):
        return sheet
    return Sheet((*sheet.facts, Fact(fact, NON_DETTO, "", ref, How.SAID)))


def confirm(sheet: Sheet) -> Sheet:
    """The summary was approved: hedges and inferences become confirmed, the rest keeps how it was obtained."""
    return Sheet(
        tuple(
            replace(f, how=How.CONFIRMED, certainty=1.0)
            if f.value != NON_DETTO and (f.certainty < HEDGE or f.how is How.INFERRED)
            else f
            for f in sheet.facts
        )
    )


def hedged(sheet: Sheet) -> tuple[Fact, ...]:
    """Facts that the summary must ask about, because they were said with doubt."""
    return tuple(f for f in sheet.facts if f.certainty < HEDGE and f.value != NON_DETTO)


def folded(sheet: Sheet) -> Sheet:
    """The sheet with each story told in several messages as one entry (its provenance: the first message)."""
    shown: list[Fact] = []
    for entry in sheet.facts:
        if entry.fact in STORIES and any(f.fact is entry.fact for f in shown):
            index = next(i for i, f in enumerate(shown) if f.fact is entry.fact)
            first = shown[index]
            shown[index] = replace(
                first,
                value=_joined(first.value, entry.value),
                words=_joined(first.words, entry.words),
                certainty=min(first.certainty, entry.certainty),
            )
        else:
            shown.append(entry)
    return Sheet(tuple(shown))


def _joined(first: str, second: str) -> str:
    if not second or second in first:
        return first
    return second if not first or first in second else f"{first.rstrip(' .;')}; {second}"


def _acceptable(item: FactHeard, rule: Rule) -> bool:
    if item.change is Change.REMOVE:
        return True
    if not item.value.strip():
        return False
    return not rule.values or item.value in rule.values or item.value == NON_DETTO


def _entry(item: FactHeard, ref: int) -> Fact:
    certainty = min(1.0, max(0.0, item.certainty))
    return Fact(
        item.fact,
        item.value.strip()[:WORDS_KEPT],
        item.words.strip()[:WORDS_KEPT],
        ref,
        item.how,
        certainty,
        item.detail.strip()[:WORDS_KEPT],
    )


def _without(sheet: Sheet, fact: FactId) -> Sheet:
    return Sheet(tuple(f for f in sheet.facts if f.fact is not fact))


def _clashes(held: tuple[Fact, ...], entry: Fact, rule: Rule) -> bool:
    """Another value was sure, and this one is sure too: the person will be asked which one, once."""
    return (
        entry.fact not in LIST_FACTS
        and rule.second is Second.ASK
        and any(f.value not in (entry.value, NON_DETTO) and f.certainty >= HEDGE for f in held)
        and entry.certainty >= HEDGE
        and entry.value != NON_DETTO
    )


def _added(sheet: Sheet, entry: Fact, rule: Rule) -> Sheet:
    held = sheet.of(entry.fact)
    if entry.value == NON_DETTO:
        return sheet if held else Sheet((*sheet.facts, entry))
    told = tuple(f for f in held if f.value != NON_DETTO)
    if entry.fact in LIST_FACTS:
        now = _list_with(told, entry, rule)
    elif entry.fact in STORIES:
        now = _story_with(told, entry)
    else:
        now = (_single_with(told[-1], entry, rule),) if told else (entry,)
    return _in_place(sheet, entry.fact, now)


def _in_place(sheet: Sheet, fact: FactId, entries: tuple[Fact, ...]) -> Sheet:
    """Replace a fact's entries where the first of them stood, so that the sheet keeps the order of telling."""
    position = next((i for i, f in enumerate(sheet.facts) if f.fact is fact), len(sheet.facts))
    head = tuple(f for f in sheet.facts[:position] if f.fact is not fact)
    tail = tuple(f for f in sheet.facts[position:] if f.fact is not fact)
    return Sheet((*head, *entries, *tail))


def _list_with(told: tuple[Fact, ...], entry: Fact, rule: Rule) -> tuple[Fact, ...]:
    same = next((f for f in told if f.value == entry.value), None)
    if same is not None:
        return tuple(_surer(f, entry) if f is same else f for f in told)
    if entry.value in rule.exclusive:
        # "niente" after something concrete is kept only if nothing concrete was sure.
        return told if any(f.certainty >= HEDGE for f in told) else (entry,)
    entries = (*(f for f in told if f.value not in rule.exclusive), entry)
    while len(entries) > min(rule.at_most, LIST_ENTRIES):
        weakest = min(range(len(entries)), key=lambda i: (entries[i].certainty, -i))
        entries = tuple(f for i, f in enumerate(entries) if i != weakest)
    return entries


def _story_with(told: tuple[Fact, ...], entry: Fact) -> tuple[Fact, ...]:
    if any(entry.value == f.value and entry.words == f.words for f in told):
        return told
    entries = (*told, entry)
    if len(entries) > STORY_PARTS:
        entries = (*entries[: STORY_PARTS - 2], *entries[-2:])
    return entries


def _single_with(old: Fact, new: Fact, rule: Rule) -> Fact:
    if old.value == new.value:
        return _surer(old, new)
    if new.certainty < HEDGE <= old.certainty:
        return old
    if rule.second is Second.WORST and rule.values and old.certainty >= HEDGE:
        worse = max((old, new), key=lambda f: rule.values.index(f.value) if f.value in rule.values else -1)
        return replace(worse, words=_joined(old.words, new.words)[:WORDS_KEPT])
    if new.fact is FactId.CONTATTO:
        return replace(new, detail=_details(old.detail, new.detail))
    return new


def _surer(old: Fact, new: Fact) -> Fact:
    """The same value told again: the surer telling counts, details and words add up."""
    words = old.words if new.words in old.words else _joined(old.words, new.words)
    return replace(
        old,
        certainty=max(old.certainty, new.certainty),
        words=words[:WORDS_KEPT],
        detail=_details(old.detail, new.detail),
        how=new.how if new.how in (How.CORRECTED, How.CONFIRMED) else old.how,
    )


def _details(old: str, new: str) -> str:
    if not new or new in old:
        return old
    return (new if not old or old in new else f"{old}, {new}")[:WORDS_KEPT]
