"""The second opinion, on the real encoders and a handful of examples."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation.types import Alarm
from bot.understanding.alarms import classifier as module
from bot.understanding.alarms.classifier import AlarmClassifier, fit, load_classifier, train_classifier
from bot.understanding.alarms.examples import Example
from bot.understanding.learnt import keep
from bot.understanding.meaning import LONGEST, Array, closer, plain

DANGER = (
    ("voglio morire", Alarm.AUTOLESIONE),
    ("non voglio più vivere", Alarm.AUTOLESIONE),
    ("penso di uccidermi", Alarm.AUTOLESIONE),
    ("mio marito mi picchia", Alarm.VIOLENZA),
    ("il mio ex mi aspetta fuori e mi minaccia", Alarm.VIOLENZA),
    ("mi ha preso a pugni", Alarm.VIOLENZA),
    ("mi chiedono il pizzo ogni mese", Alarm.USURA_ESTORSIONE),
    ("uno strozzino vuole il triplo", Alarm.USURA_ESTORSIONE),
    ("mi hanno pignorato la casa", Alarm.INDEBITAMENTO),
    ("sono sommerso dai debiti", Alarm.INDEBITAMENTO),
)
CALM = (
    "ho un bar in Isola",
    "vorrei più clienti",
    "mi serve un sito",
    "vendo fiori al mercato",
    "mia figlia mi aiuta con Instagram",
    "pago l'affitto ogni mese",
    "sono un po' stanca oggi",
    "ho due dipendenti bravi",
    "lavoro da solo dal 1998",
    "buongiorno, come funziona?",
    "mi piacerebbe vendere online",
    "il sabato è pieno",
)
EXAMPLES = [Example(text, frozenset({alarm})) for text, alarm in DANGER] + [
    Example(text, frozenset()) for text in CALM
]


@pytest.fixture(scope="module")
def classifier() -> AlarmClassifier:
    return AlarmClassifier(fit(EXAMPLES))


def test_what_is_like_the_examples_of_an_alarm_is_likelier_to_be_that_alarm(
    classifier: AlarmClassifier,
) -> None:
    danger, calm = classifier.probabilities(["vorrei uccidermi", "ho un negozio di fiori"], suspect=True)
    assert max(danger, key=danger.__getitem__) is Alarm.AUTOLESIONE
    assert max(danger.values()) > max(calm.values())


def test_only_what_is_not_plainly_harmless_is_read_a_second_time(
    classifier: AlarmClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noted(texts: Sequence[str]) -> Array:
        read.extend(texts)
        return closer(texts)

    monkeypatch.setattr(module, "closer", noted)
    monkeypatch.setattr(module, "PLAINLY_HARMLESS", 0.5)
    classifier.probabilities(["vendo fiori al mercato", "voglio morire"])
    assert read == ["voglio morire"]
    classifier.probabilities(["vendo fiori al mercato"], suspect=True)
    assert read[1:] == ["vendo fiori al mercato"], "what the rules suspect is always read again"


def test_the_same_examples_give_the_same_and_known_ones_are_not_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = fit(EXAMPLES)
    asked: list[str] = []
    monkeypatch.setattr(module, "meanings", lambda texts: asked.extend(texts) or np.zeros((len(texts), 512)))
    again = fit(EXAMPLES, before)
    assert asked == []
    assert np.allclose(before.hard_pulls, again.hard_pulls, atol=1e-5)


def test_training_is_done_once_for_the_same_examples(tmp_path: Path) -> None:
    folder = tmp_path / "alarms" / "examples"
    folder.mkdir(parents=True)
    blocks = [f"- alarms: [{alarm}]\n  examples: |\n    - {text}\n" for text, alarm in DANGER]
    blocks += [f"- alarms: []\n  examples: |\n    - {text}\n" for text in CALM]
    (folder / "a.yml").write_text("examples:\n" + "".join(blocks), encoding="utf-8")
    told: list[str] = []
    kept = train_classifier(folder, tmp_path / "models", told.append)
    assert train_classifier(folder, tmp_path / "models", told.append) == kept
    assert len(told) == 1
    classifier = load_classifier(folder, tmp_path / "models", told.append)
    assert classifier is not None
    assert len(told) == 1, "of what has been learnt nothing is said"
    loaded = classifier.probabilities(["voglio morire"], suspect=True)[0]
    assert loaded[Alarm.AUTOLESIONE] == max(loaded.values())


def test_loading_never_trains_it_says_what_is_missing_and_goes_on_with_what_there_was(tmp_path: Path) -> None:
    folder, models = tmp_path / "alarms" / "examples", tmp_path / "models"
    folder.mkdir(parents=True)
    file = folder / "a.yml"
    file.write_text("examples:\n- alarms: []\n  examples: |\n    - ciao\n", encoding="utf-8")
    told: list[str] = []
    assert load_classifier(folder, models, told.append) is None
    assert "non ha ancora imparato" in told[0]
    assert not models.exists(), "nothing was learnt by loading"
    models.mkdir()
    old = fit(EXAMPLES)
    keep(models / f"alarms-{module.RECIPE}-0123.npz", old, half=())
    last = load_classifier(folder, models, told.append)
    assert last is not None
    assert "di prima degli ultimi esempi" in told[1]
    assert last.probabilities(["voglio morire"]) == AlarmClassifier(old).probabilities(["voglio morire"])


def test_ridge_regression_is_exact_and_leaves_each_example_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WHOLE", 16)
    random = np.random.default_rng(7)
    vectors = random.standard_normal((90, 6)).astype(np.float32) * 0.2 + 3  # all much alike, as texts are
    alike = (vectors @ vectors.T).astype(np.float32)
    wanted = (random.random((90, 2)) < 0.3).astype(np.float32)
    pulls, without = module._solve(alike, wanted, 3.0)
    ridge = np.diag(module._RIDGE / np.where(wanted[:, 0] > 0, 3.0, 1.0))
    exact = alike.astype(np.float64) + ridge
    assert np.allclose(alike @ pulls, alike @ np.linalg.solve(exact, wanted), atol=0.01)
    others = np.delete(np.arange(90), 4)
    left_out = alike[4, others] @ np.linalg.solve(exact[np.ix_(others, others)], wanted[others])
    assert np.allclose(without[4], left_out, atol=0.01)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(exclude_categories=[]), max_size=80))
def test_the_second_encoder_takes_any_text(text: str) -> None:
    vector = closer([text])[0]
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    "text", ["\0" * 50, "\ud800a", "😀" * 2_500, "‮" + "م" * 2_500, "字" * 2_500, " \n" * 3_000, "a" * 100_000]
)
def test_what_the_second_encoder_is_given_is_bounded_and_clean(text: str) -> None:
    given_ = plain(text)
    assert 0 < len(given_) <= LONGEST
    assert "\0" not in given_
    given_.encode()
    assert np.isfinite(closer([text])).all()


def test_two_threads_read_as_one() -> None:
    texts = [f"{text} {i}" for i, text in enumerate(CALM)]
    alone = closer(texts)
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda text: closer([text])[0], texts))
    assert np.allclose(alone, np.stack(together), atol=1e-6)


def test_the_second_encoder_leaves_the_environment_of_our_children_alone() -> None:
    before = os.environ.get("OMP_NUM_THREADS")
    closer(["ciao"])
    assert os.environ.get("OMP_NUM_THREADS") == before
