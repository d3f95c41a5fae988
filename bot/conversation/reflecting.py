"""Giving back what was heard: one or two reflections with the person's own content, and an affirmation of effort."""

from __future__ import annotations

from bot.conversation.effort import tells_effort
from bot.conversation.exchange import Exchange
from bot.conversation.road import current, next_step, place, script_of
from bot.conversation.script import Line, Reflection, Script, Step
from bot.conversation.types import FactId, Sheet, SpeechAct
from bot.conversation.voice import Chosen, holds, says_again, words_in

REFLECTION_WORDS = 34
"""Words of reflections and affirmation before a question: with it the turn stays under the measure of 41."""

TWO_REFLECTIONS_FROM = 4
"""Words of the person from which a second reflection is in proportion."""

THREE_REFLECTIONS_FROM = 14
"""Words from which it is a story: their own clause, its weight, and one more, if there is room for them."""

NOT_A_STORY = frozenset({"nome", "contatto", "urgenza", "riassunto", "consenso"})
"""What was asked when the answer is a word, not a clause to give back."""

SURE_ENOUGH = 0.6
"""Certainty below which a fact is kept for the summary to confirm, and not given back as if it were so."""


def reflect(x: Exchange) -> None:
    """Give back what this turn brought: one or two reflections and, where effort was told, an affirmation."""
    if not x.fresh:
        return
    x.voice.around["effort"] = "yes" if tells_effort(x.heard_text, x.state.language) else "no"
    script, here = script_of(x), current(x)
    name = next_step(x, script)
    step = script.steps.get(name)
    pools: list[tuple[str, list[Reflection]]] = []
    if step is not None:
        pools.append((f"{place(x)}/{name}/reflect", step.reflect))
    if here is not None and here[0] != name:
        pools.append((f"{place(x)}/{here[0]}/reflect", here[1].reflect))
    pools.append((f"{place(x)}/reflections", script.reflections))
    budget = REFLECTION_WORDS
    used: set[FactId] = set()
    own = _own_words(x)
    if own is not None and words_in(own.text) <= budget:
        x.add(SpeechAct.SIMPLE, own)
        used |= {FactId.COSA_SUCCEDE, FactId.COSA_VORREBBE}
        budget -= words_in(own.text)
    wanted = (
        3
        if x.heard_words >= THREE_REFLECTIONS_FROM
        else 2
        if x.heard_words >= TWO_REFLECTIONS_FROM or len({f.fact for f in x.fresh}) > 1
        else 1
    )
    given = int(own is not None)
    said = own.text if own is not None else ""
    for turn in range(given, wanted):
        found = _reflection(x, pools, used, budget, said, complex_first=turn >= 1 or wanted == 1)
        if found is None:
            break
        act, chosen, facts = found
        x.add(act, chosen)
        said = f"{said} {chosen.text}"
        used |= facts
        budget -= words_in(chosen.text)
    _affirm(x, script, step, name, max(budget, 0) + 10)


def _own_words(x: Exchange) -> Chosen | None:
    """The best clause of what was just written, turned to the second person; it comes before any reflection of ours."""
    fact = FactId(x.state.asked) if x.state.asked in FactId._value2member_map_ else FactId.COSA_SUCCEDE
    if x.state.asked in NOT_A_STORY:
        return None
    turned = x.library.mirror.reflect(x.heard_text, fact, x.voice.manner(x.state))
    if not turned:
        return None
    text = turned[:1].upper() + turned[1:].rstrip(" .") + "."
    return None if x.voice.repeats(text) else Chosen(text, "mirror", frozenset({fact}))


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
    candidates: list[tuple[int, int, SpeechAct, Chosen, frozenset[FactId]]] = []
    order = 0
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
            if touched & used:
                continue
            rank = 0 if (act is SpeechAct.COMPLEX) == complex_first else 1
            candidates.append((rank, order, act, chosen, touched))
    if not candidates:
        return None
    best = min(candidates, key=lambda c: c[:2])
    return best[2], best[3], best[4]


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
    return x.choose(text, where, act)


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
        chosen = x.choose(line.text, where, SpeechAct.AFFIRMATION)
        if chosen is not None and words_in(chosen.text) <= budget:
            x.add(SpeechAct.AFFIRMATION, chosen)
            return
