"""What is written about trouble says where it was, and nobody's words."""

from __future__ import annotations

import subprocess
import sys

import pytest

WORDS = "Carla della pasticceria Girandola"
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


def _written(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"from bot import logs\nlogs.set_up('DEBUG')\n{program}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stderr + done.stdout


@pytest.mark.parametrize(
    ("program", "place"),
    [
        (f"raise ValueError({WORDS!r})", "ValueError"),
        (
            f"import threading\nt = threading.Thread(target=lambda: int({WORDS!r}))\nt.start(); t.join()",
            "ValueError",
        ),
        (f"import logging\nlogging.getLogger('httpx').warning('POST %s', {WORDS!r})", "httpx"),
        (
            f"import logging\ntry:\n    int({WORDS!r})\nexcept ValueError:\n    logging.getLogger('x').exception('bad')",
            "ValueError",
        ),
        (
            f"import asyncio\nasync def fall(): raise KeyError({WORDS!r})\n"
            "async def go():\n    t = asyncio.create_task(fall()); await asyncio.sleep(0); await asyncio.sleep(0); del t\n"
            "asyncio.run(go())",
            "asyncio",
        ),
        (
            "import tempfile\nfrom bot.store.database import open_engine\nfrom sqlalchemy import text\n"
            f"open_engine('sqlite:///' + tempfile.mkdtemp() + '/x').connect().execute(text('SELECT :x FROM nowhere'), {{'x': {WORDS!r}}})",
            "OperationalError",
        ),
    ],
    ids=["uncaught", "thread", "library", "library's exception", "task", "database"],
)
def test_trouble_is_told_by_kind_and_place_never_with_words(program: str, place: str) -> None:
    written = _written(program)
    assert place in written
    assert "Girandola" not in written


def test_a_token_that_slips_into_our_own_log_is_hidden() -> None:
    written = _written(
        f"import structlog\nstructlog.get_logger().info('x', url='https://t/bot{TOKEN}/getMe')"
    )
    assert "[token]" in written
    assert TOKEN not in written


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    program = "from bot import logs, settings\nimport structlog\nlogs.set_up('DEBUG')\nstructlog.get_logger().error('x')\nprint('goes on')"
    with open("/dev/full", "w") as full:  # every write to it fails as on a full disk
        done = subprocess.run(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.stdout == "goes on\n"
