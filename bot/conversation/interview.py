"""The interview: what was heard is given back, then at most one open question, until there is enough to sum up."""

from __future__ import annotations

from bot.conversation import closing
from bot.conversation.amending import no_wish, wish_in
from bot.conversation.exchange import Exchange, Rows, column, row
from bot.conversation.feeling import FEW, feeling_in
from bot.conversation.reflecting import cautions, reflect
from bot.conversation.road import current, hedged_main, next_step, place, script_of, told
from bot.conversation.script import Script, Step, Text
from bot.conversation.sheet import choose, decline, hear
from bot.conversation.state import STEPS_KEPT, Pending, Phase
from bot.conversation.templates import in_language
from bot.conversation.types import NON_DETTO, Act, Button, Change, FactHeard, FactId, Sheet, SpeechAct
from bot.conversation.voice import words_in


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
    if cautions(x):
        # The one approved word of caution that PRODUCT.md allows before the summary; once.
        x.say("scam_safety")
        x.set(skipped=(*x.state.skipped, "scam")[-STEPS_KEPT:])
    if _asks_about_clash(x):
        return
    script = script_of(x)
    name = next_step(x, script)
    if not name or x.state.questions >= script.max_questions:
        closing.read_back(x)
        return
    if _leaves_room(x, script):
        return
    if (x.state.simple or _at_ease_elsewhere(x)) and not x.state.offered:
        x.set(offered=True)
        x.say("languages_offer" if x.state.simple else "language_theirs")
    ask_step(x, name, script.steps[name])


def _at_ease_elsewhere(x: Exchange) -> bool:
    """They have just said that another of our languages is theirs."""
    told = {f.value for f in x.fresh if f.fact is FactId.LINGUA}
    return bool(told & set(x.library.languages)) and x.state.language not in told


def _leaves_room(x: Exchange, script: Script) -> bool:
    """Once, after a long story, only listen: the person has more to say, and a question would cut it off."""
    if x.state.room or x.silent or x.heard_words < script.room_after_words or x.state.pending:
        return False
    x.set(room=True, step="")  # that question has had its answer, whatever comes next
    if not x.say("room", SpeechAct.INFORMATION):
        return False
    x.offer(row(x.button("continue", "avanti"), x.button("person", "persona")))
    return True


# --- asking ----------------------------------------------------------------------------------------------------


def ask_step(x: Exchange, name: str, step: Step) -> None:
    """Ask a step's question (or its confirmation), with the buttons that belong there."""
    fact = next((f for f in step.skip_if or step.listens_for[:1] if not told(x, f)), step.listens_for[0])
    x.voice.around["asking"] = fact.value
    if step.say is not None and name not in x.state.visited:
        said = x.choose(step.say, f"{place(x)}/{name}/say", SpeechAct.INFORMATION)
        if said:
            x.add(SpeechAct.INFORMATION, said)
    closed = step.question == "closed"
    text: Text = step.ask
    if step.confirm is not None and hedged_main(x, step):
        text, closed = step.confirm, True
    act = SpeechAct.CLOSED if closed else SpeechAct.OPEN
    chosen = x.choose(text, f"{place(x)}/{name}/{'confirm' if text is step.confirm else 'ask'}", act)
    x.set(step=name, visited=(*(v for v in x.state.visited if v != name), name)[-STEPS_KEPT:])
    if chosen is None:
        # Every way of asking was used: an invitation instead of the same words again.
        if not x.say("go_ahead", SpeechAct.INFORMATION):
            x.set(pending=Pending.NOTHING, asked=fact.value)
            return
        x.await_answer(Pending.NOTHING, fact.value, _step_buttons(x, name, step))
        return
    x.add(act, chosen)
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


def stays_open(x: Exchange) -> bool:
    """True while the open question may be put again: it has no answer yet, and there is room for one more question."""
    here = current(x)
    if here is None or x.state.questions >= script_of(x).max_questions:
        return False
    return not all(told(x, f) for f in here[1].skip_if or here[1].listens_for[:1])


def ask_again(x: Exchange, *, intro: str = "") -> None:
    """Come back to the open question in other words; when there have been enough, sum up."""
    here = current(x)
    if here is None:
        go_on(x, reflected=True)
        return
    if not stays_open(x):
        go_on(x, reflected=True)  # answered meanwhile beside something else, or enough was asked
        return
    if intro:
        x.say(intro, SpeechAct.INFORMATION)
    ask_step(x, *here)


def _asks_about_clash(x: Exchange) -> bool:
    """A contradiction is asked about once, gently, with both versions as they were said."""
    fact = x.state.clash
    if fact is None or fact in x.state.clashed or x.has_asked:
        return False
    if x.state.questions >= script_of(x).max_questions:
        return False
    values = [v for v in x.state.notes.values(fact)]
    if not values or x.state.asked == f"clash:{fact.value}":
        return False
    definition = x.library.book.facts[fact]
    label = in_language(definition.label, x.state.language)
    old = definition.values.get(values[-1])
    before = in_language(old.label, x.state.language) if old else values[-1]
    x.set(clashed=(*x.state.clashed, fact))
    return x.ask(
        f"clash_{fact.value}" if x.has_line(f"clash_{fact.value}") else "clash",
        pending=Pending.CLASH,
        asked=fact.value,
        act=SpeechAct.CLOSED,
        exempt=False,
        prima=before,
        domanda=label.lower(),
        buttons=row(x.button("person", "persona")),
    )


# --- answers ---------------------------------------------------------------------------------------------------


def keep_answer(x: Exchange, text: str, ref: int) -> None:
    """An answer to an open question whose fact nobody recognised is kept as it was said."""
    words = text.strip()
    if words.endswith("?"):  # something asked of us is no part of their story
        return
    try:
        asked = FactId(x.state.asked)
    except ValueError:
        asked = FactId.COSA_SUCCEDE
    if asked is FactId.NOME and len(words.split()) > 3:
        late = words.casefold().startswith("che ") and not x.knows(FactId.COSA_VORREBBE)
        asked = FactId.COSA_VORREBBE if late else FactId.COSA_SUCCEDE
    few = len(words.split()) <= FEW
    if asked is FactId.COSA_VORREBBE and ((few and feeling_in(words, x.state.language)) or no_wish(words)):
        asked = FactId.COSA_SUCCEDE  # how they are, an excuse, a joke: no wish
    if asked is FactId.COSA_SUCCEDE and wish_in(words) and not x.knows(FactId.COSA_VORREBBE):
        asked = FactId.COSA_VORREBBE  # "Vorrei che mi trovassero", whatever had been asked
    definition = x.library.book.facts[asked]
    if asked is FactId.ZONA and len(words.split()) <= 3 and words[:1].isupper():
        _keep(
            x, FactHeard(asked, words.rstrip(" .!"), words, certainty=UNSURE), ref
        )  # the summary asks whether that is it
        return
    free = not definition.values and asked in (FactId.NOME, FactId.COSA_SUCCEDE, FactId.COSA_VORREBBE)
    target = asked if free else FactId.COSA_SUCCEDE
    _keep(x, FactHeard(target, words, words, certainty=0.6), ref)


UNSURE = 0.45
"""Certainty of a place that no list knows."""


def _keep(x: Exchange, heard: FactHeard, ref: int) -> None:
    result = hear(x.state.notes, (heard,), ref, x.library.rules)
    added = tuple(f for f in result.sheet.facts if f not in x.state.notes.facts)
    x.set(notes=result.sheet)
    x.fresh = (*x.fresh, *added)


def keep_wish(x: Exchange, text: str, ref: int) -> None:
    """What they would like, told before it was asked."""
    if x.knows(FactId.COSA_VORREBBE) or x.state.asked == FactId.COSA_VORREBBE.value:
        return
    wish = wish_in(text)
    if not wish:
        return
    result = hear(
        x.state.notes, (FactHeard(FactId.COSA_VORREBBE, wish, wish, certainty=0.6),), ref, x.library.rules
    )
    x.fresh = (*x.fresh, *(f for f in result.sheet.facts if f not in x.state.notes.facts))
    x.set(notes=result.sheet)


_NO_WISH = frozenset(FactId) - {FactId.BISOGNO, FactId.COSA_VORREBBE, FactId.URGENZA}
"""Facts that answer "what would you like?" with something else: what there is, what is in the way, how one feels."""


def keep_story(x: Exchange, text: str, ref: int) -> None:
    """The answer to "what brings you here?" or "what would you like?" is their story, whatever else it told.

    A wish told with it is kept as one, and not asked for again.
    """
    keep_wish(x, text, ref)
    if x.state.asked not in (FactId.COSA_SUCCEDE.value, FactId.COSA_VORREBBE.value) or words_in(text) < 3:
        return
    told = {f.fact for f in x.fresh}
    if x.state.asked == FactId.COSA_VORREBBE.value and told and told <= _NO_WISH and not wish_in(text):
        return  # "Il tempo, alle 14 crollo" tells what is in the way, and no wish
    if x.state.asked not in {fact.value for fact in told}:
        keep_answer(x, text, ref)


def keep_open(x: Exchange) -> None:
    """What was asked stays asked, and is not asked again: they are busy, and will answer."""
    here = current(x)
    if here is not None:
        x.stay_open(x.state.asked, _step_buttons(x, *here))


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
    if x.state.questions >= script_of(x).max_questions:
        closing.read_back(x)
        return
    if rung == 1 and not stays_open(x):
        go_on(x, reflected=True)
    elif rung == 1:
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
