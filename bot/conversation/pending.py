"""A yes, a no or a short answer to what was asked."""

from __future__ import annotations

from bot.conversation import asides, closing, interview, returning
from bot.conversation.amending import amended, wish_in
from bot.conversation.exchange import Exchange
from bot.conversation.sheet import decline
from bot.conversation.state import Pending, Phase
from bot.conversation.types import (
    Act,
    CaseReason,
    FactId,
    Heard,
    How,
    KeepFeedback,
    SpeechAct,
)
from bot.conversation.voice import words_in

STORY_FROM = 3
"""Words up to which an answer is short."""


def answers_pending(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], *, corrected: bool) -> bool:
    """A yes, a no or a short answer to what was asked; True when it was one."""
    text = " ".join(h.understood.text for h in heard)
    enough = asides.says_enough(x, text)  # "basta così" agrees to nothing
    yes, no = Act.CONFERMA in acts and not enough, Act.RIFIUTO in acts
    match x.state.pending:
        case Pending.SUMMARY:
            return _summary_answer(x, heard, acts, yes=yes, no=no)
        case Pending.CORRECTION:
            return _correction_answer(x, heard[-1].ref, text, acts, corrected=corrected)
        case Pending.CLASH:
            return _clash_answer(x, acts, text, heard[-1].ref)
        case Pending.SHARE if yes or no:
            if yes:
                closing.agree_to_share(x, CaseReason.AGREED)
                x.say("share_thanks", SpeechAct.INFORMATION)
                closing.ask_contact_or_hand_over(x)
            else:
                closing.decline_to_share(x)
        case Pending.CONTACT | Pending.NUMBER:
            return _contact_answer(x, acts)
        case Pending.POINTER if yes or no:
            _pointer_answer(x, yes)
        case Pending.PERSON if yes:
            closing.person(x, CaseReason.NOT_UNDERSTOOD)
        case Pending.PERSON if no:
            no_person(x)
        case Pending.REMINDER if yes or no or enough:
            asides.reminder(x, yes)
        case Pending.ERASE if yes or no:
            confirm_erase(x, yes)
        case Pending.RATING:
            return _rating_answer(x, text)
        case Pending.RATING_WORDS:
            x.set(pending=Pending.NOTHING, asked="")
            x.do(KeepFeedback(words=text[:1000]))
            x.say("rating_thanks")
            if x.fresh:  # they did not stop at their words on us: something of the shop came with them
                x.set(returned=heard[-1].ref)
                x.message()
                returning.after_closure(x, acts)
        case Pending.NEW_NEED if yes or no or Act.RACCONTO in acts:
            returning.new_need(x, wanted=not no)
        case Pending.RESUME if yes or no:
            returning.resume(x, acts)
        case _:
            return False
    return True


def no_person(x: Exchange) -> None:
    """No person wanted now: the story goes on with another question."""
    x.set(pending=Pending.NOTHING, rung=0)
    if x.state.phase is Phase.LISTENING:
        interview.does_not_know(x, Act.RIFIUTO)
    else:
        x.say("no_matter", SpeechAct.INFORMATION)


def _pointer_answer(x: Exchange, yes: bool) -> None:
    if yes:
        closing.give_pointer(x)
    else:
        x.set(pending=Pending.NOTHING, asked="")
        x.say("pointer_no", SpeechAct.INFORMATION)


def amend(x: Exchange, text: str, ref: int) -> bool:
    """Put right what the words of a correction name in the story or in the wish; False when they name nothing there."""
    notes = amended(x.state.notes, text)
    changed = notes != x.state.notes
    x.set(notes=notes)
    if not changed and (wish := wish_in(text)):
        interview.correct_value(x, FactId.COSA_VORREBBE, wish, ref)
        return True
    return changed


def _summary_answer(
    x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], *, yes: bool, no: bool
) -> bool:
    if yes and not x.fresh and Act.CORREGGI not in acts:
        closing.approve(x)
        return True
    put_right = amend(x, " ".join(h.understood.text for h in heard), heard[-1].ref)
    if put_right or (
        x.fresh and (yes or no or Act.CORREGGI in acts or any(f.how is How.CORRECTED for f in x.fresh))
    ):
        x.say("correct_done", SpeechAct.INFORMATION)
        closing.read_back(x)
    elif no or Act.CORREGGI in acts:
        closing.ask_correction(x)
    else:
        return False
    return True


def _correction_answer(x: Exchange, ref: int, text: str, acts: frozenset[Act], *, corrected: bool) -> bool:
    fact = x.state.clash
    if (
        not corrected
        and acts & {Act.CONFERMA, Act.RIFIUTO, Act.NON_SO, Act.SALTA}
        and words_in(text) <= STORY_FROM
    ):
        x.set(clash=None, pending=Pending.NOTHING)
        closing.read_back(x)
        return True
    if not corrected and acts & set(asides.ANSWERS):
        return False
    if (
        fact is not None
        and not x.library.book.facts[fact].values
        and not any(f.fact is fact for f in x.fresh)
    ):
        interview.correct_value(x, fact, text, ref)
        corrected = True
    x.set(clash=None, pending=Pending.NOTHING)
    corrected = amend(x, text, ref) or corrected
    if not corrected:
        interview.keep_answer(x, text, ref)
    x.say("correct_done" if corrected else "correct_added", SpeechAct.INFORMATION)
    closing.read_back(x)
    return True


def _clash_answer(x: Exchange, acts: frozenset[Act], text: str, ref: int) -> bool:
    clash = x.state.clash
    x.set(clash=None, pending=Pending.NOTHING)
    if not x.fresh and acts & set(asides.ANSWERS):
        return False
    settled = any(f.fact is clash for f in x.fresh) or acts & {Act.CONFERMA, Act.RIFIUTO, Act.CORREGGI}
    if not settled and (x.fresh or words_in(text) >= STORY_FROM):
        # They went on telling: that is heard, and what was unclear is left for the summary.
        if not x.fresh:
            interview.keep_answer(x, text, ref)
        interview.go_on(x)
        return True
    if not x.fresh:
        x.say("clash_done" if settled else "no_matter", SpeechAct.INFORMATION)
    interview.go_on(x, reflected=not x.fresh)
    return True


def _contact_answer(x: Exchange, acts: frozenset[Act]) -> bool:
    if x.knows(FactId.CONTATTO) and any(f.fact is FactId.CONTATTO for f in x.fresh):
        closing.contact_told(x)
    elif acts & {Act.RIFIUTO, Act.SALTA, Act.NON_SO} or x.state.pending is Pending.NUMBER:
        if not x.knows(FactId.CONTATTO):
            x.set(notes=decline(x.state.notes, FactId.CONTATTO))
        closing.hand_over(x, CaseReason.AGREED)
    else:
        return False
    return True


def _rating_answer(x: Exchange, text: str) -> bool:
    digits = [c for c in text if c.isdigit()]
    if len(digits) == 1 and digits[0] in "12345" and words_in(text) <= STORY_FROM:
        rated(x, int(digits[0]))
        return True
    x.set(pending=Pending.NOTHING)
    return False


def rated(x: Exchange, score: int) -> None:
    """The answer to "Da 1 a 5, quanto ha trovato ascolto?"."""
    x.do(KeepFeedback(score=score))
    x.set(pending=Pending.RATING_WORDS, asked="")
    x.say("rating_words")


def confirm_erase(x: Exchange, yes: bool) -> None:
    """The answer to "shall I erase everything?"."""
    if yes:
        asides.erase(x)
    else:
        x.set(pending=Pending.NOTHING, asked="")
        x.say("erase_no")
        asides.resume(x)
