"""Which of the 25 acts a message is, with a probability that can be believed."""

from __future__ import annotations

import json
import logging
from typing import Any

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ActClassifier(IntentClassifier, GraphComponent):
    """Logistic regression over every feature before it in the pipeline, each with its own weight."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`features`: names and weights of the featurizers it listens to; `C`: inverse of the regularisation."""
        return {"features": {"asked": 1.0, "sentence": 2.0, "letters": 1.0}, "C": 10.0}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._acts: list[str] = []
        self._weights = np.zeros((0, 0), dtype=np.float32)
        self._bias = np.zeros(0, dtype=np.float32)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ActClassifier:
        """See `GraphComponent`."""
        return cls(config, model_storage, resource)

    def _features(self, messages: list[Message]) -> scipy.sparse.csr_matrix:
        rows = []
        for message in messages:
            parts = []
            for name, weight in self._config["features"].items():
                _, sparse = message.get_sparse_features(TEXT, [name])
                _, dense = message.get_dense_features(TEXT, [name])
                found = sparse.features if sparse else scipy.sparse.csr_matrix(dense.features)
                parts.append(found * weight)
            rows.append(scipy.sparse.hstack(parts))
        return scipy.sparse.vstack(rows).tocsr()

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples and keep weights and bias as plain arrays."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        model = LogisticRegression(C=self._config["C"], class_weight="balanced", max_iter=300)
        model.fit(self._features(examples), [m.get(INTENT) for m in examples])
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "acts.json").write_text(json.dumps(model.classes_.tolist()), encoding="utf-8")
            np.savez(folder / "model.npz", weights=model.coef_.astype(np.float32), bias=model.intercept_)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ActClassifier:
        """Read back what `train` wrote."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component._acts = json.loads((folder / "acts.json").read_text(encoding="utf-8"))
            with np.load(folder / "model.npz", allow_pickle=False) as kept:
                component._weights, component._bias = kept["weights"], kept["bias"]
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank all acts; a message without text gets no act at all."""
        for message in messages:
            if not message.get(TEXT):
                continue
            scores = self._features([message]) @ self._weights.T + self._bias
            odds = np.exp(scores[0] - scores[0].max())
            ranking = [
                {"name": self._acts[i], "confidence": float(p)}
                for i, p in sorted(enumerate(odds / odds.sum()), key=lambda pair: -pair[1])
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages
