"""The house's own rules: who may import whom, and what is generated from code is current."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.settings import Settings, env_example

ROOT = Path(__file__).resolve().parent.parent
ORDER = (
    "conversation",
    "understanding",
    "store",
    "privacy",
    "desk",
    "telegram",
    "effects",
    "ears",
    "turn",
    "studio",
)
"""DESIGN, section 3: a room imports only rooms before it in this list."""
WIRING = (
    "bootstrap",
    "cli",
    "demo",
    "settings",
    "logs",
    "bench",
    "setup",
    "doctor",
    "chat",
    "operations",
    "listening",
    "listening_report",
)
"""What stands outside the rooms; nothing in a room may import it."""


def _room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "bot" else ""


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
    return {name for name in found if name.startswith("bot.")}


def _files() -> list[Path]:
    return sorted((ROOT / "bot").rglob("*.py"))


@pytest.mark.parametrize("path", _files(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_point_one_way(path: Path) -> None:
    parts = path.relative_to(ROOT / "bot").with_suffix("").parts
    room = parts[0]
    if room in WIRING or room == "__init__":
        return
    allowed = set() if room == "rehearsal" else set(ORDER[: ORDER.index(room) + 1])
    allowed.add(room)
    for name in _imports(path):
        assert _room(name) in allowed, f"{path.relative_to(ROOT)} may not import {name}"


def test_every_room_says_what_it_is_for() -> None:
    for room in (*ORDER, "rehearsal"):
        file = ROOT / "bot" / room / "__init__.py"
        if not file.exists():
            continue
        said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        assert "May import:" in said, room
        assert "Must never know:" in said, room


def test_the_example_of_settings_is_current() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example()


def test_settings_split_lists_and_refuse_what_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ON_CALL", "11, 22")
    monkeypatch.setenv("ENCRYPTION_KEYS", "a,b")
    settings = Settings(_env_file=None)
    assert settings.on_call == [11, 22]
    assert [key.get_secret_value() for key in settings.encryption_keys] == ["a", "b"]
    monkeypatch.setenv("ON_CALL", "Anna")
    with pytest.raises(ValueError, match="ON_CALL"):
        Settings(_env_file=None)


def test_a_printed_setting_never_shows_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123456:geheim")
    assert "geheim" not in repr(Settings(_env_file=None))
