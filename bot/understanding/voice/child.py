"""The child that listens: one Whisper model, one voice message at a time, nothing written anywhere.

usage: python -m bot.understanding.voice.child MODEL FOLDER     (MODEL: a folder, or a name that faster-whisper knows)

Standard input brings requests, each a line of JSON (`id`, `languages`, `seconds`, `bytes`) and that many bytes of
audio; standard output answers each with a line of JSON (`id`, and `text` with its `language`, or `failed`). The first
line is `{"ready": true}`. Sound stays in memory; standard error carries names of errors and never a word.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import math
import os
import queue
import signal
import sys
import threading
import time
from types import TracebackType
from typing import Any, BinaryIO

LONGEST_S = 900.0
"""Seconds of speech that are listened to at most: an hour of sound would take gigabytes once unpacked."""

CLEAR_ENOUGH = -1.0
"""Mean log-probability per token under which Whisper itself takes its words for a failure (its own threshold)."""

SAYS_THE_SAME = 2.4
"""How well a passage can be compressed above which Whisper is going round in circles (its own threshold)."""

WINDOW_S = 30.0
"""Seconds that Whisper hears at once."""

TOKENS_A_SECOND = 10
"""More than anybody says; without a limit a passage that goes round in circles costs a minute."""

OWN_WEIGHT = 5.0
"""The person's own language is believed this much more than another: a few seconds of speech tell little."""


def choose_language(chances: dict[str, float], languages: list[str]) -> str:
    """The language to write down, among those the house has.

    Args:
        chances: What the model makes of the sound: ISO 639-1 code to probability.
        languages: The person's own first.
    """
    own = languages[0]
    return max(languages, key=lambda code: chances.get(code, 0.0) * (OWN_WEIGHT if code == own else 1.0))


class Ear:
    """A loaded model.

    Args:
        model: A folder in CTranslate2's format, or a name (downloaded once into `folder`).
        folder: Where a downloaded model is kept.
    """

    def __init__(self, model: str, folder: str) -> None:
        from faster_whisper import WhisperModel

        threads = max(1, min(4, os.cpu_count() or 1))
        self._model: Any = WhisperModel(
            model, device="cpu", compute_type="int8", cpu_threads=threads, download_root=folder
        )

    def write_down(self, audio: bytes, languages: list[str], seconds: float) -> dict[str, Any]:
        """The words of a recording.

        Args:
            audio: Any container and codec that FFmpeg reads (Telegram's voices are Opus in Ogg).
            languages: ISO 639-1 codes to choose from, the person's own first.
            seconds: How long it may take.

        Returns:
            `text` (empty when there is no speech to be made out) and `language`, or `failed`.
        """
        until = time.monotonic() + seconds
        length = _seconds_of(audio)
        if length > LONGEST_S:
            return {"failed": "long"}
        language = None if len(languages) > 1 else languages[0]
        found, info = self._transcribe(audio, language, length)
        if language is None:
            chances = dict(info.all_language_probs or [])
            language = choose_language(chances, languages)
            if language != info.language:
                found, info = self._transcribe(audio, language, length)
        parts, clear, tokens = [], 0.0, 0
        for segment in found:
            if segment.compression_ratio <= SAYS_THE_SAME:
                parts.append(segment.text.strip())
            clear += segment.avg_logprob * len(segment.tokens)
            tokens += len(segment.tokens)
            if time.monotonic() > until:
                return {"failed": "slow"}
        text = " ".join(part for part in parts if part)
        if not tokens or math.isnan(clear) or clear / tokens < CLEAR_ENOUGH:
            text = ""
        return {"text": text, "language": language}

    def _transcribe(self, audio: bytes, language: str | None, length: float) -> tuple[Any, Any]:
        window = min(length or WINDOW_S, WINDOW_S)
        # Silence is cut out first, and each half minute is heard on its own: both keep Whisper from inventing.
        heard: tuple[Any, Any] = self._model.transcribe(
            io.BytesIO(audio),
            language=language,
            beam_size=5,
            temperature=0.0,
            max_new_tokens=20 + int(TOKENS_A_SECOND * window),
            vad_filter=True,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        return heard


def _seconds_of(audio: bytes) -> float:
    """How long a recording is, without unpacking it; 0 when its container does not say."""
    import av

    source: Any = av.open(io.BytesIO(audio), metadata_errors="ignore")
    with source as container:
        return float(container.duration or 0) / 1_000_000


def _requests(source: BinaryIO, wanted: queue.Queue[tuple[dict[str, Any], bytes]]) -> None:
    """Read requests; the end of them is the end of whoever asks, and ours."""
    with contextlib.suppress(ValueError, KeyError, OSError):
        while line := source.readline():
            asked = json.loads(line)
            audio = source.read(asked["bytes"])
            if len(audio) < asked["bytes"]:
                break
            wanted.put((asked, audio))
    os._exit(0)


def _uncaught(kind: type[BaseException], _: BaseException | None, trace: TracebackType | None) -> None:
    where = ""
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    print(json.dumps({"level": "critical", "error": kind.__name__, "at": where}), file=sys.stderr, flush=True)


def main(model: str, folder: str) -> None:
    """Load the model and serve until the parent is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL)
    sys.excepthook = _uncaught
    # Whatever a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    # Whoever writes is answered first: listening takes what the processor has left.
    os.nice(10)
    wanted: queue.Queue[tuple[dict[str, Any], bytes]] = queue.Queue()
    threading.Thread(target=_requests, args=(sys.stdin.buffer, wanted), daemon=True).start()
    ear = Ear(model, folder)
    print(json.dumps({"ready": True}), file=answers, flush=True)
    while True:
        asked, audio = wanted.get()
        try:
            answer = ear.write_down(audio, asked["languages"], asked["seconds"])
        except Exception as error:
            _uncaught(type(error), None, error.__traceback__)
            answer = {"failed": "unreadable"}
        print(json.dumps({"id": asked["id"], **answer}), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
