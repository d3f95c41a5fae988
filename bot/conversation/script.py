"""The script language: what staff may write in `dialogues/`, as pydantic models.

The descriptions are in Italian because editors show them to staff while they type (`dialogues/schema.json` is made
from these models). Models hold what the file holds; choosing, rendering and checking are other modules' work.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from bot.conversation.types import Alarm, FactId


class Written(BaseModel):
    """Whatever is written in a file: no unknown keys, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


Words: TypeAlias = Annotated[str, Field(min_length=1, max_length=4096)]


class Gendered(Written):
    """Forme per genere, affiancate: si usa `neutro` finché non si sa."""

    neutro: Words = Field(description="Forma che va bene per chiunque; obbligatoria.")
    f: Words | None = Field(None, description="Forma femminile, se la persona parla di sé al femminile.")
    m: Words | None = Field(None, description="Forma maschile, se la persona parla di sé al maschile.")


def _phrase_kind(value: Any) -> str:
    return "gender" if isinstance(value, (dict, Gendered)) else "words"


Phrase: TypeAlias = Annotated[
    Annotated[Words, Tag("words")] | Annotated[Gendered, Tag("gender")], Discriminator(_phrase_kind)
]

Condition: TypeAlias = str | list[str]
Conditions: TypeAlias = dict[str, Condition]


class Variant(Written):
    """Una versione di una frase: le forme per il lei e per il tu, e quando vale."""

    when: Conditions = Field(
        default_factory=dict,
        description="Quando vale: fatto e valore, per esempio `{bisogno: sito}`; anche `known`, `unknown`, `declined`.",
    )
    text: Phrase | None = Field(default=None, description="Il testo, se è uguale per lei e per tu.")
    lei: Phrase | None = Field(default=None, description="Il testo per chi si dà del lei.")
    tu: Phrase | None = Field(default=None, description="Il testo per chi si dà del tu.")
    simple: Phrase | None = Field(
        default=None, description="Il testo in italiano più semplice, per chi lo parla poco."
    )

    @model_validator(mode="after")
    def _has_words(self) -> Variant:
        if self.text is None and self.lei is None:
            raise ValueError("manca il testo: scrivere `text`, oppure `lei` e `tu`")
        if self.text is not None and (self.lei is not None or self.tu is not None):
            raise ValueError("o `text`, oppure `lei` e `tu`: non tutti e due")
        return self


def _text_kind(value: Any) -> str:
    if isinstance(value, list):
        return "variants"
    return "variant" if isinstance(value, (dict, Variant)) else "words"


def _variant_kind(value: Any) -> str:
    return "variant" if isinstance(value, (dict, Variant)) else "words"


VariantOrWords: TypeAlias = Annotated[
    Annotated[Words, Tag("words")] | Annotated[Variant, Tag("variant")], Discriminator(_variant_kind)
]
Text: TypeAlias = Annotated[
    Annotated[Words, Tag("words")]
    | Annotated[Variant, Tag("variant")]
    | Annotated[list[VariantOrWords], Field(min_length=1), Tag("variants")],
    Discriminator(_text_kind),
]
"""One sentence, one with lei and tu, or a list of variants from which one is chosen."""


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Facts: TypeAlias = Annotated[list[FactId], BeforeValidator(_listed)]
Names: TypeAlias = Annotated[list[str], BeforeValidator(_listed)]


class Reflection(Written):
    """Una riflessione: ridà alla persona qualcosa di suo. Si dice solo se il suo `when` è appena stato detto."""

    when: Conditions = Field(default_factory=dict, description="Che cosa dev'essere appena stato detto.")
    simple: Text | None = Field(None, description="Riflessione semplice: ripete il fatto con altre parole.")
    complex: Text | None = Field(
        None, description="Riflessione complessa: aggiunge il senso o il peso del fatto."
    )
    mirror: FactId | None = Field(
        None, description="Rispecchia le parole della persona su questo fatto, volte in seconda persona."
    )

    @model_validator(mode="after")
    def _is_one_thing(self) -> Reflection:
        if sum(x is not None for x in (self.simple, self.complex, self.mirror)) != 1:
            raise ValueError(
                "una riflessione è `simple`, oppure `complex`, oppure `mirror`: una sola delle tre"
            )
        return self


class Line(Written):
    """Una frase che vale in certe condizioni."""

    when: Conditions = Field(default_factory=dict, description="Quando vale.")
    text: Text = Field(description="La frase.")


class Branch(Written):
    """Una strada: se le condizioni valgono, si va a questo passo."""

    when: Conditions = Field(description="Quando si prende questa strada.")
    go: str = Field(description="Il passo a cui si va, oppure `riassunto`.")


def _branch_kind(value: Any) -> str:
    return "branch" if isinstance(value, (dict, Branch)) else "step"


Next: TypeAlias = Annotated[
    Annotated[str, Tag("step")] | Annotated[Branch, Tag("branch")], Discriminator(_branch_kind)
]

SUMMARY = "riassunto"
"""The name that ends the interview in `next:`."""

Navigation: TypeAlias = Literal["salta", "persona"]


class Step(Written):
    """Un passo del dialogo: al massimo una domanda."""

    ask: Text = Field(description="La domanda (una sola). Più versioni in elenco: se ne sceglie una.")
    question: Literal["open", "closed"] = Field(
        "open",
        description="Se la domanda è aperta o chiusa; i fatti aperti si chiedono solo con domande aperte.",
    )
    say: Text | None = Field(None, description="Una frase prima della domanda: un'informazione breve.")
    listens_for: Facts = Field(
        min_length=1,
        description="I fatti che la domanda cerca; il primo è quello principale. Il resto che viene detto si tiene comunque.",
    )
    skip_if: Facts | None = Field(
        None, description="Si salta se questi fatti sono tutti noti. Se manca, conta il fatto principale."
    )
    confirm: Text | None = Field(
        None, description="Domanda di conferma, quando il fatto principale è noto ma detto con un dubbio."
    )
    reflect: list[Reflection] = Field(
        default_factory=list,
        description="Riflessioni su quello che è appena stato detto, prima della domanda.",
    )
    affirm: list[Line] = Field(
        default_factory=list, description="Riconoscimenti di uno sforzo che è stato raccontato."
    )
    buttons: FactId | None = Field(
        None, description="Mette i valori di questo fatto come pulsanti; solo per `persone` e `urgenza`."
    )
    navigation: list[Navigation] = Field(
        default_factory=lambda: list[Navigation](["salta", "persona"]),
        description="I pulsanti di servizio sotto la domanda; `persona` c'è sempre.",
    )
    next: Annotated[list[Next], BeforeValidator(lambda v: v if isinstance(v, list) else [v])] = Field(
        min_length=1, description="Il passo che segue, o un elenco di strade; `riassunto` chiude l'ascolto."
    )
    was: Names = Field(
        default_factory=list, description="I nomi che il passo aveva prima, per chi è a metà conversazione."
    )


class Summary(Written):
    """Il riassunto: poche frasi calde, poi la domanda se la persona ci si ritrova."""

    opening: Text = Field(description="Come si apre il riassunto.")
    parts: list[Line] = Field(
        min_length=1, description="Le frasi, nell'ordine; si dicono solo quelle con i fatti noti."
    )
    unsure: Text = Field(description="Frase per un fatto detto con un dubbio; `{{ dubbio }}` è il fatto.")
    thin: Text = Field(description="Che cosa si dice se non è stato raccontato quasi nulla.")
    question: Text = Field(description="La domanda finale: ci si ritrova?")


class Pointer(Written):
    """Un'indicazione utile, data solo dopo il riassunto approvato e con il permesso."""

    when: Conditions = Field(description="Per chi è.")
    text: Text = Field(description="L'indicazione.")


class Script(Written):
    """Un dialogo guidato."""

    script: str = Field(description="Il nome del dialogo: lo stesso del file.", pattern=r"^[a-z0-9-]{1,40}$")
    title: str = Field(description="Il titolo, per chi lo cura.")
    opening: str = Field(description="Il passo da cui si comincia.")
    max_questions: int = Field(
        7, ge=1, le=7, description="Quante domande al massimo prima del riassunto (non più di 7)."
    )
    room_after_words: int = Field(
        45,
        ge=10,
        le=500,
        description="Dopo un racconto di almeno tante parole, una volta si ascolta senza chiedere.",
    )
    steps: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")], Step] = Field(
        min_length=1, description="I passi, per nome."
    )
    reflections: list[Reflection] = Field(
        default_factory=list,
        description="Riflessioni che valgono a ogni passo, se il passo non ne ha di adatte.",
    )
    affirmations: list[Line] = Field(
        default_factory=list, description="Riconoscimenti che valgono a ogni passo."
    )
    summary: Summary = Field(description="Il riassunto.")
    pointers: list[Pointer] = Field(default_factory=list, description="Indicazioni utili, dopo il riassunto.")


class Approved(Written):
    """Un testo che qualcuno deve approvare (allarmi, consensi, privacy, prezzo, linee di aiuto)."""

    approvato_da: str | None = Field(
        description="Chi ha approvato il testo; `null` finché nessuno l'ha fatto."
    )
    data: date | None = Field(None, description="Quando è stato approvato (anno-mese-giorno).")
    text: Text = Field(description="Il testo.")

    @model_validator(mode="after")
    def _dated(self) -> Approved:
        if self.approvato_da and self.data is None:
            raise ValueError("c'è chi ha approvato ma manca la `data`")
        return self


def _shared_kind(value: Any) -> str:
    if isinstance(value, Approved) or (isinstance(value, dict) and "approvato_da" in value):
        return "approved"
    return "text"


SharedLine: TypeAlias = Annotated[
    Annotated[Text, Tag("text")] | Annotated[Approved, Tag("approved")], Discriminator(_shared_kind)
]


class Aside(Written):
    """Una domanda laterale riconosciuta da parole: si risponde e si torna alla domanda aperta."""

    words: list[str] = Field(min_length=1, description="Parole o frasi che la fanno riconoscere (minuscole).")
    text: Text = Field(description="La risposta.")
    offers_person: bool = Field(False, description="Se la risposta offre anche una persona.")


class Shared(Written):
    """Le frasi condivise da tutti i dialoghi di una lingua."""

    lines: dict[str, SharedLine] = Field(description="Le frasi, per nome.")
    buttons: dict[str, Phrase | Variant] = Field(description="Le scritte dei pulsanti, per nome.")
    asides: dict[str, Aside] = Field(
        default_factory=dict, description="Domande laterali riconosciute da parole."
    )
    words: dict[str, str] = Field(
        default_factory=dict, description="Parole di servizio: congiunzioni, giorni, ore."
    )


class AlarmTalk(Written):
    """La conversazione di un allarme: presenza, una domanda diretta, il numero giusto."""

    approvato_da: str | None = Field(description="Chi ha approvato questi testi.")
    data: date | None = Field(None, description="Quando.")
    first: Text = Field(description="La prima risposta: presenza. Frasi corte.")
    direct: Text | None = Field(None, description="La domanda diretta, che non spinge verso un no.")
    safe: Text | None = Field(None, description="La domanda se scrivere qui è sicuro (violenza, estorsione).")
    lines: list[str] = Field(
        min_length=1, description="Le linee di aiuto da dare, nell'ordine (nomi di helplines.yml)."
    )
    yes: Text = Field(description="Se alla domanda diretta risponde sì.")
    no: Text = Field(description="Se alla domanda diretta risponde no.")
    stay: Text = Field(description="Frasi per restare, messaggio dopo messaggio, senza ripetersi.")
    doubt: Text = Field(description="La domanda gentile che va bene per tutte e due le letture.")
    doubt_no: Text = Field(description="Se alla domanda gentile la risposta è tranquilla.")
    back: Text = Field(description="Come si saluta chi torna dopo questo allarme.")


class AlarmTalks(Written):
    """Le conversazioni degli allarmi."""

    alarms: dict[Alarm, AlarmTalk] = Field(description="Una per allarme.")
    lines: dict[str, Text] = Field(description="Frasi comuni agli allarmi, per nome.")


class Hours(Written):
    """Un orario: giorni e ore."""

    days: list[Literal["lun", "mar", "mer", "gio", "ven", "sab", "dom"]] = Field(
        min_length=1, description="I giorni."
    )
    opens: str = Field(
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Ora di inizio, per esempio `09:00`."
    )
    closes: str = Field(
        pattern=r"^([01]\d|2[0-4]):[0-5]\d$", description="Ora di fine; `24:00` è mezzanotte."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Hours:
        if self.closes <= self.opens:
            raise ValueError("l'ora di fine viene prima di quella di inizio")
        return self


class Closure(Written):
    """Un periodo di chiusura."""

    first: date = Field(description="Primo giorno.")
    last: date = Field(description="Ultimo giorno.")
    reason: str = Field("", description="Perché, per chi legge il file.")


class OpeningHours(Written):
    """Gli orari dello sportello."""

    timezone: Literal["Europe/Rome"] = Field("Europe/Rome", description="Il fuso orario.")
    hours: list[Hours] = Field(min_length=1, description="Quando c'è una persona.")
    holidays: bool = Field(True, description="Chiuso nelle feste italiane.")
    patron: bool = Field(True, description="Chiuso anche a Sant'Ambrogio (7 dicembre).")
    closures: list[Closure] = Field(default_factory=list, description="Altre chiusure.")


class HelpLine(Written):
    """Un numero di aiuto."""

    name: dict[str, str] = Field(description="Il nome, per lingua.")
    number: str = Field("", description="Il numero, come si compone.")
    address: str = Field("", description="L'indirizzo o il sito, se ci si va di persona o ci si scrive.")
    also: str = Field("", description="Altro da dire: un secondo numero, di chi è lo sportello.")
    free: bool = Field(False, description="Se la chiamata è gratuita.")
    always: bool = Field(False, description="Se risponde sempre, 24 ore su 24.")
    hours: list[Hours] = Field(default_factory=list, description="Quando risponde; vuoto se non confermato.")
    verified: date | None = Field(None, description="Quando il numero è stato verificato l'ultima volta.")
    approvato_da: str | None = Field(description="Chi ha approvato la voce.")
    data: date | None = Field(None, description="Quando.")

    @property
    def reachable(self) -> bool:
        """True when it says how to get there; else a person has to be asked."""
        return bool(self.number or self.address)


class HelpLines(Written):
    """Tutti i numeri di aiuto."""

    emergency: str = Field(description="La voce da mettere accanto a ogni linea che non risponde sempre.")
    lines: dict[str, HelpLine] = Field(description="Le linee, per nome.")


class ValueWords(Written):
    """Come si dice un valore."""

    label: dict[str, str] = Field(description="Come si legge, per lingua.")
    spoken: dict[str, str] = Field(
        default_factory=dict, description="Come si dice dentro una frase, per lingua."
    )
    button: dict[str, str] = Field(
        default_factory=dict, description="Come si legge su un pulsante, per lingua."
    )
    words: dict[str, str] = Field(
        default_factory=dict,
        description="Le parole della persona e come si dicono con l'articolo: `bar: un bar`.",
    )
    heard: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="Lo stesso nelle altre lingue, per lingua: `en: {bakery: a bakery}`.",
    )


class FactDefinition(Written):
    """Un fatto della scheda."""

    label: dict[str, str] = Field(description="Il nome del fatto, per lingua.")
    asked: Literal["open", "confirmed"] = Field(
        description="`open`: solo domande aperte. `confirmed`: si conferma alla fine."
    )
    buttons: bool = Field(False, description="Se i suoi valori possono stare su pulsanti.")
    second: Literal["ask", "newest", "story", "worst"] = Field(
        "newest",
        description="Se viene detto un altro valore: si chiede, vale l'ultimo, si aggiunge, vale il peggiore.",
    )
    at_most: int = Field(16, ge=1, le=16, description="Quanti valori al massimo.")
    exclusive: list[str] = Field(default_factory=list, description="Valori che escludono gli altri.")
    values: dict[str, ValueWords] = Field(
        default_factory=dict, description="I valori; vuoto se è testo libero."
    )
    places: dict[str, str] = Field(
        default_factory=dict, description="Solo per `zona`: come si dice il luogo, se non è «a» e il nome."
    )


class FactBook(Written):
    """I fatti della scheda di ascolto."""

    facts: dict[FactId, FactDefinition]


class Desk(Written):
    """Lo sportello: chi è titolare dei dati, come si raggiunge."""

    name: str = Field(description="Il nome dello sportello.")
    controller: str = Field(description="Il titolare del trattamento dei dati.")
    phone: str = Field(description="Il numero a cui verificare che il bot è autentico.")
    address: str = Field(description="L'indirizzo.")
    privacy_page: str = Field("", description="La pagina dell'informativa.")
    confirmed_by: str | None = Field(
        description="Chi ha confermato questi dati; `null` finché nessuno l'ha fatto."
    )


class Outcome(Written):
    """Un esito con cui un caso si chiude."""

    label: str = Field(description="Come lo legge un Digital Angel.")
    closing: dict[str, Text] = Field(
        default_factory=dict,
        description="La frase di saluto alla persona, per lingua: per il lei e per il tu.",
    )

    def said(self, language: str) -> Text | None:
        """The goodbye in a language, or in Italian where that language has none yet."""
        return self.closing.get(language) or self.closing.get("it")


class Outcomes(Written):
    """Gli esiti."""

    outcomes: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")], Outcome] = Field(min_length=1)


class CannedReply(Written):
    """Una risposta pronta per i Digital Angels."""

    title: str = Field(description="Il titolo con cui si trova.")
    lei: str = Field(description="Il testo per chi si dà del lei.")
    tu: str | None = Field(None, description="Il testo per chi si dà del tu.")


class CannedReplies(Written):
    """Le risposte pronte di una lingua."""

    replies: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")], CannedReply]
