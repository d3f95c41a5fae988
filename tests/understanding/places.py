"""Where the data under test lies."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NLU = ROOT / "nlu"
