"""What was learnt from examples that staff write: kept beside Rasa's model, under the hash of everything it was made from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def fingerprint(files: Sequence[Path]) -> str:
    """Changes with any of the files."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:24]


def keep(file: Path, learnt: DataclassInstance, half: Collection[str]) -> None:
    """Write it whole or not at all, and forget what was learnt before it.

    Args:
        file: `<kind>-<recipe>-<fingerprint>.npz`; other files of its kind are deleted.
        learnt: A dataclass of arrays.
        half: Names of those that are kept in half precision.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}.tmp.npz")
    arrays: dict[str, Any] = {field.name: getattr(learnt, field.name) for field in fields(learnt)}
    for name in half:
        arrays[name] = arrays[name].astype(np.float16)
    np.savez_compressed(unfinished, **arrays)
    os.replace(unfinished, file)
    for old in file.parent.glob(f"{file.name.partition('-')[0]}-*.npz"):
        if old != file and ".tmp" not in old.name:
            old.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """What there is to go on with.

    Attributes:
        file: What was learnt from the present examples, or else the newest of its kind and recipe; None where there is none.
        untaught: In Italian, with `{who}` and `{alone}` to be filled in: that and how it has still to learn; "" = nothing.
    """

    file: Path | None
    untaught: str = ""


def last_kept(file: Path) -> Kept:
    """What to load where `file` is wanted: an old ear is better than none, and none is better than silence.

    Args:
        file: `<kind>-<recipe>-<fingerprint>.npz`.
    """
    if file.exists():
        return Kept(file)
    kind = file.stem.rpartition("-")[0]
    others = [other for other in file.parent.glob(f"{kind}-*.npz") if ".tmp" not in other.name]
    last = max(others, key=lambda other: other.stat().st_mtime, default=None)
    if last is None:
        return Kept(None, "{who} non ha ancora imparato: per ora {alone}. `bot train` lo fa imparare.")
    return Kept(last, "{who} è quello di prima degli ultimi esempi: `bot train` lo aggiorna.")


def read_kept(file: Path) -> dict[str, Any]:
    """The arrays of a file that `keep` wrote, by name; those in half precision as single again."""
    with np.load(file, allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    return {name: a.astype(np.float32) if a.dtype == np.float16 else a for name, a in found.items()}
