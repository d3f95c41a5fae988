"""Secrets and words planted in a whole run are nowhere in what the run wrote or showed to other users."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.e2e.house import House, until

pytestmark = pytest.mark.e2e

NAME = "Ermenegilda"
NUMBER = "3471234567"
CARD = "4111 1111 1111 1111"
WORDS = "pasticceria Girandola di famiglia"
REPLY = "parole segrete di un angelo"


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


@pytest.fixture
def planted(tmp_path: Path) -> dict[str, str]:
    return {
        "LOG_LEVEL": "DEBUG",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "WEBHOOK_SECRET": "segreto-del-webhook-piantato",
    }


def _a_hard_day(house: House) -> None:
    """A conversation with a takeover, while Telegram fails in every way it can."""
    maria = house.newcomer(NAME)
    maria.say("/start")
    for kind in ("500", "timeout_before", "disconnect", "429"):
        house.http.post("/faults", json={"kind": kind, "count": 2, "seconds": 1}).raise_for_status()
    maria.tap("Sì, va bene")
    maria.say(f"Ho la {WORDS}, il mio numero è {NUMBER} e la carta {CARD}")
    house.http.post("/faults", json={"kind": "timeout_after", "method": "sendMessage", "count": 1})
    maria.tap("Una persona")
    topic = house.topic_of(NAME)
    topic.tap("Me ne occupo io")
    topic.send(REPLY)
    maria.sees(REPLY)
    house.http.post(
        "/faults", json={"kind": "403", "method": "sendMessage", "chat_id": maria.user, "count": 1}
    )
    topic.send(REPLY + ", ancora")
    # Buttons, commands and files that nobody foresaw.
    maria.http.post(
        f"/phone/users/{maria.user}/tap",
        json={"message_id": maria.messages()[0]["message_id"], "data": f"d:{WORDS}"[:60]},
    )
    maria.send(photo="sample", caption=WORDS)
    maria.send("/imieidati " + WORDS)
    until(lambda: any("document" in m for m in maria.messages()), "the file of one's own data")


def test_a_whole_run_writes_no_secret_and_no_word(tmp_path: Path, planted: dict[str, str]) -> None:
    house = House(tmp_path, settings=planted)
    try:
        house.open()
        house.start_bot()
        _a_hard_day(house)
        bot = house.bot
        assert bot is not None
        shown = Path(f"/proc/{bot.pid}/cmdline").read_bytes()
        house.kill_bot()
        house.start_bot()
        house.newcomer("Ada").say("/start")
        token = str(house.info["token"])
    finally:
        house.close()
    written = house.output.read_text(encoding="utf-8", errors="replace")
    assert "house.open" in written  # the log was read, and it says something
    secrets = [
        token,
        token.split(":")[1],
        NAME,
        NUMBER,
        CARD,
        "4111",
        WORDS,
        "Girandola",
        REPLY,
        *planted.values(),
    ]
    secrets.remove("DEBUG")
    assert [s for s in secrets if s.lower() in written.lower()] == []
    assert [s for s in secrets if s.encode() in shown] == []


@pytest.mark.rasa
def test_the_process_that_understands_is_given_no_secret(tmp_path: Path, planted: dict[str, str]) -> None:
    house = House(tmp_path, settings=planted | {"NLU_OFF": "false"})
    try:
        house.open()
        bot = house.start_bot()
        rasa = until(
            lambda: [p for p in _children(bot.pid) if os.access(f"/proc/{p}/environ", os.R_OK)], "Rasa"
        )
        for pid in rasa:
            # Between fork and exec a child still shows its parent's environment.
            until(lambda p=pid: b"serve.py" in Path(f"/proc/{p}/cmdline").read_bytes(), "Rasa's own program")
            seen = Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
            token = str(house.info["token"])
            secrets = [token, planted["ENCRYPTION_KEYS"], planted["WEBHOOK_SECRET"], "sqlite", "BOT_TOKEN"]
            assert [s for s in secrets if s.encode() in seen] == []
    finally:
        house.close()
