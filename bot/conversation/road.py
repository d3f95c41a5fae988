"""Where the conversation stands on its script, and which step comes next."""

from __future__ import annotations

from bot.conversation.exchange import Exchange
from bot.conversation.script import SUMMARY, Script, Step
from bot.conversation.sheet import HEDGE
from bot.conversation.types import NON_DETTO, FactId
from bot.conversation.voice import holds


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


def next_step(x: Exchange, script: Script) -> str:
    """The next step with something still to ask, or "" when there is none."""
    here = current(x)
    name = follows(x, here[1]) if here else script.opening
    passed: set[str] = set()
    while name and name != SUMMARY and name not in passed:
        passed.add(name)
        step = script.steps.get(name)
        if step is None:
            return ""
        if not settled(x, name, step):
            return name
        name = follows(x, step)
    # Strays: a step that the roads taken went around, and whose facts nobody told yet.
    return next((n for n, s in script.steps.items() if n not in passed and not settled(x, n, s)), "")


def follows(x: Exchange, step: Step) -> str:
    """Where a step leads: its first road whose conditions hold."""
    for road in step.next:
        if isinstance(road, str):
            return road
        if holds(road.when, x.state.notes, x.voice.around):
            return road.go
    return SUMMARY


def settled(x: Exchange, name: str, step: Step) -> bool:
    """True when a step was asked, was skipped, or asks what is known already."""
    if name in x.state.visited or name in x.state.skipped:
        return True
    facts = step.skip_if or step.listens_for[:1]
    if not all(told(x, f) for f in facts):
        return False
    return step.confirm is None or not hedged_main(x, step)


def told(x: Exchange, fact: FactId) -> bool:
    """True when a fact needs no asking: its value is known, it was declined, or their words spoke of it."""
    return x.knows(fact) or fact in x.state.touched


def hedged_main(x: Exchange, step: Step) -> bool:
    """True when a step's main fact is known, but was said with doubt."""
    entries = x.state.notes.of(step.listens_for[0])
    return bool(entries) and all(f.certainty < HEDGE and f.value != NON_DETTO for f in entries)


def place(x: Exchange) -> str:
    """Language and script, the beginning of every line's name."""
    return f"{x.state.language}/{script_of(x).script}"
