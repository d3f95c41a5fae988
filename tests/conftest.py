"""What all tests share. In CI a test of the outer ring that is skipped has failed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from typing import Any

import pytest

from tests.browser import tabs

__all__ = ["tabs"]

# The PostgreSQL of the tests warns, and a warning is an error here, where no session set this (containers, CI).
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="runtime-"))

OUTER = ("postgres", "rasa", "browser", "e2e")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, Any]:
    """A skipped check must not be called green."""
    report = yield
    if report.skipped and os.environ.get("CI") and any(item.get_closest_marker(name) for name in OUTER):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and in CI it must run: {report.longrepr}"
    return report
