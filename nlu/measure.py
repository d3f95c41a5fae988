"""Cross-validates the pipeline on the examples: what each would have been taken for, had it not been an example.

usage: python measure.py EXAMPLES_FOLDER [PARTS]      one JSON object a line on standard output

Examples that are nearly the same stay together in one part, so that no example is recognised by its twin. Runs the
same components as the product, with their default settings.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from components.acts import ActClassifier
from components.asked import NOTHING, AskedContext, parted
from components.letters import WordsAndLetters
from components.second import SecondReading
from components.sentence import SentenceEncoder
from components.wording import bare
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedGroupKFold

NEARLY_THE_SAME = 0.75
"""Cosine of letter triples from which two examples are twins."""


def main(examples: str, parts: int = 5) -> None:
    """Print `{"text", "asked", "act", "predicted", "confidence"}` for every example."""
    told = [m for m in load_data(examples).intent_examples if m.get(TEXT)]
    asked = [parted(m.get(TEXT))[0] for m in told]
    acts = np.array([m.get(INTENT) for m in told])
    texts = [parted(m.get(TEXT))[1] for m in told]
    folds = StratifiedGroupKFold(parts, shuffle=True, random_state=1).split(acts, acts, _twins(texts))
    for learn, judge in folds:
        judged = [Message({TEXT: f"<{asked[i] or NOTHING}> {texts[i]}"}) for i in judge]
        learned = [Message({TEXT: told[i].get(TEXT), INTENT: acts[i]}) for i in learn]
        for place, message in zip(judge, _part(learned, judged), strict=True):
            said = {"text": texts[place], "asked": asked[place], "act": acts[place]}
            best = message.get(INTENT) or {"name": None, "confidence": 0.0}
            print(
                json.dumps({**said, "predicted": best["name"], "confidence": best["confidence"]}), flush=True
            )


def _part(learned: list[Message], judged: list[Message]) -> list[Message]:
    """Train the pipeline on one part of the examples and let it judge the other."""
    examples = TrainingData(learned)
    with tempfile.TemporaryDirectory() as folder:
        storage = LocalModelStorage.create(Path(folder))
        for kind in (AskedContext, SentenceEncoder, WordsAndLetters, ActClassifier, SecondReading):
            around: tuple[Any, ...] = (storage, Resource(kind.__name__), ExecutionContext(GraphSchema({})))
            component = kind.create(kind.get_default_config(), *around)
            if hasattr(component, "train"):
                component.train(examples)
                component = kind.load(kind.get_default_config(), *around)
            if not issubclass(kind, ActClassifier):
                component.process_training_data(examples)
            judged = component.process(judged)
    return judged


def _twins(texts: list[str]) -> np.ndarray:
    triples = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3)).fit_transform([bare(t) for t in texts])
    alike = triples @ triples.T
    alike.data[alike.data < NEARLY_THE_SAME] = 0
    alike.eliminate_zeros()
    return connected_components(alike, directed=False)[1]


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
