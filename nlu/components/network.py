"""A small neural network: one hidden layer, trained with TensorFlow, used with NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HIDDEN = 192
EPOCHS = 12
BATCH = 128


@dataclass(frozen=True)
class Network:
    """Weights of input -> hidden (ReLU) -> one score per act.

    Attributes:
        w1: Shape (features, hidden).
        b1: Shape (hidden,).
        w2: Shape (hidden, acts).
        b2: Shape (acts,).
    """

    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: np.ndarray

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Scores (logarithms of odds), shape (messages, acts)."""
        return np.maximum(features @ self.w1 + self.b1, 0.0) @ self.w2 + self.b2


def fit(
    told: np.ndarray, asked: np.ndarray, kinds: np.ndarray, labels: np.ndarray, acts: int, seed: int
) -> Network:
    """Train one network.

    Args:
        told: What was said, shape (examples, features). Three in ten are hidden at each step, so that no
            single word decides.
        asked: One-hot of what had been asked, shape (examples, contexts); a row of zeros holds whatever was
            asked, and meets another context in each epoch, most often "nothing".
        kinds: What the network sees of each context, shape (contexts, features).
        labels: Number of the act of each example.
        acts: How many acts there are.
        seed: Of everything random; the same seed and examples give the same network.
    """
    import tensorflow as tf

    tf.keras.utils.set_random_seed(seed)
    random = np.random.default_rng(seed)
    keras = tf.keras.layers
    said, context = tf.keras.Input(told.shape[1]), tf.keras.Input(kinds.shape[1])
    both = keras.Concatenate()([keras.Dropout(0.3)(said), context])
    hidden = keras.Dense(HIDDEN, activation="relu")
    out = keras.Dense(acts)
    model = tf.keras.Model([said, context], out(keras.Dropout(0.5)(hidden(both))))
    steps = EPOCHS * (len(labels) // BATCH + 1)
    model.compile(
        tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(2e-3, steps)),
        loss=tf.keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05),
    )
    frequency = np.bincount(labels, minlength=acts)
    weights = np.sqrt(len(labels) / acts / np.maximum(frequency, 1))[labels]
    wanted = np.eye(acts, dtype=np.float32)[labels]
    for _ in range(EPOCHS):
        met = _contexts(asked, random) @ kinds
        model.fit([told, met], wanted, batch_size=BATCH, sample_weight=weights, verbose=0)
    return Network(*hidden.get_weights(), *out.get_weights())


def _contexts(asked: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Contexts for one epoch: any for the examples that hold in any, and now and then "nothing" for the others."""
    choices = np.eye(asked.shape[1], dtype=np.float32)
    any_context = asked.sum(axis=1) == 0
    drawn = np.where(random.random(len(asked)) < 0.85, 0, random.integers(0, asked.shape[1], len(asked)))
    forgotten = ~any_context & (random.random(len(asked)) < 0.1)
    return np.where(any_context[:, None], choices[drawn], np.where(forgotten[:, None], choices[0], asked))


def temperature(scores: np.ndarray, labels: np.ndarray) -> float:
    """The number by which scores on unseen examples must be divided to be believed (Guo et al., 2017)."""
    candidates = np.geomspace(0.3, 4.0, 60)

    def loss(t: float) -> float:
        return -float(np.mean(np.log(softmax(scores / t)[np.arange(len(labels)), labels] + 1e-12)))

    return float(min(candidates, key=loss))


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)
