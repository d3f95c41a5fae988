"""The pure engine: one event in, a new state and what to do out.

No Telegram, no SQL, no Rasa, no clock and no randomness but what the `Moment` carries; the same arguments give
the same answer, always.
"""

from __future__ import annotations

from typing import assert_never

from bot.conversation import answers, controls, returning
from bot.conversation.exchange import Exchange
from bot.conversation.library import Library
from bot.conversation.state import Phase, State
from bot.conversation.types import (
    Brought,
    Concluded,
    Effect,
    Elapsed,
    Event,
    GivenBack,
    Moment,
    NobodyCame,
    Ordered,
    Pressed,
    Rewrote,
    Said,
    Started,
    Taken,
    Unsure,
)


def advance(library: Library, state: State, event: Event, moment: Moment) -> tuple[State, tuple[Effect, ...]]:
    """Answer one event.

    Args:
        library: What staff wrote, checked.
        state: The conversation so far.
        event: What happened.
        moment: All that may be known of the world.

    Returns:
        The conversation afterwards and the effects, in the order in which they are to be carried out.
    """
    x = Exchange(library, state, moment)
    match event:
        case Started():
            returning.started(x, event)
        case Said(heard):
            answers.said(x, heard)
        case Rewrote(heard_again):
            answers.rewrote(x, heard_again)
        case Brought(ref, kind, caption, own_number):
            answers.brought(x, ref, kind, caption, own_number)
        case Pressed(choice):
            controls.pressed(x, choice)
        case Ordered(command, argument):
            controls.ordered(x, command, argument)
        case Elapsed(timer):
            returning.elapsed(x, timer)
        case Taken():
            x.set(phase=Phase.WITH_ANGEL, asked="", step="")
        case GivenBack():
            returning.given_back(x, event)
        case Concluded():
            returning.concluded(x, event)
        case NobodyCame(alarm):
            returning.nobody_came(x, alarm)
        case Unsure():
            controls.ask_anew(x)
        case _:
            assert_never(event)
    return x.done()
