"""The commands of whoever keeps the machine; `bot.cli` takes them in with one line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.settings import Settings
    from bot.store.database import Database

ReadSettings = Callable[[], "Settings"]
Person = Annotated[int, typer.Argument(help="Id Telegram della persona.")]


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    from bot.bootstrap import SettingsError, load_keys, open_database

    try:
        load_keys(settings)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    database = open_database(settings)
    try:
        yield database
    finally:
        database.close()


def _desk(settings: Settings) -> Desk:
    """The desk as far as erasing needs it: the topics go by the hand of the bot that is running."""
    from bot.bootstrap import ROOT
    from bot.conversation import load_library
    from bot.desk import Desk, DeskConfig

    folder = settings.dialogues if settings.dialogues.exists() else ROOT / "dialogues"
    library = load_library(folder)
    config = DeskConfig(
        staff_group_id=settings.staff_group_id,
        on_call=tuple(settings.on_call),
        bot_username="",
        bot_id=0,
        production=settings.production,
        local=settings.local_telegram,
    )
    return Desk(lambda: library, config)


def forget(settings: Settings, user_id: int) -> bool:
    """Erase a person as `/cancella` does, topic included; False when nothing is kept of them."""
    from sqlalchemy.orm import Session

    from bot.privacy.erasure import erase_person
    from bot.store.conversations import find_person

    desk = _desk(settings)

    def unit(session: Session) -> bool:
        person = find_person(session, user_id)
        if person is None:
            return False
        now = datetime.now(UTC)
        desk.closing_person(session, person.id, now)
        erase_person(session, person, now, actor="staff")
        return True

    with _database(settings) as database:
        return database.work(unit)


def set_barred(settings: Settings, user_id: int, barred: bool) -> bool:
    """Put somebody on the block list, or take them off it; False when nothing changed."""
    from sqlalchemy.orm import Session

    from bot.store import conversations
    from bot.store.models import Audit

    def unit(session: Session) -> bool:
        person = conversations.find_person(session, user_id)
        now = datetime.now(UTC)
        if person is None and barred:
            person = conversations.begin_conversation(session, user_id, user_id, "", now).person
        if person is None or person.barred == barred:
            return False
        person.barred = barred
        session.add(Audit(at=now, actor="staff", action="barred" if barred else "unbarred"))
        return True

    with _database(settings) as database:
        return database.work(unit)


def reseal_everything(settings: Settings) -> int:
    """Write every sealed column anew with the first key; returns how many tables were gone through."""
    from bot.operations import keys

    with _database(settings) as database:
        names = keys.sealed_tables()
        for name in names:
            place: keys.Place | None = keys.Place(name)
            while place is not None:
                place = database.work(lambda session, p=place: keys.reseal(session, p))  # type: ignore[misc]
        asyncio.run(database.tidy())
    return len(names)


def register(app: typer.Typer, read: ReadSettings) -> None:
    """Add the commands.

    Args:
        app: The command line.
        read: Reads the settings, with its own words about what is wrong in them.
    """
    _register_copies(app, read)
    _register_people(app, read)

    @app.command()
    def doctor() -> None:
        """Che cosa non va e che cosa fare: impostazioni, banca dati, Rasa, copioni, Telegram, reperibili, disco, ora."""
        from bot import logs, setup
        from bot.operations.doctor import examine

        settings = read()
        logs.set_up("ERROR")
        findings = asyncio.run(examine(settings))
        setup.report(findings, typer.echo)
        raise typer.Exit(0 if all(finding.good for finding in findings) else 1)

    @app.command()
    def export(
        as_json: Annotated[bool, typer.Option("--json", help="JSON invece di CSV.")] = False,
    ) -> None:
        """Che cosa chiedono i negozi, in numeri: nessun nome, nessuna parola, nessun gruppo sotto le 5 persone."""
        from bot.bootstrap import ROOT
        from bot.conversation import load_library
        from bot.operations import export as exports
        from bot.store.models import Audit

        settings = read()
        folder = settings.dialogues if settings.dialogues.exists() else ROOT / "dialogues"
        library = load_library(folder)
        with _database(settings) as database:
            lines = database.work(lambda session: exports.aggregates(session, library))
            audit = Audit(at=datetime.now(UTC), actor="staff", action="exported")
            database.work(lambda session: session.add(audit))
        typer.echo(exports.as_json(lines) if as_json else exports.as_csv(lines), nl=as_json)


def _register_copies(app: typer.Typer, read: ReadSettings) -> None:
    @app.command()
    def backup(file: Annotated[Path, typer.Argument(help="La copia: un file che non c'è ancora.")]) -> None:
        """Copia la banca dati mentre il bot lavora (SQLite; per PostgreSQL dice il comando)."""
        from bot.operations.backup import BackupError, back_up

        try:
            copied = back_up(read().database_url, file)
        except BackupError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        typer.echo(f"{copied.path}: {copied.size} byte, persone: {copied.people}. Tenere le chiavi altrove.")

    @app.command()
    def restore(file: Annotated[Path, typer.Argument(help="La copia fatta con `bot backup`.")]) -> None:
        """Rimette una copia al suo posto, a bot fermo; quella di prima resta accanto."""
        from bot.operations import backup as copies

        try:
            copied = copies.restore(read().database_url, file)
        except copies.BackupError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        typer.echo(
            f"Rimessa {copied.path}, persone: {copied.people}. Chi ha chiesto la cancellazione dopo la copia va "
            "cancellato di nuovo (`bot forget`)."
        )

    keys = typer.Typer(
        no_args_is_help=True, help="Chiavi di cifratura: `new` ne crea una, `rotate` riscrive tutto."
    )
    app.add_typer(keys, name="keys")

    @keys.command("new")
    def new_key() -> None:
        """Crea una chiave: va messa per prima in ENCRYPTION_KEYS, davanti a quella di ora."""
        from cryptography.fernet import Fernet

        typer.echo(Fernet.generate_key().decode())

    @keys.command("rotate")
    def rotate() -> None:
        """Riscrive tutto con la prima chiave; dopo, le altre si possono togliere."""
        settings = read()
        if len(settings.encryption_keys) < 2:
            typer.echo("In ENCRYPTION_KEYS serve la chiave nuova, poi quella di ora.", err=True)
            raise typer.Exit(1)
        typer.echo(
            f"Riscritte {reseal_everything(settings)} tabelle: le chiavi dopo la prima si possono togliere."
        )


def _register_people(app: typer.Typer, read: ReadSettings) -> None:
    @app.command("forget")
    def forget_person(user_id: Person) -> None:
        """Cancella tutto di una persona, argomento compreso (come /cancella, a cura dello sportello)."""
        found = forget(read(), user_id)
        typer.echo("Cancellato." if found else "Di questa persona non c'è nulla.")

    @app.command()
    def bar(user_id: Person) -> None:
        """Mette una persona nella lista dei bloccati: il bot non le risponde più e non conserva nulla di nuovo."""
        typer.echo("Bloccata." if set_barred(read(), user_id, True) else "Era già bloccata.")

    @app.command()
    def unbar(user_id: Person) -> None:
        """Toglie una persona dalla lista dei bloccati."""
        typer.echo("Sbloccata." if set_barred(read(), user_id, False) else "Non era bloccata.")
