"""What was written, held against what Telegram saw arrive: every message once, in order, in the right place.

Telegram's own log is the witness: it knows every send that did its work, also into topics that are gone since, and
also when the bot never heard the answer.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

MARK = re.compile(r"\b([sa])(\d+)-(\d+)\.")
BARE_METHODS = {"sendSticker": "sticker", "sendVideoNote": "video_note", "sendLocation": "location"}
OPENED = re.compile(r"Negozio(\d+)")


@dataclass
class Verdict:
    """What came of a storm.

    Attributes:
        written: Messages that people wrote.
        arrived: Those that are at the other side.
        announced: Those of which somebody was told that they may not have arrived.
        lost: Missing beyond what was announced.
        doubled: Seen twice.
        disordered: Pairs and directions whose messages are out of order.
        crossed: Seen in somebody else's topic or chat.
        torn: Albums that did not stay whole.
    """

    written: int = 0
    arrived: int = 0
    announced: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    crossed: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Exactly once, in order, in the right place; or announced."""
        return not (self.lost or self.doubled or self.disordered or self.crossed or self.torn)

    def __str__(self) -> str:
        """The figures."""
        return (
            f"written {self.written}, at the other side {self.arrived}, marked and announced {self.announced}; "
            f"lost {self.lost}, doubled {self.doubled}, out of order {self.disordered}, "
            f"crossed {self.crossed}, albums torn {self.torn}"
        )


class Ledger:
    """Reads Telegram's log once.

    Args:
        log: `GET /log`.
        lost_here: Words of the notice that a shopkeeper's message may not have reached the topic.
        lost_there: Words of the notice that an angel's message may not have reached the person.
    """

    def __init__(self, log: list[dict[str, Any]], lost_here: str, lost_there: str) -> None:
        self.in_topic: dict[int, list[str]] = defaultdict(list)
        self.in_chat: dict[int, list[str]] = defaultdict(list)
        self.told: Counter[tuple[str, int]] = Counter()
        self.albums: dict[str, int] = {}
        self._owner: dict[int, int] = {}
        for entry in log:
            if entry.get("via") == "call" and entry.get("ok"):
                self._read(entry, lost_here, lost_there)

    def _read(self, entry: dict[str, Any], lost_here: str, lost_there: str) -> None:
        method, params = entry["method"], entry["params"]
        if method == "createForumTopic":
            found = OPENED.match(str(params["name"]))
            if found:
                self._owner[int(entry["result"]["message_thread_id"])] = int(found[1])
            return
        if not method.startswith("send") or method == "sendChatAction":
            return
        chat, thread = int(params["chat_id"]), int(params.get("message_thread_id") or 0)
        seen = self._marks(method, entry)
        if chat > 0:
            self.in_chat[chat] += seen
            return
        owner = self._owner.get(thread, -1)
        self.in_topic[owner] += seen
        text = str(params.get("text", ""))
        self.told["here", owner] += lost_here in text
        self.told["there", owner] += lost_there in text

    def _marks(self, method: str, entry: dict[str, Any]) -> list[str]:
        if method in BARE_METHODS:
            return [BARE_METHODS[method]]
        results = entry["result"] if isinstance(entry["result"], list) else [entry["result"]]
        words = [str(m.get("text") or m.get("caption") or "") for m in results]
        found = [m.group(0) for text in words for m in MARK.finditer(text)]
        if method == "sendMediaGroup" and found:
            self.albums[found[0]] = len(results)
        return found

    def judge(
        self, verdict: Verdict, number: int, chat_id: int, said: list[str], answered: list[str]
    ) -> None:
        """Compare one pair's two directions."""
        there = [m for m in self.in_topic[number] if _direction(m) != "a"]
        here = [m for m in self.in_chat[chat_id] if _direction(m) != "s"]
        self._compare(verdict, f"topic {number}", number, said, there, self.told["here", number])
        self._compare(verdict, f"chat {number}", number, answered, here, self.told["there", number])

    def _compare(
        self, verdict: Verdict, where: str, number: int, written: list[str], seen: list[str], told: int
    ) -> None:
        verdict.written += len(written)
        verdict.announced += told
        foreign = [m for m in seen if (found := MARK.match(m)) and int(found[2]) != number]
        verdict.crossed += [f"{where}: {m}" for m in foreign]
        counts = Counter(seen)
        wanted = Counter(written)
        verdict.doubled += [f"{where}: {m}" for m, n in counts.items() if n > wanted[m]]
        missing = wanted - counts
        verdict.arrived += len(written) - missing.total()
        if missing.total() > told:
            verdict.lost.append(f"{where}: {dict(missing)}, announced {told}")
        if not _in_order(written, seen):
            verdict.disordered.append(f"{where}: {seen} instead of {written}")
        whole = {m: n for m, n in self.albums.items() if m in wanted}
        verdict.torn += [f"{where}: {m} of {n}" for m, n in whole.items() if n != 3]


def _direction(mark: str) -> str:
    found = MARK.match(mark)
    return found[1] if found else ""


def _in_order(written: list[str], seen: list[str]) -> bool:
    """True when what was seen is what was written with some left out."""
    rest = iter(written)
    return all(any(mark == other for other in rest) for mark in seen)
