"""Access (GDPR art. 15): all that is kept about a person, as a page to read and as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.conversations import read_content
from bot.store.models import Author, Case, ConsentRow, Conversation, Message, Person, StoredFact


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What is kept about one person.

    Attributes:
        page: Plain text for a phone, in Italian.
        data: JSON with the same content.
    """

    page: str
    data: str


_AUTHORS = {Author.SHOPKEEPER: "Lei", Author.BOT: "Programma", Author.ANGEL: "Digital Angel"}


def personal_data(session: Session, person: Person) -> PersonalData:
    """Collect everything. Angels' private notes are about the person too, and are included.

    Args:
        session: A unit of work.
        person: Whose data.
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
    cases = session.scalars(select(Case).where(Case.person_id == person.id).order_by(Case.id))
    data: dict[str, Any] = {
        "persona": {
            "id_telegram": person.user_id,
            "nome_telegram": person.first_name,
            "utente": person.username,
        },
        "consensi": [
            {"cosa": c.consent, "dato": c.given, "quando": c.at.isoformat(), "testo": c.text_version}
            for c in consents
        ],
        "fatti": [
            {
                "cosa": f.fact,
                "valore": f.value,
                "parole": f.words,
                "dettaglio": f.detail,
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
            }
            for m in messages
        ],
        "casi": [
            {"aperto": c.opened_at.isoformat(), "stato": c.state, "esito": c.outcome, "voto": c.rating}
            for c in cases
        ],
    }
    return PersonalData(_page(data), json.dumps(data, ensure_ascii=False, indent=2))


def _page(data: dict[str, Any]) -> str:
    facts, messages = data["fatti"], data["messaggi"]
    lines = ["Ecco che cosa conserviamo di lei.", ""]
    current = [f for f in facts if f["attuale"]]
    lines += [f"• {f['cosa']}: {f['valore']}" for f in current] or ["• Nessun fatto."]
    lines += ["", f"Messaggi conservati: {len(messages)}. Li trova tutti nel file qui sotto."]
    lines += ["Per cancellare tutto basta scrivere /cancella."]
    return "\n".join(lines)
