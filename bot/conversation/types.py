"""The words that rooms share: acts, alarms, facts, what was heard, what happened, what to do.

Everything here is plain frozen data. `advance` (in `engine.py`) takes a script library, a state, an
`Event` and a `Moment`, and answers a new state and `Effect`s; nothing else crosses this border.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


class Act(StrEnum):
    """What a message does: the 25 conversation acts of the product specification (Rasa's intents)."""

    SALUTO = "saluto"
    CONGEDO = "congedo"
    RINGRAZIAMENTO = "ringraziamento"
    CONFERMA = "conferma"
    RIFIUTO = "rifiuto"
    NON_SO = "non_so"
    SALTA = "salta"
    INDIETRO = "indietro"
    CORREGGI = "correggi"
    RIPETI = "ripeti"
    AIUTO = "aiuto"
    CHIEDI_UMANO = "chiedi_umano"
    CHIEDI_RICHIAMATA = "chiedi_richiamata"
    PAUSA = "pausa"
    SEI_UN_PROGRAMMA = "sei_un_programma"
    CHI_SIETE = "chi_siete"
    QUANTO_COSTA = "quanto_costa"
    PRIVACY = "privacy"
    CANCELLA_DATI = "cancella_dati"
    I_MIEI_DATI = "i_miei_dati"
    SFOGO = "sfogo"
    COMPLIMENTO = "complimento"
    INSULTO = "insulto"
    FUORI_TEMA = "fuori_tema"
    RACCONTO = "racconto"


class Alarm(StrEnum):
    """What stops the interview at once, the most dangerous first (definition order is the rank)."""

    AUTOLESIONE = "autolesione"
    VIOLENZA = "violenza"
    USURA_ESTORSIONE = "usura_estorsione"
    INDEBITAMENTO = "indebitamento"

    @property
    def rank(self) -> int:
        """0 is the most dangerous; of several alarms the lowest rank leads."""
        return list(Alarm).index(self)


class Safety(StrEnum):
    """Whether the person can write here without anybody else reading; asked where a telephone may be watched."""

    UNKNOWN = ""
    SAFE = "safe"
    UNSURE = "unsure"
    """They do not know, or only for now ("adesso sì, tra poco no")."""
    UNSAFE = "unsafe"


class FactId(StrEnum):
    """The situation sheet (scheda di ascolto); values and how they are asked live in `dialogues/facts.yml`."""

    NOME = "nome"
    LINGUA = "lingua"
    COSA_SUCCEDE = "cosa_succede"
    COME_STA = "come_sta"
    ESPERIENZE_PASSATE = "esperienze_passate"
    COSA_VORREBBE = "cosa_vorrebbe"
    BISOGNO = "bisogno"
    ATTIVITA = "attivita"
    ZONA = "zona"
    PERSONE = "persone"
    PRESENZA_OGGI = "presenza_oggi"
    OSTACOLI = "ostacoli"
    URGENZA = "urgenza"
    CONTATTO = "contatto"
    TRUFFA_IN_CORSO = "truffa_in_corso"


LIST_FACTS = frozenset({FactId.LINGUA, FactId.BISOGNO, FactId.PRESENZA_OGGI, FactId.OSTACOLI})
"""Facts that hold several values; the others hold one."""

NON_DETTO = "non_detto"
"""The value of a fact that the person declined to tell. It is an answer: it is never asked again."""


class How(StrEnum):
    """How a fact was obtained."""

    SAID = "said"
    CHOSEN = "chosen"
    INFERRED = "inferred"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"


class Change(StrEnum):
    """What a heard fact does to the sheet."""

    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class FactHeard:
    """One fact as understood in one message, already read in the context of negation, time and owner.

    Attributes:
        fact: Which fact of the sheet.
        value: One value (an id of the sheet, or free text); lists arrive as several `FactHeard`.
        words: The person's own words that carry it, after masking.
        certainty: 0 to 1; below 0.5 it is a hedge ("forse", "mi sembra") and is confirmed in the summary.
        change: Whether it adds to the sheet, replaces what was there, or takes it away.
        how: `SAID` when stated, `INFERRED` when it follows from what was stated.
        detail: What belongs to the value and has no value of its own (a deadline for `urgenza`, a time
            window or the person's own number for `contatto`, the trade's name for `attivita`).
    """

    fact: FactId
    value: str
    words: str
    certainty: float = 1.0
    change: Change = Change.ADD
    how: How = How.SAID
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """What the understanding room makes of one message.

    Attributes:
        text: The message after masking; the only form that may be stored.
        language: ISO 639-1 code of the text's language (`it`, `en`, `es`, `ar`, `zh`, ...), or "" when it cannot be told.
        act: The main act.
        also: Other acts the message carries.
        confidence: Calibrated probability of `act`, 0 to 1.
        facts: Facts heard.
        alarm: The most dangerous alarm that is sure enough to be sounded.
        doubt: The alarm that is not sure enough to be sounded, but enough to ask one gentle question.
        reason: Why (rule name or classifier figure), kept with the case; never the words themselves.
        masked: Kinds of what was hidden (`carta`, `iban`, `codice_fiscale`, `password`, `telefono_altrui`).
        complete: False when Rasa could not be reached; the message is understood again later.
        safety: What it says of who else may read here ("lui guarda il telefono"); a bare yes or no counts only where
            that had been asked.
    """

    text: str
    language: str = "it"
    act: Act = Act.RACCONTO
    also: tuple[Act, ...] = ()
    confidence: float = 1.0
    facts: tuple[FactHeard, ...] = ()
    alarm: Alarm | None = None
    doubt: Alarm | None = None
    reason: str = ""
    masked: tuple[str, ...] = ()
    complete: bool = True
    safety: Safety = Safety.UNKNOWN


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the person, understood.

    Attributes:
        ref: The message's number in the private chat (Telegram's message_id): the provenance of its facts.
        understood: What it says.
        voice: True when the text is the transcript of a voice message.
    """

    ref: int
    understood: Understood
    voice: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """All that `advance` may know of the world at the time of an event.

    Attributes:
        at: The time of the event, UTC, timezone-aware.
        seed: The only source of variety.
        desk_open: An angel is on duty now.
        on_call: Somebody of the alarm rota can be reached now.
        next_opening: When somebody will read next, UTC, if it is known and the desk is closed.
        usual_wait_minutes: Median wait for a person in the last weeks; None while data is thin.
        held: What was said before the first consent and still waits in the inbox, oldest first.
        one_message: A short notice already went out in this turn: what is said now fits one message.
        slots: The next times at which somebody could call, UTC: offered, never promised.
    """

    at: datetime
    seed: int
    desk_open: bool = False
    on_call: bool = False
    next_opening: datetime | None = None
    usual_wait_minutes: int | None = None
    held: tuple[Heard, ...] = ()
    one_message: bool = False
    slots: tuple[datetime, ...] = ()


# --- Events: what happened -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """`/start`: first contact, or somebody who comes back. `source` is the shop-window payload, if any."""

    first_name: str = ""
    language_code: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One message, or a burst of short ones that is answered once, oldest first."""

    heard: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class Rewrote:
    """An earlier message was edited: the facts it gave are replaced by those of the new text."""

    heard: Heard


@dataclass(frozen=True, slots=True)
class Brought:
    """Something that is not text: `kind` is Telegram's (photo, voice, video, sticker, location, contact, ...).

    `caption` is what was written with it, understood; `own_number` is the person's own number when they shared
    their own contact card.
    """

    ref: int
    kind: str
    caption: Understood | None = None
    own_number: str = ""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of ours: `choice` is the `Button.choice` that was offered (forged ones are refused by the engine)."""

    choice: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """A command of the private menu, without its slash (`privacy`, `imieidati`, `cancella`, `persona`, ...)."""

    command: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Elapsed:
    """A timer that the engine had set has come due."""

    timer: str


@dataclass(frozen=True, slots=True)
class Taken:
    """An angel has claimed the case: the bot is silent from now on."""

    angel: str


@dataclass(frozen=True, slots=True)
class GivenBack:
    """An angel gives the conversation back to the bot; what they noted becomes facts and is not asked again.

    Attributes:
        angel: How they sign.
        facts: What they noted.
        spoke: The person has read a word of theirs; else nobody, as far as the person knows, was ever there.
        waits: The person goes on waiting for somebody.
    """

    angel: str
    facts: tuple[FactHeard, ...] = ()
    spoke: bool = True
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Concluded:
    """The case was closed with this outcome (an id of `dialogues/outcomes.yml`); what the angels noted is known."""

    outcome: str
    after_alarm: bool = False
    facts: tuple[FactHeard, ...] = ()


@dataclass(frozen=True, slots=True)
class NobodyCame:
    """The ladder found no angel in time; the person is told the truth and offered a callback."""

    alarm: Alarm | None = None


@dataclass(frozen=True, slots=True)
class Unsure:
    """The last question may not have arrived (a timeout after it left): ask it anew, in other words."""


Event: TypeAlias = (
    Started
    | Said
    | Rewrote
    | Brought
    | Pressed
    | Ordered
    | Elapsed
    | Taken
    | GivenBack
    | Concluded
    | NobodyCame
    | Unsure
)


# --- Effects: what to do -------------------------------------------------------------------------------------


class SpeechAct(StrEnum):
    """What a spoken line does, as human listeners are coded (MITI 4.2) plus what a program must also say."""

    SIMPLE = "simple"
    COMPLEX = "complex"
    AFFIRMATION = "affirmation"
    OPEN = "open"
    CLOSED = "closed"
    INFORMATION = "information"
    PERMISSION = "permission"
    SUMMARY = "summary"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message.

    Attributes:
        label: What is read on it.
        choice: What comes back as `Pressed.choice`; at most 48 bytes of UTF-8 (the edge adds its own prefix,
            Telegram allows 64).
    """

    label: str
    choice: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence or group of sentences within a turn, with its act; for measuring, never for sending."""

    act: SpeechAct
    text: str
    line: str


@dataclass(frozen=True, slots=True)
class Say:
    """One message to the shopkeeper, plain text (no markup is interpreted).

    Attributes:
        text: 1 to 4096 UTF-16 units.
        buttons: Rows of buttons.
        spoken: What the text is made of.
        asks: What it asks (`asked` for the next message's understanding), or "" when it asks nothing.
        right: It answers somebody who uses a right of theirs: said also while an angel writes.
    """

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    spoken: tuple[Spoken, ...] = ()
    asks: str = ""
    right: bool = False


class CaseReason(StrEnum):
    """Why a case opens or moves up."""

    AGREED = "agreed"
    ASKED = "asked"
    NOT_UNDERSTOOD = "not_understood"
    ALARM = "alarm"
    CALLBACK = "callback"
    NEW_NEED = "new_need"


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case for this need becomes visible to the angels (a second one for the same need changes the first)."""

    reason: CaseReason


@dataclass(frozen=True, slots=True)
class WantPerson:
    """The person waits for an angel now: the ladder starts.

    `callback` is the wished time in their own words; `at` the slot they chose (UTC), if it was one that was offered.
    """

    reason: CaseReason
    callback: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """Tell the on-call angel at once. `minimal`: only the flag may be shown and kept, not the words."""

    alarm: Alarm
    reason: str
    ref: int
    minimal: bool


@dataclass(frozen=True, slots=True)
class RaiseDoubt:
    """A possible alarm is being asked about; kept with the case (its reason, not its words)."""

    alarm: Alarm
    reason: str


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Send `Elapsed(timer)` at `due` (UTC); a timer of the same name is moved."""

    timer: str
    due: datetime


@dataclass(frozen=True, slots=True)
class DropTimer:
    """Forget the timer, if it is set."""

    timer: str


class Consent(StrEnum):
    """The two agreements: to be listened to, and to share with a person."""

    LISTEN = "listen"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """Given or withdrawn; kept with its time and the version of the text that was read."""

    consent: Consent
    given: bool
    text_version: str


@dataclass(frozen=True, slots=True)
class Erase:
    """Everything about this person goes (asked by them, and confirmed)."""


@dataclass(frozen=True, slots=True)
class ForgetHeld:
    """What waited for consent is erased: the person said no."""


@dataclass(frozen=True, slots=True)
class ShowData:
    """Send the person all that is kept about them, as a page to read and as JSON."""


@dataclass(frozen=True, slots=True)
class DeleteTraces:
    """Delete from the chat what Telegram lets a bot delete (asked by someone who may be watched)."""


@dataclass(frozen=True, slots=True)
class KeepFeedback:
    """The answer to "Da 1 a 5, quanto ha trovato ascolto?": `score` 1 to 5, or words."""

    score: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class NewNeed:
    """A closed case stays closed; from here on it is another need of the same person."""


Effect: TypeAlias = (
    Say
    | OpenCase
    | WantPerson
    | RaiseAlarm
    | RaiseDoubt
    | SetTimer
    | DropTimer
    | RecordConsent
    | Erase
    | ForgetHeld
    | ShowData
    | DeleteTraces
    | KeepFeedback
    | NewNeed
)


# --- The sheet ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact on the sheet, with its provenance.

    Attributes:
        fact: Which one.
        value: One value; `NON_DETTO` when declined.
        words: The person's own words.
        ref: The message (see `Heard.ref`) it came from; 0 for a button or an angel.
        how: How it was obtained.
        certainty: 0 to 1.
        detail: See `FactHeard.detail`.
        voice: True when the message was a voice message: the words are a transcript.
    """

    fact: FactId
    value: str
    words: str
    ref: int
    how: How
    certainty: float = 1.0
    detail: str = ""
    voice: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The situation sheet: at most one `Fact` per value; list facts may have several, the others one.

    The rules by which heard facts change it are in `sheet.py`.
    """

    facts: tuple[Fact, ...] = field(default=())

    def of(self, fact: FactId) -> tuple[Fact, ...]:
        """Every entry of one fact, oldest first; empty when nothing is known."""
        return tuple(f for f in self.facts if f.fact is fact)

    def value(self, fact: FactId) -> str:
        """The latest value of a fact, or "" when nothing is known or it was declined."""
        entries = self.of(fact)
        return entries[-1].value if entries and entries[-1].value != NON_DETTO else ""

    def values(self, fact: FactId) -> tuple[str, ...]:
        """All values of a fact, without `NON_DETTO`."""
        return tuple(f.value for f in self.of(fact) if f.value != NON_DETTO)

    def knows(self, fact: FactId) -> bool:
        """True when it was told or declined: it is not asked again."""
        return bool(self.of(fact))
