"""Sets up Rasa's room and trains its model, each only when what it is made from has changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

Progress = Callable[[str], None]
"""Takes one line in Italian for the person who waits; `bot train` prints it on standard error."""

PYTHON = "3.10"
USUAL_SECONDS = 240.0
KEPT_MODELS = 3
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SYSTEMROOT")


class TrainingFailed(Exception):
    """The room could not be set up or the model not trained; the text, in Italian, says why and what to do."""


def room_python(root: Path) -> Path:
    """The Python of Rasa's room, whether it exists yet or not."""
    scripts = root / "nlu" / ".venv"
    return scripts / "Scripts" / "python.exe" if os.name == "nt" else scripts / "bin" / "python"


def room_environment(root: Path) -> dict[str, str]:
    """All that Rasa's processes may know of ours: where things are, and to be small and silent. No secrets."""
    home = root / "nlu" / ".venv" / "home"
    home.mkdir(parents=True, exist_ok=True)
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        "HOME": str(home),
        "MPLCONFIGDIR": str(home),
        "PYTHONPATH": str(root / "nlu"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_MAX_CACHE_SIZE": "0",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **dict.fromkeys(
            (
                "OMP_NUM_THREADS",
                "OPENBLAS_NUM_THREADS",
                "TF_INTRA_OP_PARALLELISM_THREADS",
                "TF_INTER_OP_PARALLELISM_THREADS",
            ),
            "1",
        ),
    }


def ensure_room(root: Path, progress: Progress) -> Path:
    """Create or update `nlu/.venv` from its lock file; at once when nothing has changed.

    Interrupted half-way it is simply done again: the mark that it is complete is written last.

    Returns:
        The room's Python.

    Raises:
        TrainingFailed: uv is missing, or it could not install.
    """
    python, mark = room_python(root), root / "nlu" / ".venv" / "room.sha256"
    wanted = _digest(root, [root / "nlu" / "pyproject.toml", root / "nlu" / "uv.lock"])
    with _alone(root):
        if python.exists() and mark.exists() and mark.read_text() == wanted:
            return python
        progress("Preparo la stanza di Rasa (Python 3.10, circa 600 MB da scaricare la prima volta)…")
        started = time.monotonic()
        if not python.exists():  # a room that was never finished: uv would refuse to build over it
            shutil.rmtree(root / "nlu" / ".venv", ignore_errors=True)
        tool = _uv(root)
        command = [
            tool,
            "sync",
            "--project",
            str(root / "nlu"),
            "--python",
            PYTHON,
            "--frozen",
            "--compile-bytecode",
        ]
        environment = {
            k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")
        }
        done = subprocess.run(
            [*command, "--quiet"], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode:
            reason = "\n".join(line for line in done.stderr.splitlines() if line.startswith(("error", "  ")))
            raise TrainingFailed(
                f"La stanza di Rasa non si è potuta installare:\n{reason or done.stderr[-800:]}"
            )
        mark.write_text(wanted)
        progress(f"La stanza di Rasa è pronta ({time.monotonic() - started:.0f} s).")
    return python


def model_path(root: Path) -> Path:
    """Where the model for the present examples, pipeline and components is, or will be once trained."""
    nlu = root / "nlu"
    made_from = [root / "config.yml", nlu / "uv.lock"]
    made_from += sorted((nlu / "examples").rglob("*.yml")) + sorted((nlu / "components").rglob("*.py"))
    return nlu / "models" / f"{_digest(root, made_from)[:24]}.tar.gz"


def train(root: Path, progress: Progress) -> Path:
    """Train Rasa when its examples, pipeline or components have changed; otherwise answer at once.

    Args:
        root: The project's folder.
        progress: Told what happens and about how long is left.

    Returns:
        The model to serve.

    Raises:
        TrainingFailed: With the reason in Italian.
    """
    model = model_path(root)
    if model.exists():
        return model
    ensure_room(root, progress)
    with _alone(root):
        if model.exists():
            return model
        return _train(root, model, progress)


def _train(root: Path, model: Path, progress: Progress) -> Path:
    for left in model.parent.glob("training-*"):
        shutil.rmtree(left, ignore_errors=True)
    workshop = model.parent / f"training-{os.getpid()}"
    workshop.mkdir()
    try:
        started = time.monotonic()
        usual = _usual_seconds(model.parent)
        progress(f"Rasa impara dagli esempi (circa {usual:.0f} s)…")
        nlu = root / "nlu"
        command = [
            room_python(root),
            nlu / "train.py",
            root / "config.yml",
            nlu / "examples",
            workshop,
            "model",
        ]
        with (workshop / "log").open("w+", encoding="utf-8", errors="replace") as log:
            learner = subprocess.Popen(
                [str(part) for part in command],
                env={
                    **room_environment(root),
                    "TF_INTRA_OP_PARALLELISM_THREADS": "2",
                },  # one message needs only one
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=workshop,
            )
            _follow(learner, started, usual, progress)
            log.seek(0)
            said = log.read()
        made = workshop / "model.tar.gz"
        if learner.returncode or not made.exists():
            raise TrainingFailed(
                f"Rasa non ha potuto imparare dagli esempi in nlu/examples/:\n{said[-1500:].strip()}"
            )
        os.replace(made, model)
        seconds = time.monotonic() - started
        (model.parent / "seconds.json").write_text(json.dumps(seconds))
        progress(f"Rasa ha imparato ({seconds:.0f} s).")
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    _forget_old(model)
    return model


def _follow(learner: subprocess.Popen[bytes], started: float, usual: float, progress: Progress) -> None:
    try:
        while True:
            try:
                learner.wait(timeout=10)
                return
            except subprocess.TimeoutExpired:
                spent = time.monotonic() - started
                left = f"ne restano circa {usual - spent:.0f}" if spent < usual else "ancora un momento"
                progress(f"Rasa impara: {spent:.0f} s, {left}…")
    finally:
        if learner.poll() is None:
            learner.kill()
            learner.wait()
        if learner.stdin:
            learner.stdin.close()


def _usual_seconds(models: Path) -> float:
    try:
        return float(json.loads((models / "seconds.json").read_text()))
    except (OSError, ValueError, TypeError):
        return USUAL_SECONDS


def _forget_old(newest: Path) -> None:
    models = sorted(newest.parent.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for old in models[:-KEPT_MODELS]:
        if old != newest:
            old.unlink(missing_ok=True)


def _digest(root: Path, paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        if not path.exists():
            raise TrainingFailed(f"Manca il file {path.relative_to(root)}: senza, Rasa non può imparare.")
        body = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(body)}\0".encode())
        digest.update(body)
    return digest.hexdigest()


def _uv(root: Path) -> str:
    own = root / ".tools" / "bin" / "uv"
    found = str(own) if own.exists() else shutil.which("uv")
    if found is None:
        raise TrainingFailed("Manca uv, che installa la stanza di Rasa: `make setup` lo mette in .tools/.")
    return found


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Only one process at a time installs or trains; another waits, and then finds the work done."""
    models = root / "nlu" / "models"
    models.mkdir(parents=True, exist_ok=True)
    with (models / ".lock").open("w") as lock:
        try:
            import fcntl
        except ImportError:  # Windows: two at once only do the same work twice
            yield
            return
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
