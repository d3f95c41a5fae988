"""Whole processes: the local Telegram as one, the bot as another, and people with telephones in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0
"""Longest wait for anything that should happen; generous, because machines are noisy."""

Json = dict[str, Any]


def until(happens: Callable[[], Any], what: str, seconds: float = PATIENCE_S, every: float = 0.05) -> Any:
    """Wait until something truthy comes back; fail with its name otherwise."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = happens()
        if found:
            return found
        time.sleep(every)
    raise AssertionError(f"never happened: {what}")


def bot_texts(messages: list[Json]) -> list[str]:
    """What the bot wrote among some messages."""
    return [m.get("text", "") for m in messages if m.get("from", {}).get("is_bot") and not m.get("deleted")]


def buttons(message: Json) -> dict[str, str]:
    """Label to callback data."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {b["text"]: b.get("callback_data", "") for row in rows for b in row}


@dataclass
class Phone:
    """One person's telephone, in one chat."""

    http: httpx.Client
    user: int
    chat: int | None = None
    thread: int | None = None

    def _where(self) -> Json:
        where: Json = {} if self.chat is None else {"chat_id": self.chat}
        return where if self.thread is None else where | {"thread_id": self.thread}

    def send(self, text: str | None = None, **more: Any) -> int:
        """Write something; answers its message_id."""
        body = {**self._where(), **({"text": text} if text else {}), **more}
        answer = self.http.post(f"/phone/users/{self.user}/send", json=body)
        assert answer.status_code == 200, answer.text
        return int(answer.json().get("message_id", 0))

    def messages(self) -> list[Json]:
        """Everything in this chat, oldest first."""
        answer = self.http.get(f"/phone/users/{self.user}/messages", params={**self._where(), "after": 0})
        return sorted(answer.json()["messages"], key=lambda m: m["message_id"])

    def after(self, number: int) -> list[Json]:
        """Messages later than this one."""
        return [m for m in self.messages() if m["message_id"] > number]

    def say(self, text: str) -> list[Json]:
        """Write, and wait for the bot's answer."""
        number = self.send(text)
        return list(
            until(lambda: [m for m in self.after(number) if bot_texts([m])], f"an answer to {text!r}")
        )

    def find(self, label: str) -> tuple[int, str] | None:
        """The newest button whose label contains this."""
        for message in reversed(self.messages()):
            for text, data in buttons(message).items():
                if label.lower() in text.lower() and not message.get("deleted"):
                    return message["message_id"], data
        return None

    def tap(self, label: str) -> Json:
        """Press a button, once it is there."""
        message_id, data = until(lambda: self.find(label), f"a button {label!r}")
        where = {k: v for k, v in self._where().items() if k == "chat_id"}
        body = {**where, "message_id": message_id, "data": data}
        answer: Json = self.http.post(f"/phone/users/{self.user}/tap", json=body).json()
        return answer

    def sees(self, text: str) -> Json:
        """Wait for a message that contains this."""
        return dict(
            until(
                lambda: next(
                    (m for m in self.messages() if text in (m.get("text") or m.get("caption") or "")), None
                ),
                f"a message with {text!r}; seen: {[m.get('text') for m in self.messages()][-4:]}",
            )
        )


@dataclass
class House:
    """The processes and their people."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    telegram: subprocess.Popen[bytes] | None = None
    bot: subprocess.Popen[bytes] | None = None
    info: Json = field(default_factory=dict)
    output: Path = Path()

    def open(self, *, flood_limits: bool = False) -> House:
        """Start the local Telegram."""
        self.output = self.folder / "bot.log"
        self.telegram = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "rehearsal", "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert self.telegram.stdout is not None
        self.info = json.loads(self.telegram.stdout.readline())
        threading.Thread(target=self.telegram.stdout.read, daemon=True).start()
        self.http = httpx.Client(base_url=self.info["url"], timeout=60)
        self.http.post("/limits", json={"enabled": flood_limits})
        for angel in (*self.info["angels"], self.info["coordinator"]):
            self.http.post(f"/phone/users/{angel}/send", json={"text": "/start"})
        return self

    def environment(self) -> dict[str, str]:
        """The bot's settings."""
        angels = self.info["angels"]
        return {
            **{k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")},
            "BOT_TOKEN": self.info["token"],
            "TELEGRAM_API_URL": self.info["url"],
            "CLOCK_URL": f"{self.info['url']}/clock",
            "STAFF_GROUP_ID": str(self.info["group"]),
            "ON_CALL": f"{angels[0]},{angels[1]}",
            "DATABASE_URL": f"sqlite:///{self.folder / 'bot.sqlite'}",
            "DATA_DIR": str(self.folder),
            "NLU_OFF": "true",
            "GATHER_SECONDS": "0.2",
            "PRIVATE_PER_SECOND": "0",
            "GROUP_PER_MINUTE": "0",
            "OVERALL_PER_SECOND": "0",
            **self.settings,
        }

    def start_bot(self) -> subprocess.Popen[bytes]:
        """Start the bot; its output goes to a file."""
        with self.output.open("ab") as log:
            self.bot = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "run"],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
            )
        return self.bot

    def kill_bot(self) -> None:
        """kill -9."""
        assert self.bot is not None
        self.bot.send_signal(signal.SIGKILL)
        self.bot.wait()

    def newcomer(self, name: str = "Carla", language: str = "it") -> Phone:
        """Somebody new, who has not written yet."""
        made = self.http.post("/phone/users", json={"first_name": name, "language_code": language}).json()
        return Phone(self.http, made["id"])

    def angel(self, index: int = 0) -> Phone:
        """An angel's telephone, in the group."""
        return Phone(self.http, self.info["angels"][index], self.info["group"])

    def topics(self) -> list[Json]:
        """The group's topics."""
        answer: list[Json] = self.http.get(f"/phone/users/{self.info['angels'][0]}/topics").json()
        return answer

    def topic_of(self, name: str, index: int = 0) -> Phone:
        """An angel's telephone inside the topic whose title contains a name, once it exists."""
        topic = until(
            lambda: next((t for t in self.topics() if name in t["name"]), None), f"a topic for {name}"
        )
        return Phone(self.http, self.info["angels"][index], self.info["group"], topic["thread_id"])

    def log(self) -> list[Json]:
        """All recorded Bot API traffic."""
        return [json.loads(line) for line in self.http.get("/log").text.splitlines() if line]

    def close(self) -> None:
        """End everything."""
        for process in (self.bot, self.telegram):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            if process is not None and process.stdout is not None:
                process.stdout.close()
        if hasattr(self, "http"):
            self.http.close()
