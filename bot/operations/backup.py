"""Backup and restore of the embedded database, while the bot runs.

SQLite's own online backup (https://www.sqlite.org/backup.html): a consistent copy without stopping anybody. The
copy is as sealed as the original; without ENCRYPTION_KEYS it cannot be read. PostgreSQL has its own, better tools.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

PAGES = 512
"""Pages copied at a time: a writer waits for one such step at most."""

POSTGRES = (
    "La banca dati è PostgreSQL: la copia si fa con\n"
    '  pg_dump --format=custom --file=COPIA "$DATABASE_URL"\n'
    "e si rimette, a bot fermo, con\n"
    '  pg_restore --clean --if-exists --dbname="$DATABASE_URL" COPIA'
)


class BackupError(RuntimeError):
    """The copy could not be made or put back; the message is Italian and says what to do."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that was checked.

    Attributes:
        path: Where it is.
        size: Bytes.
        people: How many people are in it.
    """

    path: Path
    size: int
    people: int


def database_file(url: str) -> Path:
    """The file of a SQLite database.

    Raises:
        BackupError: It is another database, or one in memory.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise BackupError(POSTGRES)
    if not parsed.database or parsed.database == ":memory:":
        raise BackupError("La banca dati è in memoria: non c'è nulla da copiare.")
    return Path(parsed.database)


def back_up(url: str, target: Path) -> Copied:
    """Copy the database while it is in use; the copy appears whole or not at all.

    Args:
        url: DATABASE_URL.
        target: The new file; readable by its owner only.

    Raises:
        BackupError: There is no database, the target exists, or the copy is not sound.
    """
    source = database_file(url)
    if not source.exists():
        raise BackupError(f"La banca dati {source} non c'è ancora.")
    if target.exists():
        raise BackupError(f"{target} esiste già: scegliere un altro nome.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".parziale")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _copy(source, partial)
        people = check(partial)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return Copied(target, target.stat().st_size, people)


def restore(url: str, copy: Path) -> Copied:
    """Put a copy back; the bot must be stopped. What was there is kept beside it, as `<name>.prima`.

    Raises:
        BackupError: The copy is not sound, or the bot is still running.
    """
    target = database_file(url)
    if not copy.exists():
        raise BackupError(f"La copia {copy} non c'è.")
    people = check(copy)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        _refuse_if_in_use(target)
    partial = target.with_name(target.name + ".parziale")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    _copy(copy, partial)
    if target.exists():
        os.replace(target, target.with_name(target.name + ".prima"))
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    os.replace(partial, target)
    return Copied(target, target.stat().st_size, people)


def check(path: Path) -> int:
    """How many people a database file holds.

    Raises:
        BackupError: It is damaged, or no database of ours.
    """
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
            people = connection.execute("SELECT count(*) FROM people").fetchone()[0]
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{path} non è una banca dati di questo programma.") from error
    if sound != "ok":
        raise BackupError(f"{path} è danneggiato.")
    return int(people)


def _copy(source: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(source, timeout=30)) as here,
        contextlib.closing(sqlite3.connect(target)) as there,
    ):
        here.backup(there, pages=PAGES, sleep=0.01)
        # One file, whole by itself: no log of its own beside it.
        there.execute("PRAGMA journal_mode=DELETE")


def _refuse_if_in_use(path: Path) -> None:
    """SQLite lets nobody leave WAL mode while another connection is open: that tells a running bot."""
    with contextlib.closing(sqlite3.connect(path, timeout=0)) as connection:
        try:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.OperationalError:
            mode = "wal"
    if mode != "delete":
        raise BackupError("Il bot è in funzione: fermarlo, e poi ripetere `bot restore`.")
