"""The second opinion: what a message sounds like, beside what the rules hear in it.

Rules are exact and narrow; people say things in ever new ways. Kernel ridge regression over what a sentence means (the encoder
of the alarms), its words and groups of letters, and what had been asked, compares it with the examples of `nlu/facts/`.
What becomes a fact, of this and of what the rules heard, the judge decides (`judge.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.conversation.types import FactId
from bot.understanding.facts.opinion import Opinion
from bot.understanding.meaning import LETTERS, letters, meanings
from bot.understanding.normalise import sentences

Array = NDArray[np.float32]
Label = tuple[str, str]

RECIPE = "2"
"""Changed by hand when the code below would learn other things from the same examples."""
NOT_LEARNT = frozenset({"nome", "zona", "cosa_succede", "cosa_vorrebbe"})
"""Facts whose values are names or free text: there is nothing to sound like."""
FAINT = 0.2
"""From which score on an opinion is given."""
SHORTEST = 2
"""Words of the shortest sentence that is compared."""
MOST_READ = 8
"""Sentences that are compared, of a long message."""
_MEANING_SHARE = 0.6
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
    """One line to learn from: the text, what had been asked ("" = nothing), and what it tells.

    Attributes:
        language: ISO 639-1, for the rules.
        judged: A whole story that the judge is fitted on.
    """

    text: str
    asked: str
    told: frozenset[Label]
    language: str = "it"
    judged: bool = False


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
        marks: (m,): names of the judge's marks.
        weights: (m,): what they weigh.
    """

    middle: Array
    examples: Array
    places: NDArray[np.int32]
    starts: NDArray[np.int64]
    asked: NDArray[np.int16]
    pulls: Array
    labels: NDArray[np.str_]
    questions: NDArray[np.str_]
    marks: NDArray[np.str_]
    weights: NDArray[np.float64]


class SecondOpinion:
    """Ready for use; see `load_second`."""

    def __init__(self, learnt: Learnt) -> None:
        self._learnt = learnt
        self._labels = [(FactId(f), v) for f, _, v in (str(label).partition(" ") for label in learnt.labels)]
        self._questions = {str(name): number for number, name in enumerate(learnt.questions)}
        self._written = _Written(learnt.places, learnt.starts)

    def opinions(self, text: str, asked: str) -> list[Opinion]:
        """What the sentences of a message seem to tell, faint ones too, the surest first, each value once.

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
            if scores[best[k], k] >= FAINT
        ]
        return sorted(found, key=lambda opinion: -opinion.score)

    def scores(self, pieces: Sequence[str], asked: str) -> Array:
        """(pieces, k): about 1 for what is like the examples of a label, about 0 for what is not."""
        learnt = self._learnt
        rows = np.stack(
            [
                _alike(learnt, self._written, meant, letters(piece)[0])
                for piece, meant in zip(pieces, _centred(meanings(pieces), learnt.middle), strict=True)
            ]
        )
        same = (learnt.asked == self._questions.get(asked, -1)) & (learnt.asked > 0)
        return np.asarray(rows * _weights(same) @ learnt.pulls, dtype=np.float32)


def read_examples(files: Sequence[Path]) -> list[Example]:
    """Every example of the files; a text that stands in several tells all that they say.

    Raises:
        ExampleError: With all the problems found.
    """
    found: dict[tuple[str, str], Example] = {}
    problems: list[str] = []
    for file in files:
        try:
            data: Any = YAML(typ="safe", pure=False).load(file.read_text(encoding="utf-8"))
        except YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
            problems.append(f"{file}:{line}: il file non è YAML valido")
            continue
        for example in _examples(data or {}, file, problems):
            known = found.get((example.text, example.asked), example)
            found[example.text, example.asked] = replace(
                example, told=example.told | known.told, judged=example.judged or known.judged
            )
    if problems:
        raise ExampleError(problems)
    return list(found.values())


def _examples(data: Any, file: Path, problems: list[str]) -> Iterator[Example]:
    judged = data.get("judge") is True
    for story in data.get("stories") or []:
        told = {
            (str(fact), str(value).lower() if isinstance(value, bool) else str(value))
            for fact, values in (story.get("facts") or {}).items()
            for value in (values if isinstance(values, list) else [values])
        }
        if unknown := [fact for fact, _ in told if fact not in set(FactId)]:
            problems.append(f"{file}:1: «{unknown[0]}» non è una voce della scheda di ascolto")
            continue
        text, asked, language = (str(story.get(key) or "") for key in ("text", "asked", "language"))
        yield Example(text, asked, frozenset(told), language or "it", judged)
    if "values" not in data and "none" not in data:
        return
    fact = str(data.get("fact") or "")
    if fact not in set(FactId):
        problems.append(f"{file}:1: «{fact}» non è una voce della scheda di ascolto")
        return
    for value, listed in [*(data.get("values") or {}).items(), ("", data.get("none"))]:
        for line in str(listed or "").splitlines():
            if text := line.strip():
                context = _CONTEXT.match(text)
                told = {(fact, value)} if value else set()
                yield Example(_CONTEXT.sub("", text), context[1] if context else "", frozenset(told))


def fit(examples: Sequence[Example]) -> tuple[Learnt, Learnt]:
    """Learn from examples; the same ones always give the same.

    Returns:
        What is learnt from all, and what is learnt without those that the judge is fitted on (of the same shape).
    """
    texts = [example.text for example in examples]
    labels = sorted({label for example in examples for label in example.told if label[0] not in NOT_LEARNT})
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
        np.array([], dtype=np.str_),
        np.array([], dtype=np.float64),
    )
    known = _Written(learnt.places, learnt.starts)
    alike = np.stack([_alike(learnt, known, learnt.examples[row], written[row]) for row in range(len(texts))])
    for row, question in enumerate(learnt.asked):
        alike[row] *= _weights((learnt.asked == question) & (question > 0))
    wanted = np.array([[label in example.told for label in labels] for example in examples], dtype=np.float64)
    every = np.ones(len(texts), dtype=np.bool_)
    apart = np.array([not example.judged for example in examples])
    whole = replace(learnt, pulls=_pulls(alike, wanted, every))
    return whole, replace(learnt, pulls=_pulls(alike, wanted, apart)) if not apart.all() else whole


def _pulls(alike: Array, wanted: NDArray[np.float64], among: NDArray[np.bool_]) -> Array:
    """(n, k): what ridge regression gives each of the examples `among`; 0 for the others."""
    pulls = np.zeros(wanted.shape, dtype=np.float32)
    close = alike[np.ix_(among, among)].astype(np.float64) + _RIDGE * np.eye(int(among.sum()))
    pulls[among] = np.linalg.solve(close, wanted[among])
    return pulls


def _weights(same: NDArray[np.bool_]) -> Array:
    """Examples that answer the same question count more."""
    return np.asarray((1.0 + _ASKED_WEIGHT * same) / (1.0 + _ASKED_WEIGHT), dtype=np.float32)


class _Written:
    """Which examples hold which letters: a text has a few hundred places, the examples together half a million."""

    def __init__(self, places: NDArray[np.int32], starts: NDArray[np.int64]) -> None:
        lengths = np.diff(np.append(starts, len(places)))
        order = np.argsort(places, kind="stable")
        self._holders = np.repeat(np.arange(len(starts)), lengths)[order]
        self._bounds = np.searchsorted(places[order], np.arange(LETTERS + 1))
        self._scale = 1.0 / np.sqrt(np.maximum(lengths, 1))

    def shared(self, places: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """(n,): the cosine of a text's places with those of each example."""
        spans = [self._holders[self._bounds[place] : self._bounds[place + 1]] for place in places]
        counts = np.bincount(np.concatenate(spans or [self._holders[:0]]), minlength=len(self._scale))
        return np.asarray(counts * self._scale / np.sqrt(max(len(places), 1)))


def _alike(learnt: Learnt, written: _Written, meant: Array, places: NDArray[np.integer[Any]]) -> Array:
    """(n,): how much each example is like a text, by what it means (centred) and by its letters."""
    near = np.exp(-_SHARPNESS * (1.0 - learnt.examples @ meant))
    return np.asarray(_MEANING_SHARE * near + (1 - _MEANING_SHARE) * written.shared(places), dtype=np.float32)


def _centred(meant: Array, middle: Array) -> Array:
    apart = meant - middle
    return np.asarray(
        apart / np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-6), dtype=np.float32
    )


def _pieces(text: str) -> list[str]:
    """The sentences of a message that are long enough to tell something; of a short message also the whole ("subito")."""
    found = [piece for piece in sentences(text) if len(piece.split()) >= SHORTEST]
    if len(found) > MOST_READ:
        found = found[: MOST_READ // 2] + found[-MOST_READ // 2 :]
    elif len(found) != 1 and len(text) <= 300 and text.strip():
        found.append(text)
    return found
