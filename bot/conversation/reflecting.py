"""Giving back what was heard: one or two reflections with the person's own content, and an affirmation of effort."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from bot.conversation.effort import acted, counted, effort_kinds
from bot.conversation.exchange import Exchange
from bot.conversation.feeling import FEW, NO_FEELING, SAID_OF_ONESELF, STRONG, feeling_in
from bot.conversation.grounded import grounded, trusted
from bot.conversation.mirror.topics import topics_in
from bot.conversation.paid import paid_for
from bot.conversation.road import current, next_step, place, script_of
from bot.conversation.script import Line, Reflection, Script, Step
from bot.conversation.types import FactId, Sheet, SpeechAct
from bot.conversation.voice import Chosen, holds, says_again, without_questions, words_in

MOST_WORDS, FEWEST_WORDS = 29, 23
"""Words of reflections before a question, whatever was told: the person speaks more than we do."""
SHORTER = {"en": (27, 21)}
"""The same where every sentence takes more words to say as much."""

TWO_REFLECTIONS_FROM = 3
"""Words of the person from which a second reflection is in proportion."""

THREE_REFLECTIONS_FROM = 14
"""Words from which it is a story: two clauses of their own and its weight, if there is room for them."""

AFFIRMED_UNDER = 20
"""Words of reflections over which the question comes at once: an affirmation too many is a speech."""

FOR_EFFORT = 8
"""Words kept for the affirmation where an effort was told."""

LONG_ASIDE = 18
"""Words said already in this turn (the answer to a side question) from which one reflection is enough."""

DONE_ALREADY = frozenset({"nights", "studied", "insisted", "years", "tried", "others"})
"""Kinds of effort that stay one inside a wish: what was done, not what one is."""

NOT_A_STORY = frozenset({"nome", "contatto", "urgenza", "riassunto", "consenso"})
"""What was asked when the answer is a word, not a clause to give back."""

SURE_ENOUGH = 0.7
"""Certainty below which a fact is kept for the summary to confirm, and not given back as if it were so."""

SURE_IF_ASKED = 0.6
"""The same for what the open question had asked about: there even a likeness is an answer."""


def reflect(x: Exchange) -> None:
    """Give back what this turn brought: one or two reflections and, where effort was told, an affirmation."""
    x.voice.around["feeling"] = _feeling(x)
    if not x.fresh and x.voice.around["feeling"] == NO_FEELING:
        return
    effort = _effort(x)
    x.voice.around["effort"] = " ".join(("yes", *effort)) if effort else "no"
    script = script_of(x)
    name = next_step(x, script)
    step = script.steps.get(name)
    pools = _pools(x, script, name)
    most, fewest = SHORTER.get(x.state.language, (MOST_WORDS, FEWEST_WORDS))
    budget = min(most - (FOR_EFFORT if effort else 0), max(fewest, x.heard_words))
    brief = x.spoken_words >= LONG_ASIDE or cautions(x)
    wanted = 1 if brief else _wanted(x)
    if x.voice.around["feeling"] == "mourning":
        wanted = min(wanted, 2)  # one clause of theirs, and what the loss means
    said = _Given()
    if paid := _paid(x):
        # What weighs most leads: money given for something that never came.
        said.add(x, SpeechAct.SIMPLE, paid, (FactId.ESPERIENZE_PASSATE,))
        wanted = min(wanted, 2)
    for own in _own_words(x, 2 if wanted == 3 else 0 if said.count else 1):
        if said.count:
            # A second clause of theirs only where nothing can be said of what the first one means.
            said.echoed = _covered(x, said.text)
            left = budget - said.words
            if words_in(own.text) > left or _reflection(x, pools, said, left, complex_first=True):
                break
        said.add(x, SpeechAct.SIMPLE, own, ())
    if x.state.simple and not said.count:
        _topics(x, said)
    said.echoed = _covered(x, said.text)
    while said.count < wanted:
        complex_first = said.count >= 1 or wanted == 1
        found = _reflection(x, pools, said, budget - said.words, complex_first=complex_first)
        if not said.count and (found is None or found.general) and _topics(x, said):
            continue
        if found is None or (found.act is SpeechAct.SIMPLE and said.count and wanted == 3):
            break  # of a story the bare facts are for the summary: its own clause was given back
        said.add(x, found.act, found.chosen, found.facts)
    if brief:
        return  # beside an answer or a caution one reflection is enough to read
    if effort or said.words <= AFFIRMED_UNDER or said.count < wanted - 1:
        _affirm(x, script, step, name, MOST_WORDS)


def cautions(x: Exchange) -> bool:
    """This turn tells of a fraud still going on, and no word of caution was said yet."""
    told = any(f.fact is FactId.TRUFFA_IN_CORSO and grounded(f, x.state.language) for f in x.fresh)
    return told and "scam" not in x.state.skipped


@dataclass(slots=True)
class _Given:
    """What was given back so far in this turn.

    Attributes:
        used: Facts that a line of ours spoke of.
        echoed: Facts that their own clause gave back: to say them again would be an echo, to say what they mean is not.
    """

    text: str = ""
    count: int = 0
    used: set[FactId] = field(default_factory=set)
    echoed: set[FactId] = field(default_factory=set)

    @property
    def words(self) -> int:
        """How long it is by now."""
        return words_in(self.text)

    def add(self, x: Exchange, act: SpeechAct, chosen: Chosen, facts: Collection[FactId]) -> None:
        """Say one more."""
        x.add(act, chosen)
        self.text = f"{self.text} {chosen.text}"
        self.count += 1
        self.used |= set(facts)


def _pools(x: Exchange, script: Script, name: str) -> list[tuple[str, list[Reflection]]]:
    """Where a reflection is looked for: at the question that comes, at the one just answered, then anywhere."""
    here = current(x)
    pools = [(f"{place(x)}/{name}/reflect", script.steps[name].reflect)] if name in script.steps else []
    if here is not None and here[0] != name:
        pools.append((f"{place(x)}/{here[0]}/reflect", here[1].reflect))
    return [*pools, (f"{place(x)}/reflections", script.reflections)]


def _wanted(x: Exchange) -> int:
    """How many reflections are in proportion to what was said."""
    if x.heard_words >= THREE_REFLECTIONS_FROM:
        return 3
    return 2 if x.heard_words >= TWO_REFLECTIONS_FROM or len({f.fact for f in x.fresh}) > 1 else 1


def _effort(x: Exchange) -> tuple[str, ...]:
    """What the effort that was just told was made of; what somebody would like is no effort made."""
    kinds = effort_kinds(x.heard_text, x.state.language)
    wish = x.state.asked == FactId.COSA_VORREBBE
    tried = x.state.asked == FactId.ESPERIENZE_PASSATE and x.heard_words >= THREE_REFLECTIONS_FROM
    if not kinds and tried and acted(x.heard_text, x.state.language):
        return ("tried",)
    return tuple(k for k in kinds if not wish or k in DONE_ALREADY)


def _feeling(x: Exchange) -> str:
    """How they say they are, where no fact of the sheet says it better."""
    asked = x.state.asked == FactId.COME_STA
    found = feeling_in(x.heard_text, x.state.language)
    if found in ("mourning", "afraid"):
        return found
    if SAID_OF_ONESELF.search(x.heard_text):
        return "ashamed"
    told = any(f.fact is FactId.COME_STA and grounded(f, x.state.language) for f in x.fresh)
    if told or not (asked or x.heard_words <= FEW):
        return NO_FEELING
    return found if found and (asked or found in STRONG) else NO_FEELING


def _topics(x: Exchange, said: _Given) -> bool:
    """The things they spoke of, in right and simple words, where none of their clauses can be given back."""
    if x.state.asked in NOT_A_STORY:
        return False
    told = without_questions(x.heard_text)  # what is asked of us is no topic of theirs
    topics = topics_in(told, x.state.language, 1)
    name = "topics" if topics_in(told, x.state.language, 2) else "topic"
    found = x.library.line(name, x.state.language) if topics else None
    act = SpeechAct.SIMPLE if name == "topics" else SpeechAct.COMPLEX
    where = f"{found[1]}/shared/{name}" if found else ""
    chosen = x.choose(found[0], where, act, argomenti=topics) if found else None
    if chosen is None:
        return False
    said.add(x, act, chosen, ())
    return True


_TAKEN_BACK = re.compile(
    r".*(?:\banzi(?: no)?\b|\bno,? (?:aspett\w+|scus\w+|guard\w+)\b|\bmi correggo\b|\bvolevo dire\b|\bscus\w,? (?:il|la) (?:correttore|t9|dettatura)\b|\bi mean\b|\bno wait\b|\bsorry,? no\b)[,:. ]*",
    re.IGNORECASE | re.DOTALL,
)


def _paid(x: Exchange) -> Chosen | None:
    polite = x.voice.manner(x.state).address == "lei"
    text = paid_for(x.heard_text, x.state.language, polite=polite)  # sum, thing and end: the words are enough
    fact = frozenset({FactId.ESPERIENZE_PASSATE})
    return Chosen(text, "paid", fact) if text and not x.voice.repeats(text) else None


_WORDS, _SHORT = re.compile(r"\w{4,}"), re.compile(r"\w{3,}")


def _own_words(x: Exchange, count: int) -> list[Chosen]:
    """The best clauses of what was just written, turned to the second person; they come before any words of ours."""
    fact = FactId(x.state.asked) if x.state.asked in FactId._value2member_map_ else FactId.COSA_SUCCEDE
    if x.state.asked in NOT_A_STORY:
        return []
    kept = _TAKEN_BACK.sub("", x.heard_text)  # what was taken back is not given back
    found: list[Chosen] = []
    for turned in x.library.mirror.clauses(kept, fact, x.voice.manner(x.state), count):
        text = turned[:1].upper() + turned[1:].rstrip(" .") + "."
        if words_in(text) <= MOST_WORDS and not x.voice.repeats(text):
            found.append(Chosen(text, "mirror", frozenset({fact})))
    return found


_PLAIN_FACTS = frozenset({FactId.ATTIVITA, FactId.ZONA, FactId.PERSONE, FactId.PRESENZA_OGGI})


def _covered(x: Exchange, said: str) -> set[FactId]:
    """Facts that the person's own clause already gave back: saying them again would be an echo."""
    spoken = set(_SHORT.findall(said.casefold()))
    return {
        f.fact
        for f in x.fresh
        if f.fact in _PLAIN_FACTS
        and spoken & set(_SHORT.findall(f"{f.value} {f.detail} {f.words}".casefold()))
    }


@dataclass(frozen=True, slots=True)
class _Found:
    """A reflection that could be said.

    Attributes:
        rank: 0 when it is of the kind that was looked for.
        general: 1 when it carries nothing of theirs: what would fit others comes last.
        order: Its place in the file.
    """

    rank: int
    general: int
    order: int
    act: SpeechAct
    chosen: Chosen
    facts: frozenset[FactId]


def _reflection(
    x: Exchange,
    pools: list[tuple[str, list[Reflection]]],
    said: _Given,
    budget: int,
    *,
    complex_first: bool,
) -> _Found | None:
    language = x.state.language
    fresh, notes = trusted(Sheet(x.fresh), language), trusted(x.state.notes, language)
    candidates: list[_Found] = []
    order = 0
    theirs = set(_WORDS.findall(x.heard_text.casefold())) | {
        w for f in x.state.notes.facts for w in _WORDS.findall(f"{f.value} {f.detail} {f.words}".casefold())
    }
    sure = _sure_of(x, fresh)
    for where, pool in pools:
        for index, item in enumerate(pool):
            order += 1
            act = SpeechAct.COMPLEX if item.complex is not None else SpeechAct.SIMPLE
            facts = _facts_of(item, sure)
            if not facts or not holds(item.when, notes, x.voice.around):
                continue
            if not _about_fresh(item, fresh, x):
                continue
            chosen = _worded(x, item, f"{where}/{index}", act)
            if chosen is None or words_in(chosen.text) > budget:
                continue
            if said.text and says_again(chosen.text, said.text):
                continue
            touched = frozenset(facts | (chosen.facts & {f.fact for f in x.fresh}))
            if act is SpeechAct.SIMPLE and touched & (said.used | said.echoed):
                continue
            if touched & said.used and not facts - said.used:
                continue
            rank = 0 if (act is SpeechAct.COMPLEX) == complex_first else 1
            if item.when.get("feeling") in ("mourning", "ashamed"):
                rank = -1  # nothing else that was told comes before it
            general = int(not set(_WORDS.findall(chosen.text.casefold())) & theirs)
            candidates.append(_Found(rank, general, order, act, chosen, touched))
    return min(candidates, key=lambda c: (c.rank, c.general, c.order), default=None)


def _sure_of(x: Exchange, fresh: Sheet) -> frozenset[FactId]:
    """The fresh facts that are sure enough to be spoken of."""
    here = current(x)
    asked = set(here[1].listens_for) if here is not None else set()
    return frozenset(
        f.fact
        for f in fresh.facts
        if f.certainty >= SURE_ENOUGH or (f.fact in asked and f.certainty >= SURE_IF_ASKED)
    )


def _facts_of(item: Reflection, sure: frozenset[FactId]) -> frozenset[FactId]:
    """The fresh facts that a reflection speaks of; how they say they are counts as one."""
    if "feeling" in item.when:
        return frozenset({FactId.COME_STA})
    # A value is equal to its name: the facts among them need not be made of every condition's name first.
    return frozenset(f for f in sure if f in item.when or f is item.mirror)


def _about_fresh(item: Reflection, fresh: Sheet, x: Exchange) -> bool:
    """At least one of its fact conditions holds on what this turn brought, not only on what was known."""
    if "feeling" in item.when:
        return True
    conditions = {k: v for k, v in item.when.items() if k in FactId._value2member_map_}
    if item.mirror is not None:
        return fresh.knows(item.mirror)
    return any(holds({k: v}, fresh, x.voice.around) for k, v in conditions.items())


def _worded(x: Exchange, item: Reflection, where: str, act: SpeechAct) -> Chosen | None:
    if item.mirror is not None:
        return _mirrored(x, item.mirror, where)
    text = item.complex if item.complex is not None else item.simple
    assert text is not None  # held by Reflection's validator
    return x.choose(text, where, act, sheet=None, **_counted(x))


def _counted(x: Exchange) -> dict[str, str]:
    """What was just told with its number, for the lines that can carry it."""
    quanto = counted(x.heard_text, x.state.language)
    return {"quanto": quanto} if quanto else {}


def _mirrored(x: Exchange, fact: FactId, where: str) -> Chosen | None:
    told = next((f for f in reversed(x.fresh) if f.fact is fact and f.words), None)
    if told is None:
        return None
    turned = x.library.mirror.reflect(told.words, fact, x.voice.manner(x.state))
    if not turned:
        return None
    text = turned[:1].upper() + turned[1:].rstrip(" .") + "."
    return None if x.voice.repeats(text) else Chosen(text, where, frozenset({fact}))


_MONEY = re.compile(r"euro|€|pound|£", re.IGNORECASE)
"""What was paid is no patience: only money that was put in is affirmed by its sum."""


def _affirm(x: Exchange, script: Script, step: Step | None, name: str, budget: int) -> None:
    lines: list[tuple[str, Line]] = []
    if step is not None:
        lines += [(f"{place(x)}/{name}/affirm/{i}", line) for i, line in enumerate(step.affirm)]
    lines += [(f"{place(x)}/affirmations/{i}", line) for i, line in enumerate(script.affirmations)]
    fresh = trusted(Sheet(x.fresh), x.state.language)
    for where, line in lines:
        facts = {k: v for k, v in line.when.items() if k in FactId._value2member_map_}
        about_effort = "effort" in line.when
        if not about_effort and not any(holds({k: v}, fresh, x.voice.around) for k, v in facts.items()):
            continue
        if not holds(line.when, x.state.notes, x.voice.around):
            continue
        paid = _MONEY.search(_counted(x).get("quanto", "")) and "money" not in line.when.values()
        counted_on = {} if paid else _counted(x)
        chosen = x.choose(line.text, where, SpeechAct.AFFIRMATION, sheet=None, **counted_on)
        if chosen is not None and words_in(chosen.text) <= budget:
            x.add(SpeechAct.AFFIRMATION, chosen)
            return
