"""The record of everything that passed between the bot and Telegram, as JSON lines on disk."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_CHUNK = 1 << 16


class CallLog:
    """Appends lines to a file and gives back those after a number, without keeping them in memory.

    Args:
        path: the file; one that exists is continued.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._offsets = array("q", [0])
        self._file = path.open("a+b", buffering=0)
        self._file.seek(0)
        size = 0
        for line in self._file:
            size += len(line)
            self._offsets.append(size)

    @property
    def last(self) -> int:
        """The number of the newest line."""
        return len(self._offsets) - 1

    def add(self, entry: dict[str, Any], result: bytes | None = None) -> None:
        """Write one line; ``seq`` is put first, ``result`` (JSON already) last."""
        line = json.dumps({"seq": self.last + 1, **entry}).encode()
        if result is not None:
            line = line[:-1] + b', "result": ' + result + b"}"
        self._file.write(line + b"\n")
        self._offsets.append(self._offsets[-1] + len(line) + 1)

    def after(self, seq: int) -> Iterator[bytes]:
        """Yield the lines after number ``seq``, in pieces."""
        at = self._offsets[min(max(seq, 0), self.last)]
        end = self._offsets[-1]
        while at < end:
            self._file.seek(at)
            piece = self._file.read(min(_CHUNK, end - at))
            at += len(piece)
            yield piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()
