"""When Rasa is trained, when it is not, and what is left behind when something goes wrong."""

from pathlib import Path

import pytest

from bot.understanding.rasa.training import TrainingFailed, model_path, room_environment, train


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "cartella con spazi è accenti"
    for path, body in {
        "config.yml": "recipe: default.v1\n",
        "nlu/uv.lock": "version = 1\n",
        "nlu/pyproject.toml": "[project]\n",
        "nlu/examples/it/saluto.yml": "nlu: []\n",
        "nlu/components/asked.py": "NOTHING = 'nessuna'\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(body, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    "touched", ["config.yml", "nlu/uv.lock", "nlu/examples/it/saluto.yml", "nlu/components/asked.py"]
)
def test_whatever_the_model_is_made_of_makes_it_another_model(project: Path, touched: str) -> None:
    before = model_path(project)
    with (project / touched).open("a") as file:
        file.write("# un commento\n")
    assert model_path(project) != before


def test_a_new_example_file_makes_it_another_model(project: Path) -> None:
    before = model_path(project)
    (project / "nlu/examples/it/congedo.yml").write_text("nlu: []\n")
    assert model_path(project) != before


def test_what_the_model_is_not_made_of_does_not_train_it_again(project: Path) -> None:
    before = model_path(project)
    (project / "nlu/README.md").write_text("ciao")
    (project / "nlu/examples/it/.saluto.yml.swp").write_text("ciao")
    assert model_path(project) == before


def test_a_trained_model_is_there_at_once_and_without_a_word(project: Path) -> None:
    model = model_path(project)
    model.parent.mkdir(parents=True)
    model.write_bytes(b"model")
    said: list[str] = []
    assert train(project, said.append) == model
    assert not said


def test_a_missing_file_is_said_in_italian(project: Path) -> None:
    (project / "config.yml").unlink()
    with pytest.raises(TrainingFailed, match=r"Manca il file config\.yml"):
        train(project, lambda _: None)


def test_rasa_is_given_nothing_of_our_environment_but_where_things_are(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for secret in ("BOT_TOKEN", "DATABASE_URL", "ENCRYPTION_KEYS", "WEBHOOK_SECRET", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(secret, "piantato-4711")
    environment = room_environment(project)
    assert "piantato-4711" not in str(environment)
    assert environment["RASA_TELEMETRY_ENABLED"] == "false"
    assert environment["SQLALCHEMY_SILENCE_UBER_WARNING"] == "1"
