"""Where a storm's processes come from: one that has imported the bot, and forks when a new one is wanted.

Importing costs more than half of a start, and is the same each time. Everything after it is the process's own: its
settings from its environment, its library, its database, its connections. `whole` processes are started as `bot run`
is; `deaf` ones understand nothing, at once, so that a storm's volume falls on what can lose a message.

One JSON object a line: `{"start": environment, "log": path}` -> `{"pid"}`, `{"poll": pid}` -> `{"status"}`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from tests.e2e.house import ROOT


class Child:
    """A process of the nursery, as `subprocess.Popen` would show it."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended; None while it lives."""
        if self.returncode is None:
            self.returncode = self._nursery.ask({"poll": self.pid})["status"]
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it is known to have ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self) -> int:
        """Wait for its end."""
        if self.returncode is None:
            self.returncode = int(self._nursery.ask({"poll": self.pid, "wait": True})["status"])
        return self.returncode


class Nursery:
    """Asks for processes.

    Args:
        deaf: With understanding off.
    """

    def __init__(self, deaf: bool) -> None:
        self._turn = threading.Lock()
        command = [sys.executable, "-m", "tests.chaos.nursery", "deaf" if deaf else "whole"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, environment: dict[str, str], log: Path) -> Child:
        """A new process of the bot, that writes into a file."""
        return Child(self, self.ask({"start": environment, "log": str(log)})["pid"])

    def ask(self, what: dict[str, object]) -> dict[str, int]:
        """One question, one answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()
            answer: dict[str, int] = json.loads(self._process.stdout.readline())
            return answer

    def close(self) -> None:
        """End it; its children must have ended before."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _serve(deaf: bool) -> None:
    import bot.bootstrap
    from bot.bench import deaf as ears

    work = ears.run if deaf else None
    assert bot.bootstrap
    for line in sys.stdin:
        asked = json.loads(line)
        if "poll" in asked:
            pid, status = os.waitpid(asked["poll"], 0 if asked.get("wait") else os.WNOHANG)
            answer = {"status": os.waitstatus_to_exitcode(status) if pid else None}
        else:
            pid = os.fork()
            if not pid:
                _live(asked["start"], asked["log"], work)
            answer = {"pid": pid}
        print(json.dumps(answer), flush=True)


def _live(environment: dict[str, str], log: str, work: object) -> None:
    """In the child: become the bot."""
    import asyncio

    from bot import cli, logs

    os.environ.clear()
    os.environ.update(environment)
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(here, there)
    status = 1
    try:
        if callable(work):
            logs.set_up("INFO")
            asyncio.run(work())
        else:
            cli.run()
        status = 0
    except BaseException as error:
        status = int(getattr(error, "exit_code", 1))  # typer's own; anything else has fallen
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve(sys.argv[1] == "deaf")
