"""What the bot had just asked, which `/model/parse` has no place for, and which changes what "sì" means."""

from __future__ import annotations

import re
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

NOTHING = "nessuna"
ASKED = (
    NOTHING,
    "nome",
    "cosa_succede",
    "come_sta",
    "esperienze_passate",
    "cosa_vorrebbe",
    "bisogno",
    "attivita",
    "zona",
    "persone",
    "presenza_oggi",
    "ostacoli",
    "urgenza",
    "contatto",
    "lingua",
    "consenso",
    "riassunto",
    "persona",
    "riprendere",
    "apertura",
)
YES_OR_NO = ("consenso", "riassunto", "persona", "riprendere")
"""Questions that "sì" answers; the others, but for these two, ask for something to be told."""
ASKS_NOTHING = (NOTHING, "apertura")
_PREFIX = re.compile(r"<([a-z_]+)>\s?(.*)", re.DOTALL)


def kinds() -> np.ndarray:
    """For each of `ASKED`: itself, and the kind of question it is; shape (contexts, contexts + 3).

    The kind is what lets one word that was never seen ("Lambrate") be read as an answer.
    """
    kind = [
        [float(name in ASKS_NOTHING), float(name in YES_OR_NO), float(name not in ASKS_NOTHING + YES_OR_NO)]
        for name in ASKED
    ]
    return np.hstack([np.eye(len(ASKED)), kind]).astype(np.float32) * 2.0


def parted(text: str) -> tuple[str | None, str]:
    """The prefix and the rest; no prefix, or one that does not exist, is None ("whatever was asked")."""
    found = _PREFIX.fullmatch(text.strip())
    if found is None or found[1] not in ASKED:
        return None, text.strip()
    return found[1], found[2].strip()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class AskedContext(DenseFeaturizer, GraphComponent):
    """Takes the prefix off (`<consenso> sì, va bene`) and gives it to the classifier as a one-hot feature.

    Our client puts exactly one prefix before every text (`<nessuna>` when nothing was asked), so what a person
    writes is never read as one. Examples for training may go without: they hold whatever was asked, and
    their feature is all zeros.

    Leading slashes go too: after the pipeline Rasa reads "/intent{...}" as an order, with confidence 1.0
    (`RegexMessageHandler`), and prints it where the order cannot be read.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Only the name under which the classifier finds the feature."""
        return {FEATURIZER_CLASS_ALIAS: "asked"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AskedContext:
        """See `GraphComponent`."""
        return cls(execution_context.node_name, config)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to get wrong."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Part each message, in place. A message that arrives without a prefix was asked nothing."""
        for message in messages:
            self._part(message, NOTHING)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for the examples, where no prefix means any."""
        for message in training_data.training_examples:
            self._part(message, None)
        return training_data

    def _part(self, message: Message, otherwise: str | None) -> None:
        text = message.get(TEXT)
        if not text:
            return
        asked, rest = parted(text)
        message.set(TEXT, rest.lstrip("/ "), add_to_output=True)
        one_hot = np.array([[float(name == (asked or otherwise)) for name in ASKED]], dtype=np.float32)
        self.add_features_to_message(None, one_hot, TEXT, message)
