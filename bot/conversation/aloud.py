"""What was said aloud: shown to the person before anything is built on it.

A transcript can be wrong where a text cannot. So its facts are kept with their message at once, but the answer
waits for a yes ("Ho capito così: «...», giusto?"); a no takes those facts away again; whatever else comes next
counts as a yes and is heard together with it. Nothing that cannot be taken back (a consent, an erasure) ever rests
on a transcript alone. Within an alarm nothing is read back: the telephone may be in other hands.
"""

from __future__ import annotations

from bot.conversation.exchange import Exchange, Rows, column
from bot.conversation.library import Library
from bot.conversation.sheet import rewrite
from bot.conversation.state import Pending, State
from bot.conversation.types import Act, Heard, Moment, Say, SpeechAct, Understood
from bot.conversation.voice import words_in

SHOWN = 600
"""Characters of a transcript that are read back; the angel sees all of it."""

KEPT = 2000
"""Characters of a transcript that wait in the state for a yes."""

WAITING = 3
"""Most voice messages in a row that wait for one yes."""

SHORT = 3
"""Words up to which a spoken answer is taken as it was heard."""

DECISIONS = frozenset({Pending.LISTEN, Pending.SHARE, Pending.ERASE})
"""What is decided with a button or in writing, never on the strength of a transcript."""

_WEIGHTY = frozenset(
    {Act.CHIEDI_UMANO, Act.CHIEDI_RICHIAMATA, Act.CANCELLA_DATI, Act.I_MIEI_DATI, Act.CORREGGI, Act.PAUSA}
)
_SIDE = frozenset(
    {
        *(Act.SEI_UN_PROGRAMMA, Act.CHI_SIETE, Act.QUANTO_COSTA, Act.PRIVACY, Act.AIUTO),
        *(Act.SALUTO, Act.RINGRAZIAMENTO, Act.RIPETI, Act.COMPLIMENTO),
    }
)
ANSWER = frozenset({Act.CONFERMA, Act.RIFIUTO, Act.CORREGGI})
"""What answers "giusto?"; the same words answer nothing else in that turn."""


def quoted(text: str) -> str:
    """A transcript as it stands between quotation marks: on one line, not too long, its last full stop gone."""
    flat = " ".join(text.replace("«", "“").replace("»", "”").split())
    if len(flat) > SHOWN:
        flat = flat[:SHOWN].rsplit(" ", 1)[0] + "…"
    return flat.removesuffix(".").removesuffix("。")


def still_listening(library: Library, state: State, moment: Moment) -> Say | None:
    """One short line while a long voice message is listened to; nothing before the greeting, nor in danger."""
    if not state.said or state.alarm is not None:
        return None
    x = Exchange(library, state, moment)
    x.say("voice_listening", SpeechAct.NOTICE)
    return next((effect for effect in x.done()[1] if isinstance(effect, Say)), None)


def decides(x: Exchange, acts: frozenset[Act]) -> bool:
    """True when a spoken yes would settle something that cannot be taken back."""
    return x.state.pending in DECISIONS and Act.CONFERMA in acts


def shows_at_once(x: Exchange, heard: Heard, acts: frozenset[Act]) -> bool:
    """A short answer or a side question costs nothing if it was misheard: shown, and answered in the same turn."""
    if x.fresh or acts & _WEIGHTY:
        return False
    return words_in(heard.understood.text) <= SHORT or bool(acts & _SIDE and Act.RACCONTO not in acts)


def show(x: Exchange, heard: Heard) -> None:
    """Say what was understood, and go on."""
    x.say("voice_shown", SpeechAct.NOTICE, trascritto=quoted(heard.understood.text))


def read_back(x: Exchange, heard: Heard, acts: frozenset[Act]) -> None:
    """Ask whether it was heard well; what was open before stays open behind this question."""
    waiting = x.state.spoken
    if not waiting:
        x.set(spoken_pending=x.state.pending, spoken_asked=x.state.asked)
    said = heard.understood
    kept = Understood(said.text[:KEPT], said.language, said.act, said.also, said.confidence)
    x.set(spoken=(*waiting, Heard(heard.ref, kept, voice=True))[-WAITING:])
    ask(x, wants_person=bool(acts & {Act.CHIEDI_UMANO, Act.CHIEDI_RICHIAMATA}) and not x.state.sharing)


def ask(x: Exchange, *, wants_person: bool = False) -> None:
    """Ask about the newest transcript that waits for a yes."""
    if not x.state.spoken:
        return
    x.paragraph()
    x.ask(
        "voice_check",
        pending=Pending.VOICE,
        asked="riassunto",
        act=SpeechAct.CLOSED,
        buttons=_buttons(x, wants_person),
        trascritto=quoted(x.state.spoken[-1].understood.text),
    )


def _buttons(x: Exchange, wants_person: bool) -> Rows:
    # A person is asked for with the button that says what they will see: it is the second agreement.
    yes = x.button("person", "persona") if wants_person else x.button("voice_yes", "vocale:si")
    return column(yes, x.button("voice_no", "vocale:no"))


def taken_back(x: Exchange) -> None:
    """ "No": the newest transcript was wrong, and the facts it gave go, before those of the new words come."""
    for item in x.state.spoken[-1:]:
        x.set(notes=rewrite(x.state.notes, (), item.ref, x.library.rules).sheet)
    x.set(spoken=x.state.spoken[:-1])


def answered(
    x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act]
) -> tuple[tuple[Heard, ...], tuple[Heard, ...]]:
    """What is to be answered now, once words have come after a reading back.

    Returns:
        The transcripts that count from now on, and what is new beside them; a bare yes or no is nothing new.
    """
    waiting = put_back(x)
    story = Act.RACCONTO in acts and sum(words_in(h.understood.text) for h in heard) > SHORT
    bare = not story and not any(h.understood.facts for h in heard)
    return waiting, () if bare and acts & ANSWER else heard


def put_back(x: Exchange) -> tuple[Heard, ...]:
    """What was open before the question is open again.

    Returns:
        The transcripts that waited.
    """
    waiting = x.state.spoken
    x.set(spoken=(), pending=x.state.spoken_pending, asked=x.state.spoken_asked)
    x.set(spoken_pending=Pending.NOTHING, spoken_asked="")
    return waiting


def say_it_again(x: Exchange) -> None:
    """It was misheard: they may say it again, aloud or in writing; what was open stays open."""
    x.say("voice_again", SpeechAct.NOTICE)
