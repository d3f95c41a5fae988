"""The commands as whoever keeps the machine types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from cryptography.fernet import Fernet
from sqlalchemy import select
from typer.testing import CliRunner

from bot import cli
from bot.bootstrap import open_database
from bot.settings import Settings
from bot.store import conversations
from bot.store.crypto import keyring
from bot.store.database import Database
from bot.store.models import Audit, Case, CaseState, OutboxRow, Person, StoredFact

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Type = Callable[..., Result]


@pytest.fixture
def type_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Run a command in a folder of its own, with a key and a database there."""
    dialogues = Path(__file__).parents[2] / "dialogues"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIALOGUES", str(dialogues))
    monkeypatch.setenv("ENCRYPTION_KEYS", Fernet.generate_key().decode())
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'bot.sqlite'}")
    monkeypatch.setenv("NLU_OFF", "true")
    monkeypatch.delenv("BOT_TOKEN", raising=False)
    return lambda *words: CliRunner().invoke(cli.app, list(words))


def _within(unit: Callable[[Any], Any]) -> Any:
    settings = Settings()
    keyring.load([key.get_secret_value() for key in settings.encryption_keys])
    database: Database = open_database(settings)
    try:
        return database.work(unit)
    finally:
        database.close()


def _meet(number: int, name: str, **facts: str) -> Callable[[Any], None]:
    def unit(session: Any) -> None:
        snap = conversations.begin_conversation(session, number, number, "it", NOW)
        snap.person.first_name = name
        for fact, value in facts.items():
            session.add(
                StoredFact(
                    conversation_id=snap.conversation.id,
                    need=1,
                    fact=fact,
                    value=value,
                    words=f"parole di {name}",
                    detail="l'agenzia Ladri e Figli",
                    ref=1,
                    how="said",
                    certainty=1.0,
                    recorded_at=NOW,
                )
            )

    return unit


def test_forgetting_somebody_takes_their_topic_too(type_in: Type) -> None:
    _within(_meet(7, "Carla", zona="Isola"))

    def open_case(session: Any) -> None:
        case = Case(
            conversation_id=1, person_id=1, need=1, reason="person", state=CaseState.WAITING,
            group_id=-100, thread_id=55, opened_at=NOW,
        )  # fmt: skip
        session.add(case)

    _within(open_case)
    assert "Cancellato" in type_in("forget", "7").output
    assert _within(lambda s: list(s.scalars(select(Person)))) == []
    (row,) = _within(lambda s: list(s.scalars(select(OutboxRow))))
    assert (row.method, json.loads(row.call)["thread_id"]) == ("deleteForumTopic", 55)
    assert "nulla" in type_in("forget", "7").output


def test_the_block_list_takes_people_in_and_lets_them_out(type_in: Type) -> None:
    assert "Bloccata" in type_in("bar", "7").output
    assert "già" in type_in("bar", "7").output
    assert _within(lambda s: s.scalar(select(Person.barred)))
    assert "Sbloccata" in type_in("unbar", "7").output
    assert not _within(lambda s: s.scalar(select(Person.barred)))


def test_keys_are_changed_without_a_day_of_darkness(type_in: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    _within(_meet(7, "Carla"))
    old = Settings().encryption_keys[0].get_secret_value()
    assert type_in("keys", "rotate").exit_code == 1
    new = type_in("keys", "new").output.strip()
    monkeypatch.setenv("ENCRYPTION_KEYS", f"{new},{old}")
    assert type_in("keys", "rotate").exit_code == 0
    monkeypatch.setenv("ENCRYPTION_KEYS", new)
    assert _within(lambda s: s.scalar(select(Person.first_name))) == "Carla"


def test_an_export_counts_and_names_nobody(type_in: Type) -> None:
    for number in range(1, 7):
        zone = "Isola" if number < 6 else "Vigentino"
        _within(_meet(number, f"Nome{number}", bisogno="vendere_online", zona=zone, nome=f"Nome{number}"))
    lines = json.loads(type_in("export", "--json").output)
    counted = {(line["what"], line["value"]): line["people"] for line in lines}
    assert counted["Di che cosa ha bisogno", "vendere online"] == 6
    assert 5 in [people for (_what, value), people in counted.items() if value == "Isola"]
    told = json.dumps(lines, ensure_ascii=False)
    assert not [word for word in ("Nome", "parole", "Ladri", "Vigentino") if word in told]
    assert type_in("export").output.startswith("cosa,valore,quanti")
    assert _within(lambda s: s.scalar(select(Audit.action).where(Audit.action == "exported")))


def test_the_doctor_says_what_is_missing_and_what_to_do(type_in: Type) -> None:
    _within(_meet(7, "Carla"))
    told = type_in("doctor")
    assert told.exit_code == 1
    assert "La banca dati risponde" in told.output
    assert "MANCA  Manca BOT_TOKEN: lo dà @BotFather" in told.output
    assert "Carla" not in told.output


def test_the_doctor_knows_a_lost_key(type_in: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    _within(_meet(7, "Carla"))
    monkeypatch.setenv("ENCRYPTION_KEYS", Fernet.generate_key().decode())
    assert "manca la chiave di prima" in type_in("doctor").output


def test_a_backup_says_how_many_people_are_in_it(type_in: Type, tmp_path: Path) -> None:
    _within(_meet(7, "Carla"))
    assert "persone: 1" in type_in("backup", str(tmp_path / "copia")).output
    assert type_in("restore", str(tmp_path / "copia")).exit_code == 0


def test_the_bots_service_leaves_the_loopback_only_when_told_in_so_many_words(
    type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_HOST", "0.0.0.0")
    monkeypatch.setenv("HTTP_PORT", "8443")
    refused = type_in("forget", "7")
    assert refused.exit_code == 2
    assert "HTTP_EXPOSED=true" in refused.output
    monkeypatch.setenv("HTTP_EXPOSED", "true")
    assert type_in("forget", "7").exit_code == 0
