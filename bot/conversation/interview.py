"""The interview: what was heard is given back, then at most one open question, until there is enough to sum up."""

from __future__ import annotations

from bot.conversation import closing
from bot.conversation.exchange import Exchange, Rows, column, row
from bot.conversation.script import SUMMARY, Line, Reflection, Script, Step, Text
from bot.conversation.sheet import HEDGE, choose, decline, hear
from bot.conversation.state import STEPS_KEPT, Pending, Phase
from bot.conversation.templates import in_language
from bot.conversation.types import NON_DETTO, Act, Button, Change, FactHeard, FactId, Sheet, SpeechAct
from bot.conversation.voice import Chosen, holds, words_in

REFLECTION_WORDS = 30
"""Words of reflections and affirmation before a question: with it the turn stays under the measure of 41."""

TWO_REFLECTIONS_FROM = 7
"""Words of the person from which a second reflection is in proportion."""


def script_of(x: Exchange) -> Script:
    """The script this conversation follows, in its language."""
    return x.library.script(x.state.script or x.library.first_script, x.state.language)


def current(x: Exchange) -> tuple[str, Step] | None:
    """The step whose question is open; a renamed step is found by its `was:`."""
    script, name = script_of(x), x.state.step
    if not name:
        return None
    if name not in script.steps:
        name = next((new for new, step in script.steps.items() if name in step.was), "")
    return (name, script.steps[name]) if name else None


def begin(x: Exchange) -> None:
    """Enter the interview after the first consent."""
    x.set(
        phase=Phase.LISTENING,
        script=x.state.script or x.library.first_script,
        step="",
        pending=Pending.NOTHING,
    )


def go_on(x: Exchange, *, reflected: bool = False) -> None:
    """Reflect on what this turn brought, then ask the next question or sum up."""
    if not reflected:
        reflect(x)
    if any(f.fact is FactId.TRUFFA_IN_CORSO for f in x.fresh) and "scam" not in x.state.skipped:
        # The one approved word of caution that PRODUCT.md allows before the summary; once.
        x.say("scam_safety")
        x.set(skipped=(*x.state.skipped, "scam")[-STEPS_KEPT:])
    if _asks_about_clash(x):
        return
    script = script_of(x)
    name = _next_step(x, script)
    if not name or x.state.questions >= script.max_questions:
        closing.read_back(x)
        return
    if _leaves_room(x, script):
        return
    ask_step(x, name, script.steps[name])


# --- choosing the next step ------------------------------------------------------------------------------------


def _next_step(x: Exchange, script: Script) -> str:
    here = current(x)
    name = _follows(x, here[1]) if here else script.opening
    passed: set[str] = set()
    while name and name != SUMMARY and name not in passed:
        passed.add(name)
        step = script.steps.get(name)
        if step is None:
            return ""
        if not _settled(x, name, step):
            return name
        name = _follows(x, step)
    # Strays: a step that the roads taken went around, and whose facts nobody told yet.
    return next((n for n, s in script.steps.items() if n not in passed and not _settled(x, n, s)), "")


def _follows(x: Exchange, step: Step) -> str:
    for road in step.next:
        if isinstance(road, str):
            return road
        if holds(road.when, x.state.notes, x.voice.around):
            return road.go
    return SUMMARY


def _settled(x: Exchange, name: str, step: Step) -> bool:
    if name in x.state.visited or name in x.state.skipped:
        return True
    facts = step.skip_if or step.listens_for[:1]
    if not all(x.knows(f) for f in facts):
        return False
    return step.confirm is None or not _hedged(x, step)


def _hedged(x: Exchange, step: Step) -> bool:
    entries = x.state.notes.of(step.listens_for[0])
    return bool(entries) and all(f.certainty < HEDGE and f.value != NON_DETTO for f in entries)


def _leaves_room(x: Exchange, script: Script) -> bool:
    """Once, after a long story, only listen: the person has more to say, and a question would cut it off."""
    if x.state.room or x.silent or x.heard_words < script.room_after_words or x.state.pending:
        return False
    x.set(room=True)
    if not x.say("room", SpeechAct.INFORMATION):
        return False
    x.offer(row(x.button("continue", "avanti"), x.button("person", "persona")))
    return True


# --- asking ----------------------------------------------------------------------------------------------------


def ask_step(x: Exchange, name: str, step: Step) -> None:
    """Ask a step's question (or its confirmation), with the buttons that belong there."""
    fact = step.listens_for[0]
    if step.say is not None and name not in x.state.visited:
        said = x.choose(step.say, f"{_where(x)}/{name}/say", SpeechAct.INFORMATION)
        if said:
            x.add(SpeechAct.INFORMATION, said)
    closed = step.question == "closed"
    text: Text = step.ask
    if step.confirm is not None and _hedged(x, step):
        text, closed = step.confirm, True
    act = SpeechAct.CLOSED if closed else SpeechAct.OPEN
    chosen = x.choose(text, f"{_where(x)}/{name}/{'confirm' if text is step.confirm else 'ask'}", act)
    x.set(step=name, visited=(*(v for v in x.state.visited if v != name), name)[-STEPS_KEPT:])
    if chosen is None:
        # Every way of asking was used: an invitation instead of the same words again.
        if not x.say("go_ahead", SpeechAct.INFORMATION):
            x.set(pending=Pending.NOTHING, asked=fact.value)
            return
        x.set(questions=x.state.questions + 1)
        x.await_answer(Pending.NOTHING, fact.value, _step_buttons(x, name, step))
        return
    x.add(act, chosen)
    x.set(questions=x.state.questions + 1)
    x.await_answer(Pending.NOTHING, fact.value, _step_buttons(x, name, step))


def _step_buttons(x: Exchange, name: str, step: Step) -> Rows:
    service: list[Button] = []
    if "salta" in step.navigation:
        service.append(x.button("skip", f"salta:{name}"))
    service.append(x.button("person", "persona"))
    values: list[Button] = []
    if step.buttons is not None:
        definition = x.library.book.facts[step.buttons]
        for value, words in definition.values.items():
            label = in_language(words.button, x.state.language) or in_language(words.label, x.state.language)
            values.append(Button(label, f"fatto:{step.buttons.value}:{value}"))
    pairs = tuple(tuple(values[i : i + 2]) for i in range(0, len(values), 2))
    return (*pairs, tuple(service))


def ask_again(x: Exchange, *, intro: str = "") -> None:
    """Come back to the open question in other words; when there have been enough, sum up."""
    here = current(x)
    if here is None:
        go_on(x, reflected=True)
        return
    if x.state.questions >= script_of(x).max_questions + 1:
        closing.read_back(x)
        return
    if intro:
        x.say(intro, SpeechAct.INFORMATION)
    ask_step(x, *here)


def _where(x: Exchange) -> str:
    return f"{x.state.language}/{script_of(x).script}"


def _asks_about_clash(x: Exchange) -> bool:
    """A contradiction is asked about once, gently, with both versions as they were said."""
    fact = x.state.clash
    if fact is None or fact in x.state.clashed or x.has_asked:
        return False
    values = [v for v in x.state.notes.values(fact)]
    if not values or x.state.asked == f"clash:{fact.value}":
        return False
    definition = x.library.book.facts[fact]
    label = in_language(definition.label, x.state.language)
    old = definition.values.get(values[-1])
    before = in_language(old.label, x.state.language) if old else values[-1]
    x.set(clashed=(*x.state.clashed, fact), questions=x.state.questions + 1)
    return x.ask(
        "clash",
        pending=Pending.CLASH,
        asked=fact.value,
        act=SpeechAct.CLOSED,
        exempt=False,
        prima=before,
        domanda=label.lower(),
        buttons=row(x.button("person", "persona")),
    )


# --- reflecting ------------------------------------------------------------------------------------------------


def reflect(x: Exchange) -> None:
    """Give back what this turn brought: one or two reflections and, where effort was told, an affirmation."""
    if not x.fresh:
        return
    script, here = script_of(x), current(x)
    name = _next_step(x, script)
    step = script.steps.get(name)
    pools: list[tuple[str, list[Reflection]]] = []
    if step is not None:
        pools.append((f"{_where(x)}/{name}/reflect", step.reflect))
    if here is not None and here[0] != name:
        pools.append((f"{_where(x)}/{here[0]}/reflect", here[1].reflect))
    pools.append((f"{_where(x)}/reflections", script.reflections))
    budget = REFLECTION_WORDS
    used: set[FactId] = set()
    wanted = 2 if x.heard_words >= TWO_REFLECTIONS_FROM or len({f.fact for f in x.fresh}) > 1 else 1
    for turn in range(wanted):
        found = _reflection(x, pools, used, budget, complex_first=turn == 1 or wanted == 1)
        if found is None:
            break
        act, chosen, facts = found
        x.add(act, chosen)
        used |= facts
        budget -= words_in(chosen.text)
    _affirm(x, script, step, name, budget + 6)


def _reflection(
    x: Exchange,
    pools: list[tuple[str, list[Reflection]]],
    used: set[FactId],
    budget: int,
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
            if chosen is None or words_in(chosen.text) > budget:
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
    return frozenset(f for f in named if fresh.knows(f))


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
        lines += [(f"{_where(x)}/{name}/affirm/{i}", line) for i, line in enumerate(step.affirm)]
    lines += [(f"{_where(x)}/affirmations/{i}", line) for i, line in enumerate(script.affirmations)]
    fresh = Sheet(x.fresh)
    for where, line in lines:
        facts = {k: v for k, v in line.when.items() if k in FactId._value2member_map_}
        if not any(holds({k: v}, fresh, x.voice.around) for k, v in facts.items()):
            continue
        if not holds(line.when, x.state.notes, x.voice.around):
            continue
        chosen = x.choose(line.text, where, SpeechAct.AFFIRMATION)
        if chosen is not None and words_in(chosen.text) <= budget:
            x.add(SpeechAct.AFFIRMATION, chosen)
            return


# --- answers ---------------------------------------------------------------------------------------------------


def keep_answer(x: Exchange, text: str, ref: int) -> None:
    """An answer to an open question whose fact nobody recognised is kept as it was said."""
    words = text.strip()
    try:
        asked = FactId(x.state.asked)
    except ValueError:
        asked = FactId.COSA_SUCCEDE
    if asked is FactId.NOME and len(words.split()) > 3:
        asked = FactId.COSA_SUCCEDE
    definition = x.library.book.facts[asked]
    free = not definition.values and asked in (FactId.NOME, FactId.COSA_SUCCEDE, FactId.COSA_VORREBBE)
    target = asked if free else FactId.COSA_SUCCEDE
    heard = FactHeard(target, words, words, certainty=0.6)
    result = hear(x.state.notes, (heard,), ref, x.library.rules)
    added = tuple(f for f in result.sheet.facts if f not in x.state.notes.facts)
    x.set(notes=result.sheet)
    x.fresh = (*x.fresh, *added)


def skip(x: Exchange, name: str = "") -> None:
    """The person would rather not answer: it is written so and never asked again."""
    here = current(x)
    if here is None or (name and name != here[0]):
        return
    fact = here[1].listens_for[0]
    x.set(
        notes=decline(x.state.notes, fact),
        skipped=(*(s for s in x.state.skipped if s != here[0]), here[0])[-STEPS_KEPT:],
        rung=0,
    )
    x.say("skip_ok", SpeechAct.INFORMATION)
    go_on(x, reflected=True)


def back(x: Exchange) -> None:
    """Go back to the question before this one."""
    visited = x.state.visited
    script = script_of(x)
    earlier = [v for v in visited if v != x.state.step and v in script.steps]
    if not earlier:
        x.say("back_none", SpeechAct.INFORMATION)
        ask_again(x)
        return
    name = earlier[-1]
    fact = script.steps[name].listens_for[0]
    kept = Sheet(tuple(f for f in x.state.notes.facts if f.fact is not fact or f.value != NON_DETTO))
    x.set(
        notes=kept,
        visited=(name, *(v for v in visited if v not in (name, x.state.step))),
        skipped=tuple(s for s in x.state.skipped if s != name),
    )
    x.say("back_ok", SpeechAct.INFORMATION)
    ask_step(x, name, script.steps[name])


def chosen_value(x: Exchange, fact: FactId, value: str) -> bool:
    """A value's button was pressed; False when there is no such button (forged, or of another script)."""
    definition = x.library.book.facts.get(fact)
    if definition is None or not definition.buttons or value not in definition.values:
        return False
    label = in_language(definition.values[value].label, x.state.language)
    before = x.state.notes
    x.set(notes=choose(before, fact, value, label, x.library.rules), rung=0)
    x.fresh = tuple(f for f in x.state.notes.facts if f not in before.facts)
    return True


def not_understood(x: Exchange) -> None:
    """Three rungs: other words, help with buttons, a person; never a loop."""
    rung = x.state.rung + 1
    x.set(rung=rung)
    here = current(x)
    if rung == 1 and here is not None:
        x.say("not_understood_1", SpeechAct.INFORMATION)
        ask_again(x)
    elif rung <= 2:
        x.say("not_understood_2", SpeechAct.INFORMATION)
        name = here[0] if here else ""
        x.set(pending=Pending.HELP)
        x.offer(
            column(
                x.button("skip", f"salta:{name}"),
                x.button("enough", "basta"),
                x.button("person", "persona"),
            )
        )
    else:
        x.set(rung=0)
        x.ask(
            "not_understood_3",
            pending=Pending.PERSON,
            asked="persona",
            buttons=column(x.button("person", "persona"), x.button("no_person", "persona:no")),
        )


def does_not_know(x: Exchange, act: Act) -> None:
    """ "Boh" and a bare "no" to an open question: taken as an answer, without insisting."""
    here = current(x)
    if here is not None:
        x.set(skipped=(*(s for s in x.state.skipped if s != here[0]), here[0])[-STEPS_KEPT:], rung=0)
    x.say("no_matter", SpeechAct.INFORMATION)
    go_on(x, reflected=True)


def correct_value(x: Exchange, fact: FactId, text: str, ref: int) -> None:
    """A correction of a free-text fact that understanding did not name: what was written takes its place."""
    heard = FactHeard(fact, text, text, change=Change.REPLACE)
    result = hear(x.state.notes, (heard,), ref, x.library.rules, correcting=True)
    x.set(notes=result.sheet)
