"""The real thing for the desk's outer tests: the local Telegram and the bot, each a process, driven over `/phone`."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
PATIENCE = 240.0


@cache
def learn() -> None:
    """Learn from the examples before any bot is started: where that was not done it would do so itself, and on a
    starved machine leave its first words unanswered for minutes."""
    from bot.understanding.listener import build_listener

    build_listener(ROOT)


class Stage:
    """One local Telegram, one bot that may be killed and started again.

    Args:
        folder: Where both keep their files.
        settings: Further settings of the bot.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        command = [
            sys.executable,
            "-m",
            "bot.cli",
            "rehearsal",
            "--port",
            "0",
            "--data",
            str(folder / "telegram"),
        ]
        self._errors = (folder / "errors.log").open("a")
        self._telegram = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        assert self._telegram.stdout is not None
        ready = json.loads(self._telegram.stdout.readline())
        self.url, self.group = str(ready["url"]), int(ready["group"])
        self.angels, self.coordinator = list(ready["angels"]), int(ready["coordinator"])
        self.database = folder / "bot.sqlite"
        self._settings = {
            **os.environ,
            "BOT_TOKEN": ready["token"],
            "TELEGRAM_API_URL": self.url,
            "STAFF_GROUP_ID": str(self.group),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "DATA_DIR": str(folder),
            "CLOCK_URL": f"{self.url}/clock",
            "NLU_OFF": "true",
            "GATHER_SECONDS": "0",
            "PRIVATE_PER_SECOND": "0",
            "GROUP_PER_MINUTE": "0",
            "OVERALL_PER_SECOND": "0",
            "LOG_LEVEL": "WARNING",
            **settings,
        }
        self.http = httpx.Client(base_url=self.url, timeout=60, limits=httpx.Limits(max_connections=64))
        self._bot: subprocess.Popen[bytes] | None = None
        self.post("/limits", enabled=False)

    # --- processes ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the bot."""
        learn()
        self._bot = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "run"],
            cwd=ROOT,
            env=self._settings,
            stdout=self._errors,
            stderr=self._errors,
        )

    def kill(self) -> None:
        """kill -9."""
        assert self._bot is not None
        self._bot.kill()
        self._bot.wait()

    def close(self) -> None:
        """End both."""
        for process in (self._bot, self._telegram):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(20)
        if self._telegram.stdout is not None:
            self._telegram.stdout.close()
        self.http.close()
        self._errors.close()

    # --- requests ----------------------------------------------------------------------------------------------------

    def post(self, path: str, **body: Any) -> Any:
        """POST, which must succeed."""
        answer = self.http.post(path, json=body)
        assert answer.status_code < 300, (path, body, answer.text)
        return answer.json()

    def log(self) -> list[dict[str, Any]]:
        """Everything the bot asked of Telegram."""
        return [json.loads(line) for line in self.http.get("/log").text.splitlines() if line]

    def rows(self, query: str) -> list[Any]:
        """What the bot's store holds."""
        with closing(sqlite3.connect(self.database, timeout=30)) as rows:
            return rows.execute(query).fetchall()

    def owner(self, action: str, **body: Any) -> Any:
        """The group's owner does something by hand."""
        return self.post(f"/phone/groups/{self.group}/admin", action=action, **body)

    def person(self, name: str) -> Hand:
        """A new shopkeeper."""
        return Hand(self, int(self.post("/phone/users", first_name=name, language_code="it")["id"]))

    def angel(self, number: int) -> Hand:
        """An angel of the group."""
        return Hand(self, int(self.angels[number]))

    def topics(self) -> list[dict[str, Any]]:
        """The group's topics without General."""
        answer = self.http.get(f"/phone/users/{self.coordinator}/topics", params={"chat_id": self.group})
        return [t for t in answer.json() if t["thread_id"] != 1]

    def topic_of(self, name: str) -> int:
        """The thread of the newest topic whose name begins so; waits for it."""
        return wait_for(
            lambda: next((t["thread_id"] for t in reversed(self.topics()) if t["name"].startswith(name)), 0),
            f"topic {name}",
        )


class Hand:
    """One person's telephone."""

    def __init__(self, stage: Stage, number: int) -> None:
        self.stage, self.id = stage, number
        self._seen: dict[tuple[int, int], tuple[int, dict[int, dict[str, Any]]]] = {}

    def send(self, text: str = "", thread: int = 0, **content: Any) -> int:
        """Write; with a thread, in the group."""
        if thread:
            content |= {"chat_id": self.stage.group, "thread_id": thread}
        if text:
            content["text"] = text
        answer = self.stage.post(f"/phone/users/{self.id}/send", **content)
        return int(answer.get("message_id") or answer["message_ids"][0])

    def messages(self, thread: int = 0) -> list[dict[str, Any]]:
        """What is shown: the private chat, or one topic; only what changed since the last look is fetched."""
        place = (self.stage.group if thread else 0, thread)
        cursor, shown = self._seen.get(place, (0, {}))
        params: dict[str, Any] = {"after": cursor, "wait": 0}
        if thread:
            params |= {"chat_id": self.stage.group, "thread_id": thread}
        answer = self.stage.http.get(f"/phone/users/{self.id}/messages", params=params).json()
        latest = {**shown, **{m["message_id"]: m for m in answer["messages"]}}
        self._seen[place] = (answer["cursor"], latest)
        return [m for _, m in sorted(latest.items()) if not m.get("deleted")]

    def reads(self, thread: int = 0) -> str:
        """All texts."""
        return "\n".join(m.get("text") or m.get("caption") or "" for m in self.messages(thread))

    def sees(self, text: str, thread: int = 0) -> dict[str, Any]:
        """Wait for a message that holds a text."""
        return wait_for(
            lambda: next(
                (m for m in self.messages(thread) if text in (m.get("text") or m.get("caption") or "")), {}
            ),
            f"{text!r}",
        )

    def button(self, label: str, thread: int = 0) -> tuple[int, str]:
        """Wait for the newest button with this label: its message and its data."""

        def look() -> tuple[int, str]:
            for message in reversed(self.messages(thread)):
                for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                    for key in row:
                        if label in key["text"] and "callback_data" in key:
                            return message["message_id"], key["callback_data"]
            return 0, ""

        return wait_for(lambda: look() if look()[0] else None, f"button {label}")

    def press(self, number: int, data: str, thread: int = 0) -> str:
        """Press a button; returns what is answered."""
        body: dict[str, Any] = {"message_id": number, "data": data}
        if thread:
            body["chat_id"] = self.stage.group
        return str(self.stage.post(f"/phone/users/{self.id}/tap", **body).get("text") or "")

    def tap(self, label: str, thread: int = 0) -> str:
        """Wait for a button and press it."""
        return self.press(*self.button(label, thread), thread)

    def shares(self, story: str = "Ho un bar in Isola") -> None:
        """Start, agree, tell, ask for a person."""
        self.send("/start")
        self.tap("Sì, va bene")
        self.send(story)
        self.tap("Una persona")


def wait_for(look: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Look again and again until there is something."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"nobody saw {what}")


@contextmanager
def at_once(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Hands that move at the same time."""
    with ThreadPoolExecutor(workers) as pool:
        yield pool
