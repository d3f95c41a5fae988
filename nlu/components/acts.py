"""Which of the 25 acts a message is, with a probability that can be believed."""

from __future__ import annotations

import json
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
from sklearn.feature_selection import chi2

from components.asked import kinds
from components.network import Network, fit, softmax, temperature


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ActClassifier(IntentClassifier, GraphComponent):
    """Small networks over words and letters, meaning and what was asked; their mean decides.

    Each network is trained without a part of the examples of its own; on those parts, which it has not seen, the
    temperature is fitted that makes "0.8" be right eight times in ten.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`networks`: how many; `grams`: how many n-grams are kept, those that tell most about the act."""
        return {"networks": 2, "grams": 5000}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._acts: list[str] = []
        self._networks: list[Network] = []
        self._temperature = 1.0
        self._kept = np.zeros(0, dtype=np.int64)
        self._middle = self._spread = np.zeros(0, dtype=np.float32)

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

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples; what is kept are plain arrays, never pickled code."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        self._acts = sorted({m.get(INTENT) for m in examples})
        labels = np.array([self._acts.index(m.get(INTENT)) for m in examples])
        self._learn_scales(examples, labels)
        told, asked = self._told(examples), _dense(examples, "asked")
        self._networks, unseen, truth = [], [], []
        parts = np.random.default_rng(0).permutation(len(examples)) % 10
        for number in range(self._config["networks"]):
            out = parts == number % 10
            network = fit(told[~out], asked[~out], kinds(), labels[~out], len(self._acts), seed=number)
            self._networks.append(network)
            unseen.append(network.scores(np.hstack([told[out], _asked_nothing(asked[out]) @ kinds()])))
            truth.append(labels[out])
        self._temperature = temperature(np.concatenate(unseen), np.concatenate(truth))
        self._persist()
        return self._resource

    def _learn_scales(self, examples: list[Message], labels: np.ndarray) -> None:
        telling, _ = chi2(_sparse(examples, "letters"), labels)
        kept = np.argsort(-np.nan_to_num(telling))[: self._config["grams"]]
        self._kept = np.sort(kept)
        meanings = self._meanings(examples)
        self._middle = meanings.mean(axis=0)
        self._spread = meanings.std(axis=0) + 1e-6

    def _meanings(self, messages: list[Message]) -> np.ndarray:
        """What the messages mean, in numbers; shape (messages, dimensions)."""
        return _dense(messages, "sentence")

    def _weights(self) -> np.ndarray:
        """How much each of these numbers weighs beside an n-gram."""
        return np.full(len(self._middle), 3 / np.sqrt(1000), dtype=np.float32)

    def _told(self, messages: list[Message]) -> np.ndarray:
        """What was said, as the networks see it; shape (messages, kept n-grams + meaning)."""
        letters = _sparse(messages, "letters")[:, self._kept].toarray() * 1.5
        meanings = (self._meanings(messages) - self._middle) / self._spread
        return np.hstack([letters, meanings * self._weights()]).astype(np.float32)

    def _persist(self) -> None:
        arrays = {"kept": self._kept, "middle": self._middle, "spread": self._spread}
        for number, network in enumerate(self._networks):
            arrays |= {f"{number}.{name}": array for name, array in vars(network).items()}
        with self._model_storage.write_to(self._resource) as folder:
            about = {"acts": self._acts, "temperature": self._temperature, "networks": len(self._networks)}
            (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
            np.savez(folder / "arrays.npz", **arrays)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ActClassifier:
        """Read back what `train` kept."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
            with np.load(folder / "arrays.npz", allow_pickle=False) as kept:
                component._kept, component._middle, component._spread = (
                    kept["kept"],
                    kept["middle"],
                    kept["spread"],
                )
                component._networks = [
                    Network(*(kept[f"{number}.{name}"] for name in ("w1", "b1", "w2", "b2")))
                    for number in range(about["networks"])
                ]
        component._acts, component._temperature = about["acts"], about["temperature"]
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank all acts; a message without text gets none."""
        told = [m for m in messages if m.get(TEXT)]
        if not told:
            return messages
        features = np.hstack([self._told(told), _dense(told, "asked") @ kinds()])
        odds = [softmax(network.scores(features) / self._temperature) for network in self._networks]
        for message, probabilities in zip(told, np.mean(odds, axis=0), strict=True):
            ranking = [
                {"name": self._acts[i], "confidence": float(probabilities[i])}
                for i in np.argsort(-probabilities)
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def _sparse(messages: list[Message], featurizer: str) -> scipy.sparse.csr_matrix:
    found = [m.get_sparse_features(TEXT, [featurizer])[1] for m in messages]
    return scipy.sparse.vstack([features.features for features in found]).tocsr()


def _dense(messages: list[Message], featurizer: str) -> np.ndarray:
    found = [m.get_dense_features(TEXT, [featurizer])[1] for m in messages]
    return np.vstack([features.features for features in found]).astype(np.float32)


def _asked_nothing(asked: np.ndarray) -> np.ndarray:
    """An example that holds in any context, judged as if nothing had been asked."""
    asked = asked.copy()
    asked[asked.sum(axis=1) == 0, 0] = 1.0
    return asked
