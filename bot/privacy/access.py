"""Access (GDPR art. 15): all that is kept about a person, as a page to read and as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversation import Library
from bot.conversation.clock import in_rome
from bot.conversation.templates import in_language
from bot.conversation.types import NON_DETTO, Consent, FactId
from bot.store.conversations import read_content
from bot.store.models import Audit, Author, Case, ConsentRow, Conversation, Message, Person, StoredFact


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What is kept about one person.

    Attributes:
        page: Plain text for a phone, in Italian.
        data: JSON with the same content.
    """

    page: str
    data: str


PAGE_LIMIT = 3_900
"""Characters of the page: one Telegram message (https://core.telegram.org/bots/api#sendmessage)."""

_HOW = {
    "said": "detto da lei",
    "chosen": "scelto da lei",
    "inferred": "dedotto dal programma",
    "confirmed": "confermato da lei",
    "corrected": "corretto da lei",
}
_CONSENTS = {Consent.LISTEN: "farsi ascoltare dal programma", Consent.SHARE: "far leggere a una persona"}
_STATES = {
    "listening": "in ascolto",
    "waiting": "in attesa di una persona",
    "claimed": "con un Digital Angel",
    "callback": "con una chiamata fissata",
    "closed": "chiuso",
}
_FACTS = frozenset(fact.value for fact in FactId)
_READ = ("claimed", "read_transcript")
"""What the audit calls a person's looking at a case."""

_AUTHORS = {Author.SHOPKEEPER: "Lei", Author.BOT: "Programma", Author.ANGEL: "Digital Angel"}


def personal_data(session: Session, person: Person, library: Library, now: datetime) -> PersonalData:
    """Collect everything. Angels' private notes are about the person too, and are included; so is who has read.

    That the data were asked for is written into the audit.

    Args:
        session: A unit of work.
        person: Whose data.
        library: For the Italian names of facts, values and outcomes.
        now: UTC.
    """
    conversation = session.scalar(select(Conversation).where(Conversation.person_id == person.id))
    number = conversation.id if conversation else 0
    facts = session.scalars(
        select(StoredFact).where(StoredFact.conversation_id == number).order_by(StoredFact.id)
    )
    consents = session.scalars(
        select(ConsentRow).where(ConsentRow.person_id == person.id).order_by(ConsentRow.id)
    )
    messages = session.scalars(select(Message).where(Message.conversation_id == number).order_by(Message.id))
    cases = list(session.scalars(select(Case).where(Case.person_id == person.id).order_by(Case.id)))
    seen = session.scalars(
        select(Audit)
        .where(Audit.case_id.in_([c.id for c in cases]), Audit.action.in_(_READ))
        .order_by(Audit.id)
    )
    data: dict[str, Any] = {
        "persona": {
            "id_telegram": person.user_id,
            "nome_telegram": person.first_name,
            "utente": person.username,
        },
        "consensi": [
            {
                "cosa": _CONSENTS.get(Consent(c.consent), c.consent),
                "dato": c.given,
                "quando": c.at.isoformat(),
                "testo": c.text_version,
            }
            for c in consents
        ],
        "fatti": [
            {
                "cosa": _label(library, f.fact),
                "valore": _value(library, f.fact, f.value),
                "parole": f.words,
                "dettaglio": f.detail,
                "come": _HOW.get(f.how, f.how) + (", in un vocale" if f.voice else ""),
                "quando": f.recorded_at.isoformat(),
                "attuale": f.current,
            }
            for f in facts
        ],
        "messaggi": [
            {
                "chi": _AUTHORS.get(Author(m.author), "Nota del banco"),
                "quando": m.at.isoformat(),
                "tipo": read_content(m).kind,
                "testo": read_content(m).text,
                "trascrizione": read_content(m).transcript,
            }
            for m in messages
        ],
        "casi": [
            {
                "aperto": c.opened_at.isoformat(),
                "stato": _STATES.get(c.state, c.state),
                "esito": _outcome(library, c.outcome),
                "voto": c.rating,
                "parole_con_il_voto": c.rating_words,
            }
            for c in cases
        ],
        "chi_ha_letto": [
            {
                "quando": a.at.isoformat(),
                "chi": "un Digital Angel" if a.action == "claimed" else "il coordinamento",
            }
            for a in seen
        ],
    }
    session.add(Audit(at=now, actor="shopkeeper", action="read_own_data"))
    return PersonalData(_page(data), json.dumps(data, ensure_ascii=False, indent=2))


def _label(library: Library, fact: str) -> str:
    definition = library.book.facts.get(FactId(fact)) if fact in _FACTS else None
    return in_language(definition.label, "it") if definition else fact


def _value(library: Library, fact: str, value: str) -> str:
    if value == NON_DETTO:
        return "ha preferito non dirlo"
    definition = library.book.facts.get(FactId(fact)) if fact in _FACTS else None
    words = definition.values.get(value) if definition else None
    return in_language(words.label, "it") if words else value


def _outcome(library: Library, outcome: str) -> str:
    words = library.outcomes.outcomes.get(outcome)
    return words.label if words else outcome


def _page(data: dict[str, Any]) -> str:
    """What fits one message, in the order in which a person would ask."""
    current = [f for f in data["fatti"] if f["attuale"]]
    lines = ["Ecco tutto quello che conserviamo di lei.", ""]
    if current:
        lines += [
            "Quello che ci ha raccontato",
            *dict.fromkeys(f"• {f['cosa']}: {f['valore']}" for f in current),
            "",
        ]
    else:
        lines += ["Della sua storia non c'è ancora niente.", ""]
    if data["consensi"]:
        lines.append("Quello che ha deciso")
        lines += [
            f"• {_day(c['quando'])}: {'sì' if c['dato'] else 'no'} a {c['cosa']}" for c in data["consensi"]
        ]
        lines.append("")
    if data["chi_ha_letto"]:
        lines.append("Chi ha letto")
        lines += dict.fromkeys(f"• {_day(r['quando'])}: {r['chi']}" for r in data["chi_ha_letto"])
        lines.append("")
    elif data["fatti"]:
        lines += ["Finora non ha letto nessuno, oltre al programma.", ""]
    end = [
        f"I messaggi sono {len(data['messaggi'])}: li trova tutti nel file qui sotto, con le date.",
        "Se qualcosa non è giusto, basta scriverlo. Per far sparire tutto: /cancella",
    ]
    room = PAGE_LIMIT - sum(len(line) + 1 for line in end)
    text = "\n".join(lines)
    if len(text) > room:
        text = text[: room - 40].rsplit("\n", 1)[0] + "\n• il resto è nel file\n"
    return "\n".join((text, *end))


def _day(at: str) -> str:
    return f"{in_rome(datetime.fromisoformat(at)):%d/%m/%Y}"
