"""Chances brought together by their odds."""

from __future__ import annotations

import numpy as np

from bot.understanding.meaning import Array


def between(one: Array, other: Array, share: float) -> Array:
    """Between two chances (or two rows of them), by their odds; the share, 0 to 1, is the other's."""
    odds = (1 - share) * _odds(one) + share * _odds(other)
    return np.asarray(1.0 / (1.0 + np.exp(-odds)), dtype=np.float32)


def _odds(chance: Array) -> Array:
    chance = np.clip(chance, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(chance / (1 - chance)), dtype=np.float32)
