"""The reader of facts with its second opinion and its judge, ready for use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.understanding.facts.examples import Example, read_examples
from bot.understanding.facts.judge import Judge, fit_judge
from bot.understanding.facts.reader import FactReader
from bot.understanding.facts.second import RECIPE, Learnt, SecondOpinion, fit
from bot.understanding.facts.vocabulary import Vocabulary, load_vocabulary
from bot.understanding.learnt import fingerprint, keep, last_kept, read_kept

Progress = Callable[[str], None]


def load_facts(root: Path, progress: Progress | None = None) -> FactReader:
    """Rules from `nlu/vocabulary`, second opinion and judge learnt from `nlu/facts` (kept under `nlu/models`).

    It never trains: messages would wait for it. While they have not been trained, the last there were go on, or the rules alone.

    Args:
        root: The project's folder.
        progress: Told in Italian where they have still to be trained.

    Raises:
        VocabularyError, ExampleError: With every fault of the files.
    """
    vocabulary = load_vocabulary(root / "nlu" / "vocabulary")
    if not any((root / "nlu" / "facts").rglob("*.yml")):
        return FactReader(vocabulary)
    kept = last_kept(_place(root))
    if progress and kept.untaught:
        progress(kept.untaught.format(who="Il secondo parere sui fatti", alone="le sole parole"))
    if kept.file is None:
        return FactReader(vocabulary)
    learnt = Learnt(**read_kept(kept.file))
    weights = {str(name): float(weight) for name, weight in zip(learnt.marks, learnt.weights, strict=True)}
    return FactReader(vocabulary, SecondOpinion(learnt), Judge(weights))


def train_facts(root: Path, progress: Progress | None = None) -> Path:
    """Train second opinion and judge where examples or vocabulary have changed (part of `bot train`).

    Returns:
        The file that holds what was learnt.

    Raises:
        VocabularyError, ExampleError: With every fault of the files.
    """
    examples = sorted((root / "nlu" / "facts").rglob("*.yml"))
    kept = _place(root)
    if examples and not kept.exists():
        if progress:
            progress("Il programma impara dagli esempi come si raccontano i fatti (circa 40 s)…")
        learnt = _learnt(read_examples(examples), load_vocabulary(root / "nlu" / "vocabulary"))
        keep(kept, learnt, ("examples",))
    return kept


def _place(root: Path) -> Path:
    files = [
        file for part in ("facts", "vocabulary") for file in sorted((root / "nlu" / part).rglob("*.yml"))
    ]
    return root / "nlu" / "models" / f"facts-{RECIPE}-{fingerprint(files)}.npz"


def _learnt(examples: list[Example], vocabulary: Vocabulary) -> Learnt:
    """The second opinion, and the weights of a judge who heard it on stories that it had not learnt from."""
    whole, parts = fit(examples)
    heard = []
    for apart, stories in parts:
        reader = FactReader(vocabulary, SecondOpinion(apart))
        heard += [(reader.candidates(e.text, e.asked, e.language), e.told) for e in stories]
    judge = fit_judge(heard)
    return replace(whole, marks=np.array(list(judge.weights)), weights=np.array(list(judge.weights.values())))
