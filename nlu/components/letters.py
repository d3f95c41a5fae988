"""Which words and letters a message is made of: typos, dialect and half words still share most of their letters."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from components.wording import bare


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class WordsAndLetters(SparseFeaturizer, GraphComponent):
    """Weighted counts (tf-idf) of words and pairs of words, and of 2 to 5 letters within a word."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`words` and `letters`: shortest and longest n-gram of each."""
        return {FEATURIZER_CLASS_ALIAS: "letters", "words": [1, 2], "letters": [2, 5]}

    def __init__(
        self, config: dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._counters = [
            TfidfVectorizer(
                token_pattern=r"(?u)\w+|[^\w\s]", ngram_range=tuple(config["words"]), sublinear_tf=True
            ),
            TfidfVectorizer(analyzer="char_wb", ngram_range=tuple(config["letters"]), sublinear_tf=True),
        ]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WordsAndLetters:
        """See `GraphComponent`."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing that scikit-learn would not say by itself."""

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which n-grams exist and how rare each is; kept as JSON and NumPy, never as pickled code."""
        texts = [bare(m.get(TEXT)) for m in training_data.training_examples if m.get(TEXT)]
        with self._model_storage.write_to(self._resource) as folder:
            for number, counter in enumerate(self._counters):
                counter.fit(texts)
                grams = sorted(counter.vocabulary_, key=counter.vocabulary_.__getitem__)
                (folder / f"grams{number}.json").write_text(json.dumps(grams), encoding="utf-8")
                np.save(folder / f"idf{number}.npy", counter.idf_)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> WordsAndLetters:
        """Read back what `train` wrote."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            for number, counter in enumerate(component._counters):
                grams = json.loads((folder / f"grams{number}.json").read_text(encoding="utf-8"))
                counter.vocabulary_ = {gram: column for column, gram in enumerate(grams)}
                counter.idf_ = np.load(folder / f"idf{number}.npy", allow_pickle=False)
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Count each message."""
        told = [m for m in messages if m.get(TEXT)]
        if not told:
            return messages
        texts = [bare(m.get(TEXT)) for m in told]
        counted = scipy.sparse.hstack([c.transform(texts) for c in self._counters]).tocsr()
        for row, message in enumerate(told):
            one = counted[row].tocoo()
            self.add_features_to_message(None, one, TEXT, message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for the examples."""
        self.process(training_data.training_examples)
        return training_data
