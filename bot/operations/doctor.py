"""`bot doctor`: what is wrong, and what to do, in Italian. Looks and changes nothing (but a missing folder)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot import setup
from bot.bootstrap import ROOT, SettingsError, load_keys, newest_model
from bot.conversation import check_library
from bot.settings import LOOPBACK, Settings
from bot.setup import Finding
from bot.store import migrate
from bot.store.crypto import UnreadableError
from bot.store.database import open_engine
from bot.store.models import InboxRow, InboxState, OutboxRow, Person, SendState
from bot.understanding.rasa.training import TrainingFailed, model_path, room_python
from bot.understanding.voice.ears import installed

DISK_MB = 500
"""Fewest free megabytes; below, the doctor complains."""

CLOCK_SECONDS = 30.0
"""Most by which this machine's clock may differ from Telegram's."""


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; one part that cannot be looked at does not hide the others."""
    found = [
        *_guarded(lambda: look_at_settings(settings)),
        *_guarded(lambda: look_at_database(settings)),
        *_guarded(lambda: look_at_dialogues(settings)),
        *_guarded(lambda: look_at_disk(settings)),
        *_guarded(lambda: look_at_voice(settings)),
    ]
    found += await look_at_rasa(settings)
    found += await look_at_clock(settings)
    known = {finding.text for finding in found}
    return found + [f for f in await setup.look_at_everything(settings) if f.text not in known]


def _guarded(look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return look()
    except Exception as error:
        return [Finding(False, f"Un controllo si è interrotto ({type(error).__name__}).")]


def look_at_settings(settings: Settings) -> list[Finding]:
    """What settings say that should not be so in service."""
    found = []
    try:
        load_keys(settings)
    except SettingsError as error:
        found.append(Finding(False, str(error)))
    if not settings.production:
        text_ = "PRODUCTION è false: va bene per provare; in servizio va messo a true."
        found.append(Finding(True, text_))
    if settings.http_host not in LOOPBACK and settings.http_port:
        text_ = (
            f"Il servizio HTTP ascolta su {settings.http_host}: da fuori deve essere raggiungibile soltanto "
            "/telegram, dietro un proxy https."
        )
        found.append(Finding(settings.http_exposed, text_))
    if settings.webhook_url and not settings.webhook_url.startswith("https://"):
        found.append(Finding(settings.local_telegram, "WEBHOOK_URL deve cominciare con https://."))
    env = Path(".env")
    if env.exists() and env.stat().st_mode & 0o077:
        found.append(Finding(False, "Il file .env si legge da altri utenti: `chmod 600 .env`."))
    return found


def look_at_database(settings: Settings) -> list[Finding]:
    """Reachable, of this version, readable with the keys, and not full of things that stand still."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        return [Finding(True, "La banca dati non c'è ancora: nasce al primo `bot run`.")]
    engine = open_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        here, wanted = migrate.revisions(engine)
        found = [Finding(True, "La banca dati risponde.")]
        if here != wanted:
            text_ = f"La banca dati è alla versione {here}, questo programma vuole {wanted}: `bot run` la aggiorna."
            return [*found, Finding(False, text_)]
        with engine.connect() as connection:
            connection.execute(select(Person.first_name).limit(1)).all()
            count = select(func.count())
            failed = connection.scalar(count.select_from(InboxRow).where(InboxRow.state == InboxState.FAILED))
            uncertain = connection.scalar(
                count.select_from(OutboxRow).where(OutboxRow.state == SendState.UNCERTAIN)
            )
        good = f"Consegne incerte negli ultimi 30 giorni: {uncertain} (`bot deliveries` le mostra)."
        found.append(Finding(True, good))
        if failed:
            text_ = f"{failed} messaggi in entrata non si sono potuti elaborare: nel registro, cercare turn.failed."
            found.append(Finding(False, text_))
        return found
    except UnreadableError:
        return [Finding(False, "I dati non si leggono con queste ENCRYPTION_KEYS: manca la chiave di prima.")]
    except SQLAlchemyError as error:
        where = f"{url.host or url.database}"
        text_ = (
            f"La banca dati ({where}) non risponde ({type(error).__name__}): è accesa? DATABASE_URL è giusto?"
        )
        return [Finding(False, text_)]
    finally:
        engine.dispose()


def look_at_dialogues(settings: Settings) -> list[Finding]:
    """Whether the scripts can be used."""
    folder = settings.dialogues if settings.dialogues.exists() else ROOT / "dialogues"
    checked = check_library(folder, production=settings.production, today=datetime.now(UTC).date())
    if checked.errors:
        return [Finding(False, f"I copioni hanno {len(checked.errors)} errori: `bot check` li elenca.")]
    return [Finding(True, "I copioni sono in ordine.")]


def look_at_disk(settings: Settings) -> list[Finding]:
    """Free space where data are written."""
    folder = settings.data_dir if settings.data_dir.exists() else Path()
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < DISK_MB:
        return [Finding(False, f"Sul disco restano {free} MB: ne servono almeno {DISK_MB}.")]
    return [Finding(True, f"Spazio libero sul disco: {free} MB.")]


def look_at_voice(settings: Settings) -> list[Finding]:
    """Whether voice messages are listened to, as the settings say."""
    if not settings.voice_model:
        return [
            Finding(
                True, "I vocali non si ascoltano (VOICE_MODEL è vuoto): arrivano agli angeli così come sono."
            )
        ]
    if not installed():
        return [Finding(False, "VOICE_MODEL c'è, ma manca ciò che ascolta i vocali: `make voice`.")]
    return [Finding(True, f"I vocali si ascoltano con {settings.voice_model}.")]


async def look_at_rasa(settings: Settings) -> list[Finding]:
    """Rasa's room and model, or the servers of NLU_URL."""
    if settings.nlu_off:
        return [Finding(True, "Rasa è spento per scelta (NLU_OFF).")]
    elsewhere = [url.strip() for url in settings.nlu_url.split(",") if url.strip()]
    if elsewhere:
        return [await _answers(url) for url in elsewhere]
    if not room_python(ROOT).exists():
        return [Finding(False, "La stanza di Rasa non è installata: `make setup` (o `bot train`).")]
    try:
        model = newest_model(ROOT)
    except TrainingFailed as error:
        return [Finding(False, str(error))]
    if model != model_path(ROOT):
        return [Finding(False, "Rasa usa un modello di prima degli ultimi cambiamenti: `bot train`.")]
    return [Finding(True, "Rasa ha un modello aggiornato.")]


async def _answers(url: str) -> Finding:
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            (await http.get(f"{url}/status")).raise_for_status()
    except httpx.HTTPError as error:
        return Finding(
            False, f"Rasa non risponde a {url} ({type(error).__name__}): è acceso? NLU_URL è giusto?"
        )
    return Finding(True, f"Rasa risponde a {url}.")


async def look_at_clock(settings: Settings) -> list[Finding]:
    """This machine's clock against Telegram's own answer."""
    try:
        async with httpx.AsyncClient(timeout=5) as http:
            said = (await http.get(f"{settings.telegram_api_url}/")).headers.get("Date", "")
        there = parsedate_to_datetime(said)
    except (httpx.HTTPError, ValueError, TypeError):
        return []
    off = abs((datetime.now(UTC) - there).total_seconds())
    if off > CLOCK_SECONDS:
        text_ = f"L'orologio di questa macchina è sbagliato di {off:.0f} secondi: attivare NTP (timedatectl)."
        return [Finding(False, text_)]
    return [Finding(True, "L'orologio è giusto.")]
