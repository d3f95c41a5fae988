"""`bot bench`: which measures, at which sizes."""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    Attributes:
        people: Whole interviews, one after the other.
        lengths: Turns that a conversation already has, understanding off.
        real_lengths: The same with understanding real.
        messages: How many messages of each kind are understood, one after the other.
        stored: Conversations in the database.
        rounds: Turns measured at each length and size.
        seconds: How long the load lasts.
        rate: Its updates a second.
    """

    people: int = 8
    lengths: tuple[int, ...] = (10, 1_000)
    real_lengths: tuple[int, ...] = (10, 100, 1_000)
    messages: int = 100
    stored: tuple[int, ...] = (100, 2_000)
    rounds: int = 40
    seconds: float = 20
    rate: float = 30


FULL = Sizes(30, (10, 1_000, 10_000), (10, 100, 1_000), 300, (100, 10_000, 100_000), 150, 600)
GATHERED_SECONDS = 60.0
"""How long the load with the wait for a burst lasts at most: what that wait adds does not change with time."""
PARTS = ("start", "understood", "cost", "length", "stored", "load")


async def measure(sizes: Sizes, parts: tuple[str, ...], rasa: bool, told: Any) -> dict[str, Any]:
    """All the measures that were asked for, each with a folder of its own that goes afterwards."""
    from bot.bench import measures
    from bot.bench.stage import Ear
    from bot.bench.understood import understood
    from bot.bootstrap import ROOT
    from bot.conversation import load_library
    from bot.conversation.mirror import ClauseMirror
    from bot.settings import Settings

    library = load_library(ROOT / "dialogues", mirror=ClauseMirror())
    results: dict[str, Any] = {}
    ears = (Ear.OFF, Ear.NET, Ear.REAL) if rasa else (Ear.OFF, Ear.NET)
    best = Ear.REAL if rasa else Ear.NET
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        folder = Path(place)
        if "start" in parts:
            told("Avvio...")
            results["start"] = await measures.first_answer(folder / "start", Ear.NET, library, 100, 3)
        if "understood" in parts and rasa:
            told("Capire un messaggio...")
            results["understood"] = await understood(ROOT, sizes.messages)
        if "cost" in parts:
            results["cost"] = {}
            for ear in ears:
                told(f"Costo di un turno, comprensione {ear}...")
                results["cost"][ear.value] = await measures.cost(folder / ear, ear, sizes.people, 10)
        if "length" in parts:
            results["length"] = {}
            for ear, lengths in ((Ear.OFF, sizes.lengths), *(((best, sizes.real_lengths),) if rasa else ())):
                told(f"Lunghezza della conversazione, comprensione {ear}...")
                place_of = folder / f"length-{ear}"
                found = await measures.by_length(place_of, ear, library, lengths, sizes.rounds)
                results["length"][ear.value] = {"sizes": found}
        if "stored" in parts:
            found = await measures.by_stored(folder / "stored", library, sizes.stored, sizes.rounds, told)
            results["stored"] = {"sizes": found}
        if "load" in parts:
            told(
                f"Carico: {sizes.rate:g} messaggi al secondo per {sizes.seconds:g} s, comprensione {best}..."
            )
            results["load"] = await measures.load(
                folder / "load", best, library, sizes.rate, sizes.seconds, told=told
            )
            told("Lo stesso, con l'attesa della fine di una raffica com'è in servizio...")
            results["gathered"] = await measures.load(
                folder / "gathered",
                best,
                library,
                sizes.rate,
                min(sizes.seconds, GATHERED_SECONDS),
                told=told,
                window=Settings.model_fields["gather_seconds"].default,
            )
    return results


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def bench(
        full: Annotated[bool, typer.Option("--full", help="Le misure intere: più di mezz'ora.")] = False,
        only: Annotated[
            str,
            typer.Option(help="Solo alcune, separate da virgole: start,understood,cost,length,stored,load."),
        ] = "",
        rasa: Annotated[bool, typer.Option(help="Anche con Rasa, che va prima addestrata.")] = True,
        seconds: Annotated[float, typer.Option(help="Durata del carico, in secondi.")] = 0,
        rate: Annotated[float, typer.Option(help="Messaggi al secondo nel carico.")] = 0,
        out: Annotated[Path, typer.Option(help="Cartella dei risultati (JSON e disegno).")] = Path(
            "data/bench"
        ),
        compare: Annotated[
            tuple[Path, Path] | None, typer.Option(help="Mette a confronto due risultati, e non misura.")
        ] = None,
    ) -> None:
        """Quanto costa un turno: il bot vero contro il Telegram locale, con una tabella, un disegno e un JSON."""
        from bot import logs
        from bot.bench import report

        if compare is not None:
            one, two = (json.loads(path.read_text(encoding="utf-8")) for path in compare)
            typer.echo(report.compare(one, two))
            return
        sizes = FULL if full else Sizes()
        sizes = replace(sizes, seconds=seconds or sizes.seconds, rate=rate or sizes.rate)
        parts = tuple(only.split(",")) if only else PARTS
        if unknown := set(parts) - set(PARTS):
            typer.echo(
                f"Non c'è la misura {', '.join(sorted(unknown))}; ci sono: {', '.join(PARTS)}.", err=True
            )
            raise typer.Exit(2)
        logs.set_up("WARNING")
        where = report.machine()
        results = asyncio.run(measure(sizes, parts, rasa, lambda text: typer.echo(text, err=True)))
        made = {"machine": where, "results": report.with_growth(results)}
        typer.echo(report.table(made))
        typer.echo(f"\n{report.keep(made, out)}")
