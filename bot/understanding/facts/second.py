"""The second opinion: what a message tells of needs, obstacles, past, mood and trade where no rule hears anything.

Rules are exact and narrow; people say things in ever new ways. Kernel ridge regression over what a sentence means (the encoder
of the alarms), its words and groups of letters, and what had been asked, compares it with the examples of `nlu/facts/`. On
446 messages by another hand it added 37 of the 139 values that the rules of the day had missed, and 4 that were wrong.
It never speaks where the rules do: not of a fact they heard, nor of a value they heard denied, past, or somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.conversation.types import FactId
from bot.understanding.facts.opinion import Opinion
from bot.understanding.learnt import fingerprint, keep, read_kept
from bot.understanding.meaning import LETTERS, letters, meanings
from bot.understanding.normalise import sentences

Array = NDArray[np.float32]
Label = tuple[str, str]
Progress = Callable[[str], None]

RECIPE = "1"
"""Changed by hand when the code below would learn other things from the same examples."""
SURE = {
    FactId.BISOGNO: 0.45,
    FactId.OSTACOLI: 0.45,
    FactId.ESPERIENZE_PASSATE: 0.45,
    FactId.COME_STA: 0.4,
    FactId.ATTIVITA: 0.38,
    FactId.CONTATTO: 0.42,
    FactId.TRUFFA_IN_CORSO: 0.45,
}
"""From which score on an opinion is given; what is named (channels, places, numbers) is left to the rules."""
SHORTEST = 2
"""Words of the shortest sentence that is compared."""
MOST_READ = 8
"""Sentences that are compared, of a long message."""
_MEANING_SHARE = 0.7
_SHARPNESS = 1.0
_ASKED_WEIGHT = 1.2
_RIDGE = 0.1
_CONTEXT = re.compile(r"^<(\w+)>\s*")


class ExampleError(ValueError):
    """The examples cannot be used; `problems` holds every fault as `file:riga: messaggio`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Example:
    """One line to learn from: the text, what had been asked ("" = nothing), and what it tells."""

    text: str
    asked: str
    told: frozenset[Label]


@dataclass(frozen=True, slots=True)
class Learnt:
    """What training leaves, of n examples and k labels.

    Attributes:
        middle: (`MEANING`,): the mean meaning, taken off every one.
        examples: (n, `MEANING`): what the examples mean, centred, of length 1.
        places: all examples' letter places in a row; `starts`: (n,): where each begins.
        asked: (n,): what had been asked, as in `questions`.
        pulls: (n, k): how much each example pulls towards each label.
        labels: (k,): "fact value".
        questions: names of what was asked; the first is "".
    """

    middle: Array
    examples: Array
    places: NDArray[np.int32]
    starts: NDArray[np.int64]
    asked: NDArray[np.int16]
    pulls: Array
    labels: NDArray[np.str_]
    questions: NDArray[np.str_]


class SecondOpinion:
    """Ready for use; see `load_second`."""

    def __init__(self, learnt: Learnt) -> None:
        self._learnt = learnt
        self._labels = [(FactId(f), v) for f, _, v in (str(label).partition(" ") for label in learnt.labels)]
        self._questions = {str(name): number for number, name in enumerate(learnt.questions)}
        lengths = np.diff(np.append(learnt.starts, len(learnt.places)))
        self._scale = (1.0 / np.sqrt(np.maximum(lengths, 1))).astype(np.float32)

    def opinions(self, text: str, asked: str) -> list[Opinion]:
        """What the sentences of a message seem to tell, the surest first, each value once.

        Args:
            text: The message, masked.
            asked: What the bot had just asked, or "".
        """
        pieces = _pieces(text)
        if not pieces:
            return []
        scores = self.scores(pieces, asked)
        best = scores.argmax(axis=0)
        found = [
            Opinion(fact, value, pieces[best[k]], float(scores[best[k], k]))
            for k, (fact, value) in enumerate(self._labels)
            if fact in SURE and scores[best[k], k] >= SURE[fact]
        ]
        return sorted(found, key=lambda opinion: -opinion.score)

    def scores(self, pieces: Sequence[str], asked: str) -> Array:
        """(pieces, k): about 1 for what is like the examples of a label, about 0 for what is not."""
        learnt = self._learnt
        rows = np.stack(
            [
                _alike(learnt, self._scale, meant, letters(piece)[0].astype(np.int32))
                for piece, meant in zip(pieces, _centred(meanings(pieces), learnt.middle), strict=True)
            ]
        )
        same = (learnt.asked == self._questions.get(asked, -1)) & (learnt.asked > 0)
        return np.asarray(rows * _weights(same) @ learnt.pulls, dtype=np.float32)


def load_second(examples: Path, cache: Path, progress: Progress | None = None) -> SecondOpinion | None:
    """The second opinion for the present examples, trained first where it has to be (seconds); None without examples.

    Args:
        examples: Folder of `*.yml`, in it one folder per language.
        cache: Folder where what was learnt is kept (`nlu/models`).
        progress: Told in Italian when it has to be trained.

    Raises:
        ExampleError: Faults in the examples.
    """
    files = sorted(examples.rglob("*.yml"))
    if not files:
        return None
    kept = train_second(examples, cache, progress)
    return SecondOpinion(Learnt(**read_kept(kept)))


def train_second(examples: Path, cache: Path, progress: Progress | None = None) -> Path:
    """Train where the examples have changed; otherwise answer at once.

    Returns:
        The file that holds what was learnt.

    Raises:
        ExampleError: Faults in the examples.
    """
    files = sorted(examples.rglob("*.yml"))
    kept = cache / f"facts-{RECIPE}-{fingerprint(files)}.npz"
    if not kept.exists():
        if progress:
            progress("Il programma impara dagli esempi come si raccontano i fatti (circa 20 s)…")
        keep(kept, fit(read_examples(files)), half=("examples",))
    return kept


def read_examples(files: Sequence[Path]) -> list[Example]:
    """Every example of the files; a text that stands in several tells all that they say.

    Raises:
        ExampleError: With all the problems found.
    """
    found: dict[tuple[str, str], set[Label]] = {}
    problems: list[str] = []
    for file in files:
        try:
            data: Any = YAML(typ="safe", pure=False).load(file.read_text(encoding="utf-8"))
        except YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
            problems.append(f"{file}:{line}: il file non è YAML valido")
            continue
        for text, asked, told in _examples(data or {}, file, problems):
            found.setdefault((text, asked), set()).update(told)
    if problems:
        raise ExampleError(problems)
    return [Example(text, asked, frozenset(told)) for (text, asked), told in found.items()]


def _examples(data: Any, file: Path, problems: list[str]) -> Iterator[tuple[str, str, set[Label]]]:
    for story in data.get("stories") or []:
        told = {
            (str(fact), str(value).lower() if isinstance(value, bool) else str(value))
            for fact, values in (story.get("facts") or {}).items()
            for value in (values if isinstance(values, list) else [values])
        }
        if unknown := [fact for fact, _ in told if fact not in set(FactId)]:
            problems.append(f"{file}:1: «{unknown[0]}» non è una voce della scheda di ascolto")
            continue
        yield str(story.get("text") or ""), str(story.get("asked") or ""), told
    if "values" not in data and "none" not in data:
        return
    fact = str(data.get("fact") or "")
    if fact not in set(FactId):
        problems.append(f"{file}:1: «{fact}» non è una voce della scheda di ascolto")
        return
    for value, listed in [*(data.get("values") or {}).items(), ("", data.get("none"))]:
        for line in str(listed or "").splitlines():
            if text := line.strip():
                asked = _CONTEXT.match(text)
                yield _CONTEXT.sub("", text), asked[1] if asked else "", {(fact, value)} if value else set()


def fit(examples: Sequence[Example]) -> Learnt:
    """Learn from examples; the same ones always give the same."""
    texts = [example.text for example in examples]
    labels = sorted({label for example in examples for label in example.told if label[0] in SURE})
    questions = ["", *sorted({example.asked for example in examples} - {""})]
    meant = meanings(texts)
    middle = meant.mean(axis=0)
    written = [letters(text)[0].astype(np.int32) for text in texts]
    learnt = Learnt(
        middle,
        _centred(meant, middle),
        np.concatenate(written),
        np.cumsum([0, *(len(w) for w in written[:-1])]),
        np.array([questions.index(example.asked) for example in examples], dtype=np.int16),
        np.zeros((len(texts), len(labels)), dtype=np.float32),
        np.array([f"{fact} {value}" for fact, value in labels]),
        np.array(questions),
    )
    scale = np.array([1.0 / np.sqrt(max(len(w), 1)) for w in written], dtype=np.float32)
    alike = np.stack([_alike(learnt, scale, learnt.examples[row], written[row]) for row in range(len(texts))])
    for row, question in enumerate(learnt.asked):
        alike[row] *= _weights((learnt.asked == question) & (question > 0))
    wanted = np.array([[label in example.told for label in labels] for example in examples], dtype=np.float64)
    pulls = np.linalg.solve(alike.astype(np.float64) + _RIDGE * np.eye(len(texts)), wanted)
    return Learnt(
        learnt.middle,
        learnt.examples,
        learnt.places,
        learnt.starts,
        learnt.asked,
        pulls.astype(np.float32),
        learnt.labels,
        learnt.questions,
    )


def _weights(same: NDArray[np.bool_]) -> Array:
    """Examples that answer the same question count more."""
    return np.asarray((1.0 + _ASKED_WEIGHT * same) / (1.0 + _ASKED_WEIGHT), dtype=np.float32)


def _alike(learnt: Learnt, scale: Array, meant: Array, places: NDArray[np.int32]) -> Array:
    """(n,): how much each example is like a text, by what it means (centred) and by its letters."""
    near = np.exp(-_SHARPNESS * (1.0 - learnt.examples @ meant))
    mine = np.zeros(LETTERS, dtype=np.float32)
    mine[places] = 1.0 / np.sqrt(max(len(places), 1))
    shared = np.add.reduceat(mine[learnt.places], learnt.starts) * scale
    return np.asarray(_MEANING_SHARE * near + (1 - _MEANING_SHARE) * shared, dtype=np.float32)


def _centred(meant: Array, middle: Array) -> Array:
    apart = meant - middle
    return np.asarray(
        apart / np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-6), dtype=np.float32
    )


def _pieces(text: str) -> list[str]:
    """The sentences of a message that are long enough to tell something; of a short message also the whole."""
    found = [piece for piece in sentences(text) if len(piece.split()) >= SHORTEST]
    if len(found) > MOST_READ:
        found = found[: MOST_READ // 2] + found[-MOST_READ // 2 :]
    elif len(found) > 1 and len(text) <= 300:
        found.append(text)
    return found
