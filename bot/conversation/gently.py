"""The gentle question: asked once, where words may be a figure of speech or an alarm; its yes is one."""

from __future__ import annotations

from bot.conversation import distress, interview, telling
from bot.conversation.exchange import Exchange
from bot.conversation.hearing import take_in
from bot.conversation.reflecting import reflect
from bot.conversation.state import Pending, Phase
from bot.conversation.types import Act, Alarm, Heard


def doubt(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act]) -> bool:
    """The gentle question: asked once, its yes is an alarm, anything calm goes back to the story."""
    worst, reason = _worst_doubt(heard)
    if x.state.pending is Pending.DOUBT and x.state.doubt is not None:
        # "Non saprei", asked whether one still wants to live, is no denial.
        unsure = x.state.doubt is Alarm.AUTOLESIONE and Act.NON_SO in acts and Act.RIFIUTO not in acts
        if Act.CONFERMA in acts or unsure:
            distress.sound(x, x.state.doubt, "conferma alla domanda gentile", heard[-1].ref)
            return True
        if worst is not None and Act.RIFIUTO not in acts:
            distress.sound(x, worst, f"dubbio dopo la domanda gentile: {reason}", heard[-1].ref)
            return True
        if acts & {Act.SALTA, Act.NON_SO} and Act.RIFIUTO not in acts:
            distress.doubt_untold(x)
            return True
        text = " ".join(h.understood.text for h in heard)
        distress.doubt_eased(x, clearly=Act.RIFIUTO in acts or telling.SORRY.search(text) is not None)
        return False
    if worst is None:
        return False
    if worst in x.state.doubted:
        distress.ask_gently(x, worst, reason)
        return False
    for item in heard:
        take_in(x, item, wordless=worst in distress.WATCHED)
    if worst not in distress.WATCHED:
        if x.state.phase is Phase.LISTENING:
            interview.keep_story(x, " ".join(h.understood.text for h in heard), heard[-1].ref)
        reflect(x)
    return distress.ask_gently(x, worst, reason)


def _worst_doubt(heard: tuple[Heard, ...]) -> tuple[Alarm | None, str]:
    """The most dangerous doubt of a burst, and why."""
    doubts = [(h.understood.doubt, h.understood.reason) for h in heard if h.understood.doubt is not None]
    return min(doubts, key=lambda doubt: doubt[0].rank, default=(None, ""))
