"""The second opinion: what a message sounds like, beside what the rules hear in it.

Rules are exact and narrow; people say things in ever new ways. Kernel ridge regression over what a sentence means (the encoder
of the alarms), its words and groups of letters, and what had been asked, compares it with the examples of `nlu/facts/`.
The sentences of a message are compared one by one, and the whole message once more. What becomes a fact, of this and of what
the rules heard, the judge decides (`judge.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.conversation.types import FactId
from bot.understanding.facts.examples import Example
from bot.understanding.facts.opinion import Opinion, Opinions
from bot.understanding.meaning import LETTERS, all_processors, letters, meanings
from bot.understanding.normalise import sentences

Array = NDArray[np.float32]

RECIPE = "4"
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
_ASKED_WEIGHT = 0.25
_RIDGE = 0.1
FOLDS = 5
"""Parts of the judge's stories, each heard by a second opinion that has learnt all but that part."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What training leaves, of n examples and k labels.

    Attributes:
        middle: (`MEANING`,): the mean meaning, taken off every one.
        examples: (n, `MEANING`): what the examples mean, centred, of length 1.
        places: all examples' letter places in a row; `starts`: (n,): where each begins.
        asked: (n,): what had been asked, as in `questions`.
        pulls: (n, k): how much each example pulls towards each label.
        labels: (k,): "fact value", and "fact" alone: it tells something of this.
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
    """Ready for use; see `loading.load_facts`."""

    def __init__(self, learnt: Learnt) -> None:
        self._learnt = learnt
        self._labels = [(FactId(f), v) for f, _, v in (str(label).partition(" ") for label in learnt.labels)]
        self._questions = {str(name): number for number, name in enumerate(learnt.questions)}
        self._written = _Written(learnt.places, learnt.starts)

    def opinions(self, text: str, asked: str) -> Opinions:
        """What the sentences of a message seem to tell, and what the whole does.

        Args:
            text: The message, masked.
            asked: What the bot had just asked, or "".
        """
        pieces = _pieces(text)
        if not text.strip():
            return Opinions((), {})
        scores = self.scores([*pieces, text] if text not in pieces else pieces, asked)
        whole = scores[pieces.index(text) if text in pieces else -1]
        told = scores[: len(pieces)] if pieces else scores[:0]
        found = [
            Opinion(fact, value, pieces[best], float(told[best, k]))
            for k, (fact, value) in enumerate(self._labels)
            if value and pieces and told[best := int(told[:, k].argmax()), k] >= FAINT
        ]
        found.sort(key=lambda opinion: -opinion.score)
        return Opinions(tuple(found), dict(zip(self._labels, whole.tolist(), strict=True)))

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


def fit(examples: Sequence[Example]) -> tuple[Learnt, list[tuple[Learnt, list[Example]]]]:
    """Learn from examples; the same ones always give the same.

    Returns:
        What is learnt from all; and each part of the judge's stories with what is learnt without them.
    """
    texts = [example.text for example in examples]
    values = sorted({label for example in examples for label in example.told if label[0] not in NOT_LEARNT})
    facts = sorted({fact for fact, _ in values})
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
        np.zeros((len(texts), 0), dtype=np.float32),
        np.array([f"{fact} {value}" for fact, value in values] + facts),
        np.array(questions),
        np.array([], dtype=np.str_),
        np.array([], dtype=np.float64),
    )
    wanted = np.array(
        [
            [value in example.told for value in values] + [fact in dict(example.told) for fact in facts]
            for example in examples
        ],
        dtype=np.float64,
    )
    judged = [row for row, example in enumerate(examples) if example.judged]
    parts = [rows for part in range(FOLDS) if (rows := judged[part::FOLDS])]
    with all_processors():
        pulls, apart = _pulls(_gram(learnt, written), wanted, parts)
    return replace(learnt, pulls=pulls), [
        (replace(learnt, pulls=less), [examples[row] for row in rows])
        for rows, less in zip(parts, apart, strict=True)
    ]


def _gram(learnt: Learnt, written: Sequence[NDArray[np.int32]]) -> Array:
    """(n, n): how alike the examples are."""
    known = _Written(learnt.places, learnt.starts)
    rows = []
    for row, places in enumerate(written):
        same = (learnt.asked == learnt.asked[row]) & (learnt.asked[row] > 0)
        rows.append(_alike(learnt, known, learnt.examples[row], places) * _weights(same))
    return np.stack(rows)


def _pulls(
    alike: Array, wanted: NDArray[np.float64], parts: Sequence[list[int]]
) -> tuple[Array, list[Array]]:
    """(n, k): what ridge regression gives each example; and the same without each of the parts, whose examples get 0.

    Leaving rows out of a system whose inverse is known takes a small one (block inversion).
    """
    inverse = np.linalg.inv(alike.astype(np.float64) + _RIDGE * np.eye(len(alike)))
    pulls = inverse @ wanted
    apart = []
    for rows in parts:
        less = inverse[:, rows] @ np.linalg.solve(inverse[np.ix_(rows, rows)], pulls[rows])
        left = (pulls - less).astype(np.float32)
        left[rows] = 0.0
        apart.append(left)
    return pulls.astype(np.float32), apart


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
