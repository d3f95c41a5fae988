"""Settings: one class, each field with its unit and default; `.env.example` is generated from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Settings(BaseSettings):
    """Everything that may differ from one installation to the next, from the environment or `.env`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    bot_token: SecretStr = Field(
        SecretStr(""), description="Token di @BotFather. Obbligatorio per `bot run`."
    )
    telegram_api_url: str = Field(
        "https://api.telegram.org", description="Indirizzo della Bot API; il Telegram locale ha il suo."
    )
    staff_group_id: int = Field(
        0, description="Id del gruppo degli angeli (negativo); 0 = lo trova `bot setup`."
    )
    database_url: str = Field(
        "sqlite:///data/bot.sqlite", description="SQLite, oppure postgresql://utente:password@host/nome."
    )
    encryption_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="Chiavi Fernet separate da virgole, la prima scrive, tutte leggono. Vuoto solo in prova.",
    )
    data_dir: Path = Field(
        Path("data"), description="Cartella per la banca dati predefinita e la chiave di prova."
    )
    dialogues: Path = Field(Path("dialogues"), description="Cartella dei copioni.")
    script: str = Field("primo-ascolto", description="Il copione con cui si apre una conversazione.")
    nlu_url: str = Field(
        "", description="Indirizzo di Rasa, o più d'uno separati da virgole; vuoto = il bot ne avvia uno suo."
    )
    nlu_off: bool = Field(
        False, description="true = senza Rasa: bastano pulsanti, comandi e rete di sicurezza."
    )
    voice_model: str = Field(
        "",
        description="Modello che ascolta i vocali: un nome di faster-whisper (consigliato small) o una cartella; "
        "vuoto = i vocali arrivano solo agli angeli. Serve `make voice`.",
    )
    voice_seconds: float = Field(
        60,
        gt=0,
        description="Secondi al massimo per ascoltare un vocale; poi si dice che è arrivato, e basta.",
    )
    clock_url: str = Field(
        "", description="Orologio del Telegram locale; vale solo se anche Telegram è in locale."
    )
    webhook_url: str = Field("", description="Indirizzo pubblico https per i webhook; vuoto = long polling.")
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="Segreto dei webhook; vuoto = generato all'avvio."
    )
    http_host: str = Field(
        "127.0.0.1", description="Dove ascolta il bot per webhook, /healthz, /readyz, /metrics."
    )
    http_exposed: bool = Field(
        False,
        description="true = HTTP_HOST può non essere in locale (in un contenitore, o dietro un proxy https).",
    )
    http_port: int = Field(0, description="Porta dello stesso; 0 = nessun servizio HTTP (senza webhook).")
    on_call: Annotated[list[int], NoDecode] = Field(
        default_factory=list,
        description="Id Telegram di chi è reperibile per gli allarmi, separati da virgole.",
    )
    dpo_confirmed: str = Field(
        "",
        description="Data (AAAA-MM-GG) in cui il DPO di SPIN ha confermato la base giuridica degli allarmi.",
    )
    production: bool = Field(
        False,
        description="true = in servizio: testi non approvati e reperibili mancanti impediscono l'avvio.",
    )
    gather_seconds: float = Field(
        1.5, ge=0, description="Secondi di silenzio con cui una raffica si considera finita."
    )
    private_per_second: float = Field(
        1.0, ge=0, description="Messaggi al secondo in una chat privata; 0 = senza limite."
    )
    group_per_minute: float = Field(20, ge=0, description="Messaggi al minuto nel gruppo; 0 = senza limite.")
    overall_per_second: float = Field(30, ge=0, description="Messaggi al secondo in tutto; 0 = senza limite.")
    held_hours: float = Field(24, gt=0, description="Ore per cui aspetta ciò che è detto prima del consenso.")
    unfinished_days: int = Field(
        30, gt=0, description="Giorni dopo i quali si cancella una conversazione interrotta."
    )
    closed_months: int = Field(12, gt=0, description="Mesi dopo i quali si cancella un caso chiuso.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING o ERROR. I testi non si scrivono mai.")

    @field_validator("encryption_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: Any) -> Any:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator("on_call", mode="before")
    @classmethod
    def _split_ids(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if any(not part.lstrip("-").isdigit() for part in parts):
            raise ValueError("ON_CALL: servono numeri separati da virgole, per esempio 111,222")
        return [int(part) for part in parts]

    @field_validator("telegram_api_url", "webhook_url", "clock_url")
    @classmethod
    def _tidy_url(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("serve un indirizzo che comincia con http:// o https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _keep_http_at_home(self) -> Settings:
        """Metrics and readiness are nobody else's business: other addresses must be asked for in so many words."""
        if self.http_port and self.http_host not in LOOPBACK and not self.http_exposed:
            raise ValueError(
                f"HTTP_HOST è {self.http_host}: fuori da questa macchina si vedrebbero anche /metrics e /readyz. "
                "Se è voluto (contenitore, proxy https davanti), HTTP_EXPOSED=true"
            )
        return self

    @property
    def nlu_urls(self) -> list[str]:
        """The Rasa servers of `NLU_URL`; empty when the bot keeps one of its own."""
        return [url.strip() for url in self.nlu_url.split(",") if url.strip()]

    @property
    def local_telegram(self) -> bool:
        """True when Telegram itself runs on this machine's loopback."""
        return urlsplit(self.telegram_api_url).hostname in LOOPBACK


def env_example() -> str:
    """The text of `.env.example`: every setting with its meaning and default, in the order of the class."""
    lines = ["# Copiare in .env e completare. Generato da bot/settings.py: un test ne tiene l'attualità."]
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, SecretStr):
            default = default.get_secret_value()
        if isinstance(default, bool):
            default = str(default).lower()
        if isinstance(default, list):
            default = ",".join(str(item) for item in default)
        lines += ["", f"# {field.description}", f"{name.upper()}={default}"]
    return "\n".join(lines) + "\n"
