"""Giving back what was heard: one or two reflections with the person's own content, and an affirmation of effort."""

from __future__ import annotations

import re

from bot.conversation.effort import counted, effort_kind, tells_effort
from bot.conversation.exchange import Exchange
from bot.conversation.mirror.learners import topics_in
from bot.conversation.road import current, next_step, place, script_of
from bot.conversation.script import Line, Reflection, Script, Step
from bot.conversation.types import FactId, Sheet, SpeechAct
from bot.conversation.voice import Chosen, holds, says_again, words_in

MOST_WORDS, FEWEST_WORDS = 29, 16
"""Words of reflections before a question, whatever was told: the person speaks more than we do."""

TWO_REFLECTIONS_FROM = 3
"""Words of the person from which a second reflection is in proportion."""

LEFT_FOR_MEANING = 7
"""Words kept for what the clauses add up to, when a second clause would take them all."""

THREE_REFLECTIONS_FROM = 14
"""Words from which it is a story: two clauses of their own and its weight, if there is room for them."""

AFFIRMED_UNDER = 20
"""Words of reflections over which the question comes at once: an affirmation too many is a speech."""

NOT_A_STORY = frozenset({"nome", "contatto", "urgenza", "riassunto", "consenso"})
"""What was asked when the answer is a word, not a clause to give back."""

SURE_ENOUGH = 0.6
"""Certainty below which a fact is kept for the summary to confirm, and not given back as if it were so."""


def reflect(x: Exchange) -> None:
    """Give back what this turn brought: one or two reflections and, where effort was told, an affirmation."""
    if not x.fresh:
        return
    wish = x.state.asked == FactId.COSA_VORREBBE  # what they would like is no effort made
    told = not wish and tells_effort(x.heard_text, x.state.language)
    x.voice.around["effort"] = f"yes {effort_kind(x.heard_text, x.state.language)}" if told else "no"
    script, here = script_of(x), current(x)
    name = next_step(x, script)
    step = script.steps.get(name)
    pools: list[tuple[str, list[Reflection]]] = []
    if step is not None:
        pools.append((f"{place(x)}/{name}/reflect", step.reflect))
    if here is not None and here[0] != name:
        pools.append((f"{place(x)}/{here[0]}/reflect", here[1].reflect))
    pools.append((f"{place(x)}/reflections", script.reflections))
    budget = min(MOST_WORDS, max(FEWEST_WORDS, x.heard_words))
    wanted = (
        3
        if x.heard_words >= THREE_REFLECTIONS_FROM
        else 2
        if x.heard_words >= TWO_REFLECTIONS_FROM or len({f.fact for f in x.fresh}) > 1
        else 1
    )
    used: set[FactId] = set()
    said = ""
    given = 0
    own_words = _own_words(x, 2 if wanted == 3 else 1)
    if not own_words and x.state.simple and (topics := topics_in(x.heard_text, x.state.language)):
        said = _topics(x, topics)
        given, budget = int(bool(said)), budget - words_in(said)
    for own in own_words:
        if given and words_in(own.text) > budget - LEFT_FOR_MEANING:
            break
        x.add(SpeechAct.SIMPLE, own)
        used |= {FactId.COSA_SUCCEDE, FactId.COSA_VORREBBE}
        said = f"{said} {own.text}"
        budget -= words_in(own.text)
        given += 1
    used |= _covered(x, said)
    for turn in range(given, wanted):
        found = _reflection(x, pools, used, budget, said, complex_first=turn >= 1 or wanted == 1)
        if found is None:
            break
        act, chosen, facts = found
        x.add(act, chosen)
        said = f"{said} {chosen.text}"
        used |= facts
        budget -= words_in(chosen.text)
    if words_in(said) <= AFFIRMED_UNDER or given < wanted - 1:
        _affirm(x, script, step, name, MOST_WORDS)


def _topics(x: Exchange, topics: str) -> str:
    """To somebody who is learning: the things they spoke of, in right and simple words."""
    found = x.library.line("topics", x.state.language)
    chosen = (
        x.choose(found[0], f"{found[1]}/shared/topics", SpeechAct.SIMPLE, argomenti=topics) if found else None
    )
    if chosen is None:
        return ""
    x.add(SpeechAct.SIMPLE, chosen)
    return chosen.text


_TAKEN_BACK = re.compile(
    r".*(?:\banzi(?: no)?\b|\bno,? (?:aspett\w+|scus\w+|guard\w+)\b|\bmi correggo\b|\bvolevo dire\b|\bi mean\b|\bno wait\b|\bsorry,? no\b)[,:. ]*",
    re.IGNORECASE | re.DOTALL,
)
_WORDS = re.compile(r"\w{4,}")


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
    spoken = set(_WORDS.findall(said.casefold()))
    return {
        f.fact
        for f in x.fresh
        if f.fact in _PLAIN_FACTS
        and spoken & set(_WORDS.findall(f"{f.value} {f.detail} {f.words}".casefold()))
    }


def _reflection(
    x: Exchange,
    pools: list[tuple[str, list[Reflection]]],
    used: set[FactId],
    budget: int,
    said: str,
    *,
    complex_first: bool,
) -> tuple[SpeechAct, Chosen, frozenset[FactId]] | None:
    fresh = Sheet(x.fresh)
    candidates: list[tuple[int, int, int, SpeechAct, Chosen, frozenset[FactId]]] = []
    order = 0
    theirs = set(_WORDS.findall(x.heard_text.casefold())) | {
        w for f in x.state.notes.facts for w in _WORDS.findall(f"{f.value} {f.detail} {f.words}".casefold())
    }
    for where, pool in pools:
        for index, item in enumerate(pool):
            order += 1
            act = SpeechAct.COMPLEX if item.complex is not None else SpeechAct.SIMPLE
            facts = _facts_of(item, fresh)
            if not facts or not holds(item.when, x.state.notes, x.voice.around):
                continue
            if not _about_fresh(item, fresh, x):
                continue
            chosen = _worded(x, item, f"{where}/{index}", act)
            if chosen is None or words_in(chosen.text) > budget or (said and says_again(chosen.text, said)):
                continue
            touched = frozenset(facts | (chosen.facts & {f.fact for f in x.fresh}))
            plain = touched <= _PLAIN_FACTS or act is SpeechAct.SIMPLE
            if touched & used and (plain or not facts - used):
                continue
            rank = 0 if (act is SpeechAct.COMPLEX) == complex_first else 1
            # What carries something of theirs comes before what would fit others too.
            general = int(not set(_WORDS.findall(chosen.text.casefold())) & theirs)
            candidates.append((rank, general, order, act, chosen, touched))
    if not candidates:
        return None
    best = min(candidates, key=lambda c: c[:3])
    return best[3], best[4], best[5]


def _facts_of(item: Reflection, fresh: Sheet) -> frozenset[FactId]:
    """The fresh facts that a reflection speaks of."""
    named = {FactId(k) for k in item.when if k in FactId._value2member_map_}
    if item.mirror is not None:
        named.add(item.mirror)
    sure = {f.fact for f in fresh.facts if f.certainty >= SURE_ENOUGH}
    return frozenset(f for f in named if f in sure)


def _about_fresh(item: Reflection, fresh: Sheet, x: Exchange) -> bool:
    """At least one of its fact conditions holds on what this turn brought, not only on what was known."""
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


def _affirm(x: Exchange, script: Script, step: Step | None, name: str, budget: int) -> None:
    lines: list[tuple[str, Line]] = []
    if step is not None:
        lines += [(f"{place(x)}/{name}/affirm/{i}", line) for i, line in enumerate(step.affirm)]
    lines += [(f"{place(x)}/affirmations/{i}", line) for i, line in enumerate(script.affirmations)]
    fresh = Sheet(x.fresh)
    for where, line in lines:
        facts = {k: v for k, v in line.when.items() if k in FactId._value2member_map_}
        about_effort = "effort" in line.when
        if not about_effort and not any(holds({k: v}, fresh, x.voice.around) for k, v in facts.items()):
            continue
        if not holds(line.when, x.state.notes, x.voice.around):
            continue
        chosen = x.choose(line.text, where, SpeechAct.AFFIRMATION, sheet=None, **_counted(x))
        if chosen is not None and words_in(chosen.text) <= budget:
            x.add(SpeechAct.AFFIRMATION, chosen)
            return
