"""What all tests share: the three rings, and that in CI a test of the outer ring that is skipped has failed.

Inner: no network, no database on disk, no Rasa (`make inner`, most tests, under a minute). Middle: a real SQLite, the
local Telegram over loopback (`make middle`). Outer: a real PostgreSQL, the real Rasa, Chromium, whole processes.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.browser import tabs

__all__ = ["tabs"]

# The PostgreSQL of the tests warns, and a warning is an error here, where no session set this (containers, CI).
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="runtime-"))

OUTER = ("postgres", "rasa", "browser", "e2e", "voice")
MIDDLE = ("chaos", "desk", "fuzz", "operations", "privacy", "rehearsal", "store", "telegram", "test_logs.py")
"""The rooms whose tests keep a database or talk to the local Telegram."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test belongs to one ring, so that `-m` can choose it."""
    here = Path(__file__).parent
    for item in items:
        room = item.path.relative_to(here).parts[0]
        if room in MIDDLE and not any(item.get_closest_marker(name) for name in OUTER):
            item.add_marker(pytest.mark.middle)


def _no_network(*_: object) -> NoReturn:
    raise AssertionError("a test of the inner ring opened a connection: it belongs to the middle one")


@pytest.fixture(autouse=True)
def _inner_ring_has_no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not any(request.node.get_closest_marker(name) for name in (*OUTER, "middle")):
        monkeypatch.setattr(socket.socket, "connect", _no_network)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, Any]:
    """A skipped check must not be called green."""
    report = yield
    if report.skipped and os.environ.get("CI") and any(item.get_closest_marker(name) for name in OUTER):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and in CI it must run: {report.longrepr}"
    return report
