"""The second opinion: how much a piece of text is like the examples of each alarm, by what it means and by its letters.

Two rungs. The first reads everything with the quick encoder; what it finds plainly harmless is left there, which is most of
what people say. The rest is read again with the slower encoder, by a judge who has learnt only from what is hard: the
alarms, and the ordinary examples that the first rung could not dismiss (leaving each one out in turn). Against the first
rung alone that raised the area under the curve on a set by another hand from 0.982 to 0.991.

Each rung is kernel ridge regression (Gaussian kernels on the encoders, a linear one on words and letters), solved in closed
form; its leave-one-out scores, which come with the solution, calibrate the probabilities (J. Platt, 1999).
NumPy is all it needs. What was learnt is kept beside Rasa's model, under the hash of everything it was made from, with the
numbers of each example: when some examples change, only those are read again.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.conversation.types import Alarm
from bot.understanding.alarms.chances import between
from bot.understanding.alarms.examples import Example, example_files, read_examples
from bot.understanding.learnt import fingerprint, keep, last_kept, read_kept
from bot.understanding.meaning import (
    LETTERS,
    Array,
    all_processors,
    closer,
    closer_together,
    letters,
    meanings,
)

Progress = Callable[[str], None]

ALARMS = tuple(Alarm)
RECIPE = "4"
"""Changed by hand when the code below would learn other things from the same examples."""

PLAINLY_HARMLESS = 0.06
"""Chance of danger below which the first rung is believed (chosen on its leave-one-out scores)."""

MOST_HARD = 4_500
"""Ordinary examples that the second rung learns from at most, the hardest: its work grows with their cube."""

MOST_AGAIN = 2
"""Pieces of one message that are read a second time, the likeliest first, and one more for every six: of the others no
verdict was ever seen to depend, and the second reading is what costs."""

FIRST_SHARE = 0.2
"""Weight of the first rung's opinion in what both have read: it has learnt from much that the second never saw."""

_SHARPNESS = 3.0
_MEANING_SHARE = 0.7
_CLOSER_SHARE = 0.8
_RIDGE = 0.1
_ALARM_WEIGHT = 3.0
_ONE_IN = 3
_MANY = 3_000
_WHOLE = 1_500
"""Rows of a matrix that is turned round whole."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What training leaves, for n examples, m of which are hard.

    Attributes:
        marks: (n,) which text each example was.
        examples: (n, 512): what they mean.
        hard: (m,): the places of the hard ones among them.
        closer: (m, 384): the hard ones by the second encoder.
        pulls: (n, 5) and `hard_pulls` (m, 5): how much each example pulls towards danger and towards each alarm.
        letters: (8192, 5) and `hard_letters`: how much each word or group of letters does.
        curves: (2, 2): slope and offset from each rung's scores to its chance of danger.
    """

    marks: NDArray[np.uint64]
    examples: Array
    hard: NDArray[np.int64]
    closer: Array
    pulls: Array
    hard_pulls: Array
    letters: Array
    hard_letters: Array
    curves: Array


class AlarmClassifier:
    """Ready for use; see `load_classifier`."""

    def __init__(self, learnt: Learnt) -> None:
        self._learnt = learnt
        # What the first rung did not learn from pulls at nothing: half the examples need not be gone through.
        taught = np.flatnonzero(learnt.pulls.any(axis=1))
        self._taught, self._pulls = learnt.examples[taught], learnt.pulls[taught]
        self._hard_examples = learnt.examples[learnt.hard]
        self._centre = learnt.closer.mean(axis=0)
        self._hard_closer = _around(self._centre, learnt.closer)

    def probabilities(self, pieces: Sequence[str], suspect: bool = False) -> list[dict[Alarm, float]]:
        """See `Classifier.probabilities`."""
        learnt = self._learnt
        meaning, written = meanings(pieces), [letters(piece) for piece in pieces]
        scores = _MEANING_SHARE * (_near(meaning @ self._taught.T, _SHARPNESS) @ self._pulls)
        scores += _by_letters(written, learnt.letters)
        chance = _chance(scores, learnt.curves[0])
        worst_first = sorted(range(len(pieces)), key=lambda row: -chance[row])[
            : MOST_AGAIN + len(pieces) // 6
        ]
        again = [row for row in worst_first if suspect or chance[row] >= PLAINLY_HARMLESS]
        if again:
            near = _around(self._centre, closer([pieces[row] for row in again]))
            alike = _near(meaning[again] @ self._hard_examples.T + near @ self._hard_closer.T - 1.0)
            scores[again] = _CLOSER_SHARE * (alike @ learnt.hard_pulls)
            scores[again] += _by_letters([written[row] for row in again], learnt.hard_letters)
            chance[again] = between(_chance(scores[again], learnt.curves[1]), chance[again], FIRST_SHARE)
        return [
            dict(zip(ALARMS, shared, strict=True))
            for shared in (_shared(row, float(p)) for row, p in zip(scores, chance, strict=True))
        ]


def load_classifier(folder: Path, cache: Path, progress: Progress | None = None) -> AlarmClassifier | None:
    """The classifier for the present examples; while it has not been trained, the last one there was, or none.

    It never trains: that takes minutes, in which no message would be answered. Rules go on alone.

    Args:
        folder: Folder of `*.yml`.
        cache: Folder where what was learnt is kept (`nlu/models`).
        progress: Told in Italian where it has still to be trained.

    Raises:
        AlarmDataError: The examples cannot be read.
    """
    kept = last_kept(_place(example_files(folder), cache))
    if progress and kept.untaught:
        progress(kept.untaught.format(who="L'orecchio degli allarmi", alone="le sole regole"))
    return AlarmClassifier(Learnt(**read_kept(kept.file))) if kept.file else None


def train_classifier(folder: Path, cache: Path, progress: Progress | None = None) -> Path:
    """Train where the examples have changed, some minutes from nothing; otherwise answer at once.

    Returns:
        The file that holds what was learnt.

    Raises:
        AlarmDataError: Faults in the examples.
    """
    files = example_files(folder)
    kept = _place(files, cache)
    if not kept.exists():
        if progress:
            progress("Il programma impara a riconoscere gli allarmi dagli esempi (da uno a tre minuti)…")
        last = last_kept(kept).file
        before = Learnt(**read_kept(last)) if last else None
        # In half precision the vectors change no chance by a hundredth.
        keep(kept, fit(read_examples(files), before), half=("examples", "closer"))
    return kept


def fit(examples: Sequence[Example], before: Learnt | None = None) -> Learnt:
    """Learn from examples; the same ones always give the same.

    Args:
        examples: What to learn from.
        before: What was learnt before: the numbers of the examples that were there already are taken from it.
    """
    texts = [example.text for example in examples]
    wanted = np.array(
        [[bool(e.alarms), *(alarm in e.alarms for alarm in ALARMS)] for e in examples], dtype=np.float32
    )
    alarmed = wanted[:, 0] > 0
    known = _Known(before)
    marks = np.array([_mark(text) for text in texts], dtype=np.uint64)
    # What ordinary lines teach is much the same: the first rung learns from one in `_ONE_IN` of many, and is tried on the rest.
    share = _ONE_IN if (~alarmed).sum() > _MANY else 1
    taught = np.flatnonzero(alarmed | (marks % share == 0))
    with ThreadPoolExecutor(1) as beside:
        # The alarms are needed by the second encoder in any case: it reads them while the first one works.
        reading = beside.submit(
            known.closer, [t for t, danger in zip(texts, alarmed, strict=True) if danger], 1
        )
        meaning = known.meanings(texts)
        written = _written(texts)
        with all_processors():
            alike = _MEANING_SHARE * _near(meaning[taught] @ meaning[taught].T, _SHARPNESS)
            alike += (1 - _MEANING_SHARE) * (written[taught] @ written[taught].T)
            pulls = np.zeros_like(wanted)
            pulls[taught], left_out = _solve(alike, wanted[taught], _ALARM_WEIGHT / share)
            by_letters = (1 - _MEANING_SHARE) * (written.T @ pulls)
            without = _MEANING_SHARE * (_near(meaning @ meaning[taught].T, _SHARPNESS) @ pulls[taught])
            without += written @ by_letters
            without[taught] = left_out
        first = _curve(_danger(without), alarmed)
        reading.result()
    hard = _hardest(_chance(without, first), alarmed)
    raw = known.closer([texts[row] for row in hard], os.cpu_count() or 1)
    near = _around(raw.mean(axis=0), raw)
    with all_processors():
        alike = _CLOSER_SHARE * _near(meaning[hard] @ meaning[hard].T + near @ near.T - 1.0)
        alike += (1 - _CLOSER_SHARE) * (written[hard] @ written[hard].T)
        hard_pulls, hard_without = _solve(alike, wanted[hard], _ALARM_WEIGHT)
    second = _curve(_danger(hard_without), alarmed[hard])
    return Learnt(
        marks,
        meaning,
        hard,
        raw,
        pulls,
        hard_pulls,
        by_letters,
        (1 - _CLOSER_SHARE) * (written[hard].T @ hard_pulls),
        np.array([first, second], dtype=np.float32),
    )


# --- kernels and curves -------------------------------------------------------------------------------------------


def _near(products: NDArray[Any], sharpness: float = 1.0) -> Array:
    """A Gaussian kernel of vectors of length 1, from their products."""
    return np.asarray(np.exp(sharpness * (products - 1.0)), dtype=np.float32)


def _around(centre: Array, vectors: Array) -> Array:
    """Directions from the centre: the second encoder's vectors all point much the same way."""
    away = vectors - centre
    return np.asarray(away / (np.linalg.norm(away, axis=1, keepdims=True) + 1e-9), dtype=np.float32)


def _hardest(chance: Array, alarmed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The places of the alarms, and of the ordinary examples that the first rung is least sure of."""
    unsure = np.flatnonzero(~alarmed & (chance >= PLAINLY_HARMLESS))
    unsure = unsure[np.argsort(-chance[unsure], kind="stable")[:MOST_HARD]]
    return np.sort(np.concatenate([np.flatnonzero(alarmed), unsure]))


def _solve(alike: Array, wanted: Array, alarm_weight: float) -> tuple[Array, Array]:
    """Ridge regression: the pull of each example, and what each would score had it been left out."""
    weight = np.where(wanted[:, 0] > 0, alarm_weight, 1.0).astype(np.float32)
    # Cholesky's halves keep single precision exact enough; an inverse put together from blocks does not (the matrix has
    # one direction, what all texts share, thousands of times longer than the ridge).
    half = _lower_inverse(np.linalg.cholesky(alike + np.diag(_RIDGE / weight)))
    pulls: Array = np.asarray(half.T @ (half @ wanted), dtype=np.float32)
    return pulls, np.asarray(wanted - pulls / np.einsum("ij,ij->j", half, half)[:, None], dtype=np.float32)


def _lower_inverse(lower: Array) -> Array:
    """Of a lower triangular matrix, by halves."""
    if len(lower) <= _WHOLE:
        return np.asarray(np.linalg.inv(lower), dtype=np.float32)
    half = len(lower) // 2
    found = np.zeros_like(lower)
    found[:half, :half] = _lower_inverse(lower[:half, :half])
    found[half:, half:] = _lower_inverse(lower[half:, half:])
    found[half:, :half] = -found[half:, half:] @ (lower[half:, :half] @ found[:half, :half])
    return found


def _danger(scores: Array) -> Array:
    """One number a row: the mean of "any alarm" and of the likeliest one."""
    return np.asarray((scores[:, 0] + scores[:, 1:].max(axis=1)) / 2, dtype=np.float32)


def _chance(scores: Array, curve: Sequence[float] | Array) -> Array:
    return (1.0 / (1.0 + np.exp(-np.clip(_danger(scores) * curve[0] + curve[1], -30, 30)))).astype(np.float32)


def _shared(scores: Array, chance: float) -> Iterator[float]:
    """The chance of danger, given whole to the likeliest alarm and in part to the others."""
    each = np.clip(scores[1:], 1e-6, None)
    return (chance * float(part) for part in each / each.max())


def _curve(scores: Array, wanted: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset of the logistic curve from scores to probabilities (Newton's method)."""
    rows = np.stack([scores, np.ones_like(scores)], axis=1).astype(np.float64)
    line = np.array([5.0, -2.5])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-np.clip(rows @ line, -30, 30)))
        bend = rows.T @ (rows * (chance * (1 - chance))[:, None]) + 1e-6 * np.eye(2)
        line = line - np.linalg.solve(bend, rows.T @ (chance - wanted))
    return float(line[0]), float(line[1])


def _written(texts: Sequence[str]) -> Array:
    rows = np.zeros((len(texts), LETTERS), dtype=np.float32)
    for row, text in enumerate(texts):
        places, values = letters(text)
        rows[row, places] = values
    return rows


def _by_letters(written: Sequence[tuple[NDArray[np.int64], Array]], weights: Array) -> Array:
    return np.stack([values @ weights[places] for places, values in written])


# --- what is kept -------------------------------------------------------------------------------------------------


class _Known:
    """The numbers of examples that were read before; the others are read and remembered."""

    def __init__(self, before: Learnt | None) -> None:
        self._meaning: dict[int, Array] = {}
        self._closer: dict[int, Array] = {}
        if before is not None:
            self._meaning = dict(zip(before.marks.tolist(), before.examples, strict=True))
            self._closer = dict(zip(before.marks[before.hard].tolist(), before.closer, strict=True))

    def meanings(self, texts: Sequence[str]) -> Array:
        new = [text for text in texts if _mark(text) not in self._meaning]
        self._meaning.update(zip(map(_mark, new), meanings(new), strict=True))
        return np.stack([self._meaning[_mark(text)] for text in texts])

    def closer(self, texts: Sequence[str], hands: int) -> Array:
        new = [text for text in texts if _mark(text) not in self._closer]
        if new:
            self._closer.update(zip(map(_mark, new), closer_together(new, hands), strict=True))
        return np.stack([self._closer[_mark(text)] for text in texts])


def _mark(text: str) -> int:
    """A number for a text, the same in every run."""
    data = text.encode()
    return zlib.crc32(data) << 32 | zlib.adler32(data)


def _place(files: Sequence[Path], cache: Path) -> Path:
    return cache / f"alarms-{RECIPE}-{fingerprint(files)}.npz"
