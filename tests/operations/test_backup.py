from __future__ import annotations

import sqlite3
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select

from bot.operations.backup import BackupError, back_up, restore
from bot.store import conversations, migrate
from bot.store.crypto import keyring
from bot.store.database import Database, open_engine
from bot.store.models import Person

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _keys() -> None:
    keyring.load([Fernet.generate_key().decode()])


def _open(url: str) -> Database:
    engine = open_engine(url)
    migrate.upgrade(engine)
    return Database(engine)


def _meet(database: Database, number: int) -> None:
    database.work(lambda s: conversations.begin_conversation(s, number, number, "it", NOW) and None)


def _people(database: Database) -> int:
    return database.work(lambda s: s.scalar(select(func.count()).select_from(Person)) or 0)


def test_a_copy_made_while_the_bot_writes_is_whole_and_can_be_put_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite'}"
    database = _open(url)
    for number in range(1, 51):
        _meet(database, number)
    stop = threading.Event()

    def write() -> None:
        number = 51
        while not stop.is_set():
            _meet(database, number)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    copied = back_up(url, tmp_path / "copia.sqlite")
    stop.set()
    writer.join()
    written = _people(database)
    database.close()
    assert 50 <= copied.people <= written
    assert stat.S_IMODE(copied.path.stat().st_mode) == 0o600
    assert restore(url, copied.path).people == copied.people
    again = _open(url)
    assert _people(again) == copied.people
    _meet(again, 9999)  # the restored database is a living one
    state = again.work(lambda s: conversations.snapshot(s, 7))
    assert state is not None
    again.close()
    assert (tmp_path / "bot.sqlite.prima").exists()


def test_nothing_is_put_back_under_a_running_bot(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite'}"
    database = _open(url)
    _meet(database, 1)
    back_up(url, tmp_path / "copia.sqlite")
    with pytest.raises(BackupError, match="fermarlo"):
        restore(url, tmp_path / "copia.sqlite")
    _meet(database, 2)
    assert _people(database) == 2
    database.close()


def test_a_damaged_copy_is_refused_and_the_database_stays(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite'}"
    database = _open(url)
    _meet(database, 1)
    database.close()
    bad = tmp_path / "copia.sqlite"
    bad.write_bytes(b"non una banca dati" * 100)
    with pytest.raises(BackupError, match="non è una banca dati"):
        restore(url, bad)
    sqlite3.connect(tmp_path / "altra.sqlite").close()
    with pytest.raises(BackupError):
        restore(url, tmp_path / "altra.sqlite")
    again = _open(url)
    assert _people(again) == 1
    again.close()


def test_a_copy_never_writes_over_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite'}"
    _open(url).close()
    (tmp_path / "copia").write_text("prezioso")
    with pytest.raises(BackupError, match="esiste già"):
        back_up(url, tmp_path / "copia")
    assert (tmp_path / "copia").read_text() == "prezioso"


def test_for_postgresql_the_command_is_told() -> None:
    with pytest.raises(BackupError, match="pg_dump"):
        back_up("postgresql://localhost/spin", Path("copia"))
