"""The command line. Heavy rooms are imported by the command that needs them: `bot run` must answer in seconds."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.bench import commands as benches
from bot.operations import commands as operations

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.settings import Settings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="SPIN in ascolto: il bot che ascolta i negozianti e li affida a un Digital Angel.",
)

ROOT = Path(__file__).resolve().parent.parent


def _settings() -> Settings:
    from pydantic import ValidationError

    from bot.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"]).upper()
            typer.echo(f"Impostazione {name}: {problem['msg'].removeprefix('Value error, ')}", err=True)
        raise typer.Exit(2) from None


@app.command()
def run() -> None:
    """Avvia il bot (impostazioni dall'ambiente o da .env)."""
    from bot import logs
    from bot.bootstrap import SettingsError, run_house

    settings = _settings()
    logs.set_up(settings.log_level)
    try:
        asyncio.run(_stoppable(run_house(settings)))
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


async def _stoppable(work: Coroutine[None, None, None]) -> None:
    """Run until done, or until SIGTERM or Ctrl-C."""
    import signal

    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        typer.echo("Il bot si è fermato.", err=True)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Porta; 0 = una libera.")] = 8080,
    data: Annotated[Path, typer.Option(help="Cartella che resta tra una volta e l'altra.")] = Path(
        "data/demo"
    ),
    headless: Annotated[bool, typer.Option("--headless", help="Non aprire il browser.")] = False,
    no_rasa: Annotated[
        bool, typer.Option("--no-rasa", help="Senza Rasa: parte in un attimo, capisce meno.")
    ] = False,
) -> None:
    """Il prodotto intero su questa macchina, senza token: Telegram locale, bot, Rasa e pagina di prova."""
    from bot import demo as stage
    from bot import logs

    logs.set_up("WARNING")
    asyncio.run(stage.demo(port, data, headless=headless, with_rasa=not no_rasa))


@app.command()
def rehearsal(
    port: Annotated[int, typer.Option(help="Porta; 0 = una libera.")] = 8081,
    data: Annotated[
        Path | None, typer.Option(help="Cartella in cui il Telegram locale conserva tutto.")
    ] = None,
) -> None:
    """Solo il Telegram locale: il bot si avvia a parte, con `bot run`."""
    from bot import demo as stage
    from bot import logs

    logs.set_up("WARNING")
    asyncio.run(stage.rehearse(port, data))


@app.command()
def check(
    graph: Annotated[bool, typer.Option("--graph", help="Scrive i diagrammi dei copioni (Mermaid).")] = False,
    production: Annotated[
        bool, typer.Option("--production", help="Come in servizio: i testi non approvati sono errori.")
    ] = False,
) -> None:
    """Controlla copioni, dati di comprensione e impostazioni; tutti i problemi insieme."""
    from datetime import UTC, datetime

    from bot.conversation import check_library

    settings = _settings()
    folder = settings.dialogues if settings.dialogues.exists() else ROOT / "dialogues"
    checked = check_library(
        folder, production=production or settings.production, today=datetime.now(UTC).date()
    )
    for problem in checked.problems:
        typer.echo(str(problem))
    from bot.understanding.datacheck import nlu_problems

    nlu = nlu_problems(ROOT)
    for line in nlu:
        typer.echo(f"{line} (errore)")
    errors = len(checked.errors) + len(nlu)
    typer.echo(f"{errors} errori, {len(checked.problems) - len(checked.errors)} avvisi.", err=True)
    if graph and checked.library is not None:
        from bot.conversation.graph import mermaid

        for language, scripts in checked.library.scripts.items():
            for name, script in scripts.items():
                typer.echo(f"%% {language}/{name}\n{mermaid(script)}")
    if errors:
        raise typer.Exit(1)


@app.command()
def setup(
    only_check: Annotated[bool, typer.Option("--check", help="Guarda soltanto che cosa manca.")] = False,
    source: Annotated[str, typer.Option(help="Solo il QR e l'indirizzo breve con questo codice.")] = "",
) -> None:
    """Prepara il bot per Telegram vero: token, gruppo, reperibili, profilo, QR per la vetrina."""
    from bot import logs
    from bot import setup as guided

    logs.set_up("WARNING")
    settings = _settings()
    folder = settings.dialogues if settings.dialogues.exists() else ROOT / "dialogues"
    if source:
        bot_name = typer.prompt("Nome utente del bot (senza @)")
        try:
            link, path = guided.shop_window(Path("vetrina"), bot_name, source)
        except ValueError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from None
        typer.echo(f"{link}\n{path}")
        return
    if only_check:
        findings = asyncio.run(guided.look_at_everything(settings))
        guided.report(findings, typer.echo)
        good = all(finding.good for finding in findings)
    else:
        ask = lambda question: str(typer.prompt(question, default="", show_default=False))  # noqa: E731
        good = asyncio.run(guided.guide(settings, Path(".env"), folder, ask, typer.echo))
    raise typer.Exit(0 if good else 1)


@app.command()
def train() -> None:
    """Fa imparare Rasa, l'orecchio degli allarmi e chi legge i fatti, se esempi o configurazione sono cambiati."""
    from bot.understanding.alarms import train_alarms
    from bot.understanding.facts import train_facts
    from bot.understanding.rasa.training import TrainingFailed, ensure_room
    from bot.understanding.rasa.training import train as learn

    def progress(text: str) -> None:
        typer.echo(text, err=True)

    try:
        ensure_room(ROOT, progress)  # a model that was brought along needs the room that serves it
        learn(ROOT, progress)
        train_alarms(ROOT, progress)
        train_facts(ROOT, progress)
    except (TrainingFailed, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@app.command()
def understand() -> None:
    """Legge righe JSON {"text", "asked"} e risponde, riga per riga, che cosa ha capito."""
    from bot import logs
    from bot.bootstrap import hearing
    from bot.understanding.lines import understand_lines

    settings = _settings()
    logs.set_up("ERROR")

    async def work() -> None:
        async with hearing(settings) as listener:
            await understand_lines(listener, sys.stdin, sys.stdout)

    asyncio.run(work())


@app.command()
def chat(
    script: Annotated[str, typer.Option(help="Il copione.")] = "primo-ascolto",
    from_step: Annotated[
        str, typer.Option(help="Comincia da questo passo, come dopo il primo consenso.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Una riga JSON per turno.")] = False,
) -> None:
    """Parla con il bot nel terminale; non si conserva nulla. Un numero tocca il pulsante."""
    from bot import logs
    from bot.bootstrap import hearing, library_of
    from bot.chat import Terminal

    settings = _settings()
    logs.set_up("ERROR")
    library = library_of(settings)
    known = library.scripts["it"].get(script)
    if known is None or (from_step and from_step not in known.steps):
        typer.echo(f"Non c'è il copione «{script}», o non ha il passo «{from_step}».", err=True)
        raise typer.Exit(2)

    async def work() -> None:
        async with hearing(settings) as listener:
            await Terminal(library, listener, as_json, from_step).talk(sys.stdin, script)

    asyncio.run(work())


evaluate = typer.Typer(
    help="Misura comprensione e ascolto, con gli intervalli di confidenza.", no_args_is_help=True
)
app.add_typer(evaluate, name="evaluate")


@evaluate.command("understanding")
def evaluate_understanding(
    folder: Annotated[
        Path, typer.Argument(help="Cartella con acts.jsonl, facts.jsonl, alarms.jsonl.")
    ] = Path("tests/understanding/heldout"),
) -> None:
    """Precisione, richiamo e F1 per classe su testi mai visti; confusioni, calibrazione, i venti errori peggiori."""
    from bot import logs
    from bot.bootstrap import hearing
    from bot.understanding.evaluate import evaluate as measured

    settings = _settings()
    logs.set_up("ERROR")

    async def work() -> None:
        async with hearing(settings) as listener:
            for report in await measured(listener, folder):
                typer.echo(report.text())

    asyncio.run(work())


@evaluate.command("listening")
def evaluate_listening(
    people: Annotated[Path, typer.Argument(help="Le persone da far parlare, una riga JSON ciascuna.")] = Path(
        "tests/listening/people.jsonl"
    ),
    seed: Annotated[int, typer.Option(help="Da dove viene la varietà delle frasi.")] = 1,
) -> None:
    """Fa parlare dei negozianti e misura l'ascolto su quello che leggerebbero."""
    from bot import logs
    from bot.bootstrap import hearing, library_of
    from bot.listening import evaluate_listening as measured
    from bot.listening import load_people

    settings = _settings()
    logs.set_up("ERROR")

    async def work() -> None:
        async with hearing(settings) as listener:
            report = await measured(library_of(settings), listener, load_people(people), seed=seed)
            typer.echo(report.text())

    asyncio.run(work())


@app.command()
def deliveries(
    as_json: Annotated[bool, typer.Option("--json", help="Una riga JSON per messaggio.")] = False,
) -> None:
    """Che cosa è uscito, che cosa aspetta, che cosa è incerto."""
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from bot.bootstrap import load_keys, open_database
    from bot.store.models import OutboxRow

    settings = _settings()
    load_keys(settings)
    database = open_database(settings)

    def unit(session: Session) -> None:
        for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id)):
            message_id = row.result_ids[0] if row.result_ids else None
            line = {
                "key": row.key,
                "chat_id": row.chat_id,
                "thread_id": row.thread_id,
                "message_id": message_id,
                "state": row.state,
            }
            typer.echo(
                json.dumps(line)
                if as_json
                else f"{row.state:10} {row.method:24} {row.chat_id} {message_id or ''}"
            )

    try:
        database.work(unit)
    finally:
        database.close()


operations.register(app, _settings)
benches.register(app)


def main() -> None:
    """The console script."""
    os.environ.setdefault("PYTHONUTF8", "1")
    try:
        app()
    except BrokenPipeError:
        sys.exit(0)
    except RuntimeError as error:
        # SettingsError and its kin are written for their reader; anything else keeps its traceback.
        if type(error).__name__ != "SettingsError":
            raise
        typer.echo(str(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
