"""When somebody is in danger: the interview stops, the on-call angel is told, and the bot stays.

Written against the faults that VERA-MH names: it never ends the chat after a disclosure, never minimises, never
leads to a "no", never repeats itself like a machine, never promises a time nobody confirmed.
"""

from __future__ import annotations

from datetime import timedelta

from bot.conversation.clock import answers_now, in_rome, spans, spoken_time
from bot.conversation.closing import agree_to_share
from bot.conversation.exchange import Exchange, Rows, column, row
from bot.conversation.script import AlarmTalk, HelpLine, Text
from bot.conversation.state import WATCHED as WATCHED
from bot.conversation.state import Pending, Phase
from bot.conversation.templates import in_language, left_to_right
from bot.conversation.types import (
    Act,
    Alarm,
    CaseReason,
    DeleteTraces,
    DropTimer,
    GivenBack,
    Heard,
    OpenCase,
    RaiseAlarm,
    RaiseDoubt,
    Safety,
    SpeechAct,
    WantPerson,
)

AGAIN_AFTER = timedelta(hours=2)
"""An alarm heard again after this long is raised again."""

NUMBERS_EVERY = 4
"""Replies after which the numbers are given again."""


def talk_of(x: Exchange, alarm: Alarm) -> AlarmTalk:
    """The conversation of this alarm in the person's language."""
    return x.library.talks(x.state.language)[0].alarms[alarm]


def raise_alarm(x: Exchange, alarm: Alarm, reason: str, ref: int) -> bool:
    """Tell the on-call angel, once for each alarm and again if it gets worse or returns later; True if told."""
    known = x.state.alarm
    later = x.state.alarm_at is not None and x.moment.at - x.state.alarm_at > AGAIN_AFTER
    worse = known is None or alarm.rank < known.rank
    if not (worse or later):
        return False
    minimal = alarm in WATCHED or (known in WATCHED if known else False) or not x.state.listening
    x.do(RaiseAlarm(alarm, reason, ref, minimal), OpenCase(CaseReason.ALARM), DropTimer("promemoria"))
    x.set(alarm=alarm if worse else known, alarm_at=x.moment.at)
    return True


def note_safety(x: Exchange, heard: tuple[Heard, ...]) -> None:
    """Keep what was last said of who else reads here, where a telephone may be watched."""
    said = [h.understood.safety for h in heard if h.understood.safety is not Safety.UNKNOWN]
    alarms = {x.state.alarm, x.state.doubt, *(h.understood.alarm for h in heard)}
    if said and alarms & WATCHED:
        x.set(safety=said[-1])
        x.told_safety = True


def sound(x: Exchange, alarm: Alarm, reason: str, ref: int) -> None:
    """A real alarm: stop everything, be present, ask one direct question, give the right number."""
    if x.state.phase is Phase.DISTRESS and x.state.alarm is not None and x.state.alarm.rank <= alarm.rank:
        raise_alarm(x, alarm, reason, ref)
        stay(x, frozenset())
        return
    before = x.state.phase if x.state.phase is not Phase.DISTRESS else x.state.before
    raise_alarm(x, alarm, reason, ref)
    x.set(
        phase=Phase.DISTRESS, before=before, doubt=None, distress_turns=0, pending=Pending.NOTHING, asked=""
    )
    talk = talk_of(x, alarm)
    where = f"alarms/{alarm.value}"
    _say(x, talk.first, f"{where}/first")
    _common(x, "told_on_call" if x.moment.on_call else "nobody_on_call")
    if not x.state.listening:
        _common(x, "without_consent")
    x.message()
    give_numbers(x, talk)
    x.paragraph()
    if x.told_safety and talk.safe is not None:
        _answer_on_safety(x, talk, where)
        return
    question, pending = (talk.safe, Pending.SAFE) if talk.safe is not None else (talk.direct, Pending.DIRECT)
    if question is not None:
        _question(x, question, f"{where}/question", pending)


def stay(x: Exchange, acts: frozenset[Act]) -> None:
    """Answer within the alarm: the question's yes or no, a wish to go on, or simply presence."""
    alarm = x.state.alarm or Alarm.INDEBITAMENTO
    talk, where = talk_of(x, alarm), f"alarms/{alarm.value}"
    pending = x.state.pending
    x.set(distress_turns=x.state.distress_turns + 1, pending=Pending.NOTHING, asked="")
    if pending is Pending.SAFE and not x.told_safety and (answer := _bare_answer(acts)) is not None:
        x.set(safety=answer)
        x.told_safety = True
    if x.told_safety and talk.safe is not None:
        _answer_on_safety(x, talk, where)
    elif pending is Pending.DIRECT and Act.CONFERMA in acts:
        _say(x, talk.yes if talk.safe is None else talk.stay, f"{where}/yes")
        x.paragraph()
        give_numbers(x, talk)
    elif pending is Pending.DIRECT and Act.RIFIUTO in acts:
        _say(x, talk.no if talk.safe is None else talk.stay, f"{where}/no")
        _buttons(x, alarm)
    elif pending is Pending.TRACES and Act.CONFERMA in acts:
        delete_traces(x)
    elif x.state.watched and (x.state.safety is Safety.UNSAFE or x.state.cleared):
        _stay_quietly(x, talk, where, ask=pending is Pending.NOTHING)
    else:
        _stay(x, talk, where)
        _buttons(x, alarm)
        if pending is Pending.SAFE:  # not answered yet: a yes or a no that comes later still answers it
            x.set(pending=Pending.SAFE, asked="sicuro")


_BARE = {Act.RIFIUTO: Safety.UNSAFE, Act.NON_SO: Safety.UNSURE, Act.CONFERMA: Safety.SAFE}
"""What a plain answer to the question of safety says, the most careful reading first."""


def _bare_answer(acts: frozenset[Act]) -> Safety | None:
    return next((safety for act, safety in _BARE.items() if act in acts), None)


def _answer_on_safety(x: Exchange, talk: AlarmTalk, where: str) -> None:
    """They said whether writing here is safe: where it is not, how to leave and come back, and no more than that."""
    match x.state.safety:
        case Safety.SAFE:
            if not _say(x, talk.yes, f"{where}/yes"):
                _stay(x, talk, where)
            elif talk.direct is not None:
                _question(x, talk.direct, f"{where}/direct", Pending.DIRECT)
        case Safety.UNSURE:
            _common(x, "safe_unsure")
            _traces(x)
        case _:
            _say(x, talk.no, f"{where}/no")
            _traces(x)


def _stay_quietly(x: Exchange, talk: AlarmTalk, where: str, *, ask: bool) -> None:
    """Somebody else reads here, or did: a neutral word, and the question of safety again, once."""
    x.say("help_in_distress", SpeechAct.NOTICE)
    if ask and talk.safe is not None:
        _question(x, talk.safe, f"{where}/question", Pending.SAFE)
    else:
        x.offer(row(x.button("person", "persona")))


def _stay(x: Exchange, talk: AlarmTalk, where: str) -> None:
    if not _say(x, talk.stay, f"{where}/stay"):
        # Every sentence was used: the number is a notice and may return.
        give_numbers(x, talk)
    elif x.state.distress_turns % NUMBERS_EVERY == 0:
        x.paragraph()
        give_numbers(x, talk)


def _buttons(x: Exchange, alarm: Alarm) -> None:
    buttons = [x.button("numbers", "numeri"), x.button("person", "persona")]
    if alarm in WATCHED:
        buttons.append(x.button("traces", "tracce"))
    elif x.state.distress_turns >= 1:
        buttons.append(x.button("back_to_shop", "torno"))
    x.offer(column(*buttons))


def ask_gently(x: Exchange, alarm: Alarm, reason: str) -> bool:
    """Not sure enough to sound the alarm: one question that fits both readings, once; True if it was asked.

    Where it was asked before, the case only notes that the doubt is there again: who asks twice does not believe.
    """
    x.do(RaiseDoubt(alarm, reason))
    if alarm in x.state.doubted:
        return False
    x.set(doubt=alarm, doubted=(*x.state.doubted, alarm))
    _question(x, talk_of(x, alarm).doubt, f"alarms/{alarm.value}/doubt", Pending.DOUBT)
    return True


def doubt_eased(x: Exchange, clearly: bool) -> None:
    """The answer to the gentle question was a calm one, or (not `clearly`) the person simply went on."""
    alarm = x.state.doubt
    x.set(doubt=None, pending=Pending.NOTHING, asked="")
    if alarm is not None and clearly:
        _say(x, talk_of(x, alarm).doubt_no, f"alarms/{alarm.value}/doubt_no", SpeechAct.INFORMATION)


def doubt_untold(x: Exchange) -> None:
    """The gentle question is one that the person would rather not answer: no pressing, and the numbers stay."""
    alarm = x.state.doubt or Alarm.INDEBITAMENTO
    x.set(doubt=None, pending=Pending.NOTHING, asked="")
    _common(x, "doubt_untold")
    x.paragraph()
    give_numbers(x, talk_of(x, alarm))
    x.offer(row(x.button("person", "persona")))


def person(x: Exchange) -> None:
    """A person is asked for within an alarm: told at once, and we stay meanwhile."""
    if not x.state.sharing:
        agree_to_share(x, CaseReason.ALARM)
    x.do(WantPerson(CaseReason.ALARM))
    _common(x, "person_in_alarm" if x.moment.on_call or x.moment.desk_open else "nobody_on_call")
    x.paragraph()
    give_numbers(x, talk_of(x, x.state.alarm or Alarm.INDEBITAMENTO))


def given_back(x: Exchange, event: GivenBack) -> None:
    """An angel leaves within an alarm: who was never there is not named, others are called, and we stay."""
    talk = talk_of(x, x.state.alarm or Alarm.INDEBITAMENTO)
    if event.spoke:
        x.say("given_back", angelo=event.angel)
        x.paragraph()
    if event.waits:
        _common(x, "person_in_alarm")
        x.paragraph()
        give_numbers(x, talk)
    else:
        _stay(x, talk, f"alarms/{(x.state.alarm or Alarm.INDEBITAMENTO).value}")
    x.offer(row(x.button("person", "persona")))


def nobody_came(x: Exchange, alarm: Alarm) -> None:
    """The truth: no angel could be reached; the numbers that answer now, and presence.

    Never unasked where a telephone may be watched: the on-call people go on being called, and the person is
    answered when they write.
    """
    if alarm in WATCHED and not x.state.may_write_first:
        return
    _common(x, "nobody_on_call")
    x.paragraph()
    give_numbers(x, talk_of(x, alarm))


def welcome_back(x: Exchange) -> None:
    """Somebody returns after an alarm: with care; with a neutral word only, where the telephone may be watched."""
    alarm = x.state.alarm
    assert alarm is not None
    if alarm in WATCHED:
        x.say("welcome_neutral", SpeechAct.NOTICE)
        x.offer(row(x.button("person", "persona")))
        return
    _say(x, talk_of(x, alarm).back, f"alarms/{alarm.value}/back")
    _buttons(x, alarm)


def delete_traces(x: Exchange) -> None:
    """Delete what Telegram lets a bot delete, and explain how to clear the rest."""
    x.do(DeleteTraces())
    x.set(pending=Pending.NOTHING, asked="", cleared=True)
    _common(x, "traces_done")


def _traces(x: Exchange) -> None:
    text = x.library.talks(x.state.language)[0].lines.get("traces_offer")
    if text is not None:
        x.paragraph()
        _question(
            x,
            text,
            "alarms/lines/traces_offer",
            Pending.TRACES,
            buttons=row(x.button("traces", "tracce"), x.button("no", "tracce:no")),
        )


_ASKED = {Pending.TRACES: "consenso", Pending.DOUBT: "dubbio", Pending.SAFE: "sicuro"}


def _question(x: Exchange, text: Text, where: str, pending: Pending, buttons: Rows | None = None) -> None:
    chosen = x.voice.choose(text, where, x.state, opening=x.silent, exempt=True)
    if chosen is None or x.has_asked:
        return
    x.add(SpeechAct.CLOSED, chosen)
    rows = buttons if buttons is not None else column(x.button("person", "persona"))
    if pending is Pending.DOUBT:
        rows = row(x.button("person", "persona"))
    asked = _ASKED.get(pending, "come_sta")
    x.await_answer(pending, asked, rows)


def _say(x: Exchange, text: Text, where: str, act: SpeechAct = SpeechAct.INFORMATION) -> bool:
    chosen = x.choose(text, where, act)
    if chosen is None:
        return False
    x.add(act, chosen)
    return True


def _common(x: Exchange, name: str) -> None:
    text = x.library.talks(x.state.language)[0].lines.get(name)
    if text is not None:
        _say(x, text, f"alarms/lines/{name}", SpeechAct.NOTICE)


# --- help lines --------------------------------------------------------------------------------------------------


def give_numbers(x: Exchange, talk: AlarmTalk) -> None:
    """The right numbers, those that answer now first; 112 beside any line that does not always answer."""
    helplines = x.library.helplines
    chosen = [helplines.lines[name] for name in talk.lines if name in helplines.lines]
    emergency = helplines.lines.get(helplines.emergency)
    chosen.sort(key=lambda line: (not answers_now(line, x.moment.at), not line.reachable))
    if emergency is not None and emergency not in chosen and any(not line.always for line in chosen):
        chosen.append(emergency)
    text = x.library.talks(x.state.language)[0].lines.get("numbers")
    if text is None or not chosen:
        return
    rendered = "\n".join(f"{_line(x, line)}" for line in chosen)
    found = x.choose(text, "alarms/lines/numbers", SpeechAct.NOTICE, linee=rendered)
    if found:
        x.add(SpeechAct.NOTICE, found)


def _line(x: Exchange, line: HelpLine) -> str:
    language = x.state.language
    comma = {"ar": "، ", "zh": "，"}.get(language, ", ")
    named = ": ".join(
        p for p in (in_language(line.name, language), left_to_right(line.number, language)) if p
    )
    more = "".join(comma + left_to_right(part, language) for part in (line.address, line.also) if part)
    return f"{named}{more} ({_hours(x, line) if line.reachable else x.word('ask_here', '?')})"


def _hours(x: Exchange, line: HelpLine) -> str:
    """When a line answers, as of this instant."""
    if line.always:
        return x.word("always", "24/7")
    if not line.hours:
        return x.word("hours_unknown", "?")
    now = in_rome(x.moment.at)
    for start, end in spans(line.hours, now.date()):
        if start <= now < end:
            midnight = "24" if x.state.language == "it" else "24:00"
            until = midnight if end.date() != now.date() else spoken_time(end, x.state.language)
            return x.word("open_until", "{hour}").format(hour=until)
    later = next((s for s, _e in spans(line.hours, now.date()) if s > now), None)
    if later is not None:
        return x.word("opens_at", "{hour}").format(hour=spoken_time(later, x.state.language))
    return x.word("closed_now", "-")
